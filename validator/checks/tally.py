"""Counting how a check went."""

from dataclasses import dataclass


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
