"""How every check went over a case, with its denominator; worked out only when somebody asks."""

from collections import Counter
from collections.abc import Collection, Iterator

from validator.checks import fields
from validator.checks.cell_typing import stripped
from validator.checks.fields import Filled
from validator.checks.fields.aspect import is_in_force
from validator.checks.rows.case import CaseRow, Found, JudgedCase, comparable, concerned, filled
from validator.checks.rows.codes import FieldCodes
from validator.checks.rows.plan import RuleRow, TablePlan
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


def tallies(case: JudgedCase, wanted: Collection[str]) -> dict[str, Tally]:
    """The tally of every check that ran."""
    _, instead = reported(case, wanted)
    failed = Counter(each.check.id for each in case.found)
    result: dict[str, Tally] = {}
    for table in case.plan.tables.values():
        result |= dict(_of_cells(table, case, failed))
        for codes in table.codes:
            result |= dict(_of_codes(table, codes, case, failed))
        result |= {rule.step.check.id: _of_rule(rule, table, case) for rule in table.rules.every}
    for check in case.plan.plan.skipped:
        needed = (case.plan.plan.table_of(case.plan.plan.skipped[check]), "") in case.unread
        result[check] = Tally(1, not_applicable=0 if needed else 1)
    for check, count in instead.items():
        result[check].failed -= count
        result[check].not_applicable += count
    return {name: tally for name, tally in result.items() if name in wanted}


def _of_cells(table: TablePlan, case: JudgedCase, failed: Counter[str]) -> Iterator[tuple[str, Tally]]:
    rows = case.rows[table.name]
    counted: dict[str, Filled] = {}
    for number, each in enumerate(table.cells):
        cells = [row.cells[number] for row in rows]
        raw, text, value = (sum(cell[at] is not None for cell in cells) for at in (0, 1, 2))
        counted[each.field] = Filled(len(rows), raw, text, value)
    for _, check in table.checks:
        assert check.row
        if check.aspect == "required" and check.field in table.missing:
            yield check.id, Tally(len(rows))
        elif not is_in_force(case.day, check.row.since, check.row.until):
            yield check.id, Tally(len(rows), not_applicable=len(rows))
        else:
            passed, not_applicable = fields.of(check).tally(counted[check.field], failed[check.id])
            if (
                check.aspect == "required" and check.row.blank and not check.row.dated
            ):  # nothing to fill in is an answer
                words, at = {*check.row.blank} - {""}, table.numbers[check.field]
                not_applicable += sum(stripped(row.cells[at].raw or "") in words for row in rows)
            yield check.id, Tally(len(rows), passed, failed[check.id], not_applicable)


def _of_codes(
    table: TablePlan, codes: FieldCodes, case: JudgedCase, failed: Counter[str]
) -> Iterator[tuple[str, Tally]]:
    verdicts = case.verdicts[table.name, codes.field]
    states = Counter("blank" if each is None else each.state for each in verdicts)
    not_grey = sum(each is not None and each.grey is False for each in verdicts)
    for each in codes.checks:
        aspect, count = fields.of_table(each.check), failed[each.check.id]
        assert aspect
        passed, not_applicable = aspect.tally_codes(states, count, not_grey)
        yield each.check.id, Tally(len(verdicts), passed, count, not_applicable)
    if codes.name:
        at, count = table.numbers[codes.name.check.field], failed[codes.name.check.id]
        texts = [row.cells[at].text for row in case.rows[table.name]]
        pairs = [each for text, each in zip(texts, verdicts, strict=True) if text is not None and each is not None]
        known = sum(each.state == "known" and each.standard is not None for each in pairs)
        yield codes.name.check.id, Tally(len(verdicts), known - count, count, len(verdicts) - len(pairs))


def _of_rule(rule: RuleRow, table: TablePlan, case: JudgedCase) -> Tally:
    rows = case.rows[table.name]
    tally = Tally(len(rows))
    for row in rows:
        about = concerned(rule, row)
        if about is False:
            tally.not_applicable += 1
        holds = _holds(rule, row) if about else None
        tally.passed += holds is True
        tally.failed += holds is False
    if rule.across:
        went = case.across.get(rule.step.check.id)
        if went is None:  # no code of the case is in its table; keys of a single row cannot repeat
            tally.not_applicable += 0 if rule.within else tally.passed
            tally.passed = tally.passed if rule.within else 0
            tally.failed = 0
            return tally
        tally.failed = len(went.failed)
        tally.passed = went.concerned - tally.failed
        tally.not_applicable += went.judged - went.concerned
    if rule.step.demands in table.lacking:
        tally.failed = 0
    return tally


def _holds(rule: RuleRow, row: CaseRow) -> bool | None:
    """Whether a rule holds for a row that it is about; None where that is unknown."""
    if rule.across:
        return comparable(rule, row)
    if rule.step.demands:
        return filled(rule, row)
    holds: bool | None = row.outcomes[rule.expect]
    return holds
