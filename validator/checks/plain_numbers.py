"""Numbers written plainly, read by their bytes: a sixth of what a regular expression and a cast take."""

from __future__ import annotations

from validator.base.lazy import np, pl
from validator.base.text_bytes import bytes_of

_ZERO = ord("0")
_POINT = (ord(".") - ord("0")) % 256  #: as an unsigned byte


def plain_numbers(texts: pl.Series, whole: int, scale: int) -> pl.Series:
    """The numbers that texts are, as whole numbers of ``10**-scale``; null for those that are not written plainly.

    Plain: 1 to ``whole`` digits and, perhaps, a point with 1 to ``scale`` digits behind it. Texts of one length are read together.
    """
    lengths = texts.str.len_bytes().fill_null(0).to_numpy()
    found, plain = np.zeros(lengths.size, np.int64), np.zeros(lengths.size, bool)
    for length in np.flatnonzero(np.bincount(lengths)).tolist():
        if not 0 < length <= whole + scale + 1:
            continue
        rows = np.flatnonzero(lengths == length)
        digits = bytes_of(texts[rows], length) - _ZERO  # a row for each place; what is no digit is 10 or more
        pointed = np.zeros(rows.size, bool)
        for behind in range(scale, -1, -1):
            point = length - 1 - behind if behind else length
            if not 0 < point <= whole:
                continue
            here = digits[point] == _POINT if behind else ~pointed
            pointed |= here
            if not here.any():
                continue
            some = digits if here.all() else digits[:, here]
            value, most = np.zeros(some.shape[1], np.int64), np.zeros(some.shape[1], np.uint8)
            for place, digit in enumerate(some):
                if place != point:
                    value *= 10
                    value += digit
                    np.maximum(most, digit, out=most)
            fits = most < 10
            read = rows[here][fits]
            found[read] = value[fits] * 10 ** (scale - behind)
            plain[read] = True
    return pl.Series(texts.name, found).set(pl.Series(~plain), None)
