"""A partition of a few cases judged one by one: what a :class:`~validator.checks.results.PartitionResult` holds, as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from validator.base.lazy import pl
from validator.checks import unread
from validator.checks.batch_schemes import Schemes
from validator.checks.plan import Plan
from validator.checks.rows.about import about
from validator.checks.rows.case import Found, JudgedCase, judged
from validator.checks.rows.case import judge as judge_case
from validator.checks.rows.counts import reported, tallies
from validator.checks.rows.plan import RowPlan
from validator.checks.rows.reasons import not_judged, used_tables, without_tables
from validator.checks.rows.start import kept_plan
from validator.checks.rows.steps import RuleRow
from validator.checks.rows.words import ShownFinding, Wording
from validator.checks.totals import PartitionTotals
from validator.read.mapping import draft
from validator.read.partition import HOUSEKEEPING, Partition, TableRows, text_of
from validator.spec.rule_pages import LEVELS

CaseFinding = tuple[int | None, ShownFinding]  #: the row of the case in its partition, None for what is of no case
#: Rule about the whole batch -> the key of each row, in the units of the language, with the finding it may become.
Repeats = dict[str, list[tuple[tuple[Any, ...], CaseFinding]]]


@dataclass
class FewResult:
    """The outcome of one partition of a few cases."""

    about: PartitionTotals
    findings: list[CaseFinding]
    cases: list[dict[str, Any]]  #: the columns of ``case_rows.COUNTED``
    repeats: Repeats
    words: Wording  #: how its findings are worded


@lru_cache(maxsize=8)
def _compiled(plan: Plan) -> RowPlan:
    return kept_plan(plan.catalogue, plan.key) or RowPlan(plan, {})


@lru_cache(maxsize=8)
def _planned(plan: Plan, lacking: tuple[tuple[str, frozenset[str]], ...], mask: bool) -> tuple[RowPlan, Wording]:
    """The plan for an input that lacks some columns, and the words of its findings."""
    made = _compiled(plan)
    made = made.without(dict(lacking)) if any(names for _, names in lacking) else made
    return made, Wording(made, mask=mask)


def judge(plan: Plan, part: Partition, wanted: frozenset[str], place: int, *, mask: bool, alone: bool) -> FewResult:
    """Check one partition by its rows; see :func:`validator.checks.judge.judge`."""
    columns = {name: part.columns(name) for name in plan.rows}
    lacking = {name: frozenset(plan.lacking(name, some) if some is not None else ()) for name, some in columns.items()}
    if part.bare:
        lacking[plan.case] = frozenset(plan.rows[plan.case])
    rows, words = _planned(plan, tuple(sorted(lacking.items())), mask)
    editions = part.source_editions
    cases = [judge_case(rows, each, editions=editions, bare=part.bare) for each in cases_of(part)]
    sources = list(part.sources)
    findings: list[CaseFinding] = [
        (number, each) for number, case in enumerate(cases) for each in words.evidence(case, reported(case, wanted)[0])
    ]
    notes = [note for note in part.notes if note.check in wanted and not unread.Unread.takes(note)]
    findings += [
        (note.case, words.of_note(note, None if note.case is None else cases[note.case], sources)) for note in notes
    ]
    findings.sort(key=lambda each: len(cases) if each[0] is None else each[0])
    counted = tallies(cases, wanted)
    needed = _needed(rows, cases)
    about_it = PartitionTotals(
        place, plan.key, sources, counted,
        not_judged(plan, counted, needed) | without_tables(rows, wanted, editions),
        used_tables(rows, wanted, [case.day for case in cases], editions),
        Schemes(plan.catalogue).count(partial(_used, rows, cases)), unread.of_partition(plan, part, needed, wanted), draft(part.notes),
    )  # fmt: skip
    shown = [_about(case, part, number, place, findings, mask=words.mask) for number, case in enumerate(cases)]
    return FewResult(about_it, findings, shown, _repeats(rows, words, cases, wanted, alone=alone), words)


def cases_of(part: Partition) -> Iterator[dict[str, TableRows]]:
    """The rows of each case, table by table."""
    grouped = {name: _by_case(part.rows(name) or _rows(part.tables[name])) for name in part.tables}
    for number in range(part.height(part.case)):
        yield {name: cases.get(number, TableRows()) for name, cases in grouped.items()}


def _rows(frame: pl.DataFrame) -> TableRows:
    """The rows of a frame as texts."""
    texts = frame.select(text_of(name, kind) for name, kind in frame.schema.items() if name not in HOUSEKEEPING)
    return TableRows(texts.rows(named=True), frame.select(HOUSEKEEPING).rows())


def _by_case(table: TableRows) -> dict[int, TableRows]:
    found = dict[int, TableRows]()
    for place, row in zip(table.places, table.rows, strict=True):
        rows = found.setdefault(place[0], TableRows())
        rows.rows.append(row)
        rows.places.append(place)
    return found


def _used(plan: RowPlan, cases: Sequence[JudgedCase], name: str) -> list[tuple[Any, int, str]] | None:
    """The values of a field or fact of the cases, as :data:`validator.checks.batch_schemes.Used` has them."""
    slot = plan.slots[plan.case].get(name)
    if slot is None:
        return None
    cases_of: dict[Any, list[str]] = {}
    for case in cases:
        cases_of.setdefault(case.own.values[slot], []).append(case.own.raw["case_id"] or "")
    return [(value, len(names), min(names)) for value, names in cases_of.items()]


def _needed(plan: RowPlan, cases: Sequence[JudgedCase]) -> dict[tuple[str, str], int]:
    """The tables and columns (blank: the table) that the input lacks -> how many cases need them; in the engine's order."""
    found = Counter(each for case in cases for each in case.unread)
    required = [check for check in plan.plan.checks.values() if check.aspect == "required" and check.row]
    always, at_times = (
        [each for each in required if bool(each.row and each.row.required_when) == when] for when in (False, True)
    )
    order = [(check.table, check.field) for check in (*always, *at_times)]
    order += [(table, "") for table in (plan.case, *(need.table for need, _ in plan.needing))]
    return {each: found[each] for each in dict.fromkeys(order) if each in found}


def _about(
    case: JudgedCase, part: Partition, number: int, place: int, findings: Sequence[CaseFinding], *, mask: bool
) -> dict[str, Any]:
    """The case's row of :data:`~validator.checks.case_rows.COUNTED`."""
    own = [each.check.level for at, each in findings if at == number]
    known = about(case, part.sources[case.own.place[2]].file if part.sources else None, mask=mask)
    counts = {f"{level}s": own.count(level) for level in LEVELS}
    return {
        "_case": number,
        **known,
        **counts,
        "_part": place,
        "_unread": part.incomplete or bool(case.unread),
        "_of_list": False,
    }


def _repeats(
    plan: RowPlan, words: Wording, cases: Sequence[JudgedCase], wanted: Collection[str], *, alone: bool
) -> Repeats:
    """The keys that a batch must not hold twice; ``alone``: no other partition can repeat them."""
    found: Repeats = {}
    for table in plan.tables.values():
        for rule in table.rules.every:
            if rule.within == "batch" and rule.step.check.id in wanted:
                keyed = [(case, number, *each) for number, case in enumerate(cases) for each in _keys(rule, case)]
                times = Counter(key for *_, key in keyed)
                found[rule.step.check.id] = [
                    (key, (number, words.evidence(case, [Found(rule.place, rule.step.check, row)])[0]))
                    for case, number, row, key in keyed
                    if not alone or times[key] > 1
                ]
    return found


def _keys(rule: RuleRow, case: JudgedCase) -> list[tuple[int, tuple[Any, ...]]]:
    """The rows that can be judged, and the key of each."""
    rows = case.rows[rule.step.check.table]
    return [(row, tuple(rows[row].values[slot] for slot in rule.keys)) for row in judged(rule, rows)]
