"""What an export or Excel left in a free text: ``="…"``, a quote in front, characters that nobody sees."""

from __future__ import annotations

from validator.base.regexes import compiled
from validator.checks import damage
from validator.checks.cell_typing import stripped
from validator.checks.damage import Repair
from validator.checks.fields.aspect import Aspect, FieldCell, Spoil
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow
from validator.spec.rule_pages import Level


class ResidueAspect(Aspect):
    """Of free texts; of all others it is a way of writing."""

    name = "residue"
    passes_usual = True

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        return row.type == "string"

    def level(self, catalogue: Catalogue, row: FieldRow) -> Level:
        return "warning"

    def fails(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> bool:
        return cell.text is not None and cell.raw is not None and has_residue(cell.raw)

    def repair(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> Repair | None:
        return Repair(cell.text, "safe", "", "") if cell.text is not None else None

    def defect(self, catalogue: Catalogue, row: FieldRow) -> tuple[str, Spoil]:
        def spoil(value: str | None, n: int) -> str | None:
            text = value if value and value not in row.blank else "示例"
            return [f"'{text}", f"{text[:1]}\x7f{text[1:]}", f"{text}\u200b"][n % 3]

        return "带着导出的痕迹", spoil


def has_residue(raw: str) -> bool:
    """Whether something is left in a text besides blanks around it."""
    return bool(compiled(damage.RESIDUE).search(stripped(raw)))
