"""The page of the grouping-rate report, in one file. Template in ``reports/grouping``; the charts are drawn by it."""

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment

from validator.base.language import say
from validator.base.text_width import clip
from validator.grouping.report import GroupingReport, names, view
from validator.report.common.templates import environment, write_page
from validator.report.common.words import number

_MOST_CASES, _MOST_PEOPLE, _MOST_BARS, _MOST_GROUPS = 100, 50, 12, 6


def write(report: GroupingReport, path: Path) -> Path:
    """Write the page; gives its path."""
    return write_page(_environment(), "report", path, **_context(report))


@cache
def _environment() -> Environment:
    made = environment("grouping", "grouping/grouping.css")
    made.globals |= {
        "percent": view.percent, "points": view.points, "titles": names.TITLES,
        "most_people": _MOST_PEOPLE, "most_groups": _MOST_GROUPS,
    }  # fmt: skip
    return made


def _context(report: GroupingReport) -> dict[str, Any]:
    causes = view.causes(report)
    return {
        "report": report,
        "rate": report.rate,
        "lost": report.rate.ambiguous + report.rate.failed,
        "notes": view.notes(report),
        "causes": causes,
        "excluded": view.excluded(report),
        "best": view.best(report),
        "blocking": view.blocking(report),
        "groups": view.groups(report),
        "pareto": pareto(causes),
        "waterfall": waterfall(report, causes),
        "cases": _cases(report),
        "doubts": view.kinds_of_doubts(report),
        "doubtful": view.doubts(report, report.doubts.head(_MOST_CASES)),
    }


def _cases(report: GroupingReport) -> list[dict[str, Any]]:
    """The first cases that a correction would group."""
    chosen = report.corrections["case"].unique(maintain_order=True).head(_MOST_CASES)
    rows = view.corrections(report, report.corrections.filter(pl.col("case").is_in(chosen.implode())))
    cases: dict[int, dict[str, Any]] = {}
    for correction in rows:
        cases.setdefault(
            correction["case"], {**{key: correction[key] for key in ("case_id", *names.PEOPLE)}, "corrections": []}
        )["corrections"].append(correction)
    return list(cases.values())


_LEFT, _RIGHT, _WIDE, _STEP, _TOP = 270, 130, 1000, 30, 34


def pareto(causes: list[dict[str, Any]]) -> dict[str, Any]:
    """Where bars (correctable and other cases) and the line of the cumulative share go, in pixels."""
    room = _WIDE - _LEFT - _RIGHT
    most = max((cause["cases"] for cause in causes), default=1)
    bars = [
        {
            **cause,
            "short": clip(cause["title"], 36),
            "middle": _TOP + _STEP * place + _STEP // 2,
            "corrected": round(0.9 * room * cause["correctable"] / most, 1),
            "rest": round(0.9 * room * (cause["cases"] - cause["correctable"]) / most, 1),
            "x": round(_LEFT + room * cause["sofar"], 1),
        }
        for place, cause in enumerate(causes[:_MOST_BARS])
    ]
    ticks = [{"x": _LEFT + room * share // 100, "text": f"{share}%"} for share in (0, 25, 50, 75, 100)]
    return _size(len(bars)) | {"bars": bars, "ticks": ticks}


def waterfall(report: GroupingReport, causes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the steps of the chart from the present rate, cause by cause, to the rate after all corrections."""
    now, after = report.rate.now, report.rate.after
    if now is None or after is None or not report.rate.correctable:
        return _size(0) | {"bars": [], "ticks": [], "floor": 0.0}
    floor = _floor(now)
    span = (_WIDE - _LEFT - _RIGHT) / (1 - floor)

    def bar(name: str, begin: float, end: float, style: str, text: str) -> dict[str, Any]:
        left, right = (round(_LEFT + span * (each - floor), 1) for each in (max(begin, floor), end))
        return {
            "short": clip(name, 36),
            "left": left,
            "length": max(round(right - left, 1), 1.0),
            "style": style,
            "text": text,
        }

    bars = [bar(say("现在", "Now"), floor, now, "now", view.percent(now))]
    reached, shown = report.rate.grouped, [cause for cause in causes if cause["correctable"]]
    steps = [(cause["title"], cause["correctable"]) for cause in shown[: _MOST_BARS - 1]]
    if rest := sum(cause["correctable"] for cause in shown[_MOST_BARS - 1 :]):
        steps.append((say("其他原因", "other causes"), rest))
    for title, count in steps:
        begin, end = report.rate.share(reached) or 0.0, report.rate.share(reached + count) or 0.0
        bars.append(
            bar(
                title,
                begin,
                end,
                "gain",
                say(
                    f"+{view.points(end - begin)}（{number(count)} 份）",
                    f"+{view.points(end - begin)} ({number(count)})",
                ),
            )
        )
        reached += count
    bars.append(bar(say("改后", "After"), floor, after, "after", view.percent(after)))
    for place, each in enumerate(bars):
        each["middle"] = _TOP + _STEP * place + _STEP // 2
    parts = [floor + (1 - floor) * part / 4 for part in range(5)]
    ticks = [{"x": round(_LEFT + span * (at - floor), 1), "text": view.percent(at, 1)} for at in parts]
    return _size(len(bars)) | {"bars": bars, "ticks": ticks, "floor": floor}


def _floor(now: float) -> float:
    """Where the scale begins: as far below the rate now as that is below 100 %, on a round number."""
    for width in (0.02, 0.04, 0.1, 0.2, 0.4):
        if now > 1 - width * 0.75:
            return 1 - width
    return 0.0


def _size(bars: int) -> dict[str, Any]:
    return {"wide": _WIDE, "high": _TOP + _STEP * bars + 6, "top": _TOP, "left": _LEFT}
