"""How Parquet files are parted, so that no more is read at once than a partition needs.

Files of one name hold the same cases; small ones are read together. What is too big for a partition is cut by cases. Exports
mostly have the rows of child tables in the order of the cases: then a part is a range of rows in each file, or a few. Otherwise
all is read at once if memory allows, else of the child tables only the rows of a part's cases are sought.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from validator.base.distinct import Places

_MOST_CELLS = 12_000_000  #: of all tables that are read at once, to be cut into partitions
_KEYS_AT_ONCE = 1_000_000
_MOST_RANGES = 60  #: of a file beyond one for each part: lists that share a key have their rows with the first of them
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
    """Parts that are ranges of rows in every file; none where these would be many, or not be clear."""
    cases = [file for file in files if file.columns.table == layout.case]
    of_rows = _cases_of_files(files, cases, layout) if cases else {}
    if not of_rows:
        return []
    height = sum(file.rows for file in cases)
    counts = sum(np.bincount(each, minlength=height) for each in of_rows.values())
    starts = assemble.starts(np.asarray(counts), _fitting(files), size)
    parts: list[list[Piece]] = [[] for _ in starts]
    for file in files:
        ranges = _ranges(np.searchsorted(starts, of_rows[file.path], side="right") - 1)
        if len(ranges) > len(starts) + _MOST_RANGES:
            return []
        for number, start, end in ranges:
            parts[number].append(Piece(file.path, start, end - start, first=start == 0))
        for number in set(range(len(starts))) - {number for number, *_ in ranges}:
            if file not in cases or not (number or file.rows):  # the table is there, though these cases have none of it
                parts[number].append(Piece(file.path, 0, 0, first=not (number or file.rows)))
    return [Unit(tuple(pieces), "parquet") for pieces in parts]


def _cases_of_files(files: Sequence[File], cases: Sequence[File], layout: Layout) -> dict[Path, Places]:
    """The case of each row of each file (see :func:`_cases_of_rows`); nothing where it is not clear."""
    known = pl.concat([file.collect(_keys(file, layout)) for file in cases], how="diagonal_relaxed")
    finder, first = CaseFinder(layout, known, []), 0
    of_rows: dict[Path, Places] = {}
    for file in files:
        if file in cases:
            of_rows[file.path] = np.arange(first, first + file.rows, dtype=np.uint32)
            first += file.rows
        elif (found := _cases_of_rows(file, layout, finder)) is not None:
            of_rows[file.path] = found
        else:
            return {}
    return of_rows


def _ranges(parts: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """The part of each range of rows, its first row and that behind its last; ``parts``: the part of each row."""
    edges = np.flatnonzero(parts[1:] != parts[:-1]) + 1
    bounds = [0, *edges.tolist(), parts.size] if parts.size else []
    return [(int(parts[start]), start, end) for start, end in pairwise(bounds)]


def _keys(file: File, layout: Layout) -> pl.LazyFrame:
    """The case keys of each row, under their names, and its line."""
    official = names_of(layout)[file.columns.table].official
    named = {official(target): file.names[index] for target, index in file.columns.targets.items()}
    wanted = [key for key in layout.interface.case_keys if key in named]
    return file.scan().select(*[pl.col(named[key]).alias(key) for key in wanted], pl.col("_line").cast(pl.UInt32))


def _cases_of_rows(file: File, layout: Layout, finder: CaseFinder) -> Places | None:
    """The case of each row, or of one before it where it surely has none; None where that is not clear from the rows alone."""
    cases, by = [np.empty(0, np.uint32)], None
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
        found, by = finder.find(sheet, key), key
        if found.null_count() and finder.like_some(sheet, key, found):
            return None
        cases.append(found.fill_null(strategy="forward").fill_null(0).to_numpy())
    return np.concatenate(cases)


def _unordered(files: Sequence[File], layout: Layout, size: int) -> list[Unit]:
    """All at once if memory allows, else parts for which the rows of the child tables are sought."""
    cases = _cases(files, layout)
    cells = sum(file.rows * len(file.names) for file in files)
    fitting = min(size, max(1, cases * _MOST_CELLS // max(1, cells)))
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
