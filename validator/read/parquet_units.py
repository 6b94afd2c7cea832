"""How Parquet files are parted, so that no more is read at once than a partition needs.

Files of one name hold the same cases; small ones are read together. What is too big for a partition is cut by cases. Exports
mostly have the rows of child tables in the order of the cases: then a part is a range of rows in each file. Otherwise all is
read at once if memory allows, else of the child tables only the rows of a part's cases are sought.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from validator.base.errors import InputError
from validator.base.lazy import pl
from validator.read import assemble, parquet_rows
from validator.read.finder import CaseFinder
from validator.read.names import names_of, unlinked
from validator.read.parquet import File
from validator.read.partition import Rows, Source
from validator.read.pieces import Piece, Unit
from validator.read.shape import ShapedTable, key_text
from validator.spec.layouts import Layout

_MOST_CELLS = 12_000_000  #: of all tables that are read at once, to be cut into partitions
_KEYS_AT_ONCE = 1_000_000
_OWN = 4  #: columns that reading adds to a table


def sets(files: Sequence[File], layout: Layout, size: int) -> Iterator[list[File]]:
    """Files that belong together: those of the same names, as many as fit a partition; all where names tell nothing."""
    named: dict[str, list[File]] = {}
    for file in files:
        named.setdefault(file.path.stem, []).append(file)
    if not all(any(file.columns.table == layout.case for file in same) for same in named.values()):
        yield list(files)
        return
    some = list[File]()
    for same in named.values():
        if some and not (_fits(some + same) and _cases(some + same, layout) <= size):
            yield some
            some = []
        some += same
    yield some


def of_files(files: Sequence[File], layout: Layout, size: int) -> Iterator[Unit]:
    """The parts of files that belong together; each is about a partition of at most some ``size`` cases."""
    units: Iterable[Unit]
    if layout.interface.made_of:
        most = assemble.rows_fitting(max(len(file.names) for file in files))
        units = parquet_rows.units(files, layout.interface.case_keys, most)
    elif _fits(files) and _cases(files, layout) <= size * 3 // 2:
        units = _together(files)
    else:
        units = _in_ranges(files, layout, size) or _unordered(files, layout, size)
    whole = {file.path: file for file in files}
    for unit in units:
        shares = [(whole[piece.path], piece.rows) for piece in unit.pieces]
        sizes = [
            each.item.size if rows is None else each.item.size * rows // max(1, each.rows) for each, rows in shares
        ]
        yield replace(unit, size=sum(sizes))


def _together(files: Sequence[File]) -> list[Unit]:
    return [Unit(tuple(Piece(file.path) for file in files), "parquet")]


def _cases(files: Sequence[File], layout: Layout) -> int:
    return sum(file.rows for file in files if file.columns.table == layout.case)


def _cells(files: Sequence[File]) -> int:
    return sum(file.rows * (len(file.names) + _OWN) for file in files)


def _fitting(files: Sequence[File]) -> int:
    """How many rows of these files a partition may have."""
    return assemble.rows_fitting(_cells(files) / max(1, sum(file.rows for file in files)))


def _fits(files: Sequence[File]) -> bool:
    return sum(file.rows for file in files) <= _fitting(files)


def _in_ranges(files: Sequence[File], layout: Layout, size: int) -> list[Unit]:
    """Parts that are ranges of rows in every file; none where some rows lie in another order, or have no case."""
    cases = [file for file in files if file.columns.table == layout.case]
    if not cases:
        return []
    known = pl.concat([file.collect(_keys(file, layout)) for file in cases], how="diagonal_relaxed")
    finder, ends = CaseFinder(layout, known, []), dict[str, NDArray[np.int64]]()
    rows = np.ones(known.height, np.int64)
    for file in files:
        if file not in cases:
            counts = _rows_of_cases(file, layout, finder)
            if counts is None:
                return []
            rows += counts
            ends[str(file.path)] = np.concatenate([[0], counts.cumsum()])
    first = 0
    for file in cases:
        ends[str(file.path)] = np.clip(np.arange(known.height + 1) - first, 0, file.rows)
        first += file.rows
    cuts = pairwise([*assemble.starts(rows, _fitting(files), size), known.height])
    parts = ([_range(file, ends[str(file.path)], *cut, child=file not in cases) for file in files] for cut in cuts)
    return [Unit(tuple(filter(None, pieces)), "parquet") for pieces in parts]


def _range(file: File, ends: NDArray[np.int64], first: int, last: int, *, child: bool) -> Piece | None:
    """The rows of the cases from ``first`` to ``last``, of a child table also if there are none.

    ``ends``: how many rows lie before each case.
    """
    start, end = int(ends[first]), int(ends[last])
    begins = start == 0 and (first == 0 if child or not file.rows else end > 0)
    return Piece(file.path, start, end - start, first=begins) if child or begins or end > start else None


def _keys(file: File, layout: Layout) -> pl.LazyFrame:
    """The case keys of each row, under their names, and its line."""
    official = names_of(layout)[file.columns.table].official
    named = {official(target): file.names[index] for target, index in file.columns.targets.items()}
    wanted = [key for key in layout.interface.case_keys if key in named]
    return file.scan().select(*[pl.col(named[key]).alias(key) for key in wanted], pl.col("_line").cast(pl.UInt32))


def _rows_of_cases(file: File, layout: Layout, finder: CaseFinder) -> NDArray[np.int64] | None:
    """How many rows each case has; None where they are not in the order of the cases, or not every row surely has one."""
    counts, last, by = np.zeros(finder.cases.height, np.int64), 0, None
    for start in range(0, file.rows, _KEYS_AT_ONCE):
        frame = file.collect(_keys(file, layout).slice(start, _KEYS_AT_ONCE))
        keys = [name for name in frame.columns if name != "_line"]
        sheet = ShapedTable(file.columns.table, frame, Source(file.item.name), keys)
        try:
            key = finder.key(sheet)
        except InputError:
            return None
        if key is None or key != finder.shared(sheet)[0] or by not in (None, key):
            return None
        found = finder.find(sheet, key)
        at, by = found.to_numpy(), key
        if found.null_count() or at[0] < last or (at[1:] < at[:-1]).any():
            return None
        last = at[-1]
        counts += np.bincount(at, minlength=counts.size)
    return counts


def _unordered(files: Sequence[File], layout: Layout, size: int) -> list[Unit]:
    """All at once if memory allows, else parts for which the rows of the child tables are sought."""
    cases = _cases(files, layout)
    fitting = min(size, max(1, cases * _MOST_CELLS // max(1, _cells(files))))
    return _together(files) if cases <= fitting * 3 // 2 else _sought(files, layout, fitting)


def _sought(files: Sequence[File], layout: Layout, size: int) -> list[Unit]:
    """Parts of so many rows of the case's table, with those rows of the child tables that are theirs."""
    children = [file for file in files if file.columns.table != layout.case]
    cases = [file for file in files if file.columns.table == layout.case]
    keys = {child.path: _common_key(layout, child, cases) if child.rows else "" for child in children}
    total, units = sum(file.rows for file in cases), list[Unit]()
    for file in cases:
        for start in range(0, file.rows, size):
            height = min(size, file.rows - start)
            own = Piece(file.path, start, height, first=start == 0)
            theirs = [
                Piece(child.path, 0, child.rows * height // total, keys[child.path], first=not units)
                for child in children
            ]
            units.append(Unit((own, *theirs), "parquet", all_here=False))
    lost = _orphans(cases, children, keys)
    notes = [note for source, lines in lost for note in assemble.orphans(source, lines)]
    units[-1] = replace(units[-1], notes=tuple(notes), sources=tuple(source for source, _ in lost))
    return units


def _common_key(layout: Layout, child: File, cases: Sequence[File]) -> str:
    """The case key that a child table shares with the case's table."""
    for key in layout.interface.case_keys:
        if child.has(key) and all(file.has(key) for file in cases):
            return key
    raise child.item.place.fault(*unlinked(layout))


def _orphans(
    cases: Sequence[File], children: Sequence[File], keys: Mapping[Path, str]
) -> list[tuple[Source, pl.Series]]:
    """Files with rows whose case is nowhere in the case's table, and those rows."""
    found = list[tuple[Source, pl.Series]]()
    for child in filter(lambda each: each.rows, children):
        key = keys[child.path]
        known = pl.concat([file.scan().select(key_text(str(file.column(key))).alias("_id")) for file in cases])
        rows = child.scan().select("_line", key_text(str(child.column(key))).alias("_id"))
        lost = child.collect(rows.join(known, on="_id", how="anti"))
        if lost.height:
            aside = Rows(lost.height, {"orphan": lost.height})
            found.append((Source(child.item.name, table=child.columns.table, rows=aside), lost["_line"].sort()))
    return found
