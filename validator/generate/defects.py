"""What can be planted in a field: for every field check a way to break a value so that this check must fire."""

from dataclasses import dataclass

from validator.checks import fields
from validator.checks.fields import Spoil
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow


@dataclass(frozen=True)
class Defect:
    """One way to break one field."""

    check: str
    table: str
    field: str
    says: str  #: what was done, for the truth table
    spoil: Spoil
    condition: FieldRow | None = None  #: the row whose ``required_when`` must hold for the defect to show


def of_fields(catalogue: Catalogue, interface: str) -> list[Defect]:
    """A defect for every field check of an interface that can be broken without tables, in the order of the layout."""
    layout = catalogue.layouts[interface]
    made = {layout.case} if layout.interface.made_of else set()  # what the rows make cannot be broken by itself
    rows = [row for name, table in layout.tables.items() if name not in made for row in table.fields.values()]
    found = []
    for check in catalogue.field_checks(rows):
        row = check.row
        assert row
        if way := fields.of(check).defect(catalogue, row):
            says, spoil = way
            condition = row if check.aspect == "required" and not row.required else None
            found.append(Defect(check.id, row.table, row.field, f"{row.name_zh}：{says}", spoil, condition))
    return found
