"""How every check went over some cases, with its denominator; worked out only when somebody asks."""

from collections import Counter
from collections.abc import Collection, Sequence

from validator.checks import fields, unloaded
from validator.checks.cell_typing import stripped
from validator.checks.fields import Filled
from validator.checks.fields.aspect import is_in_force
from validator.checks.rows.case import CaseRow, Found, JudgedCase, comparable, concerned, filled
from validator.checks.rows.codes import FieldCodes
from validator.checks.rows.plan import TablePlan
from validator.checks.rows.steps import RuleRow
from validator.checks.tally import Tally


def reported(case: JudgedCase, wanted: Collection[str]) -> tuple[list[Found], Counter[str]]:
    """The findings to report; and, per check, how many a rule that says more stands instead of."""
    found = [each for each in case.found if each.check.id in wanted]
    instead = {
        (each.check.rule.instead_of, each.row) for each in found if each.check.rule and each.check.rule.instead_of
    }
    if not instead:
        return found, Counter()
    kept = [each for each in found if (each.check.id, each.row) not in instead]
    return kept, Counter(each.check.id for each in found if (each.check.id, each.row) in instead)


def tallies(cases: Sequence[JudgedCase], wanted: Collection[str]) -> dict[str, Tally]:
    """The tally of every wanted check that ran, over some cases of one plan."""
    plan = cases[0].plan
    failed, instead = Counter[str](), Counter[str]()
    for case in cases:
        failed.update(each.check.id for each in case.found)
        instead.update(reported(case, wanted)[1])
    result: dict[str, Tally] = {}
    for table in plan.tables.values():
        result |= _of_cells(table, cases, failed)
        for codes in table.codes:
            result |= _of_codes(table, codes, cases, failed)
        result |= {rule.step.check.id: _of_rule(rule, table, cases) for rule in table.rules.every}
    for check, name in plan.plan.skipped.items():
        needed = sum((plan.plan.table_of(name), "") in case.unread for case in cases)
        result[check] = Tally(len(cases), not_applicable=len(cases) - needed)
    for check in unloaded.rules(plan.plan):
        del result[check]
    for check, count in instead.items():
        result[check].failed -= count
        result[check].not_applicable += count
    return {name: tally for name, tally in result.items() if name in wanted}


def _of_cells(table: TablePlan, cases: Sequence[JudgedCase], failed: Counter[str]) -> dict[str, Tally]:
    rows = [row for case in cases for row in case.rows[table.name]]
    if not rows:
        return {check.id: Tally() for _, check in table.checks}
    filled = {each.field: _filled(number, rows) for number, each in enumerate(table.cells)}
    found = {}
    for _, check in table.checks:
        assert check.row
        known, outside, at = filled[check.field], 0, table.numbers[check.field]
        if check.aspect == "required" and check.field in table.missing:
            found[check.id] = Tally(len(rows))
            continue
        if check.row.dated:
            there = [
                row
                for case in cases
                if is_in_force(case.day, check.row.since, check.row.until)
                for row in case.rows[table.name]
            ]
            known, outside = _filled(at, there), len(rows) - len(there)
        passed, not_applicable = fields.of(check).tally(known, failed[check.id])
        if check.aspect == "required" and check.row.blank and not check.row.dated:  # nothing to fill in is an answer
            words = {*check.row.blank} - {""}
            not_applicable += sum(stripped(row.cells[at].raw or "") in words for row in rows)
        found[check.id] = Tally(len(rows), passed, failed[check.id], not_applicable + outside)
    return found


def _filled(number: int, rows: Sequence[CaseRow]) -> Filled:
    """How many cells of a field hold a text, one that is cleaned, and a value."""
    raw = text = value = 0
    for row in rows:
        cell = row.cells[number]
        raw += cell.raw is not None
        text += cell.text is not None
        value += cell.value is not None
    return Filled(len(rows), raw, text, value)


def _of_codes(
    table: TablePlan, codes: FieldCodes, cases: Sequence[JudgedCase], failed: Counter[str]
) -> dict[str, Tally]:
    verdicts = [each for case in cases for each in case.verdicts[table.name, codes.field]]
    states = Counter("blank" if each is None else each.state for each in verdicts)
    not_grey = sum(each is not None and each.grey is False for each in verdicts)
    found = {}
    for each in codes.checks:
        aspect, count = fields.of_table(each.check), failed[each.check.id]
        assert aspect
        passed, not_applicable = aspect.tally_codes(states, count, not_grey)
        found[each.check.id] = Tally(len(verdicts), passed, count, not_applicable)
    if codes.name:
        at, count = table.numbers[codes.name.check.field], failed[codes.name.check.id]
        texts = [row.cells[at].text for case in cases for row in case.rows[table.name]]
        pairs = [each for text, each in zip(texts, verdicts, strict=True) if text is not None and each is not None]
        known = sum(each.state == "known" and each.standard is not None for each in pairs)
        found[codes.name.check.id] = Tally(len(verdicts), known - count, count, len(verdicts) - len(pairs))
    return found


def _of_rule(rule: RuleRow, table: TablePlan, cases: Sequence[JudgedCase]) -> Tally:
    total, name = Tally(), rule.step.check.id
    for case in cases:
        rows = case.rows[table.name]
        total.rows += len(rows)
        passed = 0
        for row in rows:
            about = concerned(rule, row)
            if about is False:
                total.not_applicable += 1
            elif about:
                holds = _holds(rule, row)
                passed += holds is True
                total.failed += holds is False and not rule.across
        if rule.across and (went := case.across.get(name)):
            total.failed += len(went.failed)
            total.not_applicable += went.judged - went.concerned
            passed = went.concerned - len(went.failed)
        elif rule.across and not rule.within:  # no code of the case is in its table
            total.not_applicable += passed
            passed = 0
        total.passed += passed
    if rule.step.demands in table.lacking:
        total.failed = 0
    return total


def _holds(rule: RuleRow, row: CaseRow) -> bool | None:
    """Whether a rule holds for a row that it is about; None where that is unknown."""
    if rule.across:
        return comparable(rule, row)
    if rule.step.demands:
        return filled(rule, row)
    holds: bool | None = row.outcomes[rule.expect]
    return holds
