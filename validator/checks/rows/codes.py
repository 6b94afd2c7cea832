"""What code tables say of a field's codes; each distinct code is judged once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from validator.checks import fields, judged_by
from validator.codes import names
from validator.codes.editions import Edition
from validator.codes.lookup import CodeVerdict, Era, Judge
from validator.spec.catalogue import Check
from validator.spec.patterns import Pattern

MOST = 2_000  #: codes of a field whose verdicts are remembered


@dataclass(frozen=True)
class CodeCheck:
    """A check of codes by tables; ``place``: its number among all checks."""

    place: int
    check: Check


class FieldCodes:
    """Judges the codes of one field, and the names that stand next to them."""

    def __init__(self, judge: Judge, field: str, named: str, pattern: Pattern, checks: Sequence[CodeCheck]) -> None:
        """``named``: the field with the codes' names; blank if none."""
        self.judge, self.field, self.named, self.pattern = judge, field, named, pattern
        self.loaded = judged_by.loaded(pattern, judge)
        self.checks = [each for each in checks if each.check.field == field and self._judged(each.check)]
        self.name = next((each for each in checks if each.check.field != field and self.loaded), None)
        self._known: dict[tuple[str, tuple[object, ...]], tuple[CodeVerdict, tuple[CodeCheck, ...]]] = {}

    def _judged(self, check: Check) -> bool:
        aspect = fields.of_table(check)
        return aspect is not None and (self.loaded or aspect.without_tables)

    def era(self, day: date | None, edition: Edition) -> Era:
        """The versions of the tables that hold on the list's day; ``edition``: of the codes of the file."""
        return self.judge.era(day if self.loaded else None, edition if self.pattern.editions else "insurance")

    def of(self, code: str, era: Era) -> tuple[CodeVerdict, tuple[CodeCheck, ...]]:
        """What the tables say of a code, and the checks that it fails."""
        found = self._known.get((code, era.key))
        if found is None:
            verdict = self.judge.verdicts(self.pattern.forms, [code], era)[code]
            failing = tuple(each for each in self.checks if _fails(each.check, verdict))
            found = verdict, failing
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[code, era.key] = found
        return found

    def shown(self, each: CodeCheck, verdict: CodeVerdict, era: Era, name: str | None) -> dict[str, str | None]:
        """What a finding shows of a failing code; ``name``: the one next to it."""
        shown = {
            "standard": verdict.standard,
            "suggested": verdict.suggested,
            "applicability": verdict.suggested and "judge",
            "note_zh": verdict.note_zh,
            "note_en": verdict.note_en,
        }
        aspect = fields.of_table(each.check)
        if aspect and aspect.suggests_by_name and name and verdict.form:
            other = self.judge.code_of(verdict.form, era, name)
            if other:
                shown |= {"suggested": other, "applicability": "judge"}
        return shown

    def wrong_name(
        self, verdict: CodeVerdict, era: Era, name: str | None, code: str | None
    ) -> dict[str, str | None] | None:
        """What a finding shows of a name that is not the table's, if more than the form differs."""
        standard = verdict.standard if verdict.state == "known" else None
        if name is None or standard is None or name == standard or names.same(name, standard):
            return None
        assert verdict.form
        if other := self.judge.code_of(verdict.form, era, name):
            zh, en = f"；这个名称的编码是 {other}", f"; the code of this name is {other}"
        elif names.near(name, standard):
            zh, en = "；两个名称相近", "; the two are alike"
        else:
            zh, en = "；两个名称相差较大", "; the two are far apart"
        return {
            "standard": standard, "suggested": standard, "applicability": "judge", "note_zh": zh, "note_en": en, "code": code,
        }  # fmt: skip


def _fails(check: Check, verdict: CodeVerdict) -> bool:
    aspect = fields.of_table(check)
    return aspect is not None and aspect.fails_code(verdict)
