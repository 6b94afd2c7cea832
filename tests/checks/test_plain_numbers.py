"""Numbers read as floats are those that exact arithmetic gives."""

import random
import re
from decimal import Decimal

import polars as pl
import pytest

from validator.checks.plain_numbers import plain_numbers

_EDGES = ("", ".", "5.", ".5", "0.0", "007.10", "1.2300", "1.0000000000001", "9" * 15, "inf", "NaN", "1_0", "1..2")


@pytest.mark.parametrize("scale", [0, 2, 4])
def test_plain_numbers_are_exact_and_all_else_is_left(scale: int) -> None:
    draw, whole = random.Random(scale), 9
    texts = ["".join(draw.choices("0123456789" * 3 + ".-+ eE１,", k=draw.randint(0, 19))) for _ in range(5_000)]
    texts += [
        f"{draw.randint(0, 10 ** draw.randint(1, 13))}.{draw.randint(0, 99_999)}"[: draw.randint(1, 19)] for _ in texts
    ]
    texts += _EDGES
    plain = re.compile(rf"0*[0-9]{{1,{whole}}}(\.[0-9]{{0,{scale}}}0*)?")
    expected = [
        int(Decimal(text).scaleb(scale)) if len(text) <= 15 and plain.fullmatch(text) else None for text in texts
    ]
    assert sum(each is not None for each in expected) > 400
    assert plain_numbers(pl.Series([None, *texts], dtype=pl.String), whole, scale).to_list() == [None, *expected]
    assert plain_numbers(pl.Series([""]), whole, scale).to_list() == [None]
