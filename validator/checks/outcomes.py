"""What checking one partition gives."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from validator.base.distinct import distinct
from validator.base.rows import rows_where
from validator.checks.evidence import Failed
from validator.checks.judged_by import Used
from validator.checks.tally import Tally
from validator.codes.editions import Edition
from validator.spec.catalogue import Check

if TYPE_CHECKING:
    from validator.base.distinct import Numbers, Places


@dataclass
class Result:
    """What one partition gave."""

    failed: list[Failed] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    batch_keys: dict[str, tuple[Check, pl.DataFrame]] = field(
        default_factory=dict
    )  #: rule id -> judged rows (_i) and keys
    unread: dict[tuple[str, str], pl.Series] = field(
        default_factory=dict
    )  #: table and column (blank: the table) that the input lacks -> which cases need it
    reasons: dict[str, str] = field(default_factory=dict)  #: check id -> why it was not judged
    judged_by: dict[str, list[Used]] = field(default_factory=dict)  #: check id -> the code tables it was judged by
    editions: Sequence[Edition] = ()  #: of the codes of each source, where it is of records
    _codes: dict[tuple[str, str], tuple[list[str | None], Places]] = field(default_factory=dict)
    _rows: dict[tuple[str, str], tuple[Numbers, Numbers]] = field(default_factory=dict)

    def add(self, found: Failed) -> None:
        """Take the rows that fail a rule; they count no more for the check that says less of the same rows."""
        self.failed.append(found)
        less = found.check.rule.instead_of if found.check.rule else ""
        for place, each in enumerate(self.failed):
            if less and each.check.id == less:
                keep = ~each.rows.is_in(found.rows.implode())
                extra = None if each.extra is None else each.extra.filter(keep)
                self.failed[place] = Failed(each.check, each.rows.filter(keep), extra)
                self.tallies[less].failed -= keep.len() - int(keep.sum())
                self.tallies[less].not_applicable += keep.len() - int(keep.sum())

    def codes(self, table: str, column: str) -> tuple[list[str | None], Places]:
        """The distinct codes of a column, collected once, and the place of each row's code among them."""
        if (table, column) not in self._codes:
            self._codes[table, column] = distinct(self.tables[table][column])
        return self._codes[table, column]

    def rows(self, table: str, column: str, codes: Collection[str]) -> Numbers:
        """The rows that have one of some codes in a column, ascending; the column is put in the order of its codes once."""
        known, at = self.codes(table, column)
        if (table, column) not in self._rows:
            narrow = at.astype(np.min_scalar_type(len(known)))  # short numbers are sorted by their digits
            self._rows[table, column] = (
                np.argsort(narrow, kind="stable"),
                np.bincount(at, minlength=len(known)).cumsum(),
            )
        order, ends = self._rows[table, column]
        of_each = [order[ends[n - 1] if n else 0 : ends[n]] for n, code in enumerate(known) if code in codes]
        return np.sort(np.concatenate(of_each)) if of_each else order[:0]


@dataclass
class RuleOutcome:
    """How a rule went over a table's rows. For a rule that looks across rows, to pass means only that it can be judged."""

    tally: Tally
    failed: pl.Series | None  #: numbers of the failed rows
    verdicts: pl.Series  #: per row: passed, failed or neither

    def passing(self, rows: Numbers) -> Numbers:
        """Those of some rows where the rule passes."""
        some = pl.Series(rows, dtype=pl.UInt32)
        passed: Numbers = some.filter(self.verdicts[some]).to_numpy()
        return passed


def counted(verdicts: pl.Series, concerns: pl.Series | None) -> RuleOutcome:
    """Count; ``verdicts`` is null where the rule does not concern the row."""
    passed, rows = int(verdicts.sum()), verdicts.len()
    tally = Tally(rows, passed, rows - verdicts.null_count() - passed, 0)
    if concerns is not None:
        tally.not_applicable = rows - concerns.null_count() - int(concerns.sum())
    failed = rows_where(~verdicts) if tally.failed else None
    return RuleOutcome(tally, failed, verdicts)
