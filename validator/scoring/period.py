"""The time that is measured: stays count by their day of discharge."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from validator.base.errors import InputError

_YEAR = re.compile(r"(\d{4})")
_QUARTER = re.compile(r"(\d{4})-?Q([1-4])", re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})-?(0[1-9]|1[0-2])")
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True)
class Period:
    """Days from ``begin`` to ``end``, both within."""

    name: str
    begin: date
    end: date

    def before(self) -> "Period":
        """The time of the same length that ends where this one begins; a year, quarter or month keeps its months."""
        months = (
            (self.end + timedelta(1)).month - self.begin.month + 12 * ((self.end + timedelta(1)).year - self.begin.year)
        )
        if self.begin.day == (self.end + timedelta(1)).day == 1:
            begin = _months_back(self.begin, months)
        else:
            begin = self.begin - (self.end - self.begin) - timedelta(1)
        end = self.begin - timedelta(1)
        return Period(f"{begin}..{end}", begin, end)


def period(text: str) -> Period:
    """A period as people write it: ``2026``, ``2026Q3``, ``2026-07``, ``2026-01-01..2026-06-30``.

    Raises :class:`~validator.base.errors.InputError` for anything else.
    """
    try:
        if found := _YEAR.fullmatch(text):
            return _of_months(text, int(found[1]), 1, 12)
        if found := _QUARTER.fullmatch(text):
            return _of_months(text, int(found[1]), 3 * int(found[2]) - 2, 3)
        if found := _MONTH.fullmatch(text):
            return _of_months(text, int(found[1]), int(found[2]), 1)
        if found := _DAYS.fullmatch(text):
            begin, end = (date.fromisoformat(each) for each in found.groups())
            if begin <= end:
                return Period(text, begin, end)
    except ValueError:
        pass
    raise InputError(
        f"不认识期间“{text}”，应如 2026、2026Q3、2026-07 或 2026-01-01..2026-06-30",
        f"'{text}' is no period; write 2026, 2026Q3, 2026-07 or 2026-01-01..2026-06-30",
    )


def _of_months(name: str, year: int, month: int, months: int) -> Period:
    begin = date(year, month, 1)
    return Period(name, begin, _months_back(begin, -months) - timedelta(1))


def _months_back(day: date, months: int) -> date:
    """The first of the month so many months before."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
