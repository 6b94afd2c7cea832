"""Parquet: ``<dir>/<table>/*.parquet`` or ``<dir>/<table>.parquet``, read partition by partition.

Files of one name hold the same cases; small ones are read together. What is too big for a partition, or named
otherwise, is cut by rows of the case's table, and of the child tables only the rows of those cases are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from validator.base import limits
from validator.base.errors import InputError
from validator.base.lazy import pl
from validator.read import assemble
from validator.read.file_notes import FileNotes
from validator.read.frames import choose
from validator.read.headings import Columns, Headings
from validator.read.inputs import Item
from validator.read.names import unlinked
from validator.read.partition import Note, Partition, Rows, Source
from validator.read.place import Place, is_panic
from validator.read.shape import ShapedTable, key_text, shape
from validator.spec.layouts import Layout

Progress = Callable[[Item], None]
_MOST_CELLS = 12_000_000  #: of all tables that are read at once, to be cut into partitions
_HARMLESS = 5_000_000  #: cells below which no file is too steep


@dataclass(frozen=True)
class File:
    """One Parquet file and the table it holds."""

    item: Item
    path: Path
    columns: Columns
    names: list[str]
    rows: int

    def scan(self) -> pl.LazyFrame:
        return (
            pl.scan_parquet(self.path, glob=False)
            .select(*self.names)
            .with_row_index("_line", offset=1)
            .select(*self.names, "_line")
        )

    def collect(self, rows: pl.LazyFrame) -> pl.DataFrame:
        """Rows of this file, which only now turn out to be readable or not."""
        try:
            return rows.collect(engine="streaming")
        except BaseException as error:
            if isinstance(error, pl.exceptions.PolarsError | OSError) or is_panic(error):
                raise broken(self.item) from None
            raise

    def has(self, key: str) -> bool:
        """Whether a case key says something in this file."""
        column = self.column(key)
        return column is not None and bool(self.collect(self.scan().select(pl.col(column).is_not_null().any())).item())

    def column(self, key: str) -> str | None:
        """The file's column for a case key."""
        index = self.columns.targets.get(key)
        return None if index is None else self.names[index]


def partitions(
    items: Sequence[Item],
    layouts: Mapping[str, Layout],
    layout: str | None,
    headings: Headings,
    partition_rows: int,
    progress: Progress,
    about: FileNotes,
) -> Iterator[Partition]:
    """The cases of all Parquet files; those under one folder belong together. ``about`` takes files that cannot be read."""
    roots: dict[Path, list[File]] = {}
    for item in items:
        with about.noted():
            file, root = _file(item, headings, types_and_rows(item))
            roots.setdefault(root, []).append(file)
    for root, files in roots.items():
        with about.noted(file.item.name for file in files):
            found = choose([file.columns for file in files], layouts, layout, Place(str(root)))
            strange = [file for file in files if file.columns.table not in found.tables]
            about.notes += [
                Note("read/unknown-table", file.columns.table, source=Source(file.item.name)) for file in strange
            ]
            reader = _Reader(found, headings)
            for unit in _units([file for file in files if file not in strange], found.case, partition_rows):
                with about.noted(file.item.name for file in unit):
                    for part in reader.partitions(unit, partition_rows):
                        part.incomplete = about.incomplete(root)
                        yield part
                for file in unit:
                    progress(file.item)


def of_documents(items: Sequence[Item], headings: Sequence[Headings]) -> dict[int, list[Item]]:
    """The files of each document, by its place among ``headings``: those under one folder are of one document."""
    roots: dict[Path, list[Item]] = {}
    for item in items:
        assert item.path
        named = any(each.titled(item.path.stem) for each in headings)
        roots.setdefault(item.path.parent if named else item.path.parent.parent, []).append(item)
    found = dict[int, list[Item]]()
    for files in roots.values():
        fits = [sum(some) for some in zip(*(_fits(item, headings) for item in files), strict=True)]
        found.setdefault(fits.index(max(fits)), []).extend(files)
    return found


def _fits(item: Item, headings: Sequence[Headings]) -> list[int]:
    """How many of a file's columns mean something to the headings of each document; none where it cannot be read."""
    found = [0] * len(headings)
    with suppress(InputError):
        footer = types_and_rows(item)
        for number, each in enumerate(headings):
            with suppress(InputError):
                found[number] = _file(item, each, footer)[0].columns.matched
    return found


def broken(item: Item) -> InputError:
    return item.place.fault("不是完好的 Parquet 文件", "not a sound Parquet file")


def types_and_rows(item: Item) -> tuple[Mapping[str, pl.DataType], int]:
    """The columns with their types, and the number of rows; InputError where a small file has so many that it is a bomb."""
    assert item.path is not None
    try:
        rows = pl.scan_parquet(item.path, glob=False).select(pl.len()).collect().item()
        types = pl.scan_parquet(item.path, glob=False).collect_schema()
        cells = rows * len(types)
        ratio = cells // max(1, item.path.stat().st_size)
    except BaseException as error:
        if isinstance(error, pl.exceptions.PolarsError | OSError) or is_panic(error):
            raise broken(item) from None
        raise
    if cells > _HARMLESS and (wrong := limits.exceeded("parquet-ratio", ratio)):
        raise item.place.fault(*wrong)
    return types, rows


def _file(item: Item, headings: Headings, footer: tuple[Mapping[str, pl.DataType], int]) -> tuple[File, Path]:
    path, (types, rows) = item.path, footer
    assert path is not None
    names = [name for name in types if name != "_line"]
    own = headings.titled(path.stem)
    table, root = (own, path.parent) if own else (headings.titled(path.parent.name), path.parent.parent)
    if table is None:
        found = headings.locate([names], path.stem)
        if found is None:
            raise item.place.fault(
                f"看不出是哪张表：文件或它的文件夹应以表名命名，如 {headings.tables[0]}",
                f"cannot tell which table this is; name the file or its folder after it, such as {headings.tables[0]}",
            )
        table, root = found.columns.table, path.parent
    columns = headings.resolve(table, [[name] for name in names])
    for name in map(names.__getitem__, columns.targets.values()):
        kind = types[name].base_type()
        if kind.is_nested() or kind in (pl.Binary, pl.Duration, pl.Object):
            raise item.place.fault(
                f"“{name}”列的类型是 {kind}，不是文本、数或日期；请改成文本再存",
                f"column {name} is of type {kind}, neither text, number nor date; save it as text",
            )
    return File(item, path, columns, names, rows), root


def _units(files: Sequence[File], case: str, partition_rows: int) -> Iterator[list[File]]:
    """Files to read together: those of the same names up to a partition's size, or all if names tell nothing."""
    named: dict[str, list[File]] = {}
    for file in files:
        named.setdefault(file.path.stem, []).append(file)
    if not all(any(file.columns.table == case for file in same) for same in named.values()):
        yield list(files)
        return
    unit, size = list[File](), 0
    for same in named.values():
        rows = sum(file.rows for file in same if file.columns.table == case)
        if unit and size + rows > partition_rows:
            yield unit
            unit, size = [], 0
        unit, size = unit + same, size + rows
    yield unit


class _Reader:
    def __init__(self, layout: Layout, headings: Headings) -> None:
        self._layout, self._headings, self._noted = layout, headings, set[tuple[str, str | None, str]]()

    def partitions(self, unit: Sequence[File], size: int) -> Iterator[Partition]:
        """The cases of files that are read together, at most some ``size`` of them at a time."""
        if self._layout.interface.made_of:
            return self.of_rows(unit, size)
        cases = sum(file.rows for file in unit if file.columns.table == self._layout.case)
        fitting = min(size, max(1, cases * _MOST_CELLS // max(1, _cells(unit))))
        return self.together(unit, size * 2) if cases <= fitting * 3 // 2 else self.cut(unit, fitting)

    def together(self, unit: Sequence[File], size: int) -> Iterator[Partition]:
        notes = list[Note]()
        sheets = [sheet for file in unit for sheet in self._sheets(file, file.collect(file.scan()), notes)]
        yield from assemble.partitions(self._layout, sheets, notes, size)

    def of_rows(self, unit: Sequence[File], size: int) -> Iterator[Partition]:
        from validator.read import parquet_rows  # needs NumPy

        most = assemble.rows_fitting(max(len(file.names) for file in unit))
        for some in parquet_rows.parts(unit, self._layout.interface.case_keys, most):
            notes = list[Note]()
            sheets = [sheet for file, frame in some for sheet in self._sheets(file, frame, notes)]
            yield from assemble.partitions(self._layout, sheets, notes, size)

    def cut(self, unit: Sequence[File], size: int) -> Iterator[Partition]:
        children = [file for file in unit if file.columns.table != self._layout.case]
        cases = [file for file in unit if file.columns.table == self._layout.case]
        left = Counter(dict.fromkeys((file.columns.table for file in children), 0))
        for file in children:
            left[file.columns.table] += file.rows
        keys = [_common_key(self._layout, child, cases) for child in children]
        total = sum(file.rows for file in cases)
        slices = [(file, start) for file in cases for start in range(0, file.rows, size)]
        for file, start in slices:
            frame, notes = file.collect(file.scan().slice(start, size)), list[Note]()
            sheets = self._sheets(file, frame, notes)
            share = frame.height / total
            for child, key in zip(children, keys, strict=True):
                ids = frame.select(key_text(str(file.column(key))).alias("_id")).drop_nulls().unique()
                sheets += self._sheets(child, _rows_of(child, key, ids, share), notes)
            for part in assemble.partitions(self._layout, sheets, notes, size, all_here=False):
                left.subtract({table: part.tables[table].height for table in left})
                if (file, start) == slices[-1]:
                    lost = _orphans(self._layout, cases, [child for child in children if left[child.columns.table]])
                    part.notes += [note for source, lines in lost for note in assemble.orphans(source, lines)]
                    part.sources += [source for source, _ in lost]
                yield part

    def _sheets(self, file: File, frame: pl.DataFrame, notes: list[Note]) -> list[ShapedTable]:
        source = Source(file.item.name)
        sheets, new = shape(frame, file.columns, file.names, source, self._layout, self._headings)
        notes += [note for note in new if (note.check, note.field, source.file) not in self._noted]
        self._noted |= {(note.check, note.field, source.file) for note in new}
        return sheets


def _cells(files: Sequence[File]) -> int:
    return sum(file.rows * len(file.names) for file in files)


def _common_key(layout: Layout, child: File, cases: Sequence[File]) -> str:
    """The case key that a child table shares with the case's table."""
    for key in layout.interface.case_keys:
        if child.has(key) and all(file.has(key) for file in cases):
            return key
    raise child.item.place.fault(*unlinked(layout))


def _rows_of(child: File, key: str, ids: pl.DataFrame, share: float) -> pl.DataFrame:
    """The child's rows of some cases, and perhaps a few more; the range of keys lets whole row groups be skipped."""
    own, rows = str(child.column(key)), child.scan()
    if ids.height and pl.scan_parquet(child.path, glob=False).collect_schema()[own] == pl.String:
        low, high = str(ids["_id"].min()), str(ids["_id"].max())
        within = pl.col(own).is_between(pl.lit(low), pl.lit(f"{high}\x7f"))
        rows = rows.filter(within | (pl.col(own) < "!") | (pl.col(own) >= "\x80"))  # the latter two: blanks around it
        if child.collect(rows.select(pl.len())).item() <= 2 * share * child.rows:
            return child.collect(rows)  # in the order of the cases: hardly a row too many
    rows = rows.with_columns(key_text(own).alias("_id")).join(ids.lazy(), on="_id", how="semi").drop("_id")
    return child.collect(rows).sort("_line")


def _orphans(layout: Layout, cases: Sequence[File], children: Sequence[File]) -> list[tuple[Source, pl.Series]]:
    """Files with rows whose case is nowhere in the case's table, and those rows."""
    found = list[tuple[Source, pl.Series]]()
    for child in children:
        key = _common_key(layout, child, cases)
        known = pl.concat([file.scan().select(key_text(str(file.column(key))).alias("_id")) for file in cases])
        rows = child.scan().select("_line", key_text(str(child.column(key))).alias("_id"))
        lost = child.collect(rows.join(known, on="_id", how="anti"))
        if lost.height:
            aside = Rows(lost.height, {"orphan": lost.height})
            found.append((Source(child.item.name, table=child.columns.table, rows=aside), lost["_line"].sort()))
    return found
