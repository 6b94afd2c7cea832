"""Parquet: ``<dir>/<table>/*.parquet`` or ``<dir>/<table>.parquet``, read part by part (:mod:`.parquet_units` finds these)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from validator.base import limits
from validator.base.errors import InputError
from validator.base.lazy import pl
from validator.read import assemble
from validator.read.file_notes import FileNotes
from validator.read.frames import choose
from validator.read.headings import Columns, Headings
from validator.read.inputs import Item
from validator.read.partition import Note, Partition, Source
from validator.read.pieces import Piece, Unit
from validator.read.place import Place, is_panic
from validator.read.shape import ShapedTable, key_text, shape
from validator.spec.layouts import Layout

Progress = Callable[[Item, int], None]
_COUNTED = "\x1f_line"  #: a name that no column has
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
        """The columns and ``_line``. The file's reader counts the rows, so that it can skip those that are not asked for."""
        rows = pl.scan_parquet(self.path, glob=False, row_index_name=_COUNTED, row_index_offset=1)
        return rows.select(*self.names, pl.col(_COUNTED).alias("_line"))

    def collect(self, rows: pl.LazyFrame) -> pl.DataFrame:
        """Rows of this file, which only now turn out to be readable or not."""
        with sound(self.item.place):
            return rows.collect(engine="streaming")

    def has(self, key: str) -> bool:
        """Whether a case key says something in this file."""
        column = self.column(key)
        return column is not None and bool(self.collect(self.scan().select(pl.col(column).is_not_null().any())).item())

    def column(self, key: str) -> str | None:
        """The file's column for a case key."""
        index = self.columns.targets.get(key)
        return None if index is None else self.names[index]


class ParquetReader:
    """Reads the Parquet files of one document; ``layouts`` are its interfaces. ``about`` takes files that cannot be read."""

    def __init__(
        self, layouts: Mapping[str, Layout], layout: str | None, headings: Headings, size: int, about: FileNotes
    ) -> None:
        self.layouts, self.headings = layouts, headings
        self._layout, self._size, self._about = layout, size, about
        self._files: dict[Path, File] = {}

    def partitions(self, items: Sequence[Item], progress: Progress) -> Iterator[Partition]:
        """The cases of all files; those under one folder belong together."""
        for unit in self.units(items):
            yield from self.read(unit)
            progress(self._files[unit.pieces[-1].path].item, unit.size)

    def units(self, items: Sequence[Item]) -> Iterator[Unit]:
        """The parts of the files, each of about a partition."""
        from validator.read import parquet_units  # needs NumPy

        roots: dict[Path, list[File]] = {}
        for item in items:
            with self._about.noted():
                file, root = _file(item, self.headings, types_and_rows(item))
                self._files[file.path] = file
                roots.setdefault(root, []).append(file)
        for root, files in roots.items():
            with self._about.noted(file.item.name for file in files):
                found = choose([file.columns for file in files], self.layouts, self._layout, Place(str(root)))
                strange = [file for file in files if file.columns.table not in found.tables]
                self._about.notes += [
                    Note("read/unknown-table", file.columns.table, source=Source(file.item.name)) for file in strange
                ]
                usable = [file for file in files if file not in strange]
                for some in parquet_units.sets(usable, found, self._size):
                    with self._about.noted(file.item.name for file in some):
                        for unit in parquet_units.of_files(some, found, self._size):
                            yield replace(unit, layout=found.name, incomplete=self._about.incomplete(root))

    def read(self, unit: Unit, items: Sequence[Item] = ()) -> Iterator[Partition]:
        """The cases of one unit; ``items`` are its files, where another reader found it."""
        layout, notes = self.layouts[unit.layout], list(unit.notes)
        with self._about.noted(str(piece.path) for piece in unit.pieces):
            for item in items:
                file, _ = _file(item, self.headings, types_and_rows(item))
                self._files[file.path] = file
            parts = assemble.partitions(
                layout, self._sheets(unit, layout, notes), notes, self._size * 2, all_here=unit.all_here
            )
            begins = any(piece.first for piece in unit.pieces)
            for number, part in enumerate(parts):
                if not begins:
                    part.notes = [note for note in part.notes if note.check != "read/columns-left-out"]
                part.incomplete = unit.incomplete
                part.sources += [] if number else unit.sources
                yield part

    def _sheets(self, unit: Unit, layout: Layout, notes: list[Note]) -> list[ShapedTable]:
        """The rows of a unit; notes of a whole file come with its first rows alone."""
        sheets, cases = list[ShapedTable](), list[tuple[File, pl.DataFrame]]()
        for number, piece in enumerate(unit.pieces):
            file = self._files[piece.path]
            frame = _rows(file, piece, number, unit, cases)
            if file.columns.table == layout.case:
                cases.append((file, frame))
            source, part = Source(file.item.name), None if frame.height == file.rows else file.scan()
            shaped, new = shape(frame, file.columns, file.names, source, layout, self.headings, part)
            notes += new if piece.first else []
            sheets += shaped if frame.height or not unit.wanted else []
        return sheets


def _rows(
    file: File, piece: Piece, number: int, unit: Unit, cases: Sequence[tuple[File, pl.DataFrame]]
) -> pl.DataFrame:
    """The rows of a piece of a unit, the cases of which are known."""
    if not piece.key:
        return file.collect(file.scan().slice(piece.start, piece.rows))
    from validator.read import parquet_rows

    if unit.wanted:
        return parquet_rows.of_cases(file, piece.key, number, unit.wanted)
    ids = pl.concat([rows.select(key_text(str(each.column(piece.key))).alias("_id")) for each, rows in cases])
    return _rows_of(file, piece.key, ids.drop_nulls().unique(), piece.rows or 0)


def _rows_of(child: File, key: str, ids: pl.DataFrame, expected: int) -> pl.DataFrame:
    """The child's rows of some cases, and perhaps a few more; the range of keys lets whole row groups be skipped."""
    own, rows = str(child.column(key)), child.scan()
    if ids.height and pl.scan_parquet(child.path, glob=False).collect_schema()[own] == pl.String:
        low, high = str(ids["_id"].min()), str(ids["_id"].max())
        within = pl.col(own).is_between(pl.lit(low), pl.lit(f"{high}\x7f"))
        rows = rows.filter(within | (pl.col(own) < "!") | (pl.col(own) >= "\x80"))  # the latter two: blanks around it
        if child.collect(rows.select(pl.len())).item() <= 2 * expected:
            return child.collect(rows)  # in the order of the cases: hardly a row too many
    rows = rows.with_columns(key_text(own).alias("_id")).join(ids.lazy(), on="_id", how="semi").drop("_id")
    return child.collect(rows).sort("_line")


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


@contextmanager
def sound(place: Place) -> Iterator[None]:
    """Read a Parquet file inside: InputError with its place where it is none, or breaks off."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, pl.exceptions.PolarsError | OSError) or is_panic(error):
            raise place.fault("不是完好的 Parquet 文件", "not a sound Parquet file") from None
        raise


def types_and_rows(item: Item) -> tuple[Mapping[str, pl.DataType], int]:
    """The columns with their types, and the number of rows; InputError where a small file has so many that it is a bomb."""
    assert item.path is not None
    with sound(item.place):
        rows = pl.scan_parquet(item.path, glob=False).select(pl.len()).collect().item()
        types = pl.scan_parquet(item.path, glob=False).collect_schema()
        cells = rows * len(types)
        ratio = cells // max(1, item.path.stat().st_size)
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
