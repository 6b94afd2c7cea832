"""A suite as people read it, and what it says of a batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from validator.base.language import say
from validator.gate.metrics import Metric
from validator.report.common.words import Word

Outcome = Literal["passed", "failed", "not_judged"]
Severity = Literal["critical", "warning", "info"]
Disposition = Literal["accept", "return"]

OUTCOMES = {
    "passed": Word("通过", "passed"),
    "failed": Word("不通过", "failed"),
    "not_judged": Word("未判定", "not judged"),
}
NOTED = Word("提醒", "noted")  #: failed, but not critical
DISPOSITIONS = {"accept": Word("接收整批", "Batch accepted"), "return": Word("退回整批", "Batch returned")}


@dataclass(frozen=True)
class Demand:
    """One expectation of a suite."""

    type: str
    metrics: tuple[str, ...]
    severity: Severity  #: only a critical one returns the batch
    note: str
    limit: str
    line: int | None  #: in the suite's file
    expectation: Any  #: of great-expectations

    @property
    def text(self) -> str:
        """``出错病例占比：≤ 1%``."""
        return f"{self.note}{say('：', ': ')}{self.limit}"

    @property
    def needs_values(self) -> bool:
        """Whether it can be judged only where its metrics have values."""
        return not self.type.endswith("_null")


@dataclass(frozen=True)
class Suite:
    """The demands on a batch."""

    name: str
    note: str
    path: Path
    demands: tuple[Demand, ...]


@dataclass(frozen=True)
class Judgement:
    """The result of one expectation."""

    demand: Demand
    outcome: Outcome
    observed: str
    reason: str = ""  #: why it was not judged

    @property
    def word(self) -> Word:
        """The outcome in a word."""
        return NOTED if self.outcome == "failed" and self.demand.severity != "critical" else OUTCOMES[self.outcome]


@dataclass(frozen=True)
class Verdict:
    """Whether the batch is accepted or returned, and why."""

    suite: Suite
    judgements: tuple[Judgement, ...]
    metrics: Mapping[str, Metric]

    @property
    def disposition(self) -> Disposition:
        """Returned where a critical demand failed."""
        failed = any(each.outcome == "failed" and each.demand.severity == "critical" for each in self.judgements)
        return "return" if failed else "accept"

    @property
    def summary(self) -> str:
        """``批次门槛 default：退回整批``."""
        return say("批次门槛 ", "Batch gate ") + self.suite.name + say("：", ": ") + str(DISPOSITIONS[self.disposition])

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict for JSON; aggregates only."""
        return {
            "suite": self.suite.name,
            "disposition": self.disposition,
            "note": self.suite.note,
            "expectations": [
                {
                    "type": each.demand.type, "metrics": list(each.demand.metrics), "severity": each.demand.severity,
                    "note": each.demand.note, "limit": each.demand.limit, "outcome": each.outcome,
                    "observed": each.observed, "reason": each.reason,
                }
                for each in self.judgements
            ],
            "metrics": [
                {
                    "metric": each.name, "title": each.title, "unit": each.unit, "value": each.value,
                    "numerator": each.numerator, "denominator": each.denominator, "over": each.over,
                }
                for each in self.metrics.values()
            ],
        }  # fmt: skip
