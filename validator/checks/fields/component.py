"""A code of which a segment points at nothing."""

from collections import Counter

from validator.checks.fields.codes import TableAspect
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow


class ComponentAspect(TableAspect):
    """Judged without tables; where there is a table, it tells more."""

    name = "component"
    grave = firm = False
    without_tables = of_insurance = True

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        pattern = self.pattern(catalogue, row)
        checked = pattern is not None and any(each.check for form in pattern.forms for each in form.segments)
        return checked and super().applies(catalogue, row)

    def tally_codes(self, counts: Counter[str], failed: int, not_grey: int) -> tuple[int, int]:
        passed = counts["unjudged"]
        return passed, counts.total() - passed - failed - counts["malformed"]
