"""A field that must be filled in is blank."""

from __future__ import annotations

from validator.base.certainty import NULL_WORDS
from validator.base.language import Lang
from validator.checks.cell_typing import stripped
from validator.checks.fields.aspect import Aspect, FieldCell, Filled, Spoil
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow
from validator.spec.rule_pages import Level


class RequiredAspect(Aspect):
    """Where a condition says when it must be filled, the engine judges it as it does a rule."""

    name = "required"
    passes_usual = True

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        return row.required or bool(row.required_when)

    def level(self, catalogue: Catalogue, row: FieldRow) -> Level:
        if f"{row.table}.{row.field}" in catalogue.profile.required:
            return "error"
        if row.required_when and row.sure != "official":
            return "warning"
        return super().level(catalogue, row)

    def words(self, catalogue: Catalogue, row: FieldRow, lang: Lang) -> dict[str, str]:
        """When it must be filled, where that is not always; a profile's own condition stands as it is written."""
        if not row.required_when:
            return {"condition": ""}
        words = catalogue.conditions.get(row.required_when, (row.required_when, row.required_when))[lang == "en"]
        return {"condition": f"（{words}时必填）" if lang == "zh" else f" (required when {words})"}

    def fails(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> bool:
        return cell.text is None and stripped(cell.raw or "") in ("", *NULL_WORDS)

    def tally(self, filled: Filled, failed: int) -> tuple[int, int]:
        return filled.text, 0

    def defect(self, catalogue: Catalogue, row: FieldRow) -> tuple[str, Spoil]:
        return "删去", lambda _, __: None
