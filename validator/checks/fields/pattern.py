"""A text that is not built as its pattern says."""

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

_SHAPELESS = ("K80", "X1", "1-")  #: some of these fit no pattern


class PatternAspect(CodeAspect):
    """A code that is neither right nor cut short nor has another pasted behind."""

    name = "pattern"
    passes_usual = spoils = True

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        return bool(row.pattern) and row.type != "number"  # of numbers it says how they are joined

    def words(self, catalogue: Catalogue, row: FieldRow, lang: Lang) -> dict[str, str]:
        pattern = catalogue.patterns[row.pattern]
        return {"pattern_text": pattern.zh if lang == "zh" else pattern.en}

    def fails(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> bool:
        text = cell.text
        return text is not None and not any(compiled(each).search(text) for each in _known(catalogue, row))

    def defect(self, catalogue: Catalogue, row: FieldRow) -> tuple[str, Spoil]:
        pattern = catalogue.patterns[row.pattern]
        known = [compiled(each) for each in (pattern.regex, pattern.category) if each]
        return "代码写法错误", one_of([text for text in _SHAPELESS if not any(each.search(text) for each in known)])

    def contract(self, catalogue: Catalogue, row: FieldRow) -> list[pa.Check]:
        """In Rust's syntax, which pandera's own ``str_matches`` would not take."""
        known = "|".join(f"(?:{each})" for each in _known(catalogue, row))
        return [condition(lambda value: value.str.contains(known), row.check("pattern"))]


def _known(catalogue: Catalogue, row: FieldRow) -> list[str]:
    """The expressions of right codes, and of those that other aspects judge."""
    pattern = catalogue.patterns[row.pattern]
    return [each for each in (pattern.regex, pattern.category, pattern.joined) if each]
