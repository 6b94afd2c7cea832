"""The name of a code is not the one that the national table has for it."""

from validator.checks.fields.codes import TableAspect
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow
from validator.spec.patterns import Pattern


class NameAspect(TableAspect):
    """Of fields that hold the name of a code in another field; judged together with that code."""

    name = "name"
    grave = firm = False

    def pattern(self, catalogue: Catalogue, row: FieldRow) -> Pattern | None:
        return catalogue.patterns.get(row.named)

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        return super().applies(catalogue, row) and not row.personal

    def code_field(self, row: FieldRow) -> str:
        return row.names
