"""A web page in one file: opens offline, prints, reads without scripts. Template and style are in ``reports/html``."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment

from validator.base.language import say
from validator.report.common import digest, excess, words
from validator.report.common.causes import Tier
from validator.report.common.steps import next_steps
from validator.report.common.templates import environment, write_page
from validator.report.common.view import ReportView
from validator.report.common.words import DISPOSITIONS, LEVELS, RANK, field_name, kind, place, share, to_do, who

EXTENSION = ".html"
#: A browser still opens so many cases in a moment; the gravest come first.
_MOST_CASES = 5_000
_MOST_FINDINGS, _MOST_PEOPLE, _MOST_BARS = 30, 50, 12
_OPEN = 10  #: checks of a tier, and people, that are shown; the rest is folded


def write(report: ReportView, path: Path) -> Path:
    return write_page(_environment(), "report", path, **_context(report))


@cache
def _environment() -> Environment:
    made = environment("html")
    made.globals |= {
        "share": share, "place": place, "kind": kind, "field_name": field_name, "levels": LEVELS, "who": who,
        "dispositions": DISPOSITIONS, "why_unjudged": digest.why_unjudged, "most_findings": _MOST_FINDINGS,
        "to_do": to_do, "joined": words.joined, "why": words.why, "basis": words.basis, "shown": _OPEN,
        "excess_heads": excess.HEADS, "excess_note": excess.NOTE, "units": excess.units, "yuan": excess.yuan, "most_sums": _MOST_PEOPLE,
    }  # fmt: skip
    return made


def _context(report: ReportView) -> dict[str, Any]:
    totals = digest.digest(report)
    department = pl.coalesce("department_name", "department").alias("name")
    people = (
        (say("出院科室", "Departments"), say("科室", "Department"), department),
        (say("主诊医师", "Physicians"), say("医师", "Physician"), pl.col("physician").alias("name")),
        (say("编码员", "Coders"), say("编码员", "Coder"), pl.col("coder").alias("name")),
    )
    return {
        "report": report,
        "layouts": report.layouts,
        "totals": totals,
        "steps": next_steps(totals),
        "chart": bars(totals.tiers),
        "excess": excess.of_report(report),
        "people": [(title, label, _people(report, name)) for title, label, name in people],
        "cases": _cases(report, [each.check for each in totals.whole]),
        "faulty": sum(1 for _ in report.case_rows(faulty=True)),
        "outcomes": sorted(report.outcome_rows, key=_by_outcome),
    }


def _by_outcome(check: Mapping[str, Any]) -> tuple[bool, int, int]:
    """What failed first, by level; then what could not be judged or did not run; what passed last."""
    return not check["failed"], RANK[check["level"]] if check["failed"] else 0, -(check["unjudged"] or 0)


def _people(report: ReportView, name: pl.Expr) -> dict[str, Any]:
    groups = digest.by_group(report, name)
    return {"total": groups.height, "rows": groups.head(_MOST_PEOPLE).to_dicts()}


def _cases(report: ReportView, whole: list[str]) -> list[dict[str, Any]]:
    """The cases with findings, gravest first; what whole columns have in common is not repeated in each."""
    worst = digest.worst(report, _MOST_CASES)
    findings = digest.of_cases(report, [case["case_id"] for case in worst], _MOST_FINDINGS, without=whole)
    return [case | {"findings": findings[case["case_id"]]} for case in worst]


def bars(tiers: list[Tier]) -> dict[str, Any]:
    """The checks with most findings in single cases, with the axis of their counts; none where no check stands out."""
    causes = [cause for tier in tiers if tier.level != "info" for cause in tier.causes]
    most = max((cause["findings"] for cause in causes), default=0)
    step = _step(most)
    top = -(-most // step) * step
    shown = sorted(causes, key=lambda cause: (-cause["findings"], cause["check"]))[: _MOST_BARS if most > 1 else 0]
    return {
        "bars": [cause | {"percent": round(100 * cause["findings"] / top, 2)} for cause in shown],
        "ticks": [{"at": round(100 * tick / top, 2), "count": tick} for tick in range(0, top + 1, step)] if top else [],
        "checks": len(causes),
    }


def _step(most: int) -> int:
    """The distance of ticks, 1, 2 or 5 times a power of ten, so that there are at most five of them."""
    scale = 1
    while True:
        for step in (scale, 2 * scale, 5 * scale):
            if most <= 5 * step:
                return step
        scale *= 10
