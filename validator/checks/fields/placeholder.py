"""A placeholder such as ``-`` that the field does not accept."""

from __future__ import annotations

from validator.checks.cell_typing import placeholders, stripped
from validator.checks.fields.aspect import Aspect, FieldCell, Filled, Spoil, one_of
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow
from validator.spec.rule_pages import Level


class PlaceholderAspect(Aspect):
    """Every field has this check."""

    name = "placeholder"
    passes_usual = True

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        return True

    def level(self, catalogue: Catalogue, row: FieldRow) -> Level:
        if not row.required:
            return "info" if row.type == "string" else "warning"
        return super().level(catalogue, row)

    def fails(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> bool:
        return cell.raw is not None and stripped(cell.raw) in _refused(catalogue, row)

    def tally(self, filled: Filled, failed: int) -> tuple[int, int]:
        return filled.text, filled.rows - filled.text - failed

    def defect(self, catalogue: Catalogue, row: FieldRow) -> tuple[str, Spoil]:
        return "填占位符", one_of([mark for mark in ("-", "无", "/", "—") if mark in _refused(catalogue, row)])


def _refused(catalogue: Catalogue, row: FieldRow) -> list[str]:
    """The placeholders that the row does not accept."""
    return [each for each in placeholders(catalogue.domains.get(row.domain)) if each not in row.blank]
