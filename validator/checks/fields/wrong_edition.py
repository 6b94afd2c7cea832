"""A code of the national clinical edition where the insurance edition is wanted; in records, of another than the file's own."""

from collections import Counter

from validator.base.language import Lang
from validator.checks.fields.codes import TableAspect
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow


class WrongEditionAspect(TableAspect):
    """Of codes whose table has a map of the other edition."""

    name = "wrong_edition"
    firm = False

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        pattern = self.pattern(catalogue, row)
        return pattern is not None and any("map" in form.companions for form in pattern.forms)

    def words(self, catalogue: Catalogue, row: FieldRow, lang: Lang) -> dict[str, str]:
        pattern = self.pattern(catalogue, row)
        zh, en = (
            ("本文件所用版本", "its file's edition")
            if pattern and pattern.editions
            else ("医保版", "the insurance edition")
        )
        return {"edition": zh if lang == "zh" else en}

    def tally_codes(self, counts: Counter[str], failed: int, not_grey: int) -> tuple[int, int]:
        return counts["known"] + counts["not_in_force"], counts["blank"] + counts["not_in_table"]
