"""Telling values apart by numbers: the same as comparing them, however the slots of the table are shared."""

import numpy as np
import polars as pl
import pytest

from validator.base.distinct import distinct, numbered, places, repeated

_INVERSE = pow(0x9E3779B97F4A7C15, -1, 1 << 64)


def _keys(patterns: "np.ndarray[tuple[int], np.dtype[np.uint64]]") -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    """Keys whose slots are the upper bits of the patterns."""
    return patterns.astype(np.uint64) * np.uint64(_INVERSE)


@pytest.mark.parametrize("shift", [0, 16, 40, 48])
def test_keys_that_share_slots_are_numbered_apart(shift: int) -> None:
    rng = np.random.default_rng(shift)
    keys = _keys(rng.integers(0, 3_000, 20_000, np.uint64) << np.uint64(shift))
    rows, at = numbered(keys)
    assert len(rows) == len(np.unique(keys))
    assert (keys[rows][at] == keys).all()

    every, counts = np.unique(keys[:4_000], return_counts=True)
    again = set(every[counts > 1].tolist())
    met = repeated(keys[:4_000]).tolist()
    assert sorted(met) == met
    assert {row for row, key in enumerate(keys[:4_000].tolist()) if key in again} <= set(met)
    assert repeated(every).size == 0

    known = _keys(rng.integers(0, 4_000, 2_000, np.uint64) << np.uint64(shift))
    first = {key: place for place, key in reversed(list(enumerate(known.tolist())))}
    assert places(keys, known).tolist() == [first.get(key, -1) for key in keys.tolist()]


def test_texts_and_null_have_places() -> None:
    column = pl.Series([None if n % 7 == 0 else f"code {n % 1_500}" for n in range(6_000)])
    texts, at = distinct(column)
    assert len(texts) == len(set(texts)) == column.n_unique()
    assert [texts[place] for place in at] == column.to_list()
    assert distinct(pl.Series([None, None], dtype=pl.String))[0] == [None]
    assert distinct(pl.Series([], dtype=pl.String))[0] == []
