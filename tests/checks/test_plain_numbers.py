"""Numbers read by their bytes are those that a pattern and exact arithmetic give."""

import random
import re
from decimal import Decimal

import polars as pl
import pytest

from validator.checks.plain_numbers import plain_numbers


@pytest.mark.parametrize("scale", [0, 2, 4])
def test_plain_numbers_are_exact_and_all_else_is_left(scale: int) -> None:
    draw, whole = random.Random(scale), 12
    texts = ["".join(draw.choices("0123456789" * 3 + ".-+ eE１,", k=draw.randint(0, 19))) for _ in range(5_000)]
    texts += [
        f"{draw.randint(0, 10 ** draw.randint(1, 13))}.{draw.randint(0, 99_999)}"[: draw.randint(1, 19)] for _ in texts
    ]
    plain = re.compile(rf"[0-9]{{1,{whole}}}" + (rf"(\.[0-9]{{1,{scale}}})?" if scale else ""))
    expected = [int(Decimal(text).scaleb(scale)) if plain.fullmatch(text) else None for text in texts]
    assert sum(each is not None for each in expected) > 400
    assert plain_numbers(pl.Series([None, *texts], dtype=pl.String), whole, scale).to_list() == [None, *expected]
