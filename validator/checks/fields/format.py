"""A value that can be read, but is not written as the interface asks."""

from __future__ import annotations

import re

from validator.base.regexes import compiled
from validator.checks.cell_typing import day_text, moment_text
from validator.checks.damage import Repair
from validator.checks.fields.aspect import Aspect, FieldCell, Spoil
from validator.checks.fields.residue import has_residue
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow
from validator.spec.rule_pages import Level

#: Dates: their usual forms.
_STANDARD = {
    "date": r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}( 00:00:00)?\z",
    "datetime": r"\A[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2})?\z",
}
#: A time of day in a date's text, and one that is midnight.
_CLOCK = r"[0-9]:[0-9]|\A[0-9]{14}\z|\A[0-9]{5}\.[0-9]"
_MIDNIGHT = r"[^0-9]0?0:00(:00(\.0+)?)?\z|\A[0-9]{8}000000\z|\A[0-9]{5}\.0+\z"
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_EXAMPLES = {
    "string": "示例", "code": "1", "date": "2026-07-06", "datetime": "2026-07-06 09:10:00", "duration": "0/1/0",
}  # fmt: skip


class FormatAspect(Aspect):
    """Every field has this check."""

    name = "format"
    passes_usual = of_value = True

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        return True

    def level(self, catalogue: Catalogue, row: FieldRow) -> Level:
        """Platforms compare codes, numbers and dates as they are written; blanks around free text matter little."""
        return "info" if row.type == "string" else "warning"

    def fails(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> bool:
        if cell.value is None or cell.raw is None:
            return False
        if row.type == "string" and has_residue(cell.raw):
            return False
        return cell.raw != cell.text or (row.type in _STANDARD and not compiled(_STANDARD[row.type]).search(cell.raw))

    def repair(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> Repair | None:
        """The same value in its usual form.

        A time of day is never lost or made up without a person: a date that carries one, and a moment without one, are
        theirs.
        """
        text, safe = cell.text or "", True
        suggested = text
        match row.type:
            case "date":
                safe = not compiled(_CLOCK).search(text) or bool(compiled(_MIDNIGHT).search(text))
                suggested = day_text(cell.value)
            case "datetime":
                safe = bool(compiled(_CLOCK).search(text))
                suggested = moment_text(cell.value)
        return None if suggested == cell.raw else Repair(suggested, "safe" if safe else "judge", "", "")

    def defect(self, catalogue: Catalogue, row: FieldRow) -> tuple[str, Spoil]:
        """Stray blanks, full-width digits, small letters, slashes in dates: readable all the same."""
        example = _example(catalogue, row)
        fold = catalogue.patterns[row.pattern].fold if row.pattern else ""

        def spoil(value: str | None, n: int) -> str | None:
            text = example if value is None or value in row.blank else value
            ways = [f"{text} ", f" {text}", f"{text}\u3000"]
            if row.type in ("date", "datetime"):
                ways.append(text.replace("-", "/"))
            elif row.type != "string" and re.search("[0-9]", text):
                ways.append(text.translate(_FULL_WIDTH))
            if fold and re.match("[A-Z]", text):
                ways.append(text[0].lower() + text[1:])
            return ways[n % len(ways)]

        return "书写形式不规范", spoil


def _example(catalogue: Catalogue, row: FieldRow) -> str:
    """A value that the field accepts, for cases that have none."""
    if row.domain:
        return next(iter(catalogue.domains[row.domain].names))
    if row.type == "number":
        return f"{max(row.min or 0, 1):g}"
    return {"weights": "2650,2480", "dept_chain": "A04.01"}.get(row.pattern, _EXAMPLES[row.type])
