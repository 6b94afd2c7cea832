"""A number or duration out of its range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.checks.fields.aspect import Aspect, FieldCell, Spoil, one_of
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow
from validator.spec.rule_pages import Level

if TYPE_CHECKING:
    import pandera.polars as pa

_MOST_HOURS, _MOST_MINUTES = 24, 60  #: of a duration


class RangeAspect(Aspect):
    """Of fields with a least or greatest value, and of durations."""

    name = "range"
    passes_usual = spoils = of_value = True

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        return row.min is not None or row.max is not None or row.type == "duration"

    def level(self, catalogue: Catalogue, row: FieldRow) -> Level:
        return "warning" if row.sure != "official" else "error"

    def fails(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> bool:
        if cell.value is None:
            return False
        if row.type == "duration":
            _, hours, minutes = map(int, (cell.text or "").split("/"))
            if hours > _MOST_HOURS or minutes > _MOST_MINUTES:
                return True
        value = cell.value / 10**row.scale
        return (row.min is not None and value < row.min) or (row.max is not None and value > row.max)

    def defect(self, catalogue: Catalogue, row: FieldRow) -> tuple[str, Spoil]:
        if row.type == "duration":
            return "超出范围", one_of(["0/25/0", "0/1/61", "1/30/0"])
        bounds = ((row.min, -1), (row.max, 1))
        return "超出范围", one_of([f"{bound + step:g}" for bound, step in bounds if bound is not None])

    def contract(self, catalogue: Catalogue, row: FieldRow) -> list[pa.Check]:
        import pandera.polars as pa

        name = row.check("range")
        least = [] if row.min is None else [pa.Check.ge(row.min, error=name)]
        return least if row.max is None else [*least, pa.Check.le(row.max, error=name)]
