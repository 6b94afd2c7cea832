"""The cells of one field: typed and checked, once for each text where that is safe to remember."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple

from validator.checks import fields
from validator.checks.cell_typing import CellTyping, Value
from validator.checks.fields.aspect import Aspect, FieldCell, cell_fails_in_force
from validator.checks.usual import Usual, usual
from validator.spec.catalogue import Catalogue, Check
from validator.spec.layouts import FieldRow

#: Texts of a field that are remembered.
MOST = 1_000
#: Longer texts are not remembered.
_LONGEST = 32
_KEPT = ("code", "number", "duration")


class JudgedCell(NamedTuple):
    """A cell of a list."""

    raw: str | None
    text: str | None  #: cleaned; None for blanks and placeholders
    value: Value
    failing: tuple[int, ...]  #: the numbers of the field checks that it fails
    bad: bool  #: whether rules must not judge by it


class FieldCells:
    """Judges the cells of a field. Names, numbers of persons, addresses, dates and free texts are never remembered."""

    def __init__(
        self, catalogue: Catalogue, row: FieldRow, checks: Sequence[tuple[int, Check]], *, lacking: bool = False
    ) -> None:
        """``checks``: with their numbers; ``lacking``: the input has no such column although lists must fill it."""
        self.catalogue, self.row, self.field = catalogue, row, row.field
        self._aspects: list[tuple[int, Aspect, bool]] = []
        for number, check in checks:
            aspect = fields.of(check)
            self._aspects.append((number, aspect, aspect.spoils and check.level == "error"))
        self._lacking = lacking
        self.dated = row.dated or bool(row.domain and catalogue.domains[row.domain].spans)
        self._remembers = not self.dated and not row.personal and (row.type in _KEPT or bool(row.domain))
        self.memory: dict[str | None, JudgedCell] = {}  #: raw text -> its cell, of those that fail nothing
        self._failing: dict[str | None, JudgedCell] = {}

    @cached_property
    def typing(self) -> CellTyping:
        """How its texts become values."""
        pattern = self.catalogue.patterns.get(self.row.pattern)
        return CellTyping(self.row, pattern.fold if pattern else "", self.catalogue.domains.get(self.row.domain))

    @cached_property
    def usual(self) -> Usual | None:
        """What its usual texts are like; None = each text is judged by itself."""
        passes = not self.dated and all(aspect.passes_usual for _, aspect, _ in self._aspects)
        return usual(self.catalogue, self.row) if passes else None

    @cached_property
    def _usual(self) -> Callable[[str], Value]:
        return self.usual.test(self.typing.value) if self.usual else lambda _: None

    def cell(self, raw: str | None, day: date | None) -> JudgedCell:
        """The cell of a text on the list's day; one in :attr:`memory` need not be asked for."""
        if self._failing and (met := self._failing.get(raw)):
            return met
        if raw and (known := self._usual(raw)) is not None:
            cell = JudgedCell(raw, raw, known, (), self._lacking)
            if self._remembers:
                self._remember(raw, cell)
            return cell
        text, value = self.typing.cell(raw)
        given = FieldCell(raw, text, value, day)
        failing, bad = [], self._lacking
        for number, aspect, spoils in self._aspects:
            if cell_fails_in_force(aspect, self.catalogue, self.row, given):
                failing.append(number)
                bad = bad or spoils
        cell = JudgedCell(raw, text, value, tuple(failing), bad)
        self._remember(raw, cell)
        return cell

    def _remember(self, raw: str | None, cell: JudgedCell) -> None:
        if self.dated or (raw and not (self._remembers and len(raw) <= _LONGEST)):
            return
        memory = self._failing if cell.failing or cell.bad else self.memory
        if len(memory) < MOST:
            memory[raw] = cell
