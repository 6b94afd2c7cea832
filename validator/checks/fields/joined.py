"""A code with another one pasted behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.base.regexes import compiled
from validator.checks.fields.aspect import FieldCell, Spoil, condition
from validator.checks.fields.codes import CodeAspect
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow

if TYPE_CHECKING:
    import pandera.polars as pa


class JoinedAspect(CodeAspect):
    """Of codes whose standard says what is known to be pasted behind them."""

    name = "joined"
    passes_usual = True

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        return bool(row.pattern and catalogue.patterns[row.pattern].joined)

    def fails(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> bool:
        return cell.text is not None and bool(compiled(catalogue.patterns[row.pattern].joined).search(cell.text))

    def defect(self, catalogue: Catalogue, row: FieldRow) -> tuple[str, Spoil]:
        return "编码后连写形态学编码", lambda _, __: "C22.101M81600/3"

    def contract(self, catalogue: Catalogue, row: FieldRow) -> list[pa.Check]:
        joined = catalogue.patterns[row.pattern].joined
        return [condition(lambda value: ~value.str.contains(joined), row.check("joined"))]
