"""How a month stands: what of it is there, what is late, missing or sent again, by hospital."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from validator.base.language import say
from validator.intake import baseline, months, views
from validator.intake.arrival import STATES
from validator.intake.ledger import Ledger
from validator.intake.ledger.models import CaseVersion, Submission
from validator.spec.intake import Intake

#: Columns of :func:`of_month` in words.
TITLES: dict[str, tuple[str, str]] = {
    "expected": ("应有", "Expected"), "arrival": ("到货", "Arrival"), "late_by_first": ("迟交（首次上报）", "Late (first)"),
    "late_by_accepted": ("迟交（首次收下）", "Late (accepted)"), "missing": ("未交", "Missing"), "sent_again": ("再次上报", "Sent again"),
    "outside": ("与往月不同", "Unlike before"),
}  # fmt: skip


def of_month(
    ledger: Ledger, session: Session, period: str, hospital: str, intake: Intake, today: date, roll_file: Path | None
) -> list[dict[str, Any]]:
    """The figures of a month (``views.months``), and :data:`TITLES` of each hospital; those of the roll that sent nothing too.

    ``expected`` is null without a roll; nothing is late or missing where the profile sets no deadline.
    """
    rows = {row["hospital"]: row for row in views.months(session, period, hospital)}
    month = months.against_roll(session, period, intake, today, roll_file, hospital)
    wanted = {baseline.key(who, period): many for who, many in month.wanted.items()}
    known = baseline.Baseline(ledger, session, intake, today, wanted, month.convention)
    arrived = [known.of_month(who, period) for who in sorted(rows.keys() | month.wanted)]
    late = {
        name: (pl.col(name.removeprefix("late_")) == "late").sum() for name in ("late_by_first", "late_by_accepted")
    }
    timely = month.timeliness.group_by("hospital").agg(
        **late, missing=(pl.col("by_first") == "missing").sum(), sent_again=pl.col("sent_again").sum()
    )
    of_time = {row.pop("hospital"): row for row in timely.to_dicts()}
    nothing = dict.fromkeys((*views.COUNTED, "cases", "open", "justified", *late, "missing", "sent_again"), 0)
    return [
        {"period": period, **nothing, **rows.get(each.hospital, {"hospital": each.hospital, "frozen": ""}),
         **of_time.get(each.hospital, {}), "expected": each.arrival.expected, "arrival": str(STATES[each.arrival.state]),
         "outside": each.outside.height}
        for each in arrived
    ]  # fmt: skip


def held(session: Session) -> list[str]:
    """Deliveries that are held and have not come again since, in words."""
    own, later = aliased(CaseVersion), aliased(CaseVersion)
    again = exists().where(
        later.hospital == own.hospital,
        later.document == own.document,
        later.case_id == own.case_id,
        later.number > own.number,
    )
    waits = exists().where(own.submission == Submission.id, ~again)
    found = session.execute(
        select(Submission).where(Submission.state == "held", waits).order_by(Submission.id)
    ).scalars()
    zh, en = "第 {} 批挂起待补：{} {}，{} 份", "submission {} is held: {} {}, {} cases"
    return [say(zh, en).format(each.id, each.hospital, each.period, each.cases) for each in found]
