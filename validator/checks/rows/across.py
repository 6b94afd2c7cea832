"""Rules that look across the rows of one case: keys that must not repeat, pairs of codes, codes that need another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from validator.checks.rows.plan import RowPlan, RuleRow
from validator.codes.reference import Knowledge
from validator.spec.interfaces import split
from validator.spec.rule_pages import Rule

if TYPE_CHECKING:
    from validator.checks.rows.case import CaseRow

Extra = Mapping[str, str | None] | None


@dataclass(frozen=True)
class Across:
    """How a rule went on the rows that could be judged."""

    judged: int
    concerned: int  #: of these, those that the rule is about
    failed: Sequence[tuple[int, Extra]]  #: the row, what its message may show


def judge(
    plan: RowPlan, rows: Mapping[str, Sequence["CaseRow"]], table: str, rule: RuleRow, judged: Sequence[int]
) -> Across:
    """Judge a rule of shape ``unique``, ``pairs`` or ``requires`` on the rows with these places."""
    page = rule.step.check.rule
    assert page
    if page.shape == "unique":
        return _unique(page, [(n, tuple(rows[table][n].values[slot] for slot in rule.keys)) for n in judged])
    known, level = plan.catalogue.knowledge[page.spec["table"]], page.spec.get("level")

    def under(side: str, code: str) -> list[str]:
        found = known.matches(side, [code]).get(code, [])
        return [row for row in found if known.rows[row]["level"] == level] if level else found

    codes = [(n, rows[table][n].values[rule.keys[0]]) for n in judged]
    if page.shape == "pairs":
        left = [(n, code, under("left", code)) for n, code in codes]
        right = [(n, code, under("right", code)) for n, code in codes]
        concerned = sum(bool(one[2] or other[2]) for one, other in zip(left, right, strict=True))
        times = {n: rows[table][n].values[rule.keys[1]] for n in judged} if "same" in page.spec else {}
        return Across(len(judged), concerned, _pairs(known, left, right, _Near(times, page.spec.get("hours"))))
    needing = [(n, code, under("code", code)) for n, code in codes]
    concerned = sum(bool(ids) for _, _, ids in needing)
    return Across(len(judged), concerned, _requires(plan, known, page, needing, rows))


def _unique(page: Rule, keys: Sequence[tuple[int, tuple[object, ...]]]) -> Across:
    """Within a case the later of two equal rows fails; within a batch one case alone cannot fail."""
    seen, failed = set[tuple[object, ...]](), list[tuple[int, Extra]]()
    for row, key in keys if page.spec["within"] == "case" else ():
        if key in seen:
            failed.append((row, None))
        seen.add(key)
    return Across(len(keys), len(keys), failed)


_Codes = Sequence[tuple[int, str, list[str]]]  #: row, its code, the rows of the table that it falls under


def _notes(known: Knowledge, row: str) -> dict[str, str | None]:
    return {name: known.rows[row].get(name, "") for name in ("note_zh", "note_en")}


@dataclass(frozen=True)
class _Near:
    """Whether two rows agree in a value or, with ``hours``, are no further apart in time; any two where there is none."""

    values: Mapping[int, Any]  #: by row; moments in microseconds
    hours: int | None

    def __call__(self, one: int, other: int) -> bool:
        if not self.values:
            return True
        first, second = self.values[one], self.values[other]
        return bool(first == second if self.hours is None else abs(first - second) <= self.hours * _HOUR)


_HOUR = 3_600_000_000  #: microseconds


def _pairs(known: Knowledge, left: _Codes, right: _Codes, near: _Near) -> list[tuple[int, Extra]]:
    """The rows on the right of a pair whose case also has one on the left; the first such is the ``other``."""
    failed = list[tuple[int, Extra]]()
    for row, _, ids in right if any(ids for _, _, ids in left) else ():
        others = ((n, other, under) for n, other, under in left if n != row and near(n, row))
        found = next(((other, name) for _, other, under in others for name in ids if name in under), None)
        if found:
            failed.append((row, {"other": found[0], **_notes(known, found[1])}))
    return failed


def _requires(
    plan: RowPlan, known: Knowledge, page: Rule, needing: _Codes, rows: Mapping[str, Sequence["CaseRow"]]
) -> list[tuple[int, Extra]]:
    """The rows whose code needs another code and whose case has none of those."""
    if not any(ids for _, _, ids in needing):
        return []
    table, name = split(page.spec["in"])
    slot = plan.slots[table][name]
    codes = [code for row in rows.get(table, ()) if (code := row.values[slot]) is not None]
    there = {each for found in known.matches("needs", codes).values() for each in found}
    failed = list[tuple[int, Extra]]()
    for row, _, ids in needing:
        lacking = next((each for each in ids if each not in there), None)
        if lacking:
            failed.append((row, {"needs": known.rows[lacking]["needs"], **_notes(known, lacking)}))
    return failed
