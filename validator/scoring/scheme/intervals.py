"""How sure a figure is: exact Poisson intervals and the bootstrap; those of shares are ``measures.wilson``."""

from collections.abc import Callable
from math import exp, lgamma, log, sqrt
from statistics import NormalDist
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Z = NormalDist().inv_cdf(0.975)  #: two-sided 95 %
_RESAMPLES = 400
_MOST = 500  #: cases above which the bootstrap and the linear approximation agree to the digits that are shown


def poisson(cases: int) -> tuple[float, float]:
    """The exact 95 % interval of a number of events (Garwood 1936)."""
    high = _solve(lambda mean: _at_most(cases, mean) - 0.025, cases, cases + 10 * sqrt(cases + 1) + 20)
    low = _solve(lambda mean: 0.025 - (1 - _at_most(cases - 1, mean)), 0, cases) if cases else 0.0
    return low, high


def _at_most(cases: int, mean: float) -> float:
    """The probability of so many events or fewer."""
    if mean <= 0:
        return 1.0
    return sum(exp(n * log(mean) - mean - lgamma(n + 1)) for n in range(cases + 1))


def _solve(falls: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function is nothing, by halving."""
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if falls(middle) > 0 else (low, middle)
    return (low + high) / 2


def ratio(top: NDArray[np.float64], bottom: NDArray[np.float64], name: str) -> tuple[float, float] | None:
    """The 95 % interval of Σ top ÷ Σ bottom over cases; None for fewer than 2.

    By the bootstrap (percentiles), drawn from a seed that is the name's, so that a run can be made again; of many cases by the
    linear approximation.
    """
    cases, below = len(top), float(bottom.sum())
    if cases < 2 or below == 0:
        return None
    if cases > _MOST:
        value = float(top.sum()) / below
        half = Z * spread(top, bottom, value) / sqrt(cases)
        return value - half, value + half
    drawn = np.random.default_rng(crc32(name.encode())).integers(0, cases, (_RESAMPLES, cases))
    sums = bottom[drawn].sum(axis=1)
    found = top[drawn].sum(axis=1)[sums != 0] / sums[sums != 0]
    low, high = np.quantile(found, [0.025, 0.975]) if len(found) else (float("nan"),) * 2
    return float(low), float(high)


def spread(top: NDArray[np.float64], bottom: NDArray[np.float64], value: float) -> float:
    """The standard deviation of one case's part in a ratio of this value."""
    rest = top - value * bottom
    return float(sqrt(float((rest * rest).mean())) / float(bottom.mean()))
