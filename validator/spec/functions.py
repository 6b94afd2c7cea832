"""Column functions that SQL cannot say, for the ``call`` of a fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from validator.base.lazy import pl

#: ISO 7064 MOD 11-2 weights of the first 17 digits (GB 11643).
_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_EIGHTEEN = r"\A[1-9][0-9]{16}[0-9X]\z"


def resident_id_valid(number: pl.Expr) -> pl.Expr:
    """Whether an 18-character resident ID number (GB 11643) has a real birthday and the right check digit; null for null.

    The same algorithm as ``stdnum.cn.ric`` but for the place of birth, which is not tested.
    """
    upper = number.str.to_uppercase()
    digits = [upper.str.slice(place, 1).cast(pl.Int32, strict=False) for place in range(17)]
    total = pl.sum_horizontal(digit * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    check = (12 - total % 11) % 11
    last = upper.str.slice(17, 1)
    right = pl.when(last == "X").then(check == 10).otherwise(last.cast(pl.Int32, strict=False) == check)
    return pl.when(number.is_not_null()).then(
        upper.str.contains(_EIGHTEEN) & right.fill_null(False) & resident_id_birthday(number).is_not_null()
    )


def resident_id_birthday(number: pl.Expr) -> pl.Expr:
    """The birthday inside an 18-character resident ID number; null where it holds none."""
    long = number.str.len_bytes() == 18
    return pl.when(long).then(number.str.slice(6, 8)).str.to_date("%Y%m%d", strict=False)


def resident_id_sex(number: pl.Expr) -> pl.Expr:
    """``"1"`` (male) or ``"2"`` (female) by the 17th digit of a resident ID number; null where there is none."""
    long = number.str.contains(_EIGHTEEN.replace("X]", "Xx]"))
    digit = number.str.slice(16, 1).cast(pl.Int32, strict=False) % 2
    return pl.when(long).then(pl.when(digit == 1).then(pl.lit("1")).otherwise(pl.lit("2")))


def amount_gap(amount: pl.Expr, quantity: pl.Expr, price: pl.Expr) -> pl.Expr:
    """By how much an amount differs from quantity × price, in yuan, rounded up to four decimals; null where a part is."""
    whole = (amount * 100).cast(pl.Int128) * 10**8
    product = (quantity * 10**4).cast(pl.Int128) * (price * 10**6).cast(pl.Int128)
    ten_thousandths = (((whole - product).abs() + 999_999) // 1_000_000).clip(upper_bound=10**17).cast(pl.Int64)
    return (ten_thousandths.cast(pl.Decimal(38, 4)) / 10_000).cast(pl.Decimal(18, 4))


class ColumnFunction(NamedTuple):
    """A function of columns, the kinds of these, and of its value."""

    of: Callable[..., pl.Expr]
    takes: tuple[str, ...]
    gives: str


#: What a fact may call, by name.
BY_NAME = {
    "resident_id_valid": ColumnFunction(resident_id_valid, ("text",), "truth"),
    "resident_id_birthday": ColumnFunction(resident_id_birthday, ("text",), "day"),
    "amount_gap": ColumnFunction(amount_gap, ("number", "number", "number"), "gap"),
    "resident_id_sex": ColumnFunction(resident_id_sex, ("text",), "text"),
}
