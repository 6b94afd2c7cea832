"""Groups sent to hospitals and their answers: rounds of feedback, the share of cases answered in a year, requests for 特例单议.

A round goes out, hospitals answer within the window, the bureau reviews; the last round is final. Who moved a case is recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from validator.intake.calendar import Calendar
from validator.spec.intake import Feedback

#: One row per case that a round sent; ``group`` null: it has none; ``closed``: its list was withdrawn since.
SENT = pl.Schema(
    {"hospital": pl.String, "case_id": pl.String, "period": pl.String, "group": pl.String, "closed": pl.Boolean}
)
#: One row per answer of a hospital to a group; ``round`` from 1 within the period; ``by``: who answered.
ANSWERS = pl.Schema(
    {
        "hospital": pl.String, "case_id": pl.String, "period": pl.String, "round": pl.UInt32, "answered": pl.Date,
        "by": pl.String, "words": pl.String, "outcome": pl.String,  # changed, kept; null: not reviewed yet
    }
)  # fmt: skip
#: Requests that a case be paid by itself (特例单议); ``outcome``: granted, refused; null: not decided yet.
REQUESTS = pl.Schema(
    {"hospital": pl.String, "case_id": pl.String, "reason": pl.String, "asked": pl.Date, "outcome": pl.String}
)
#: What the bureau makes of answers and of requests, in words.
OUTCOMES: dict[str, tuple[str, str]] = {
    "changed": ("调整", "changed"), "kept": ("维持", "kept"), "granted": ("同意", "granted"), "refused": ("不同意", "refused"),
}  # fmt: skip
#: :func:`answer_rates` (年度病例反馈率 = cases answered / cases grouped).
RATES = pl.Schema(
    {
        "hospital": pl.String, "year": pl.String, "answered": pl.UInt32, "grouped": pl.UInt32, "share": pl.Float64,
        "late": pl.UInt32,  #: cases answered only after the window; they do not count as answered
        "ungrouped": pl.UInt32,  #: cases sent without a group; they are not in the denominator
        "closed": pl.UInt32,  #: cases whose list was withdrawn since; neither are they
        "unknown": pl.UInt32,  #: cases answered that are not in the denominator
    }
)  # fmt: skip
#: :func:`requests`.
SHARES = pl.Schema(
    {
        "hospital": pl.String, "asked": pl.UInt32, "granted": pl.UInt32, "cases": pl.UInt32, "share": pl.Float64,
        "limit": pl.Float64, "within": pl.Boolean,
    }
)  # fmt: skip
#: The largest share of discharges that may be asked to be paid by themselves (医保办发, 2024-07-23), by kind of scheme.
SPECIAL_LIMIT = {"drg": 0.05, "dip": 0.005}


@dataclass(frozen=True)
class FeedbackRound:
    """One round: from when groups are out until when hospitals may answer."""

    period: str  #: yyyymm
    number: int
    sent: date
    until: date
    is_final: bool

    def is_open(self, day: date) -> bool:
        """Whether an answer on ``day`` is within the window; both ends count."""
        return self.sent <= day <= self.until


def plan(rule: Feedback, period: str, sent: Sequence[date], calendar: Calendar) -> list[FeedbackRound]:
    """The rounds of a period whose groups went out on the days ``sent``; more than the profile has are not taken.

    Raises :class:`~validator.intake.calendar.UnknownYearError` where the window ends in a year whose working days nobody knows.
    """
    return [
        FeedbackRound(period, number, day, calendar.after(day, rule.days, rule.unit), number == rule.rounds)
        for number, day in enumerate(sent[: rule.rounds], 1)
    ]


def answered(sent: pl.DataFrame, answers: pl.DataFrame, rounds: Sequence[FeedbackRound]) -> pl.DataFrame:
    """Each case that was sent, once: :data:`SENT` with ``counts`` (it has a group and its list is not withdrawn) and ``in_time``
    (whether an answer came within a window; null: none came).

    ``sent``: :data:`SENT`, of a case sent several times the last row counts; ``answers``: :data:`ANSWERS`.
    """
    open_ = pl.lit(False)
    for each in rounds:
        own = (pl.col("period") == each.period) & (pl.col("round") == each.number)
        open_ |= own & pl.col("answered").is_between(each.sent, each.until)
    keys = ["hospital", "case_id"]
    once = answers.group_by(keys).agg(in_time=open_.any())
    rows = sent.unique(keys, keep="last", maintain_order=True)
    counts = ~pl.col("closed") & pl.col("group").is_not_null()
    return rows.with_columns(counts=counts).join(once, on=keys, how="left", maintain_order="left")


def answer_rates(sent: pl.DataFrame, answers: pl.DataFrame, rounds: Sequence[FeedbackRound]) -> pl.DataFrame:
    """The share of grouped cases that hospitals answered within a window, by hospital and year (:data:`RATES`).

    Arguments as for :func:`answered`. A case answered several times counts once.
    """
    keys = ["hospital", "case_id"]
    rows = answered(sent, answers, rounds).with_columns(year=pl.col("period").str.slice(0, 4))
    rates = rows.group_by("hospital", "year").agg(
        answered=(pl.col("counts") & pl.col("in_time").fill_null(False)).sum(),
        grouped=pl.col("counts").sum(),
        late=(pl.col("counts") & ~pl.col("in_time")).sum(),
        ungrouped=(~pl.col("closed") & pl.col("group").is_null()).sum(),
        closed=pl.col("closed").sum(),
        unknown=(~pl.col("counts") & pl.col("in_time").is_not_null()).sum(),
    )
    once = answers.select(keys).unique()
    never = once.join(rows, on=keys, how="anti").group_by("hospital").agg(never=pl.len())
    rates = rates.join(never, on="hospital", how="left").with_columns(
        unknown=pl.col("unknown") + pl.col("never").fill_null(0),
        share=pl.when(pl.col("grouped") > 0).then(pl.col("answered") / pl.col("grouped")),
    )
    return rates.select(pl.col(name).cast(kind) for name, kind in RATES.items()).sort("hospital", "year")


def requests(asked: pl.DataFrame, discharges: pl.DataFrame, kind: str) -> pl.DataFrame:
    """How many cases each hospital asks to be paid by themselves, against what the country allows (:data:`SHARES`).

    ``asked``: :data:`REQUESTS`; ``discharges``: ``hospital``, ``cases``. Exactly at the limit is within.
    """
    limit = SPECIAL_LIMIT[kind]
    counted = asked.group_by("hospital").agg(
        asked=pl.col("case_id").n_unique(), granted=(pl.col("outcome") == "granted").sum()
    )
    rows = discharges.select("hospital", "cases").join(counted, on="hospital", how="left")
    rows = rows.with_columns(pl.col("asked", "granted").fill_null(0), limit=pl.lit(limit))
    share = pl.when(pl.col("cases") > 0).then(pl.col("asked") / pl.col("cases"))
    within = pl.col("asked") <= pl.col("cases") * limit + 1e-9
    rows = rows.with_columns(share=share, within=within)
    return rows.select(pl.col(name).cast(kind) for name, kind in SHARES.items()).sort("hospital")
