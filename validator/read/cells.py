"""Cells of a workbook as the text that people see in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Any

from validator.base.lazy import pl

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel knows no time zones
_SERIAL_DAYS = 100_000  #: serial dates up to the year 2173
_PRECISE = 1e15  #: Excel keeps 15 digits of a number


def texts(values: Sequence[Any], kind: str) -> pl.Series:
    """A column's cells as text, blank ones as null. ``kind`` is the type of the column's field, blank if unknown."""
    try:
        shown = pl.Series(values, dtype=pl.String)
    except TypeError:  # not all are texts
        shown = pl.Series([each if each.__class__ is str else text(each, kind) for each in values], dtype=pl.String)
    return shown.set(shown == "", None)


def imprecise(values: Sequence[Any]) -> list[int]:
    """The positions of numbers too long for Excel to keep all digits."""
    return [index for index, each in enumerate(values) if isinstance(each, float) and abs(each) >= _PRECISE]


def text(value: Any, kind: str) -> str | None:
    """One cell as text: dates as 2026-07-06, times as 2026-07-06 09:10:00, whole numbers without a decimal point.

    A number too long for Excel is a power of ten (1.10105197503120E+17) where a code or text should be: its last digits
    are lost.
    """
    how = _number if value.__class__ is float else next((how for each, how in _HOW if isinstance(value, each)), None)
    return how(value, kind) if how else value


def _number(number: float, kind: str) -> str:
    if kind in ("date", "datetime") and 1 <= number < _SERIAL_DAYS:
        return _moment(_EPOCH + timedelta(days=number), kind)
    if not isfinite(number):
        return str(number)
    if abs(number) >= _PRECISE and kind in ("string", "code"):
        return format(number, ".14E")
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
