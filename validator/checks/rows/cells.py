"""The cells of one field: typed and checked, once for each text where that is safe to remember."""

import sys
from collections.abc import Callable, Collection, Sequence
from datetime import date
from math import inf
from typing import NamedTuple

from validator.base.regexes import compiled
from validator.checks import fields
from validator.checks.cell_typing import CellTyping, Value
from validator.checks.field_checks import digits
from validator.checks.fields.aspect import Aspect, FieldCell, cell_fails_in_force
from validator.checks.language.kinds import AMOUNT_DIGITS, WHOLE_DIGITS
from validator.spec.catalogue import Catalogue, Check
from validator.spec.layouts import FieldRow

#: Texts of a field that are remembered.
MOST = 1_000
#: Longer texts are not remembered.
_LONGEST = 32


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
        pattern = catalogue.patterns.get(row.pattern)
        self.typing = CellTyping(row, pattern.fold if pattern else "")
        self._aspects: list[tuple[int, Aspect, bool]] = []
        for number, check in checks:
            aspect = fields.of(check)
            self._aspects.append((number, aspect, aspect.spoils and check.level == "error"))
        self._lacking = lacking
        self.dated = row.dated or bool(row.domain and catalogue.domains[row.domain].spans)
        self._sound = _sound(catalogue, row, {check.aspect for _, check in checks})
        self._bounds = _bounds(row) if any(check.aspect == "range" for _, check in checks) else None
        self._remembers = not self.dated and not row.personal and (row.type in _KEPT or bool(row.domain))
        self.memory: dict[str | None, JudgedCell] = {}  #: raw text -> its cell

    def cell(self, raw: str | None, day: date | None) -> JudgedCell:
        """The cell of a text on the list's day; one in :attr:`memory` need not be asked for."""
        if (
            raw
            and not self.dated
            and self._sound(raw)
            and (known := self.typing.value(raw)) is not None
            and (self._bounds is None or (not isinstance(known, str) and self._bounds[0] <= known <= self._bounds[1]))
        ):
            cell = JudgedCell(raw, raw, known, (), self._lacking)
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
        if not self.dated and (not raw or (self._remembers and len(raw) <= _LONGEST)) and len(self.memory) < MOST:
            self.memory[raw] = cell


_KEPT = ("code", "number", "duration")
#: Aspects that what :func:`_sound` lets pass cannot fail.
_OF_SOUND = {"required", "placeholder", "type", "format", "length", "pattern", "category", "joined", "range"}


def _bounds(row: FieldRow) -> tuple[float, float]:
    """The least and greatest value, in the units of the typed value."""
    least, most = (-inf if row.min is None else row.min), (inf if row.max is None else row.max)
    return least * 10**row.scale, most * 10**row.scale


def _sound(catalogue: Catalogue, row: FieldRow, aspects: Collection[str]) -> Callable[[str], object]:
    """A quick test of cleaned texts that are right, so that most need no aspect tried; never true where there is none."""
    length = row.length or sys.maxsize
    if not _OF_SOUND.issuperset(aspects) or row.domain:
        return lambda _: False
    if row.type in ("date", "datetime"):
        return compiled(_SHAPES[row.type]).search
    if row.type == "string" and not row.pattern:
        return lambda raw: len(raw) <= length
    if row.type == "code" and row.pattern:
        right = compiled(catalogue.patterns[row.pattern].regex).search
        return lambda raw: raw.isascii() and len(raw) <= length and right(raw)
    if row.type == "code":
        return lambda raw: raw.isascii() and len(raw) <= length
    if row.type == "number" and length <= (AMOUNT_DIGITS if row.scale else WHOLE_DIGITS):
        return compiled(digits(row)).search
    return lambda _: False


_SHAPES = {
    "date": r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z",
    "datetime": r"\A[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\z",
}
