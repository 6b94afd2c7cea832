"""A text that is no number, date, time or duration."""

from __future__ import annotations

from validator.base.language import Lang
from validator.checks import damage
from validator.checks.damage import Repair
from validator.checks.fields.aspect import Aspect, FieldCell, Spoil, one_of
from validator.spec.catalogue import TYPE_NAMES, Catalogue
from validator.spec.layouts import FieldRow

_WRONG = {
    "number": ["约3", "十二", "12元"],
    "date": ["2026-02-30", "2026年", "不详"],
    "datetime": ["2026-02-30 10:00:00", "昨天上午", "2026-07-06 25:10:00"],
    "duration": ["3天", "1-2-3", "72小时"],
}


class TypeAspect(Aspect):
    """Of fields whose values are not text."""

    name = "type"
    passes_usual = spoils = True

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        return row.type not in ("string", "code")

    def words(self, catalogue: Catalogue, row: FieldRow, lang: Lang) -> dict[str, str]:
        return {"type_text": TYPE_NAMES[row.type][lang == "en"]}

    def fails(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> bool:
        return cell.text is not None and cell.value is None

    def repair(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> Repair | None:
        return (
            damage.of_number(cell.text) if cell.text is not None and row.type == "number" and not row.pattern else None
        )

    def defect(self, catalogue: Catalogue, row: FieldRow) -> tuple[str, Spoil]:
        return "填读不成的内容", one_of(_WRONG[row.type])
