"""What the gate knows of a batch: figures with numerator and denominator, listed in ``schemas/gates/metrics.csv``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import polars as pl

from validator.api import Report
from validator.base import files, yaml_csv
from validator.base.language import say
from validator.report.common.words import number

Unit = Literal["count", "share"]
_COLUMNS = {"metric", "unit", "item", "title_zh", "title_en", "over_zh", "over_en"}
_EVERY_ITEM = "*"
#: Metrics that ``zhikong intake`` alone knows, and why there may be no value.
_OF_INTAKE = {
    "timely_share": (
        "方案没有写上报期限（intake.deadline），或不是收单",
        "no deadline in the profile (intake.deadline), or no intake",
    ),
    "arrival_share": ("没有给结算名册（--roll），或不是收单", "no settlement roll (--roll), or no intake"),
    "unusual_figures": ("往月不足，没有可比的，或不是收单", "too few months before to compare with, or no intake"),
}
_FINDINGS = "findings:"  #: and the id of a check, or the beginning of ids: a metric of its own, ``findings:AD101``


@dataclass(frozen=True)
class Metric:
    """One figure: a count is its numerator, a share is numerator / denominator."""

    name: str
    unit: Unit
    title: str
    over: str  #: what numerator and denominator count
    numerator: int | None
    denominator: int | None

    @property
    def value(self) -> float | None:
        """The metric's value; None where it is not known or the denominator is 0."""
        if self.unit == "count" or self.numerator is None:
            return self.numerator
        return self.numerator / self.denominator if self.denominator else None

    @property
    def shown(self) -> str:
        """``98.53%`` or ``1,200``; a share that is not whole never reads ``100%``."""
        if self.value is None:
            return "—"
        if self.unit == "count":
            return number(self.value)
        rounded = f"{100 * self.value:.4g}%"
        return "99.99%" if rounded == "100%" and self.value < 1 else rounded

    def __str__(self) -> str:
        if self.value is None or self.denominator is None:
            return self.shown
        parts = f"{number(self.numerator or 0)} / {number(self.denominator)}"
        return f"{self.shown} ({parts})" if self.unit == "share" else parts

    @property
    def missing(self) -> str:
        """Why there is no value."""
        if self.name == "grouping_rate":
            return say("没有装载分组方案，或没有可入组的病例", "no grouping scheme is loaded, or no case takes part")
        if self.name in _OF_INTAKE:
            return say(*_OF_INTAKE[self.name])
        if self.numerator is None or self.name == "received_share":
            return say("没有申报的病例数（--declared）", "no number of declared cases (--declared)")
        return say("分母为 0", "the denominator is 0")


def figure(value: float, unit: str) -> str:
    """A limit, exactly: ``98.5%`` or ``1,200``."""
    return f"{100 * value:.10g}%" if unit == "share" else f"{value:,.10g}"


@cache
def known() -> dict[str, dict[str, str]]:
    """The rows of the list of metrics by name."""
    path = files.data("schemas") / "gates" / "metrics.csv"
    return {row["metric"]: row for _, row in yaml_csv.read_csv(path, _COLUMNS)}


def about(name: str) -> dict[str, str] | None:
    """The row of a metric; None where there is no such metric."""
    if check := name.removeprefix(_FINDINGS) if name.startswith(_FINDINGS) else "":
        return {
            "unit": "count", "item": "", "title_zh": f"{check} 的发现", "title_en": f"Findings of {check}",
            "over_zh": f"{check} 的发现 / 收到的病例", "over_en": f"findings of {check} / cases received",
        }  # fmt: skip
    return known().get(name)


def measure(
    report: Report,
    declared: int | None = None,
    further: Mapping[str, tuple[int, int]] | None = None,
    names: Iterable[str] = (),
) -> dict[str, Metric]:
    """Every metric of the batch, and those of single checks among ``names``.

    ``further``: numerator and denominator of what is not known from the report alone.
    """
    figures = _counted(report, declared) | dict(further or {})
    metrics = dict[str, Metric]()
    above: int | None
    below: int | None
    for name in dict.fromkeys((*known(), *names)):
        row = about(name)
        assert row
        if name.startswith(_FINDINGS):
            above, below = _of_check(report, name.removeprefix(_FINDINGS)), report.cases.height
        elif row["item"]:
            above, below = _completeness(report, row["item"])
        else:
            above, below = figures.get(name, (None, None))
        unit: Unit = "share" if row["unit"] == "share" else "count"
        title, over = say(row["title_zh"], row["title_en"]), say(row["over_zh"], row["over_en"])
        metrics[name] = Metric(name, unit, title, over, above, below)
    return metrics


def _of_check(report: Report, check: str) -> int:
    """The findings of the checks whose ids begin so."""
    failed = report.outcomes.filter(pl.col("check").str.starts_with(check))["failed"].sum()
    return int(failed)


def _counted(report: Report, declared: int | None) -> dict[str, tuple[int | None, int | None]]:
    """Numerator and denominator of each metric that is not about parts of the form."""
    cases, outcomes, levels = report.cases, report.outcomes, report.counts()
    ran = outcomes.filter(pl.col("status") == "ran")
    received, faulty = cases.height, cases.filter(pl.col("errors") > 0).height
    unread = cases["disposition"] == "cannot_be_judged"
    right = cases.filter(~unread, pl.col("errors") == 0).height
    return {
        "cases": (received, declared),
        "declared": (declared, None),
        "received_share": (received, declared),
        "duplicate_cases": (received - cases["case_id"].n_unique(), received),
        "layouts": (cases["layout"].n_unique(), None),
        "faulty_cases": (faulty, received),
        "faulty_share": (faulty, received),
        "pass_rate": (right, received),
        "unread_cases": (int(unread.sum()), received),
        "errors": (levels["error"], received),
        "warnings": (levels["warning"], received),
        "infos": (levels["info"], received),
        "stray_errors": (levels["error"] - int(cases["errors"].sum()), levels["error"]),
        "unjudged_share": _unjudged(outcomes),
        "unjudged_errors": _unjudged(outcomes.filter(pl.col("level") == "error")),
        "checks_not_run": (outcomes.height - ran.height, outcomes.height),
    }


def _unjudged(outcomes: pl.DataFrame) -> tuple[int, int]:
    """Return how many judgements gave no answer, and how many were wanted."""
    return int(outcomes["unjudged"].sum()), int((outcomes["rows"] - outcomes["not_applicable"]).sum())


def _completeness(report: Report, item: str) -> tuple[int, int]:
    """Required values that are there, and those that should be, in the part of the paper form that ``item`` begins."""
    wanted = [
        name
        for name, check in report.checks.items()
        if check.aspect == "required" and (item == _EVERY_ITEM or check.item.startswith(item))
    ]
    rows = report.outcomes.filter(pl.col("check").is_in(wanted))
    return int(rows["passed"].sum()), int((rows["rows"] - rows["not_applicable"]).sum())
