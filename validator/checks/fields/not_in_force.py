"""A code that another version of its table has, or whose dates do not fit the list's day."""

from collections import Counter

from validator.checks.fields.codes import TableAspect


class NotInForceAspect(TableAspect):
    """Known, but not on that day."""

    name = "not_in_force"

    def tally_codes(self, counts: Counter[str], failed: int, not_grey: int) -> tuple[int, int]:
        return counts["known"], counts["blank"] + counts["not_in_table"] + counts["wrong_edition"]
