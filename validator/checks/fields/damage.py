"""A program's word for nothing (NULL, nan, #N/A), or a text of which something is lost."""

from __future__ import annotations

from validator.checks import damage
from validator.checks.cell_typing import stripped
from validator.checks.damage import Repair
from validator.checks.fields.aspect import Aspect, FieldCell, Filled, Spoil, one_of
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow
from validator.spec.rule_pages import Level


class DamageAspect(Aspect):
    """What fails it is judged by no other check."""

    name = "damage"
    passes_usual = spoils = True

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        """Where a number or date is required, a word for nothing is as good as blank, and what cannot be read has its check."""
        return row.type in ("string", "code") or not row.required

    def level(self, catalogue: Catalogue, row: FieldRow) -> Level:
        """An error where the field must say something; a question mark in the name of a code may be meant."""
        free = row.type in ("string", "code") and not row.domain
        needed = row.required or (row.required_when and free)
        return super().level(catalogue, row) if needed and not row.names else "warning"

    def fails(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> bool:
        return (
            cell.text is None
            and cell.raw is not None
            and damage.of_text(row, damage.bare(stripped(cell.raw))) is not None
        )

    def tally(self, filled: Filled, failed: int) -> tuple[int, int]:
        return filled.text, filled.rows - filled.text - failed

    def repair(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> Repair | None:
        return damage.of_text(row, damage.bare(stripped(cell.raw))) if cell.raw is not None else None

    def defect(self, catalogue: Catalogue, row: FieldRow) -> tuple[str, Spoil]:
        lost = ["1.10105E+17", "示?例"] if row.type in ("string", "code") else []
        words = [] if row.required else ["NULL", "None", "nan"]
        return "内容损坏", one_of([*words, *lost])
