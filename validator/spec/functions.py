"""Column functions that SQL cannot say, for the ``call`` of a fact."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from validator.base.lazy import np, pl
from validator.base.rows import rows_where
from validator.base.text_bytes import bytes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: ISO 7064 MOD 11-2 weights of the first 17 digits (GB 11643).
_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_ZERO, _LONG = ord("0"), 18
_X = [(ord(letter) - _ZERO) % 256 for letter in "Xx"]
_EIGHTEEN = r"\A[1-9][0-9]{16}[0-9X]\z"
_WHOLE, _EIGHT = re.compile("[1-9][0-9]{16}[0-9X]"), re.compile("[0-9]{8}")
_FIRST, _LAST, _EPOCH = date(1900, 1, 1), date(2199, 12, 31), date(1970, 1, 1)


def resident_id_valid(number: pl.Expr) -> pl.Expr:
    """Whether an 18-character resident ID number (GB 11643) has a real birthday and the right check digit; null for null.

    The same algorithm as ``stdnum.cn.ric`` but for the place of birth, which is not tested.
    """
    return number.map_batches(_valid, return_dtype=pl.Boolean, is_elementwise=True)


def _valid(numbers: pl.Series) -> pl.Series:
    rows, digits = _long(numbers)
    last = np.where((digits[17] == _X[0]) | (digits[17] == _X[1]), 10, digits[17])
    weighed = np.zeros(rows.len(), np.uint16)
    for weight, digit in zip(_WEIGHTS, digits, strict=False):
        weighed += np.multiply(digit, weight, dtype=np.uint16)
    right = ((12 - weighed % 11) % 11 == last) & (digits[0] > 0) & (digits[:17].max(axis=0) < 10)
    right &= _days(digits)[0]
    found = pl.Series(numbers.name, np.zeros(numbers.len(), bool)).scatter(rows, right)
    return found.set(numbers.is_null(), None)


def resident_id_birthday(number: pl.Expr) -> pl.Expr:
    """The birthday inside an 18-character resident ID number; null where it holds none of the years that people live in."""
    return number.map_batches(_birthday, return_dtype=pl.Date, is_elementwise=True)


def _birthday(numbers: pl.Series) -> pl.Series:
    rows, digits = _long(numbers)
    real, day = _days(digits)
    days = pl.Series(numbers.name, [None], pl.Int32).new_from_index(0, numbers.len())
    return days.scatter(rows.filter(pl.Series(real)), day[real]).cast(pl.Date)


def _long(numbers: pl.Series) -> tuple[pl.Series, NDArray[np.uint8]]:
    """The rows of the numbers that are long enough, and their digits by place; what is no digit is 10 or more."""
    rows = rows_where(numbers.str.len_bytes() == _LONG)
    return rows, bytes_of(numbers[rows], _LONG) - _ZERO


def _days(digits: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """Whether numbers hold a birthday, and the days from 1970 of those that do."""
    year, month, day = (_number(digits[place]) for place in (slice(6, 10), slice(10, 12), slice(12, 14)))
    real = (digits[6:14].max(axis=0) < 10) & (month > 0) & (month < 13) & (day > 0)
    real &= (year >= _FIRST.year) & (year <= _LAST.year)
    months = np.where(real, (year - _FIRST.year) * 12 + month - 1, 0)
    starts = _months()
    found = starts.take(months) + day - 1
    return real & (found < starts.take(months + 1)), found


def _number(digits: NDArray[np.uint8]) -> NDArray[np.int32]:
    value = np.zeros(digits.shape[1], np.int32)
    for digit in digits:
        value = value * 10 + digit
    return value


@cache
def _months() -> NDArray[np.int32]:
    """The days from 1970 on which the months of the years that people live in begin, and the one after them."""
    months = np.arange(f"{_FIRST.year}-01", f"{_LAST.year + 1}-02", dtype="datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int32)


def resident_id_sex(number: pl.Expr) -> pl.Expr:
    """``"1"`` (male) or ``"2"`` (female) by the 17th digit of a resident ID number; null where there is none."""
    long = number.str.contains(_EIGHTEEN.replace("X]", "Xx]"))
    digit = number.str.slice(16, 1).cast(pl.Int32, strict=False) % 2
    return pl.when(long).then(pl.when(digit == 1).then(pl.lit("1")).otherwise(pl.lit("2")))


def amount_gap(amount: pl.Expr, quantity: pl.Expr, price: pl.Expr) -> pl.Expr:
    """By how much an amount differs from quantity × price, in yuan, rounded up to four decimals; null where a part is."""
    return (((amount * 10**8 - quantity * price).abs() + 999_999) // 1_000_000).clip(upper_bound=10**17)


def share(amount: pl.Expr, part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """The money for a part of a quantity, in yuan, half a fen up; null where the whole is not positive or a number is null.

    A part below zero counts as nothing, one beyond the whole as the whole.
    """
    kept = pl.min_horizontal(pl.max_horizontal(part, pl.lit(0, pl.Int128)), whole)
    return pl.when((whole > 0) & part.is_not_null()).then((amount * kept * 2 + whole) // (whole * 2))


def periods(days: pl.Expr, length: pl.Expr) -> pl.Expr:
    """How many whole periods of a length fit into a number of days; null where the length is not positive."""
    return pl.when(length > 0).then(days // length)


def id_valid(number: str) -> bool:
    """:func:`resident_id_valid` of one number."""
    upper = number.upper()
    if not _WHOLE.fullmatch(upper) or id_birthday(number) is None:
        return False
    check = (12 - sum(int(digit) * weight for digit, weight in zip(upper, _WEIGHTS, strict=False)) % 11) % 11
    return upper[17] == ("X" if check == 10 else str(check))


def id_birthday(number: str) -> int | None:
    """:func:`resident_id_birthday` of one number, as days from 1970-01-01."""
    if len(number) != _LONG or not number.isascii() or not _EIGHT.fullmatch(day := number[6:14]):
        return None
    try:
        found = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return None
    return (found - _EPOCH).days if _FIRST <= found <= _LAST else None


def id_sex(number: str) -> str | None:
    """:func:`resident_id_sex` of one number."""
    return ("1" if int(number[16]) % 2 else "2") if _WHOLE.fullmatch(number.replace("x", "X")) else None


def gap(amount: int, quantity: int, price: int) -> int:
    """:func:`amount_gap` of whole numbers of 0.01, 0.0001 and 0.000001, as one of 0.0001."""
    return min((abs(amount * 10**8 - quantity * price) + 999_999) // 1_000_000, 10**17)


def share_of(amount: int, part: int, whole: int) -> int | None:
    """:func:`share` of whole numbers of 0.01, 0.0001 and 0.0001, as one of 0.01."""
    return (amount * min(max(part, 0), whole) * 2 + whole) // (whole * 2) if whole > 0 else None


def periods_of(days: int, length: int) -> int | None:
    """:func:`periods` of whole numbers."""
    return days // length if length > 0 else None


class ColumnFunction(NamedTuple):
    """A function of columns and of single values (None is not asked), the kinds of these, and of its value.

    Numbers are whole numbers of the last of their ``scales`` digits.
    """

    of: Callable[..., pl.Expr]
    of_values: Callable[..., Any]
    takes: tuple[str, ...]
    gives: str
    scales: tuple[int, ...] = ()  #: in which digits behind the point it takes its numbers


#: What a fact may call, by name.
BY_NAME = {
    "resident_id_valid": ColumnFunction(resident_id_valid, id_valid, ("text",), "truth"),
    "resident_id_birthday": ColumnFunction(resident_id_birthday, id_birthday, ("text",), "day"),
    "amount_gap": ColumnFunction(amount_gap, gap, ("number", "number", "number"), "gap", (2, 4, 6)),
    "periods": ColumnFunction(periods, periods_of, ("number", "number"), "whole", (0, 0)),
    "share": ColumnFunction(share, share_of, ("number", "number", "number"), "money", (2, 4, 4)),
    "resident_id_sex": ColumnFunction(resident_id_sex, id_sex, ("text",), "text"),
}
