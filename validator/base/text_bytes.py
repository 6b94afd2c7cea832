"""Texts as bytes, many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.base.lazy import np, pl

if TYPE_CHECKING:
    from numpy.typing import NDArray


def bytes_of(texts: pl.Series, length: int) -> NDArray[np.uint8]:
    """Texts of so many bytes each, none of them null, as a row of bytes for each place."""
    places = texts.cast(pl.Binary).bin.reinterpret(dtype=pl.Array(pl.UInt8, length)).to_numpy()
    return np.ascontiguousarray(places.T)
