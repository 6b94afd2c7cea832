"""A text that is no number, date, time or duration."""

from __future__ import annotations

from validator.base.language import Lang
from validator.base.lazy import pl
from validator.checks import damage, typing
from validator.checks.damage import Repair
from validator.checks.fields.aspect import Aspect, FieldCell, Filled, Spoil, one_of
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
    of_text = spoils = True

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        return row.type not in ("string", "code")

    def words(self, catalogue: Catalogue, row: FieldRow, lang: Lang) -> dict[str, str]:
        return {"type_text": TYPE_NAMES[row.type][lang == "en"]}

    def failing(self, catalogue: Catalogue, row: FieldRow) -> pl.Expr:
        return pl.col(typing.text_column(row)).is_not_null() & pl.col(row.field).is_null()

    def fails(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> bool:
        return cell.text is not None and cell.value is None

    def can_fail(self, filled: Filled) -> bool:
        return filled.value < filled.text

    def repair(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> Repair | None:
        return (
            damage.of_number(cell.text) if cell.text is not None and row.type == "number" and not row.pattern else None
        )

    def defect(self, catalogue: Catalogue, row: FieldRow) -> tuple[str, Spoil]:
        return "填读不成的内容", one_of(_WRONG[row.type])
