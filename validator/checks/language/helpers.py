"""What generated Python calls: small functions of values that are not None, unless its own words differ."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

_EPOCH = date(1970, 1, 1).toordinal()
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_UPPER = {small: capital for capital, small in _LOWER.items()}
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}", re.ASCII)
#: Longer texts are not searched by patterns.
SEARCHED = 500


def truncate(a: int, by: int) -> int:
    """A quotient without its fraction."""
    return a // by if a >= 0 else -(-a // by)


def remainder(a: int, by: int) -> int:
    """The remainder, with the sign of ``a``."""
    return a % by if a >= 0 else -(-a % by)


def least(*values: Any) -> Any:
    """The least of those that are not None; None if all are."""
    return min((value for value in values if value is not None), default=None)


def greatest(*values: Any) -> Any:
    """The greatest of those that are not None; None if all are."""
    return max((value for value in values if value is not None), default=None)


def among(value: Any, values: tuple[Any, ...]) -> bool | None:
    """Whether the value is one of several; unknown if it is not and some are None."""
    if value is None:
        return None
    return True if value in values else None if None in values else False


def between(value: Any, low: Any, high: Any) -> bool | None:
    """Whether a value lies between two; any may be None."""
    if value is None:
        return None
    above, below = None if low is None else value >= low, None if high is None else value <= high
    if above is False or below is False:
        return False
    return None if above is None or below is None else True


def lower(text: str) -> str:
    """A to Z as small letters."""
    return text.translate(_LOWER)


def upper(text: str) -> str:
    """Small letters as A to Z."""
    return text.translate(_UPPER)


def whole(text: str) -> int | None:
    """The whole number that a text is; None if it is none."""
    return int(text) if _WHOLE.fullmatch(text) else None


def like(text: str, parts: tuple[str, ...]) -> bool:
    """Whether the text has the parts in order: the first at its beginning, the last at its end."""
    first, *middle, last = parts
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    place, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


def year(days: int) -> int:
    """The year of a day."""
    return date.fromordinal(days + _EPOCH).year


def month(days: int) -> int:
    """The month of a day."""
    return date.fromordinal(days + _EPOCH).month


def day(days: int) -> int:
    """The day of the month."""
    return date.fromordinal(days + _EPOCH).day


def searching(pattern: str) -> Callable[[str], bool | None]:
    """A test of whether a text has the pattern; None for texts that are too long to search."""
    search = re.compile(pattern, re.ASCII).search

    def found(text: str) -> bool | None:
        return None if len(text) > SEARCHED else search(text) is not None

    return found


#: By the names that generated code uses.
NAMES: dict[str, Callable[..., Any]] = {
    f"_{each.__name__}": each
    for each in (
        truncate, remainder, least, greatest, among, between, lower, upper, whole, like, year, month, day, searching,
    )
}  # fmt: skip
