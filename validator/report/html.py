"""A web page in one file: opens offline, prints, reads without scripts. Template and style are in ``reports/html``.

The chart is drawn by the template: importing a chart library and drawing its first picture took 1.8 s where this was
built, and 88 MB of disk, for bars and a line.
"""

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment

from validator.base import files
from validator.base.language import say
from validator.base.text_width import clip
from validator.report.common import digest
from validator.report.common.templates import environment
from validator.report.common.view import ReportView
from validator.report.common.words import DISPOSITIONS, LEVELS, field_name, kind, place, share, to_do

EXTENSION = ".html"
_MOST_CASES, _MOST_FINDINGS, _MOST_PEOPLE, _MOST_BARS = 200, 30, 50, 15


def write(report: ReportView, path: Path) -> Path:
    page = _environment().get_template("report.html.jinja").render(_context(report))
    with files.replacing(path) as scratch:
        scratch.write_text(page, encoding="utf-8", newline="\n")
    return path


@cache
def _environment() -> Environment:
    made = environment("html")
    made.globals |= {
        "share": share, "place": place, "kind": kind, "field_name": field_name, "levels": LEVELS,
        "dispositions": DISPOSITIONS, "why": digest.why_unjudged, "most_findings": _MOST_FINDINGS, "to_do": to_do,
    }  # fmt: skip
    return made


def _context(report: ReportView) -> dict[str, Any]:
    totals = digest.digest(report)
    department = pl.coalesce("department_name", "department").alias("name")
    return {
        "report": report,
        "layouts": report.cases["layout"].unique().sort().to_list(),
        "totals": totals,
        "stray": digest.of_no_case(report, _MOST_CASES),
        "steps": digest.next_steps(totals),
        "pareto": pareto(totals.causes),
        "groups": _groups(totals.causes.to_dicts()),
        "departments": _people(report, department),
        "physicians": _people(report, pl.col("physician").alias("name")),
        "cases": _cases(report),
        "faulty": report.cases.filter(pl.any_horizontal(pl.col("errors", "warnings", "infos") > 0)).height,
        "outcomes": report.outcomes.to_dicts(),
    }


def _groups(causes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Causes by what to do next."""
    blocking = any(each["blocks"] and each["level"] == "error" for each in causes)
    titles = (
        ("error", True, say("先改：不改不能入组的错误", "First: errors that keep a case from being grouped")),
        (
            "error",
            False,
            say("再改：其他错误", "Then: other errors") if blocking else say("先改：错误", "First: errors"),
        ),
        ("warning", None, say("核对：警告，属实的不必改", "Look at: warnings; what is true may stay")),
        ("info", None, say("知道即可：提示", "Know: hints")),
    )
    groups = [
        {
            "level": level,
            "title": title,
            "causes": [each for each in causes if each["level"] == level and blocks in (None, each["blocks"])],
        }
        for level, blocks, title in titles
    ]
    return [group for group in groups if group["causes"]]


def _people(report: ReportView, name: pl.Expr) -> dict[str, Any]:
    groups = digest.by_group(report, name)
    return {"total": groups.height, "rows": groups.head(_MOST_PEOPLE).to_dicts()}


def _cases(report: ReportView) -> list[dict[str, Any]]:
    worst = digest.worst(report, _MOST_CASES).to_dicts()
    findings = digest.of_cases(report, [case["case_id"] for case in worst], _MOST_FINDINGS)
    return [case | {"findings": findings[case["case_id"]]} for case in worst]


def pareto(causes: pl.DataFrame) -> dict[str, Any]:
    """Return the positions of the chart's bars, line and scale in pixels; no bars where no cause stands out."""
    wide, left, right, top, step = 1000, 330, 90, 34, 27
    counted = causes.filter(pl.col("level") != "info").sort("findings", descending=True, maintain_order=True)
    counts: list[int] = counted["findings"].to_list()
    total, most = sum(counts), max(counts, default=1)
    room, sofar, bars = wide - left - right, 0, []
    for place_, cause in enumerate(counted.head(_MOST_BARS if most > 1 else 0).iter_rows(named=True)):
        sofar += cause["findings"]
        bars.append(
            {
                **{key: cause[key] for key in ("check", "level", "title", "findings")},
                "short": clip(cause["title"], 44),
                "middle": top + step * place_ + step // 2,
                "length": round(max(2.0, 0.9 * room * cause["findings"] / most), 1),
                "x": round(left + room * sofar / total, 1),
                "cumulative": share(sofar, total),
            }
        )
    ticks = [{"x": left + room * percent // 100, "text": f"{percent}%"} for percent in (0, 25, 50, 75, 100)]
    size = {"wide": wide, "high": top + step * len(bars) + 6, "top": top, "left": left}
    return size | {"bars": bars, "ticks": ticks, "total": total, "checks": counted.height}
