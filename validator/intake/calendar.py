"""Working days in China: weekends, public holidays, and the weekend days that are worked instead (补班).

The days are those of the yearly notices of the State Council's office, as the library ``chinesecalendar`` keeps them; a
profile may give the days of a year itself. A year that neither knows has no answer: it is named, never guessed.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import chinese_calendar

from validator.spec.intake import Deadline, Unit, YearOfDays

MONTH = "[0-9]{4}(?:0[1-9]|1[0-2])"  #: yyyymm
_SATURDAY = 5
_DAY = timedelta(days=1)


class UnknownYearError(Exception):
    """Which days of ``year`` are worked is not known yet."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the working days of {year} are not known")
        self.year = year


@dataclass(frozen=True)
class Calendar:
    """Which days are worked; ``years``: those that a profile gives, instead of the library's."""

    years: Mapping[int, YearOfDays] = field(default_factory=dict)

    def is_worked(self, day: date) -> bool:
        """Whether people work on ``day``; :class:`UnknownYearError` where nobody knows."""
        if own := self.years.get(day.year):
            return day in own.worked or (day.weekday() < _SATURDAY and day not in own.off)
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            raise UnknownYearError(day.year) from None

    def after(self, day: date, days: int, unit: Unit) -> date:
        """The day so many calendar or working days after ``day``, which does not count itself."""
        if unit == "calendar":
            return day + days * _DAY
        left = days
        while left:
            day += _DAY
            left -= self.is_worked(day)
        return day

    def deadline(self, anchor: date, rule: Deadline) -> tuple[date, date]:
        """The last day to deliver what the anchor day begins, without and with the grace."""
        if rule.anchor.endswith("month_end"):
            anchor = month_end(anchor)
        if rule.days is not None:
            last = self.after(anchor, rule.days, rule.unit)
        else:
            assert rule.day_of_next_month
            first = month_end(anchor) + _DAY
            if rule.unit == "working":
                last = self.after(first - _DAY, rule.day_of_next_month, rule.unit)
            else:
                last = min(first + (rule.day_of_next_month - 1) * _DAY, month_end(first))
        return last, self.after(last, rule.grace, rule.unit)


def month_end(day: date) -> date:
    """The last day of the month of ``day``."""
    return day.replace(day=monthrange(day.year, day.month)[1])
