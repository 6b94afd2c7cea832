"""Exact numbers: points and figures are fractions until they are shown."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

_LARGEST = 40  #: digits of a number that somebody may write: 1e999999999 would fill the memory
_DIGITS = 40  #: of a division before it is rounded for a reader


def exact(value: object) -> Fraction | None:
    """The number that a text, a whole number or a float (as it is written) stands for; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    text = str(value).strip().replace(",", "")
    try:
        number = Decimal(text.removesuffix("%"))
    except ArithmeticError:
        return None
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST or len(text) > _LARGEST:
        return None
    return Fraction(number) / (100 if text.endswith("%") else 1)


def rounded(value: Fraction, places: int) -> Decimal:
    """The value as a reader gets it: half a unit goes up, away from nothing."""
    with localcontext() as context:
        context.prec = _DIGITS
        return (Decimal(value.numerator) / value.denominator).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def shown(value: Fraction | None, places: int = 4) -> str:
    """A number without the zeros behind; a dash where there is none."""
    if value is None:
        return "—"
    text = f"{rounded(value, places):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def percent(value: Fraction | None) -> str:
    """A share in percent."""
    return "—" if value is None else f"{shown(value * 100, 2)}%"


def literal(value: Fraction) -> str:
    """The value as a formula of a spreadsheet has it: exact where a decimal is, else as a quotient."""
    bottom = value.denominator
    for prime in (2, 5):
        while bottom % prime == 0:
            bottom //= prime
    if bottom == 1:
        return f"{Decimal(value.numerator) / value.denominator:f}"
    return f"({value.numerator}/{value.denominator})"
