"""A code cut short, which is not of the final level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.base.language import Lang
from validator.base.regexes import compiled
from validator.checks.fields.aspect import FieldCell, Spoil, condition, one_of
from validator.checks.fields.codes import CodeAspect
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow

if TYPE_CHECKING:
    import pandera.polars as pa

#: Codes that stop at a category, of one standard or another.
_CUT_SHORT = ("K80", "K80.1", "51.2", "51.23")


class CategoryAspect(CodeAspect):
    """Of codes whose standard names what a cut code is (category, subcategory)."""

    name = "category"
    passes_usual = True

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        return bool(row.pattern and catalogue.patterns[row.pattern].category)

    def words(self, catalogue: Catalogue, row: FieldRow, lang: Lang) -> dict[str, str]:
        """A code of the field's own standard, and what it is called cut short."""
        form = next(form for form in catalogue.patterns[row.pattern].forms if form.levels)
        whole = next(iter(form.examples))
        cut = next(
            whole[:n]
            for n in range(len(whole) - 1, 0, -1)
            if any(compiled(each).search(whole[:n]) for each in form.levels.values())
        )
        return {"cut": cut, "whole": whole}

    def fails(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> bool:
        return cell.text is not None and bool(compiled(catalogue.patterns[row.pattern].category).search(cell.text))

    def defect(self, catalogue: Catalogue, row: FieldRow) -> tuple[str, Spoil]:
        pattern = catalogue.patterns[row.pattern]
        short, whole = compiled(pattern.category), compiled(pattern.regex)
        return "编码不到最细一级", one_of(
            [text for text in _CUT_SHORT if short.search(text) and not whole.search(text)]
        )

    def contract(self, catalogue: Catalogue, row: FieldRow) -> list[pa.Check]:
        short = catalogue.patterns[row.pattern].category
        return [condition(lambda value: ~value.str.contains(short), row.check("category"))]
