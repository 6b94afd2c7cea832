"""The pages of the intake, each in one file that opens offline and prints. Templates and style are in ``reports/intake``."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from jinja2 import Environment

from validator.base.language import say
from validator.intake import arrival, receipts, roll, timeliness
from validator.intake.rounds import OUTCOMES
from validator.report.common.templates import environment, write_page
from validator.report.common.words import DISPOSITIONS, LEVELS, field_name, share, to_do

if TYPE_CHECKING:
    from validator.intake.notice import Notice

#: Cases, and findings of one case, that a page shows; all are in the workbook.
MOST_CASES, MOST_FINDINGS = 500, 20


def write(name: str, path: Path, **context: Any) -> Path:
    """Write the page ``name`` (a template of ``reports/intake``); gives its path."""
    return write_page(_environment(), name, path, **context)


def yuan(fen: int | None) -> str:
    """``1,234.50``; a dash where the amount is not known."""
    return "—" if fen is None else f"{fen / 100:,.2f}"


def month(period: str | None) -> str:
    """``2026年3月``; blank where there is none."""
    if not period or len(period) != len("yyyymm"):
        return period or ""
    return say(f"{period[:4]}年{int(period[4:])}月", f"{period[:4]}-{period[4:]}")


def percent(value: float | None) -> str:
    """``98.5%``; a share that is not whole never reads ``100%``."""
    if value is None:
        return "—"
    return "99.9%" if value < 1 and round(100 * value, 1) == 100 else f"{100 * value:.1f}%"


def lacking(notice: "Notice") -> list[tuple[object, ...]]:
    """The first rows in which roll and lists differ."""
    return [
        (row["case_id"], row["words"], row["settled"], yuan(row["roll_fen"]), yuan(row["list_fen"]))
        for row in notice.lacking[:MOST_CASES]
    ]


def rounds(notice: "Notice") -> list[tuple[object, ...]]:
    """The rounds of feedback in words."""
    kinds = {False: say("初步", "preliminary"), True: say("最终", "final")}
    return [(each.number, kinds[each.is_final], each.sent, each.until) for each in notice.month.rounds]


def requested(requests: pl.DataFrame) -> list[tuple[str | date | None, ...]]:
    """Requests to be paid by themselves, the outcome in words."""
    return [
        (case, asked, reason, outcome and say(*OUTCOMES[outcome]))
        for case, asked, reason, outcome in requests.select("case_id", "asked", "reason", "outcome").iter_rows()
    ]


@cache
def _environment() -> Environment:
    made = environment("intake", "intake/intake.css")
    made.globals |= {
        "share": share, "percent": percent, "yuan": yuan, "month": month, "field_name": field_name, "to_do": to_do,
        "levels": LEVELS, "dispositions": DISPOSITIONS, "states": receipts.STATES, "timely": timeliness.STATES,
        "roll_states": roll.STATES, "figure": arrival.title, "arrivals": arrival.STATES, "lacking": lacking, "rounds": rounds,
        "requested": requested,
        "most_cases": MOST_CASES, "most_findings": MOST_FINDINGS,
    }  # fmt: skip
    return made
