"""How an item's figure becomes points. Each class is one shape of assessment tables: its meaning, in words, and as a live formula.

A score lies between the item's ``least`` (0 unless the scheme says otherwise) and its ``points``:
各细分项最高扣分额不得超过该细分项所赋分值.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from validator.base.language import say
from validator.scoring.scheme.numbers import literal, percent, shown

_GUARD = 9  #: digits to which a spreadsheet's quotient is rounded before whole steps are counted: (0.95-0.93)/0.01 is not 2 there


@dataclass(frozen=True)
class Range:
    """The least and the most points of an item, and whether its figure is a share."""

    least: Fraction
    points: Fraction
    is_share: bool = False

    def clip(self, score: Fraction) -> Fraction:
        """The score, within the range."""
        return max(self.least, min(self.points, score))

    def figure(self, value: Fraction) -> str:
        """The figure as its readers know it."""
        return percent(value) if self.is_share else shown(value)

    def clip_formula(self, formula: str) -> str:
        """:meth:`clip` as a formula."""
        return f"MAX({literal(self.least)},MIN({literal(self.points)},{formula}))"


@dataclass(frozen=True)
class Count:
    """``each`` points for every ``per`` cases after the first ``free``: taken from full points, or given from nothing (``earns``)."""

    each: Fraction
    per: Fraction = Fraction(1)
    free: Fraction = Fraction(0)
    earns: bool = False

    def _sum(self, value: Fraction) -> Fraction:
        return self.each * floor(max(Fraction(0), value - self.free) / self.per)

    def score(self, value: Fraction, limits: Range) -> Fraction:
        """The points of a number of cases."""
        return limits.clip(self._sum(value) if self.earns else limits.points - self._sum(value))

    def words(self, value: Fraction, limits: Range) -> str:
        """The deduction as it is written by hand."""
        free = f" − {shown(self.free)}" if self.free else ""
        per = f" ÷ {shown(self.per)}" if self.per != 1 else ""
        counted = f"{shown(self.each)} × ({limits.figure(value)}{free}){per}" if free or per else ""
        counted = counted or f"{shown(self.each)} × {limits.figure(value)}"
        return counted if self.earns else f"{shown(limits.points)} − {counted}"

    def formula(self, cell: str, limits: Range) -> str:
        """The score of the figure in a cell."""
        over = f"MAX(0,{cell}-{literal(self.free)})/{literal(self.per)}"
        counted = f"{literal(self.each)}*INT(ROUND({over},{_GUARD}))"
        return limits.clip_formula(counted if self.earns else f"{literal(limits.points)}-{counted}")

    def full(self, limits: Range) -> Fraction:
        """The figure at which nothing is lost."""
        return self.free + self.per * ceil(limits.points / self.each) if self.earns else self.free


@dataclass(frozen=True)
class Slope:
    """Full points from ``target`` on; then ``each`` points a ``step``, or a straight line to ``zero``; past ``zero`` the least.

    ``steps``: what a part of a step costs: its ``part``, nothing (``down``) or all of it (``up``).
    """

    target: Fraction
    zero: Fraction | None
    step: Fraction | None
    each: Fraction
    steps: str
    better: str  #: high, low

    def _short(self, value: Fraction) -> Fraction:
        return self.target - value if self.better == "high" else value - self.target

    def _past(self, value: Fraction) -> bool:
        if self.zero is None:
            return False
        return value < self.zero if self.better == "high" else value > self.zero

    def _count(self, value: Fraction) -> Fraction:
        assert self.step is not None
        steps = self._short(value) / self.step
        return steps if self.steps == "part" else Fraction(floor(steps) if self.steps == "down" else ceil(steps))

    def score(self, value: Fraction, limits: Range) -> Fraction:
        """The points of a value."""
        if self._short(value) <= 0:
            return limits.points
        if self._past(value):
            return limits.least
        if self.step is not None:
            return limits.clip(limits.points - self.each * self._count(value))
        assert self.zero is not None
        return limits.least + (limits.points - limits.least) * (value - self.zero) / (self.target - self.zero)

    def words(self, value: Fraction, limits: Range) -> str:
        """The deduction as it is written by hand."""
        figure, points = limits.figure, shown(limits.points)
        sign = "≥" if self.better == "high" else "≤"
        if self._short(value) <= 0:
            return f"{figure(value)} {sign} {figure(self.target)}"
        if self._past(value):
            assert self.zero is not None
            other = "<" if self.better == "high" else ">"
            return f"{figure(value)} {other} {figure(self.zero)}"
        if self.step is not None:
            return f"{points} − {shown(self.each)} × {shown(self._count(value))}" + say(
                f"（差 {figure(self._short(value))}，每档 {figure(self.step)}）",
                f" (short by {figure(self._short(value))}, steps of {figure(self.step)})",
            )
        assert self.zero is not None
        span = f"({figure(value)} − {figure(self.zero)}) ÷ ({figure(self.target)} − {figure(self.zero)})"
        return f"{shown(limits.points - limits.least)} × {span}"

    def formula(self, cell: str, limits: Range) -> str:
        """The score of the figure in a cell."""
        full = literal(self.target)
        met, past = (">=", "<") if self.better == "high" else ("<=", ">")
        if self.step is not None:
            short = f"{full}-{cell}" if self.better == "high" else f"{cell}-{full}"
            count = f"({short})/{literal(self.step)}"
            if self.steps != "part":
                rounding = "ROUNDDOWN" if self.steps == "down" else "ROUNDUP"
                count = f"{rounding}(ROUND({count},{_GUARD}),0)"
            below = limits.clip_formula(f"{literal(limits.points)}-{literal(self.each)}*{count}")
        else:
            assert self.zero is not None
            share = f"({cell}-{literal(self.zero)})/({full}-{literal(self.zero)})"
            below = f"{literal(limits.least)}+{literal(limits.points - limits.least)}*{share}"
        if self.zero is not None:
            below = f"IF(ROUND({cell},{_GUARD}){past}{literal(self.zero)},{literal(limits.least)},{below})"
        return f"IF(ROUND({cell},{_GUARD}){met}{full},{literal(limits.points)},{below})"

    def full(self, limits: Range) -> Fraction:
        """The figure at which nothing is lost."""
        return self.target


@dataclass(frozen=True)
class Bands:
    """Points by the first band whose limit the value reaches; the last band may have no limit. A value in none gets the least."""

    bands: tuple[tuple[Fraction | None, Fraction], ...]
    better: str

    def _reaches(self, value: Fraction, limit: Fraction | None) -> bool:
        return limit is None or (value >= limit if self.better == "high" else value <= limit)

    def score(self, value: Fraction, limits: Range) -> Fraction:
        """The points of a value."""
        return next((points for limit, points in self.bands if self._reaches(value, limit)), limits.least)

    def words(self, value: Fraction, limits: Range) -> str:
        """The band that the value is in."""
        sign = "≥" if self.better == "high" else "≤"
        for limit, points in self.bands:
            if self._reaches(value, limit):
                where = f"{sign} {limits.figure(limit)}" if limit is not None else say("其余", "the rest")
                return f"{limits.figure(value)}: {where} → {shown(points)}"
        return f"{limits.figure(value)}: {say('不在各档', 'in no band')} → {shown(limits.least)}"

    def formula(self, cell: str, limits: Range) -> str:
        """The score of the figure in a cell."""
        sign = ">=" if self.better == "high" else "<="
        made = literal(limits.least)
        for limit, points in reversed(self.bands):
            here = literal(points)
            made = here if limit is None else f"IF(ROUND({cell},{_GUARD}){sign}{literal(limit)},{here},{made})"
        return made

    def full(self, limits: Range) -> Fraction | None:
        """The figure at which nothing is lost."""
        return next((limit for limit, points in self.bands if points == limits.points), None)


@dataclass(frozen=True)
class AsMarked:
    """The figure is the points: what a person gave."""

    def score(self, value: Fraction, limits: Range) -> Fraction:
        """The mark itself; marks outside the range are refused when they are read."""
        return limits.clip(value)

    def words(self, value: Fraction, limits: Range) -> str:
        """The mark."""
        return say(f"评 {shown(value)} 分", f"marked {shown(value)}")

    def formula(self, cell: str, limits: Range) -> str:
        """The mark in a cell."""
        return limits.clip_formula(cell)

    def full(self, limits: Range) -> Fraction:
        """The figure at which nothing is lost."""
        return limits.points


@dataclass(frozen=True)
class Veto:
    """一票否决: from ``at`` on the total is nothing, or the grade no better than ``grade``."""

    at: Fraction
    grade: str = ""  #: blank: the total is nothing

    def struck(self, value: Fraction) -> bool:
        """Whether the veto holds."""
        return value >= self.at

    def score(self, value: Fraction, limits: Range) -> Fraction:
        """A veto has no points of its own."""
        return Fraction(0)

    def words(self, value: Fraction, limits: Range) -> str:
        """What the veto does."""
        if not self.struck(value):
            return f"{shown(value)} < {shown(self.at)}"
        then = (
            say(f"等次不高于 {self.grade}", f"no better than {self.grade}")
            if self.grade
            else say("总分为 0", "total 0")
        )
        return f"{shown(value)} ≥ {shown(self.at)} → {then}"

    def formula(self, cell: str, limits: Range) -> str:
        """Whether the veto holds, as a condition: it has no points, the total reads it."""
        return f"{cell}>={literal(self.at)}"

    def full(self, limits: Range) -> None:
        """A veto brings no points back."""


Method = Count | Slope | Bands | AsMarked | Veto
