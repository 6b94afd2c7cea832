"""What the aspects of codes have in common: those of how a code is built, and those that code tables judge."""

from collections import Counter
from typing import ClassVar

from validator.base.certainty import Sure
from validator.checks import damage
from validator.checks.damage import Repair
from validator.checks.fields.aspect import Aspect, FieldCell
from validator.codes.lookup import CodeVerdict
from validator.codes.standards import Form
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow
from validator.spec.patterns import Pattern
from validator.spec.rule_pages import Level


class CodeAspect(Aspect):
    """Of fields whose texts have a pattern. What a code must be is its standard's word, not the interface's."""

    #: Whether a failure is an error where the standard is official.
    grave: ClassVar[bool] = True
    #: Whether the check is as sure as the standard; else it is practice.
    firm: ClassVar[bool] = True

    def pattern(self, catalogue: Catalogue, row: FieldRow) -> Pattern | None:
        """The pattern of the code that is judged."""
        return catalogue.patterns.get(row.pattern)

    def level(self, catalogue: Catalogue, row: FieldRow) -> Level:
        pattern = self.pattern(catalogue, row)
        official = pattern is not None and pattern.sure == "official"
        return super().level(catalogue, row) if self.grave and official else "warning"

    def basis(self, catalogue: Catalogue, row: FieldRow) -> tuple[str, Sure]:
        pattern = self.pattern(catalogue, row)
        if pattern is None or not pattern.forms or pattern.editions:
            return super().basis(catalogue, row)
        return pattern.forms[0].document, pattern.sure if self.firm else "practice"

    def repair(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> Repair | None:
        """A code that lost zeros, when exactly one code of the newest tables, or of the form, is the same number."""
        pattern, judge = self.pattern(catalogue, row), catalogue.judge
        if pattern is None or pattern.editions or cell.text is None:
            return None

        def known(form: Form, code: str) -> bool | None:
            state = judge.verdicts([form], [code], judge.era(None))[code].state
            return None if state == "unjudged" else state == "known"

        return damage.of_code(pattern.forms, cell.text, known)


class TableAspect(CodeAspect):
    """What :mod:`validator.checks.code_checks` judges, each distinct code once, by the tables of its list's day."""

    #: Whether something is judged where no table is loaded.
    without_tables: ClassVar[bool] = False
    #: Whether the code that bears the name next to a failing one is suggested.
    suggests_by_name: ClassVar[bool] = False
    #: Whether it is asked of the insurance edition alone.
    of_insurance: ClassVar[bool] = False

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        pattern = self.pattern(catalogue, row)
        return pattern is not None and bool(pattern.tables) and not (pattern.editions and self.of_insurance)

    def code_field(self, row: FieldRow) -> str:
        """The field of the code that is judged."""
        return row.field

    def fails_code(self, verdict: CodeVerdict) -> bool:
        """Whether a code fails, by what the tables say of it."""
        return verdict.state == self.name

    def tally_codes(self, counts: Counter[str], failed: int, not_grey: int) -> tuple[int, int]:
        """How many rows passed, and to how many the check does not apply, from the number of rows in each state.

        A fault says of the other codes what its test has shown; a code that is not even well formed is not judged.
        """
        raise NotImplementedError
