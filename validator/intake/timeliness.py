"""Whether lists came in time: late, missing, sent again, on time; by case, and by hospital and month.

A list counts by its first version or by the first one that was accepted; the profile says which (``deadline.counts``), and both
readings are always shown. What was never delivered is not on time: it is missing as soon as its deadline (with grace) is over.
"""

from datetime import date

import polars as pl

from validator.base.language import say
from validator.intake.calendar import Calendar, UnknownYearError
from validator.spec.intake import Deadline, Intake

#: One row per settlement that should have its list.
EXPECTED = pl.Schema(
    {"hospital": pl.String, "case_id": pl.String, "settled": pl.Date, "discharged": pl.Date}
)  # null: not known
_TIME = pl.Datetime("us")
#: One row per version of a list that was delivered; ``accepted``: when that version was, null where it was not.
DELIVERED = pl.Schema([("hospital", pl.String), ("case_id", pl.String), ("delivered", _TIME), ("accepted", _TIME)])
#: What became of a list, worst last; words for people. ``pending``: its deadline is not over yet.
STATES: dict[str, tuple[str, str]] = {
    "on_time": ("按时", "on time"),
    "pending": ("未到期", "deadline not over"),
    "late": ("迟交", "late"),
    "not_accepted": ("已交未收", "delivered, none accepted"),
    "missing": ("未交", "missing"),
    "unjudged": ("无法判定", "cannot be judged"),
}
#: States that count as not in time; with ``on_time`` they are the denominator.
FAILED = ("late", "not_accepted", "missing")
#: :func:`of_cases`.
CASES = pl.Schema(
    {
        "hospital": pl.String, "case_id": pl.String,
        "month": pl.String,  #: of the anchor day, 202601; null where that is not known
        "deadline": pl.Date, "until": pl.Date,  #: the last day in time, without and with the grace
        "first": pl.Date, "accepted": pl.Date,  #: days of the first version and of the first one accepted
        "versions": pl.UInt32,
        "by_first": pl.String, "by_accepted": pl.String,  #: :data:`STATES` by either reading
        "state": pl.String,  #: the one that the profile counts
        "in_grace": pl.Boolean,  #: on time only thanks to the grace
        "sent_again": pl.Boolean,
        "reason": pl.String,  #: why it cannot be judged
    }
)  # fmt: skip
#: :func:`of_months`. ``numerator`` / ``denominator`` is the share in time; ``pending`` and ``unjudged`` stand outside.
MONTHS = pl.Schema(
    {
        "hospital": pl.String, "month": pl.String, "cases": pl.UInt32,
        **dict.fromkeys(STATES, pl.UInt32), "sent_again": pl.UInt32, "in_grace": pl.UInt32,
        "numerator": pl.UInt32, "denominator": pl.UInt32, "share": pl.Float64,
        "share_by_first": pl.Float64, "share_by_accepted": pl.Float64,
    }
)  # fmt: skip
_ZONE = "Asia/Shanghai"


def of_cases(expected: pl.DataFrame, delivered: pl.DataFrame, intake: Intake, today: date) -> pl.DataFrame:
    """What became of each expected list up to ``today``, which counts: columns of :data:`CASES`, in the order of ``expected``.

    ``expected``: :data:`EXPECTED`; ``delivered``: :data:`DELIVERED`. Times are the bureau's own; those with a zone are
    turned into China's. Without a deadline in the profile nothing can be judged.
    """
    versions = delivered.group_by("hospital", "case_id").agg(
        first=_day(delivered, "delivered").min(), accepted=_day(delivered, "accepted").min(), versions=pl.len()
    )
    keys = ["hospital", "case_id"]
    rows = expected.join(versions, on=keys, how="left", maintain_order="left", nulls_equal=True)
    rows = rows.with_columns(pl.col("versions").fill_null(0))
    rule = intake.deadline
    if rule is None:
        limits = pl.DataFrame(schema=_LIMITS)
        rows = rows.with_columns(anchor=pl.lit(None, pl.Date))
        reason = say("方案没有写上报期限（intake.deadline）", "the profile sets no deadline (intake.deadline)")
    else:
        rows = rows.with_columns(anchor="settled" if rule.anchor.startswith("settlement") else "discharged")
        limits = _limits(rows["anchor"], rule, Calendar(intake.calendar))
        settled = rule.anchor.startswith("settlement")
        reason = say("没有结算日期", "no day of settlement") if settled else say("没有出院日期", "no day of discharge")
    rows = rows.join(limits, on="anchor", how="left", maintain_order="left")
    over = pl.lit(today) > pl.col("until")
    nothing = pl.when(over).then(pl.lit("missing")).otherwise(pl.lit("pending"))
    waiting = pl.when(over).then(pl.lit("not_accepted")).otherwise(pl.lit("pending"))
    rows = rows.with_columns(
        month=pl.col("anchor").dt.strftime("%Y%m"),
        reason=pl.when(pl.col("until").is_null()).then(pl.coalesce("why", pl.lit(reason))),
        by_first=_state("first", nothing),
        by_accepted=_state("accepted", pl.when(pl.col("versions") > 0).then(waiting).otherwise(nothing)),
        sent_again=pl.col("versions") > 1,
    )
    counted = rule.counts if rule else "first"
    return rows.with_columns(
        state=f"by_{counted}",
        in_grace=(pl.col(f"by_{counted}") == "on_time") & (pl.col(counted) > pl.col("deadline")).fill_null(False),
    ).select(pl.col(name).cast(kind) for name, kind in CASES.items())


_LIMITS = {"anchor": pl.Date, "deadline": pl.Date, "until": pl.Date, "why": pl.String}


def deadlines(cases: pl.DataFrame, intake: Intake) -> pl.Series:
    """Until when each case (``settled``, ``discharged``) is to be delivered, grace included; null where that is not known."""
    rule = intake.deadline
    if rule is None:
        return pl.Series([None] * cases.height, dtype=pl.Date)
    anchor = "settled" if rule.anchor.startswith("settlement") else "discharged"
    limits = _limits(cases[anchor], rule, Calendar(intake.calendar))
    rows = cases.select(anchor=anchor).join(limits, on="anchor", how="left", maintain_order="left")
    return rows["until"]


def _day(frame: pl.DataFrame, name: str) -> pl.Expr:
    """The day of a time, in China's zone where it has one."""
    kind = frame.schema[name]
    column = pl.col(name)
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        column = column.dt.convert_time_zone(_ZONE)
    return column.dt.date()


def _limits(anchors: pl.Series, rule: Deadline, calendar: Calendar) -> pl.DataFrame:
    """The deadline of each distinct anchor day; ``why`` there is none."""
    rows = list[tuple[date, date | None, date | None, str | None]]()
    for anchor in anchors.unique().drop_nulls():
        try:
            rows.append((anchor, *calendar.deadline(anchor, rule), None))
        except UnknownYearError as error:
            year = error.year
            zh = f"{year} 年的工作日还不知道，请写进方案（intake.calendar）"
            rows.append(
                (
                    anchor,
                    None,
                    None,
                    say(zh, f"the working days of {year} are not known; put them into the profile (intake.calendar)"),
                )
            )
    return pl.DataFrame(rows, schema=_LIMITS, orient="row")


def _state(day: str, without: pl.Expr) -> pl.Expr:
    """The state by one reading; ``without``: where there is no such version."""
    in_time = pl.when(pl.col(day) <= pl.col("until")).then(pl.lit("on_time")).otherwise(pl.lit("late"))
    known = pl.when(pl.col(day).is_null()).then(without).otherwise(in_time)
    return pl.when(pl.col("until").is_null()).then(pl.lit("unjudged")).otherwise(known)


def of_months(cases: pl.DataFrame) -> pl.DataFrame:
    """Timeliness by hospital and month (:data:`MONTHS`), from :func:`of_cases`; cases without a known day have a null month."""
    shares = {name: _share(f"by_{name}") for name in ("first", "accepted")}
    found = cases.group_by("hospital", "month").agg(
        pl.len().alias("cases"),
        *((pl.col("state") == state).sum().alias(state) for state in STATES),
        pl.col("sent_again", "in_grace").sum(),
        numerator=(pl.col("state") == "on_time").sum(),
        denominator=pl.col("state").is_in(["on_time", *FAILED]).sum(),
        share=_share("state"),
        share_by_first=shares["first"],
        share_by_accepted=shares["accepted"],
    )
    return found.sort("hospital", "month", nulls_last=True).select(
        pl.col(name).cast(kind) for name, kind in MONTHS.items()
    )


def _share(column: str) -> pl.Expr:
    """The share in time of what can be judged and is over; null where there is none."""
    in_time, all_over = (pl.col(column) == "on_time").sum(), pl.col(column).is_in(["on_time", *FAILED]).sum()
    return pl.when(all_over > 0).then(in_time / all_over)
