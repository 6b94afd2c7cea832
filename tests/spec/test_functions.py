"""Resident ID numbers: the vectorised algorithm against python-stdnum."""

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from validator.spec.functions import resident_id_birthday, resident_id_sex, resident_id_valid

NUMBERS = pl.col("n")


def ask(function: object, numbers: list[str | None]) -> list[object]:
    frame = pl.DataFrame({"n": pl.Series(numbers, dtype=pl.String)})
    return frame.select(function(NUMBERS)).to_series().to_list()  # type: ignore[operator]


def by_stdnum(number: str) -> bool:
    """stdnum without its test of the birthplace, in the years that dates are read in."""
    if not number[:17].isdigit():
        return False
    try:
        day = ric.get_birth_date(number)
    except ValidationError:
        return False
    return (
        day is not None
        and day.year >= 1900
        and len(number) == 18
        and number[0] != "0"
        and ric.calc_check_digit(number) == number[-1].upper()
    )


SEVENTEEN = st.builds(
    lambda place, day, order: f"{place:06d}{day:%Y%m%d}{order:03d}",
    st.integers(110_000, 659_999), st.dates(date(1880, 1, 1), date(2030, 12, 31)), st.integers(0, 999),
)  # fmt: skip


@given(st.lists(SEVENTEEN, min_size=1, max_size=20), st.integers(0, 10))
def test_check_digit_agrees_with_stdnum(heads: list[str], wrong: int) -> None:
    numbers = [head + "0123456789X"[wrong] for head in heads] + [
        head + ric.calc_check_digit(head + "0") for head in heads
    ]
    assert ask(resident_id_valid, numbers) == [by_stdnum(number) for number in numbers]


@given(st.lists(st.text("0123456789Xx ", max_size=20) | st.none(), min_size=1, max_size=20))
def test_anything_else_is_not_valid(texts: list[str | None]) -> None:
    expected = [
        None if text is None else by_stdnum(text) if len(text) == 18 and text.strip() == text else False
        for text in texts
    ]
    assert ask(resident_id_valid, texts) == expected


def test_birthday_and_sex() -> None:
    numbers = ["110105197503120026", "110105200002290015", "11010520010229001X", "11010519750312002", None]
    assert ask(resident_id_birthday, numbers) == [date(1975, 3, 12), date(2000, 2, 29), None, None, None]
    assert ask(resident_id_sex, numbers) == ["2", "1", "1", None, None]
