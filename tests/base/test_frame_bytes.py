"""Frames as bytes."""

import polars as pl
import pytest

from validator.base import frame_bytes

pytest.importorskip("pyarrow")


def test_a_few_rows_do_not_keep_the_texts_of_all() -> None:
    every = pl.DataFrame({"text": [f"a text that is too long for its view {number}" for number in range(10_000)]})
    few = every.filter(pl.int_range(pl.len()) % 100 == 0)

    def held(frame: pl.DataFrame) -> int:
        return frame.to_arrow(compat_level=pl.CompatLevel.newest()).get_total_buffer_size()

    assert frame_bytes.compact(few).equals(few)
    assert held(few) > 50 * held(frame_bytes.compact(few))
