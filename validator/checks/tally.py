"""Counting how a check went."""

from dataclasses import dataclass


@dataclass
class Tally:
    """How a check went over some rows; the rest of ``rows`` could not be judged."""

    rows: int = 0
    passed: int = 0
    failed: int = 0
    not_applicable: int = 0

    def add(self, other: "Tally") -> None:
        """Count ``other``'s rows too."""
        self.rows += other.rows
        self.passed += other.passed
        self.failed += other.failed
        self.not_applicable += other.not_applicable
