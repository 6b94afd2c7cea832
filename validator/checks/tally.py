"""Counting how a check went."""

from dataclasses import dataclass
from typing import Any

from validator.base.language import current, say
from validator.spec.catalogue import Check


@dataclass
class Tally:
    """How a check went over some rows; the rest of ``rows`` could not be judged."""

    rows: int = 0
    passed: int = 0
    failed: int = 0
    not_applicable: int = 0

    @property
    def unjudged(self) -> int:
        """Rows that could not be judged."""
        return self.rows - self.passed - self.failed - self.not_applicable

    def add(self, other: "Tally") -> None:
        """Count ``other``'s rows too."""
        self.rows += other.rows
        self.passed += other.passed
        self.failed += other.failed
        self.not_applicable += other.not_applicable


def outcome(check: Check, tally: Tally | None, reason: str | None, needing: int = 0) -> dict[str, Any]:
    """How a check went as a row of a report (``case_rows.OUTCOMES``).

    ``tally``: None where it did not run; ``needing``: how many cases need its table, which was not read.
    """
    about = {
        "check": check.id, "title": check.title(current()), "level": check.level, "kind": check.kind, "table": check.table,
        "field": check.field or None,
    }  # fmt: skip
    if tally is None:
        nothing = Tally(needing)
        reason = reason or say("没有这张表的数据", "no data for this table")
        return about | vars(nothing) | {"unjudged": needing, "status": "not_run", "reason": reason}
    return about | vars(tally) | {"unjudged": tally.unjudged, "status": "ran", "reason": reason}
