"""Chance that repeats itself: a number depends on the seed, the subject and the case alone, not on its neighbours."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

import numpy as np
import polars as pl
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]
_STEP = np.uint64(0x9E3779B97F4A7C15)


class Draw:
    """A random generator for numbered things (cases, rows of cases): the same number always draws the same.

    The numbers are SplitMix64 of (seed, subject, thing): cases 100 to 200 come out the same whether made alone or among
    a million.
    """

    def __init__(self, seed: int, things: Numbers) -> None:
        self._seed, self._things = seed, things * _STEP

    def bits(self, subject: str) -> Numbers:
        """64 random bits for each thing."""
        key = blake2b(f"{self._seed}/{subject}".encode(), digest_size=8).digest()
        x = self._things + np.uint64(int.from_bytes(key, "little"))
        x ^= x >> np.uint64(30)
        x *= np.uint64(0xBF58476D1CE4E5B9)
        x ^= x >> np.uint64(27)
        x *= np.uint64(0x94D049BB133111EB)
        x ^= x >> np.uint64(31)
        return x

    def chance(self, subject: str) -> NDArray[np.float64]:
        """A number from 0 up to 1."""
        return np.asarray((self.bits(subject) >> np.uint64(11)) * np.float64(2.0**-53))

    def unit(self, subject: str) -> pl.Expr:
        """A number from 0 up to 1."""
        return pl.lit(pl.Series(self.chance(subject)))

    def between(self, subject: str, low: pl.Expr | int, high: pl.Expr | int) -> pl.Expr:
        """A whole number from ``low`` to ``high``, both included."""
        low = low if isinstance(low, pl.Expr) else pl.lit(low)
        return (low + self.unit(subject) * (high - low + 1)).floor().cast(pl.Int64)

    def index(self, subject: str, shares: Sequence[float]) -> NDArray[np.intp]:
        """A place in ``shares``, as often as its share says."""
        edges = np.cumsum(np.asarray(shares, dtype=np.float64))
        place = np.searchsorted(edges, self.chance(subject) * edges[-1], side="right")
        return np.asarray(place.clip(max=len(shares) - 1))

    def one_of(self, subject: str, texts: Sequence[str]) -> pl.Expr:
        """One of some texts, all alike likely."""
        return pl.lit(pl.Series(texts)[(self.chance(subject) * len(texts)).astype(np.int64)])

    def weighted(self, subject: str, shares: Mapping[str, float]) -> pl.Expr:
        """One of some texts, as often as its share says."""
        return pl.lit(pl.Series(list(shares))[self.index(subject, list(shares.values()))])
