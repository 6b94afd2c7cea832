"""A code that the national table does not have."""

from collections import Counter

from validator.checks.fields.codes import TableAspect


class NotInTableAspect(TableAspect):
    """In no version of its table."""

    name = "not_in_table"
    suggests_by_name = True

    def tally_codes(self, counts: Counter[str], failed: int, not_grey: int) -> tuple[int, int]:
        return counts["known"] + counts["not_in_force"], counts["blank"] + counts["wrong_edition"]
