"""What kind of value an expression has, and how large it can be, so that no number ever wraps."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

#: Both roads calculate in 64 bits.
LARGEST = 2**63 - 1
#: Digits of a number that is written out.
NUMBER_DIGITS = 15
#: Days from 1970 that a date can be away from it: no calculation leaves the years that Python's dates have.
FURTHEST = 700_000
#: The first and the last day that is typed as a date or moment, and how far from 1970 they can be.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
TYPED = (LAST_DAY - date(1970, 1, 1)).days
#: Digits of a number in a cell: of an amount, those behind the point among them, and of a whole number.
AMOUNT_DIGITS, WHOLE_DIGITS = 17, 15
DAY_US = 86_400_000_000

NAMES = {
    "text": ("文字", "text"), "number": ("数", "number"), "day": ("日期", "date"), "moment": ("日期时间", "date and time"),
    "time": ("时刻", "time of day"), "truth": ("真假", "truth value"), "span": ("时间间隔", "interval"),
    "nothing": ("NULL", "NULL"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind of a value.

    Numbers are whole numbers of ``10**-scale`` on both roads, days are counted from 1970-01-01, moments and times in
    microseconds. ``most`` is the largest such number, for days and moments the number of days.
    """

    name: str
    scale: int = 0
    most: int = 0
    nullable: bool = True

    @property
    def filled(self) -> "Kind":
        """The same kind where it is never null."""
        return replace(self, nullable=False)

    def words(self, lang: int) -> str:
        """What people call it: 0 Chinese, 1 English."""
        return NAMES[self.name][lang]


TEXT = Kind("text")
TRUTH = Kind("truth")
DAY = Kind("day", most=TYPED)
MOMENT = Kind("moment", most=TYPED)
TIME = Kind("time")
NOTHING = Kind("nothing")


def number(digits: int, scale: int = 0) -> Kind:
    """A number of at most so many digits, ``scale`` of them behind the point."""
    return Kind("number", scale, 10**digits - 1)


def exact(value: float | Decimal) -> tuple[int, int]:
    """A number as whole number and scale: ``0.7`` is 7 and 1."""
    text = value if isinstance(value, int | Decimal) else repr(value)
    parts = Decimal(text).normalize().as_tuple()
    assert isinstance(parts.exponent, int)
    unscaled = int("".join(map(str, parts.digits))) * 10 ** max(parts.exponent, 0)
    return (-unscaled if parts.sign else unscaled), max(-parts.exponent, 0)
