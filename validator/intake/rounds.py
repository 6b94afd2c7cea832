"""Groups sent to hospitals and their answers: rounds of feedback, the share of cases answered in a year, requests for 特例单议.

A round goes out, hospitals answer within the window, the bureau reviews; the last round is final. Who moved a case is recorded.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from validator.intake.calendar import Calendar
from validator.spec.intake import Feedback

#: One row per answer of a hospital to a group; ``round`` from 1; ``by``: who moved the case.
ANSWERS = pl.Schema(
    {
        "hospital": pl.String, "case_id": pl.String, "round": pl.UInt32, "answered": pl.Date, "by": pl.String,
        "words": pl.String, "outcome": pl.String,  # changed, kept; null: not reviewed yet
    }
)  # fmt: skip
#: One row per grouped case.
GROUPED = pl.Schema({"hospital": pl.String, "case_id": pl.String, "period": pl.String, "group": pl.String})
#: Requests that a case be paid by itself (特例单议).
REQUESTS = pl.Schema(
    {"hospital": pl.String, "case_id": pl.String, "reason": pl.String, "asked": pl.Date, "outcome": pl.String}
)
#: :func:`answer_rates` (年度病例反馈率 = cases answered / cases grouped).
RATES = pl.Schema(
    {
        "hospital": pl.String, "year": pl.String, "answered": pl.UInt32, "grouped": pl.UInt32, "share": pl.Float64,
        "late": pl.UInt32,  #: cases answered only after the window; they do not count as answered
        "unknown": pl.UInt32,  #: answers on cases that were not grouped
    }
)  # fmt: skip
#: The largest share of discharges that may be asked to be paid by themselves (医保办发, 2024-07-23), by kind of scheme.
SPECIAL_LIMIT = {"drg": 0.05, "dip": 0.005}


@dataclass(frozen=True)
class FeedbackRound:
    """One round: from when groups are out until when hospitals may answer."""

    number: int
    sent: date
    until: date
    is_final: bool

    def is_open(self, day: date) -> bool:
        """Whether an answer on ``day`` is within the window; both ends count."""
        return self.sent <= day <= self.until


def plan(rule: Feedback, sent: list[date], calendar: Calendar) -> list[FeedbackRound]:
    """The rounds whose groups went out on the days ``sent``; more than the profile has are not taken.

    Raises :class:`~validator.intake.calendar.UnknownYearError` where the window ends in a year whose working days nobody knows.
    """
    return [
        FeedbackRound(number, day, calendar.after(day, rule.days, rule.unit), number == rule.rounds)
        for number, day in enumerate(sent[: rule.rounds], 1)
    ]


def answer_rates(grouped: pl.DataFrame, answers: pl.DataFrame, rounds: list[FeedbackRound]) -> pl.DataFrame:
    """The share of grouped cases that hospitals answered within a window, by hospital and year (:data:`RATES`).

    ``grouped``: :data:`GROUPED`; ``answers``: :data:`ANSWERS`. A case answered several times counts once.
    """
    open_ = pl.lit(False)
    for each in rounds:
        open_ |= (pl.col("round") == each.number) & pl.col("answered").is_between(each.sent, each.until)
    keys = ["hospital", "case_id"]
    once = answers.group_by(keys).agg(in_time=open_.any())
    rows = grouped.unique(keys).with_columns(year=pl.col("period").str.slice(0, 4)).join(once, on=keys, how="left")
    rates = rows.group_by("hospital", "year").agg(
        answered=pl.col("in_time").fill_null(False).sum(), grouped=pl.len(), late=(~pl.col("in_time")).sum()
    )
    unknown = once.join(grouped, on=keys, how="anti").group_by("hospital").agg(unknown=pl.len())
    rates = rates.join(unknown, on="hospital", how="left").with_columns(pl.col("unknown").fill_null(0))
    rates = rates.with_columns(share=pl.when(pl.col("grouped") > 0).then(pl.col("answered") / pl.col("grouped")))
    return rates.select(pl.col(name).cast(kind) for name, kind in RATES.items()).sort("hospital", "year")


def requests(asked: pl.DataFrame, discharges: pl.DataFrame, kind: str) -> pl.DataFrame:
    """How many cases each hospital asks to be paid by themselves, against what the country allows.

    ``asked``: :data:`REQUESTS`; ``discharges``: ``hospital``, ``cases``. Gives ``hospital, asked, cases, share, limit, within``;
    exactly at the limit is within.
    """
    limit = SPECIAL_LIMIT[kind]
    counted = asked.group_by("hospital").agg(asked=pl.col("case_id").n_unique())
    rows = discharges.select("hospital", "cases").join(counted, on="hospital", how="left")
    rows = rows.with_columns(pl.col("asked").fill_null(0), limit=pl.lit(limit))
    share = pl.when(pl.col("cases") > 0).then(pl.col("asked") / pl.col("cases"))
    within = pl.col("asked") <= pl.col("cases") * limit + 1e-9
    return (
        rows.with_columns(share=share, within=within)
        .select("hospital", "asked", "cases", "share", "limit", "within")
        .sort("hospital")
    )
