"""Rules that look across the rows of one case: keys that must not repeat, pairs of codes, codes that need another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from validator.checks.rows.codes import MOST
from validator.codes.reference import Knowledge
from validator.spec.catalogue import Catalogue
from validator.spec.interfaces import split
from validator.spec.rule_pages import Rule

if TYPE_CHECKING:
    from validator.checks.rows.case import CaseRow
    from validator.checks.rows.plan import RowPlan
    from validator.checks.rows.steps import RuleRow

Extra = Mapping[str, str | None] | None


@dataclass(frozen=True)
class Across:
    """How a rule went on the rows that could be judged."""

    judged: int
    concerned: int  #: of these, those that the rule is about
    failed: Sequence[tuple[int, Extra]]  #: the row, what its message may show


#: The rows of a rule's table that a code falls under: on the left and right of pairs, or as one that needs another.
Under = Sequence[Sequence[str]]


class CodeRules:
    """The rules of one table about the codes of one column: ``pairs`` and ``requires``."""

    def __init__(self, rules: Sequence["RuleRow"], catalogue: Catalogue) -> None:
        self.rules, self._catalogue = rules, catalogue
        self._touching: dict[str, list[tuple[RuleRow, Under]]] = {}

    def of(self, rules: Sequence["RuleRow"]) -> "CodeRules":
        """The same about other rules, nothing remembered."""
        return CodeRules(rules, self._catalogue)

    def touching(self, code: str) -> list[tuple["RuleRow", Under]]:
        """The rules whose knowledge tables have the code, with its rows there; remembered, for to most codes no rule speaks."""
        found = self._touching.get(code)
        if found is None:
            if len(self._touching) >= MOST:
                self._touching.clear()
            every = ((rule, _under(rule, code, self._catalogue)) for rule in self.rules)
            found = self._touching[code] = [(rule, rows) for rule, rows in every if any(rows)]
        return found


def _under(rule: "RuleRow", code: str, catalogue: Catalogue) -> Under:
    page = rule.step.check.rule
    assert page
    known, level = catalogue.knowledge[page.spec["table"]], page.spec.get("level")
    sides = ("left", "right") if page.shape == "pairs" else ("code",)
    found = [known.under(side, code) for side in sides]
    return [[row for row in rows if known.rows[row]["level"] == level] for rows in found] if level else found


def by_keys(rule: "RuleRow", rows: Sequence["CaseRow"], judged: Sequence[int]) -> Across:
    """Judge a rule of shape ``unique`` on the rows with these places.

    Within a case the later of two equal rows fails; within a batch one case alone cannot fail.
    """
    keys = [tuple(rows[n].values[slot] for slot in rule.keys) for n in judged]
    seen, failed = set[tuple[object, ...]](), list[tuple[int, Extra]]()
    if rule.within == "case" and len(set(keys)) < len(keys):
        for row, key in zip(judged, keys, strict=True):
            if key in seen:
                failed.append((row, None))
            seen.add(key)
    return Across(len(keys), len(keys), failed)


def by_codes(
    plan: "RowPlan",
    rows: Mapping[str, Sequence["CaseRow"]],
    table: str,
    rule: "RuleRow",
    judged: Sequence[int],
    known: Mapping[int, Under],
) -> Across:
    """Judge a rule of shape ``pairs`` or ``requires`` on the rows with these places; ``known``: those whose codes its table has."""
    page = rule.step.check.rule
    assert page
    about = {n: known[n] for n in judged if n in known}
    if page.shape == "pairs":
        failed = _pairs(plan, rows[table], rule, page, about)
    else:
        failed = _requires(plan, page, [(n, each[0]) for n, each in about.items()], rows)
    return Across(len(judged), len(about), failed)


def _pairs(
    plan: "RowPlan", rows: Sequence["CaseRow"], rule: "RuleRow", page: Rule, about: Mapping[int, Under]
) -> list[tuple[int, Extra]]:
    """The rows on the right of a pair whose case also has one on the left; the first such is the ``other``."""
    left, right = ([(n, each[side]) for n, each in about.items() if each[side]] for side in (0, 1))
    if not (left and right):
        return []
    code, *times = rule.keys
    near = _Near({n: rows[n].values[times[0]] for n in about} if "same" in page.spec else {}, page.spec.get("hours"))
    failed = list[tuple[int, Extra]]()
    for row, ids in right:
        if found := _other(row, ids, left, near):
            other, pair = found
            shown = {"other": rows[other].values[code], **_notes(plan.catalogue.knowledge[page.spec["table"]], pair)}
            failed.append((row, shown))
    return failed


_Codes = Sequence[tuple[int, Sequence[str]]]  #: row, the rows of the table that its code falls under


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


def _other(row: int, ids: Sequence[str], left: _Codes, near: _Near) -> tuple[int, str] | None:
    """The first row on the left of a pair with a row on its right, and the pair; None where there is none."""
    for other, under in left:
        if other != row:
            for name in ids:
                if name in under and near(other, row):
                    return other, name
    return None


def _requires(
    plan: "RowPlan", page: Rule, needing: _Codes, rows: Mapping[str, Sequence["CaseRow"]]
) -> list[tuple[int, Extra]]:
    """The rows whose code needs another code and whose case has none of those."""
    if not needing:
        return []
    known = plan.catalogue.knowledge[page.spec["table"]]
    table, name = split(page.spec["in"])
    slot = plan.slots[table][name]
    codes = [code for row in rows.get(table, ()) if (code := row.values[slot]) is not None]
    there = {each for found in known.matches("needs", codes).values() for each in found}
    failed = list[tuple[int, Extra]]()
    for row, ids in needing:
        lacking = next((each for each in ids if each not in there), None)
        if lacking:
            failed.append((row, {"needs": known.rows[lacking]["needs"], **_notes(known, lacking)}))
    return failed
