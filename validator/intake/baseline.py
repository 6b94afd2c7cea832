"""Deliveries against what the ledger holds: the hospital's own months before, and the roll.

Each submission keeps the figures of its lists (:data:`~validator.intake.arrival.FIGURES`) with its frames. A month is the sum over
the submissions that were accepted, so that a list sent twice counts twice in shares and means; how many cases it has is counted
in the ledger, each once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from validator.base.language import say
from validator.intake import arrival
from validator.intake.arrival import Arrival
from validator.intake.calendar import MONTH, Calendar, UnknownYearError, month_end
from validator.intake.ledger import Ledger
from validator.intake.ledger.models import CaseVersion, Submission
from validator.intake.options import Options
from validator.report.common.words import number
from validator.spec.intake import Intake

FILE = "figures.parquet"
Declared = Literal["whole", "part"]


@dataclass(frozen=True)
class MonthArrived:
    """What a delivery brings of the month of a hospital, and how that compares."""

    hospital: str
    period: str
    declared: Declared
    arrival: Arrival
    convention: str  #: of the roll, on refunds
    compared: pl.DataFrame  #: ``arrival.COMPARED``

    @property
    def outside(self) -> pl.DataFrame:
        """Figures outside their limits; how many cases there are says nothing of a part that others follow."""
        found = self.compared.filter(pl.col("state").is_in(["above", "below"]))
        return found.filter(pl.col("figure") != "cases") if self.declared == "part" else found

    @property
    def reason(self) -> str:
        """Why, and by what roll."""
        known = self.convention and self.arrival.expected is not None
        return self.arrival.reason + (say("；", "; ") + self.convention if known else "")

    def as_dict(self) -> dict[str, Any]:
        """For the verdict on a submission; no figure of a person."""
        return {
            "hospital": self.hospital, "period": self.period, "declared": self.declared, "state": self.arrival.state,
            "reason": self.reason, "received": self.arrival.received, "expected": self.arrival.expected,
            "outside": [{**row, "words": words(row)} for row in self.outside.drop("hospital", "period").to_dicts()],
        }  # fmt: skip


def words(row: dict[str, Any]) -> str:
    """``例均费用 3,100.00 元，往月 1,000.00–3,000.00 元``: a figure of ``arrival.COMPARED`` with its limits."""
    value, low, high = (shown(row["figure"], row[name]) for name in ("value", "low", "high"))
    return say(
        f"{arrival.title(row['figure'])} {value}，往月限度 {low} 至 {high}",
        f"{arrival.title(row['figure'])} {value}, limits {low} to {high}",
    )


def shown(figure: str, value: float) -> str:
    """A value of a figure as people read it."""
    if figure == "cases":
        return number(value)
    if figure == "cost":
        return say(f"{value / 100:,.2f} 元", f"{value / 100:,.2f} yuan")
    return f"{100 * value:.1f}%"


@dataclass(frozen=True)
class Baseline:
    """What months are compared with: the ledger as it stands, the roll, and the day on which it is judged."""

    ledger: Ledger
    session: Session
    intake: Intake
    today: date
    roll: Mapping[str, int]  #: as in ``Options``
    convention: str = ""  #: of the roll, on refunds

    def of_delivery(self, cases: pl.DataFrame, figures: pl.DataFrame, options: Options) -> list[MonthArrived]:
        """Each month of a hospital in a delivery that is being judged.

        ``cases``: ``hospital, document, case_id, period``; ``figures``: theirs. A delivery that says it is whole is so for one
        month of a hospital: the one it names, else that of most of its lists.
        """
        lists = cases.filter(pl.col("document") == "list")
        counted = lists.group_by("hospital", "period").len().filter(pl.col("period").str.contains(rf"\A{MONTH}\z"))
        if options.whole and options.period:
            months = lists.select("hospital", period=pl.lit(options.period)).unique()
        elif options.whole:
            months = counted.sort("len", "period").group_by("hospital").last()
        else:
            months = counted
        return [
            self._delivered(hospital, period, lists, figures, whole=options.whole)
            for hospital, period in months.select("hospital", "period").sort("hospital", "period").iter_rows()
        ]

    def _delivered(
        self, hospital: str, period: str, lists: pl.DataFrame, figures: pl.DataFrame, *, whole: bool
    ) -> MonthArrived:
        mine = (pl.col("hospital") == hospital) & (pl.col("period") == period)
        ids, now = lists.filter(mine)["case_id"].unique(), figures.filter(mine)
        if whole:
            return self._judged(hospital, period, now, ids.len(), "whole")
        ids = pl.concat([ids, self._standing(hospital, period)]).unique()
        return self._judged(hospital, period, arrival.add([now, self._kept(hospital, [period])]), ids.len(), "part")

    def of_month(self, hospital: str, period: str) -> MonthArrived:
        """A month as it stands in the ledger."""
        received = self._standing(hospital, period).len()
        return self._judged(hospital, period, self._kept(hospital, [period]), received, "part")

    def _judged(self, hospital: str, period: str, now: pl.DataFrame, received: int, declared: Declared) -> MonthArrived:
        rule = self.intake.expectation
        now = _with_cases(now, {period: received}, hospital)
        compared = arrival.compare(now, self._before(hospital, period), rule.months)
        expected, over = self.roll.get(key(hospital, period)), is_over(period, self.today, self.intake)
        found = arrival.judge(declared, received, expected, compared, rule, over=over)
        return MonthArrived(hospital, period, declared, found, self.convention, compared)

    def _standing(self, hospital: str, period: str) -> pl.Series:
        """The lists of a month that count."""
        wanted = select(CaseVersion.case_id).where(
            *_COUNTS, CaseVersion.hospital == hospital, CaseVersion.period == period
        )
        return pl.Series("case_id", self.session.execute(wanted).scalars().all(), dtype=pl.String)

    def _before(self, hospital: str, period: str) -> pl.DataFrame:
        """The figures of a hospital's last months before one."""
        wanted = select(CaseVersion.period, func.count()).where(
            *_COUNTS, CaseVersion.hospital == hospital, CaseVersion.period < period, CaseVersion.period != ""
        )
        wanted = wanted.group_by(CaseVersion.period).order_by(CaseVersion.period.desc())
        counts = {
            month: int(many) for month, many in self.session.execute(wanted.limit(self.intake.expectation.months))
        }
        return _with_cases(self._kept(hospital, list(counts)), counts, hospital)

    def _kept(self, hospital: str, periods: Sequence[str]) -> pl.DataFrame:
        """The figures that accepted submissions have of months of a hospital."""
        wanted = select(Submission.folder).join(CaseVersion, CaseVersion.submission == Submission.id).distinct()
        wanted = wanted.where(
            CaseVersion.hospital == hospital, CaseVersion.period.in_(periods), Submission.state == "accepted"
        )
        paths = [self.ledger.frames / folder / FILE for folder in self.session.execute(wanted).scalars()]
        own = (pl.col("hospital") == hospital) & pl.col("period").is_in(list(periods))
        kept = [pl.read_parquet(path, memory_map=False, glob=False) for path in sorted(paths) if path.is_file()]
        return arrival.add([each.filter(own) for each in kept])


_COUNTS = (CaseVersion.standing == "current", CaseVersion.document == "list")


def key(hospital: str, period: str) -> str:
    """How a month of a hospital is named where a roll's counts are kept (``Options.roll``)."""
    return f"{hospital} {period}"


def is_over(period: str, today: date, intake: Intake) -> bool:
    """Whether the deadline of a month's last day is over; without one, or in a year that nobody knows, it is not."""
    if intake.deadline is None:
        return False
    last = month_end(date(int(period[:4]), int(period[4:]), 1))
    try:
        return today > Calendar(intake.calendar).deadline(last, intake.deadline)[1]
    except UnknownYearError:
        return False


def _with_cases(figures: pl.DataFrame, counts: Mapping[str, int], hospital: str) -> pl.DataFrame:
    """The figures with these numbers of cases by month."""
    rows = [(hospital, period, "cases", float(many), many, None) for period, many in counts.items()]
    cases = pl.DataFrame(rows, schema=arrival.FIGURES, orient="row")
    return pl.concat([figures.filter(pl.col("figure") != "cases"), cases])


def metrics(found: Sequence[MonthArrived]) -> dict[str, tuple[int, int]]:
    """Figures for the gate: how much of the roll is there, and how many figures lie outside their limits."""
    known = [each.arrival for each in found if each.arrival.expected is not None]
    judged = sum(each.compared.filter(pl.col("state") != "unjudged").height for each in found)
    figures = {"unusual_figures": (sum(each.outside.height for each in found), judged)} if judged else {}
    if known:
        figures["arrival_share"] = (sum(each.received for each in known), sum(each.expected or 0 for each in known))
    return figures
