"""A text, or the digits of a number, longer than the interface allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.base.language import Lang
from validator.base.regexes import compiled
from validator.checks.fields.aspect import Aspect, FieldCell, Spoil
from validator.checks.usual import digits
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow
from validator.spec.rule_pages import Level

if TYPE_CHECKING:
    import pandera.polars as pa


class LengthAspect(Aspect):
    """Of texts, codes and numbers with a length."""

    name = "length"
    passes_usual = spoils = of_value = True

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        """Where the value set lists each code whole, one that is too long is simply none of them."""
        listed = bool(row.domain) and not catalogue.domains[row.domain].children
        return row.length is not None and row.type in ("string", "code", "number") and not listed

    def level(self, catalogue: Catalogue, row: FieldRow) -> Level:
        return "warning" if row.sure != "official" else "error"

    def words(self, catalogue: Catalogue, row: FieldRow, lang: Lang) -> dict[str, str]:
        return {"length": f"{row.length},{row.scale}" if row.type == "number" else str(row.length)}

    def fails(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> bool:
        if cell.value is None or cell.text is None:
            return False
        if row.type == "number":
            return not compiled(digits(row)).search(cell.text)
        return len(cell.text) > (row.length or 0)

    def defect(self, catalogue: Catalogue, row: FieldRow) -> tuple[str, Spoil]:
        length = row.length or 0
        if row.type == "number":
            return "超过长度", lambda _, __: "9" * (length - row.scale + 1)
        more = "9" if row.type == "code" else "长"
        return "超过长度", lambda value, _: (value or "").ljust(length + 1, more)

    def contract(self, catalogue: Catalogue, row: FieldRow) -> list[pa.Check]:
        import pandera.polars as pa

        name, length = row.check("length"), row.length or 0
        if row.type == "number":
            limit = 10 ** (length - row.scale)
            return [pa.Check.in_range(-limit, limit, include_min=False, include_max=False, error=name)]
        return [pa.Check.str_length(max_value=length, error=name)]
