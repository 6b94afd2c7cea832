"""A code that is right but too vague for grouping (灰码)."""

from collections import Counter

from validator.checks.fields.codes import TableAspect
from validator.codes.lookup import CodeVerdict
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow


class GreyAspect(TableAspect):
    """Of codes whose table says which of them are grey."""

    name = "grey"
    grave = firm = False
    of_insurance = True

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        pattern = self.pattern(catalogue, row)
        return (
            super().applies(catalogue, row)
            and pattern is not None
            and any("grey" in form.companions for form in pattern.forms)
        )

    def fails_code(self, verdict: CodeVerdict) -> bool:
        return verdict.grey is True

    def tally_codes(self, counts: Counter[str], failed: int, not_grey: int) -> tuple[int, int]:
        faulty = counts["not_in_table"] + counts["not_in_force"] + counts["wrong_edition"]
        return not_grey, counts["blank"] + faulty
