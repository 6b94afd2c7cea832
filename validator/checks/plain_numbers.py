"""Numbers written plainly, read as floats, which are exact up to 15 digits: a fifth of what a regular expression and a cast take."""

from __future__ import annotations

from validator.base.lazy import np, pl

#: Texts of so many digits are different floats where they are different numbers.
_DIGITS = 15
_ZERO, _POINT = ord("0"), ord(".")


def plain_numbers(texts: pl.Series, whole: int, scale: int) -> pl.Series:
    """The numbers that texts are, as whole numbers of ``10**-scale``; null for those that are not written plainly.

    Plain: digits with, perhaps, a point behind the first of them, 15 characters at most, which are a number of no more than ``whole``
    digits before the point and of none but zeros beyond ``scale`` behind it.
    """
    value, lengths = texts.cast(pl.Float64, strict=False).to_numpy(), texts.str.len_bytes().fill_null(0).to_numpy()
    units = np.rint(value * 10**scale)
    plain = (units / 10**scale == value) & (units < 10 ** min(whole + scale, _DIGITS)) & (lengths <= _DIGITS)
    ends, joined = lengths.cumsum(), texts.str.join("").cast(pl.Binary).item()
    every = np.frombuffer(joined + b"0", np.uint8)  # so that there is a byte behind each text
    plain &= every.take(ends - lengths) != _POINT
    strange = np.flatnonzero((every - _ZERO > 9) & (every != _POINT))
    plain[np.searchsorted(ends, strange, side="right")] = False
    return pl.Series(texts.name, np.where(plain, units, 0).astype(np.int64)).set(pl.Series(~plain), None)
