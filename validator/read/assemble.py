"""Sheets to partitions: rows of child tables find their case by the key that both tables have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from validator.base.certainty import PLACEHOLDERS
from validator.base.lazy import np, pl
from validator.base.rows import rows_where
from validator.read.finder import CaseFinder, silent
from validator.read.names import called, keys_in_words, unlinked
from validator.read.partition import HOUSEKEEPING, KEY, Note, Partition, Rows, Source
from validator.read.place import Place
from validator.read.shape import ShapedTable, key_text
from validator.spec.layouts import Layout

if TYPE_CHECKING:
    from numpy.typing import NDArray


def partitions(
    layout: Layout, sheets: Sequence[ShapedTable], notes: list[Note], size: int, *, all_here: bool = True
) -> Iterator[Partition]:
    """The cases of some sheets, at most ``size`` at a time. ``notes`` go with the first partition.

    A row without its case becomes a note, unless there are more cases than those here.
    """
    sheets = _one_place(layout, sheets, notes)
    if not sheets:
        return
    cases = _cases(layout, sheets, notes)
    finder = CaseFinder(layout, cases, sheets)
    placed: dict[str, list[pl.DataFrame]] = {layout.case: [cases]}
    sources = list[Source]()
    for number, sheet in enumerate(sheets):
        height = read = sheet.frame.height
        if sheet.table != layout.case:
            placed.setdefault(sheet.table, []).append(_placed(sheet, number, finder, notes, all_here=all_here))
            read -= placed[sheet.table][-1]["_case"].null_count()
        sheet.frame = sheet.frame.clear()  # its rows are placed: a second copy of them would double the memory
        orphan = {"orphan": height - read} if all_here and read < height else {}
        aside = {**sheet.aside, **orphan}
        rows = Rows(read + sum(aside.values()), aside) if sheet.within is None else None
        sources.append(replace(sheet.source, table=sheet.table, rows=rows))
    bare = not any(sheet.table in (layout.case, layout.interface.made_of) for sheet in sheets)
    tables = {
        name: numbered(pl.concat(placed.pop(name), how="diagonal_relaxed")) for name in layout.tables if name in placed
    }
    tables[layout.case] = _identified(layout, tables[layout.case], sources)
    yield from cut(layout, tables, sources, notes, size, bare=bare)


def choose_keys(layout: Layout, sheets: Sequence[ShapedTable]) -> None:
    """Choose for each sheet the key by which its rows find their cases: :func:`partitions` keeps to that, whatever rows it gets."""
    finder = CaseFinder(layout, _cases(layout, sheets, []), sheets)
    for sheet in sheets:
        if sheet.within is None and sheet.table != layout.case:
            sheet.key_used = finder.key(sheet) or ""


def cut(
    layout: Layout,
    tables: MutableMapping[str, pl.DataFrame],
    sources: list[Source],
    notes: list[Note],
    size: int,
    *,
    bare: bool = False,
) -> Iterator[Partition]:
    """Partitions of at most ``size`` cases, and of no more rows of all tables than are good for memory."""
    cases = tables[layout.case].height
    starts = [*_starts(tables, cases, size), cases]
    if len(starts) <= 2:
        yield Partition(layout.name, layout.case, tables, sources, notes, bare)
        return
    for start, end in pairwise(starts):
        shift = pl.col("_case") - pl.lit(start, pl.UInt32)
        part = {name: _slice(table, start, end).with_columns(shift) for name, table in tables.items()}
        yield Partition(layout.name, layout.case, part, sources, notes, bare)
        notes, sources = [], [replace(each, rows=None) for each in sources]  # counted once


def rows_fitting(columns: float) -> int:
    """How many rows of so many columns a partition may have."""
    return int(_ROWS * min(1, _COLUMNS / max(columns, 1)))


def _starts(tables: Mapping[str, pl.DataFrame], cases: int, size: int) -> list[int]:
    """The first case of each partition."""
    total = sum(table.height for table in tables.values())
    cells = sum(table.height * table.width for table in tables.values())
    fitting = rows_fitting(cells / max(total, 1))
    if total <= fitting * _TOLERANCE:
        return list(range(0, cases, size)) or [0]
    return starts(np.bincount(np.concatenate([table["_case"].to_numpy() for table in tables.values()])), fitting, size)


def starts(rows: NDArray[np.int64], fitting: int, size: int) -> list[int]:
    """The first case of each partition: these are of about the same number of rows, ``fitting`` at most, and ``size`` cases.

    ``rows``: how many each case has.
    """
    until = rows.cumsum()  #: rows of all cases up to each
    total = int(until[-1])
    most = total / -(-total // fitting) + _SLACK
    found, held = [0], 0
    while True:  # as many cases more as fit, but one at least
        first = found[-1]
        reached = int(np.searchsorted(until, held + most, side="right"))
        following = min(max(reached, first + 1), first + size)
        if following >= rows.size:
            return found
        found.append(following)
        held = int(until[following - 1])


def _one_place(layout: Layout, sheets: Sequence[ShapedTable], notes: list[Note]) -> list[ShapedTable]:
    """The sheets without the columns of a case's sheet that hold a table which has a sheet of its own."""
    own = {sheet.table for sheet in sheets if sheet.within is None}
    left_out = [sheet for sheet in sheets if sheet.within is not None and sheet.table in own]
    for table in dict.fromkeys(sheet.table for sheet in left_out):
        found = [sheet for sheet in left_out if sheet.table == table]
        columns = "、".join(dict.fromkeys(name for sheet in found for name in sheet.source.columns.values()))
        args = {"title": layout.title(table), "columns": columns}
        notes.append(Note("read/columns-left-out", table, source=found[0].source, args=args))
    return [sheet for sheet in sheets if sheet not in left_out]


def _slice(table: pl.DataFrame, start: int, stop: int) -> pl.DataFrame:
    """The rows of some cases, which lie together."""
    first, last = table["_case"].search_sorted(pl.Series([start, stop], dtype=pl.UInt32))
    return table.slice(first, last - first)


def _cases(layout: Layout, sheets: Sequence[ShapedTable], notes: list[Note]) -> pl.DataFrame:
    """All rows of the case's table with ``_source`` and ``_case``; without such a sheet, the cases of the other tables."""
    if made_of := layout.interface.made_of:
        return _made(layout, [sheet for sheet in sheets if sheet.table == made_of])
    own = [
        sheet.frame.with_columns(_source=pl.lit(number, pl.UInt32))
        for number, sheet in enumerate(sheets)
        if sheet.table == layout.case
    ]
    if not own:
        first = sheets[0]
        notes.append(
            Note("read/missing-case-table", layout.case, source=first.source, args={"title": layout.title(layout.case)})
        )
        key = first.key_used or next(iter(first.keys), None)
        if key is None:
            zh, en = keys_in_words(layout)
            raise _place(first.source).fault(
                f"没有{layout.title(layout.case)}，也没有{zh}可以区分病例",
                f"there is no {layout.case}, and none of {en} to tell the cases apart",
            )
        ids = first.frame.select(first.key(key).alias(key)).drop_nulls().unique(maintain_order=True)
        own = [ids.with_columns(_line=pl.lit(None, pl.UInt32), _source=pl.lit(0, pl.UInt32))]
    return pl.concat(own, how="diagonal_relaxed").with_row_index("_case")


def of_rows(layout: Layout, rows: pl.DataFrame) -> pl.DataFrame:
    """One row per ``_id`` in the order of the rows, with the fields of the case's table that its first row has."""
    fields = layout.tables[layout.case].fields
    there = [name for name in fields if name in rows.columns]
    keep = [name for name in ("_case", *HOUSEKEEPING) if name in rows.columns]
    first = rows.unique("_id", keep="first", maintain_order=True)
    lacking = [pl.lit(None, pl.String).alias(name) for name in fields if name not in there]
    return first.select("_id", *dict.fromkeys(keep), *there, *lacking)


def _made(layout: Layout, sheets: Sequence[ShapedTable]) -> pl.DataFrame:
    """One case for each distinct key of the rows, by the best key that all their sheets have."""
    keys = [key for key in layout.interface.case_keys if all(key in sheet.keys for sheet in sheets)]
    clear = [key for key in keys if not any(silent(sheet.frame.select(sheet.key(key)).to_series()) for sheet in sheets)]
    if not sheets or not keys:
        zh, en = keys_in_words(layout)
        raise _place(sheets[0].source).fault(
            f"没有{zh}，分不清各行是哪个病例的", f"has none of {en} to tell the cases apart"
        )
    key = sheets[0].key_used or (clear or keys)[0]
    rows = pl.concat(
        [
            sheet.frame.with_columns(_source=pl.lit(number, pl.UInt32), _id=sheet.key(key))
            for number, sheet in enumerate(sheets)
        ],
        how="diagonal_relaxed",
    )
    rows = rows.rename({name: name.removeprefix(KEY) for name in rows.columns if name.startswith(KEY)})
    return of_rows(layout, rows.drop_nulls("_id")).drop("_id").with_row_index("_case")


_ROWS = 700_000  #: of all tables of a partition: checking holds some kilobytes for each
_COLUMNS = 15  #: of a row at the average, housekeeping among them; of wider ones a partition has fewer
_TOLERANCE = 1.05  #: by so much a partition may be longer, as its columns are counted otherwise before it is read
_SLACK = 1_000  #: rows by which a partition may be longer than its share, so that none is left over


def concatenated(parts: Sequence[Partition]) -> Partition:
    """Partitions of one interface as one."""
    first, tables, sources, notes, cases = parts[0], dict[str, list[pl.DataFrame]](), list[Source](), list[Note](), 0
    for part in parts:
        for name, table in part.tables.items():
            shift = [pl.col("_case") + pl.lit(cases, pl.UInt32), pl.col("_source") + pl.lit(len(sources), pl.UInt32)]
            tables.setdefault(name, []).append(table.with_columns(shift))
        notes += [note if note.case is None else replace(note, case=note.case + cases) for note in part.notes]
        sources += part.sources
        cases += part.tables[part.case].height
    every = {name: pl.concat(some, how="diagonal_relaxed") for name, some in tables.items()}
    incomplete = any(part.incomplete for part in parts)
    return replace(first, tables=every, sources=sources, notes=notes, incomplete=incomplete)


def _placed(sheet: ShapedTable, number: int, finder: CaseFinder, notes: list[Note], *, all_here: bool) -> pl.DataFrame:
    """The sheet's rows with ``_source`` and ``_case``; a row without a case (null) becomes a note."""
    if sheet.within is not None:
        return finder.of_lines(sheet).with_columns(_source=pl.lit(number, pl.UInt32))
    frame, key = sheet.frame, finder.key(sheet)
    if frame.is_empty():
        frame = frame.with_columns(_case=pl.lit(None, pl.UInt32))
    elif key is not None:
        cases = finder.find(sheet, key)
        if all_here and cases.null_count():
            cases, note = finder.alike(sheet, key, cases)
            notes += note
        frame = frame.with_columns(cases)
    elif finder.cases.height == 1:
        frame = frame.with_columns(_case=pl.lit(0, pl.UInt32))
    else:
        raise _place(sheet.source).fault(*unlinked(finder.layout))
    if all_here and frame["_case"].null_count():
        notes += lost(sheet, key, frame[rows_where(frame["_case"].is_null())], finder.layout)
    return frame.select(pl.exclude(f"^{KEY}.*$"), _source=pl.lit(number, pl.UInt32))


def lost(sheet: ShapedTable, key: str | None, rows: pl.DataFrame, layout: Layout) -> list[Note]:
    """The notes of rows without a case: one for all whose key is blank, one for each other."""
    source = replace(sheet.source, table=sheet.table)
    blank = rows.filter(sheet.key(key).is_null()) if key else rows.clear()
    notes = orphans(source, (rows.filter(sheet.key(key).is_not_null()) if key else rows)["_line"])
    if blank.height:
        args = {"count": str(blank.height), "key": called(layout, key or ""), "title": layout.title(sheet.table)}
        notes.append(Note("read/blank-key", sheet.table, source=source, line=blank.item(0, "_line"), args=args))
    return notes


def orphans(source: Source, lines: pl.Series) -> list[Note]:
    """The notes of rows without a case."""
    return [Note("read/orphan-row", source.table, source=source, line=line) for line in lines]


def numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that have a case in the order of their cases, with ``_row`` counted within each."""
    cases = rows["_case"]
    if cases.null_count() or not cases.is_sorted():
        there = rows_where(cases.is_not_null()).to_numpy()
        rows = rows[there[np.argsort(cases[there].to_numpy(), kind="stable")]]
    place = pl.int_range(pl.len(), dtype=pl.UInt32)
    first = pl.when(pl.col("_case").ne_missing(pl.col("_case").shift())).then(place).forward_fill()
    return rows.with_columns(_row=place - first + 1)


def _identified(layout: Layout, cases: pl.DataFrame, sources: Sequence[Source]) -> pl.DataFrame:
    """The cases with their ``case_id``."""
    columns = [name for key in layout.interface.case_keys for name in (key, KEY + key) if name in cases.columns]
    keys = [pl.when(~key_text(name).is_in(PLACEHOLDERS)).then(key_text(name)) for name in columns]
    file = pl.col("_source").replace_strict({n: each.file for n, each in enumerate(sources)}, return_dtype=pl.String)
    number = pl.coalesce("_line", pl.col("_case") + 1).cast(pl.String)
    named = cases.with_columns(case_id=pl.coalesce(*keys, pl.concat_str(file, pl.lit("#"), number)))
    return named.select(pl.exclude(f"^{KEY}.*$"))


def _place(source: Source) -> Place:
    return Place(source.file, source.sheet)
