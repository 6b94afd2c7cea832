"""What checking one partition gives."""

from dataclasses import dataclass, field

import polars as pl

from validator.gather import FindingRows


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


@dataclass
class Result:
    """What one partition gave."""

    findings: list[FindingRows] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    batch_keys: dict[str, pl.DataFrame] = field(default_factory=dict)  #: rule id -> keys to compare with other partitions
    _codes: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def codes(self, table: str, column: str) -> list[str]:
        """The distinct codes of a column, gathered once."""
        if (table, column) not in self._codes:
            self._codes[table, column] = self.tables[table][column].unique().drop_nulls().to_list()
        return self._codes[table, column]
