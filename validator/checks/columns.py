"""The cells of a column, each distinct text judged once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from validator.base.distinct import distinct, numbered
from validator.base.lazy import np, pl
from validator.checks.cell_typing import stripped
from validator.checks.cells import FieldCells, JudgedCell
from validator.checks.fields import Filled
from validator.checks.fields.aspect import is_in_force

if TYPE_CHECKING:
    from collections.abc import Sequence

    from validator.base.distinct import Numbers, Places


@dataclass
class ColumnCells:
    """The judged cells of a column: those of all rows, or of the rows whose text is not a usual one."""

    field: FieldCells
    cells: Sequence[JudgedCell]  #: distinct
    at: Places  #: the cell of each row
    height: int
    rows: Numbers | None = None  #: numbers of the rows, ascending; None = all
    days: Sequence[date | None] = ()  #: the lists' days of the cells, where these matter

    def on(self, days: pl.Series) -> ColumnCells:
        """The cells judged again, by the day of each row's list."""
        known, of = distinct(days.cast(pl.String))
        pair = self.at.astype(np.int64) * len(known) + of
        rows, at = numbered(pair.view(np.uint64))
        dates = [None if each is None else date.fromisoformat(each) for each in known]
        cells, met = [], []
        for cell, day in (divmod(each, len(known)) for each in pair[rows].tolist()):
            met.append(dates[day])
            cells.append(self.field.cell(self.cells[cell].raw, dates[day]))
        return ColumnCells(self.field, cells, at, self.height, days=met)

    @cached_property
    def counts(self) -> Numbers:
        """How many rows have each cell."""
        return np.bincount(self.at, minlength=len(self.cells))

    @cached_property
    def failing(self) -> dict[int, list[int]]:
        """The number of a check -> the cells that fail it."""
        found: dict[int, list[int]] = {}
        for place, cell in enumerate(self.cells):
            for number in cell.failing:
                found.setdefault(number, []).append(place)
        return found

    def failed(self, check: int) -> int:
        """How many rows fail a check."""
        places = self.failing.get(check)
        return int(self.counts[places].sum()) if places else 0

    def rows_of(self, places: Sequence[int]) -> pl.Series:
        """The numbers of the rows with some of the cells that fail a check or are bad."""
        rows, at = self._faulty
        chosen = np.zeros(len(self.cells), bool)
        chosen[places] = True
        return pl.Series(rows[chosen[at]].astype(np.uint32))

    @cached_property
    def _faulty(self) -> tuple[Numbers, Places]:
        """The rows whose cells fail any check or are bad, and these cells."""
        found = np.flatnonzero(np.array([bool(cell.failing) or cell.bad for cell in self.cells])[self.at])
        return found if self.rows is None else self.rows[found], self.at[found]

    @cached_property
    def bad(self) -> pl.Series | None:
        """Which rows rules must not judge by; None where there is none."""
        places = [place for place, cell in enumerate(self.cells) if cell.bad]
        if not places:
            return None
        marked = np.zeros(self.height, bool)
        marked[self.rows_of(places).to_numpy()] = True
        return pl.Series(marked)

    @cached_property
    def filled(self) -> Filled:
        """How much the rows hold; of a field in force for a time only, those on whose list's day it is in force."""
        counts, row = self.counts, self.field.row
        if row.dated:
            counts = counts * np.array([is_in_force(day, row.since, row.until) for day in self.days], bool)
        usual = self.height - self.at.size
        raw, text, value = (
            usual + int(counts[[cell[place] is not None for cell in self.cells]].sum()) for place in range(3)
        )
        return Filled(usual + int(counts.sum()), raw, text, value)

    @property
    def says_nothing(self) -> int:
        """How many rows hold a word that the field accepts as having nothing to say."""
        words = [each for each in self.field.row.blank if each]
        if not words:
            return 0
        return int(self.counts[[stripped(cell.raw or "") in words for cell in self.cells]].sum())
