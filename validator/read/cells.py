"""Cells of a workbook as the text that people see in them."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Any

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel knows no time zones
_SERIAL_DAYS = 100_000  #: serial dates up to the year 2173
_PRECISE = 1e15  #: Excel keeps 15 digits of a number


def texts(values: Sequence[Any], kind: str) -> list[str | None]:
    """A column's cells as text, blank ones as null; ``kind`` is the type of its field, blank if unknown."""
    if _is_text(values):
        return [value or None for value in values]
    return [(value or None) if value.__class__ is str else text(value, kind) for value in values]


def imprecise(values: Sequence[Any]) -> list[int]:
    """Where a column holds numbers too long for Excel to keep all digits."""
    if _is_text(values):
        return []
    return [index for index, value in enumerate(values) if value.__class__ is float and abs(value) >= _PRECISE]


def _is_text(values: Sequence[Any]) -> bool:
    return {str, type(None)}.issuperset(map(type, values))


def text(value: Any, kind: str) -> str | None:
    """One cell as text: dates as 2026-07-06, times as 2026-07-06 09:10:00, whole numbers without a decimal point."""
    how = _number if value.__class__ is float else next((how for each, how in _HOW if isinstance(value, each)), None)
    return how(value, kind) if how else value or None


def _number(number: float, kind: str) -> str:
    if kind in ("date", "datetime") and 1 <= number < _SERIAL_DAYS:
        return _moment(_EPOCH + timedelta(days=number), kind)
    if not isfinite(number):
        return str(number)
    if number == int(number):
        return str(int(number))
    shown = format(number, ".15g")  # as many digits as Excel shows
    return shown if "e" not in shown else format(number, ".20f").rstrip("0")


def _moment(moment: datetime, kind: str) -> str:
    moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    midnight = moment.time() == time()
    return moment.strftime("%Y-%m-%d" if midnight and kind != "datetime" else "%Y-%m-%d %H:%M:%S")


def _date(day: date, kind: str) -> str:
    return f"{day.isoformat()} 00:00:00" if kind == "datetime" else day.isoformat()


def _length(span: timedelta, kind: str) -> str:
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if kind == "duration":
        return f"{hours // 24}/{hours % 24}/{minutes}"
    return f"{hours:02}:{minutes:02}:{seconds:02}"


_HOW: tuple[tuple[Any, Callable[[Any, str], str]], ...] = (
    (bool, lambda value, _: "true" if value else "false"),
    ((int, float), _number),
    (datetime, _moment),
    (date, _date),
    (timedelta, _length),
    (time, lambda value, _: value.strftime("%H:%M:%S")),
)


def letters(index: int) -> str:
    """The letters of a 0-based column."""
    name = ""
    while index >= 0:
        index, rest = divmod(index, 26)
        name, index = chr(65 + rest) + name, index - 1
    return name


def column(name: str) -> int:
    """The 0-based column of some letters."""
    index = 0
    for letter in name:
        index = index * 26 + ord(letter) - 64
    return index - 1
