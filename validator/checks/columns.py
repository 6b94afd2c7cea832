"""The cells of a column, each distinct text judged once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from validator.base.lazy import np, pl
from validator.checks.cell_typing import stripped
from validator.checks.cells import FieldCells, JudgedCell
from validator.checks.fields import Filled
from validator.checks.fields.aspect import is_in_force

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]


def distinct(coded: pl.Series) -> tuple[list[str | None], NDArray[np.uint32]]:
    """The texts of a Categorical column, null among them where there is one, and the place of each row's text."""
    at = coded.to_physical()
    count = 0 if coded.null_count() == coded.len() else int(at.max()) + 1  # type: ignore[arg-type]
    texts: list[str | None] = (
        pl.int_range(count, dtype=pl.UInt32, eager=True).cat.to(coded.dtype).cast(pl.String).to_list()
    )
    if coded.null_count():
        texts.append(None)
        at = at.fill_null(count)
    return texts, at.to_numpy()


def as_categories() -> pl.Categorical:
    """A type for the texts of one column."""
    return pl.Categorical(pl.Categories.random())


@dataclass
class ColumnCells:
    """The judged cells of a column: those of all rows, or of the rows whose text is not a usual one."""

    field: FieldCells
    cells: Sequence[JudgedCell]  #: distinct
    at: NDArray[np.uint32]  #: the cell of each row
    height: int
    rows: Numbers | None = None  #: numbers of the rows, ascending; None = all
    days: Sequence[date | None] = ()  #: the lists' days of the cells, where these matter

    def on(self, days: pl.Series) -> ColumnCells:
        """The cells judged again, by the day of each row's list."""
        known, of = distinct(days.cast(pl.String).cast(as_categories()))
        pairs, at = np.unique(self.at.astype(np.int64) * len(known) + of, return_inverse=True)
        dates = [None if each is None else date.fromisoformat(each) for each in known]
        cells, met = [], []
        for cell, day in (divmod(int(pair), len(known)) for pair in pairs):
            met.append(dates[day])
            cells.append(self.field.cell(self.cells[cell].raw, dates[day]))
        return ColumnCells(self.field, cells, at.astype(np.uint32), self.height, days=met)

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
        return int(self.counts[self.failing.get(check, [])].sum())

    def rows_of(self, places: Sequence[int]) -> pl.Series:
        """The numbers of the rows with some of the cells."""
        chosen = np.zeros(len(self.cells), bool)
        chosen[places] = True
        found = np.flatnonzero(chosen[self.at])
        return pl.Series(found if self.rows is None else self.rows[found], dtype=pl.UInt32)

    @cached_property
    def bad(self) -> pl.Series | None:
        """Which rows rules must not judge by; None where there is none."""
        places = [place for place, cell in enumerate(self.cells) if cell.bad]
        if not places:
            return None
        return pl.repeat(False, self.height, dtype=pl.Boolean, eager=True).scatter(self.rows_of(places), True)

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
