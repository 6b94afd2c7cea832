"""Parquet rows that make cases, such as charge lines: whole cases at a time, as many rows as are good for memory.

Only the key of each row is looked at first. Exports mostly keep the rows of a case together, and are then cut between two
cases; otherwise the rows of some cases are sought in all files for each part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from validator.base.lazy import pl
from validator.read.pieces import Piece, Unit
from validator.read.shape import key_text

if TYPE_CHECKING:
    from validator.read.parquet import File

Keys = NDArray[np.uint64]
Numbers = NDArray[np.int64]


def units(files: Sequence[File], keys: Sequence[str], most: int) -> Iterator[Unit]:
    """The parts of the files, of about ``most`` rows each and those of a case together, in their order.

    ``keys``: the case's keys; a case is known by the first that every row has, else the first that every file has.
    """
    shared = [key for key in keys if all(file.column(key) for file in files)]
    if sum(file.rows for file in files) <= most or not shared:
        yield Unit(tuple(Piece(file.path) for file in files), "parquet")
        return
    key = next((key for key in shared if not any(_blank(file, key) for file in files)), shared[0])
    of_files = [_runs(_hashes(file, key, number)) for number, file in enumerate(files)]
    runs, lengths = _runs(*map(np.concatenate, zip(*of_files, strict=True)))  # a case may go on in the next file
    cases = np.unique(runs).size
    if cases == runs.size:
        ends = [*_ends(lengths, most)]
        yield from (Unit(_between(files, start, end), "parquet") for start, end in pairwise([0, *ends]))
        return
    for number, some in enumerate(_cases(runs, lengths, most)):
        share = some.size / cases
        pieces = tuple(Piece(file.path, 0, int(file.rows * share), key, first=not number) for file in files)
        yield Unit(pieces, "parquet", wanted=tuple(some.tolist()))


def _blank(file: File, key: str) -> bool:
    """Whether some row says nothing under a key."""
    return bool(file.collect(file.scan().select(key_text(str(file.column(key))).is_null().any())).item())


def _hash(file: File, key: str, number: int) -> pl.Expr:
    """The key of a row as a whole number; a row without one is by itself."""
    text = key_text(str(file.column(key)))
    return pl.when(text.is_null()).then(pl.col("_line").hash(number + 1)).otherwise(text.hash()).alias("_hash")


def _hashes(file: File, key: str, number: int) -> Keys:
    return file.collect(file.scan().select(_hash(file, key, number)))["_hash"].to_numpy()


def _runs(hashes: Keys, lengths: Numbers | None = None) -> tuple[Keys, Numbers]:
    """Each run of equal hashes, and how long it is; ``lengths``: of each hash, else 1."""
    starts = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]]))[: hashes.size]
    if lengths is None:
        return hashes[starts], np.diff(starts, append=hashes.size)
    return hashes[starts], np.add.reduceat(lengths, starts)


def _ends(lengths: Numbers, most: int) -> Iterator[int]:
    """Where each part ends: behind the last case with which it has at most ``most`` rows, but for a case that has more."""
    held, end = 0, 0
    for length in lengths.tolist():
        if held and held + length > most:
            yield end
            held = 0
        held, end = held + length, end + length
    yield end


def _between(files: Sequence[File], start: int, end: int) -> tuple[Piece, ...]:
    """The rows from ``start`` to ``end``, counted through all files."""
    found, first = list[Piece](), 0
    for file in files:
        low, high = max(start - first, 0), min(end - first, file.rows)
        if low < high:
            found.append(Piece(file.path, low, high - low, first=low == 0))
        first += file.rows
    return tuple(found)


def _cases(runs: Keys, lengths: Numbers, most: int) -> Iterator[Keys]:
    """The keys of each part, in the order in which they turn up."""
    keys, first, place = np.unique(runs, return_index=True, return_inverse=True)
    rows = np.bincount(place, weights=lengths).astype(np.int64)
    order = np.argsort(first)
    counts = np.cumsum(rows[order])
    ends = [*_ends(rows[order], most)]
    yield from (keys[order][low:high] for low, high in pairwise([0, *np.searchsorted(counts, ends) + 1]))


def of_cases(file: File, key: str, number: int, wanted: Sequence[int]) -> pl.DataFrame:
    """The rows of some cases, in their order; ``number``: the file's place among all."""
    cases = pl.LazyFrame({"_hash": wanted}, schema={"_hash": pl.UInt64})
    rows = file.scan().with_columns(_hash(file, key, number)).join(cases, on="_hash", how="semi")
    return file.collect(rows.drop("_hash")).sort("_line")
