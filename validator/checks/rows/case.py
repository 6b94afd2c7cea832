"""One case judged: cells, codes, facts in rounds, rules. What it gives is kept raw; words and counts are made on demand."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import compress
from operator import attrgetter
from typing import Any, cast

from validator.checks.cells import JudgedCell
from validator.checks.language.kinds import DAY_US
from validator.checks.rows import across
from validator.checks.rows.across import Across
from validator.checks.rows.codes import FieldCodes
from validator.checks.rows.plan import RowPlan, TablePlan
from validator.checks.rows.steps import FactRound, FactRow, RuleRow
from validator.codes.editions import Edition
from validator.codes.lookup import CodeVerdict
from validator.read.partition import RowPlace, TableRows
from validator.spec.catalogue import Check

Raw = Mapping[str, str | None]
_EPOCH = date(1970, 1, 1).toordinal()
_NONE: frozenset[int] = frozenset()
_NO_ROWS = TableRows()


class CaseRow:
    """A row: raw texts, cells by number of the field, values by slot, and what is spoilt: names that rules must not judge by."""

    __slots__ = ("bad", "cells", "doubtful", "outcomes", "place", "raw", "values")

    def __init__(self, raw: Raw, place: RowPlace, cells: list[JudgedCell], values: list[Any], bad: set[str]) -> None:
        self.raw, self.place, self.cells, self.values, self.bad = raw, place, cells, values, bad
        self.outcomes: tuple[Any, ...] = ()  #: the results of the rules' function
        self.doubtful = _NONE  #: numbers of the rules that read what is spoilt


@dataclass(frozen=True)
class Found:
    """A failed check; ``row``: the row's place in its table; ``extra``: what the check itself found out."""

    place: int
    check: Check
    row: int
    extra: Mapping[str, str | None] | None = None


@dataclass
class JudgedCase:
    """What judging a case gave."""

    plan: RowPlan
    rows: dict[str, list[CaseRow]]
    day: date | None
    found: list[Found] = field(default_factory=list)
    verdicts: dict[tuple[str, str], list[CodeVerdict | None]] = field(default_factory=dict)  #: table, field with codes
    across: dict[str, Across] = field(default_factory=dict)  #: rule -> how it went
    editions: Sequence[Edition] = ()  #: of the codes of each source, where it is of records
    unread: set[tuple[str, str]] = field(
        default_factory=set
    )  #: table and column (blank: the table) that the input lacks

    @property
    def own(self) -> CaseRow:
        """The case's own row."""
        return self.rows[self.plan.case][0]


def judge(
    plan: RowPlan, raw: Mapping[str, TableRows], *, editions: Sequence[Edition] = (), bare: bool = False
) -> JudgedCase:
    """Judge a case; ``raw``: its rows by table, one in the case's own.

    ``editions``: of the codes of each source, where it is of records. ``bare``: nothing is known of the case but its keys.
    """
    own = plan.tables[plan.case]
    days = (_day(own, slot, raw[plan.case].rows[0]) for slot in plan.day)
    day = next((each for each in days if each is not None), None)
    result = JudgedCase(plan, {}, None if day is None else date.fromordinal(day + _EPOCH), editions=editions)
    for name, table in plan.tables.items():
        result.rows[name] = _cells(table, raw.get(name, _NO_ROWS), result)
    result.own.values[plan.list_date] = day
    for table in plan.tables.values():
        for codes in table.codes:
            _codes(table, codes, result)
    for facts in plan.facts:
        _facts(plan, facts, result)
    for table in plan.tables.values():
        _rules(table, result)
    _unread(plan, result, raw, bare=bare)
    result.found.sort(key=lambda each: (each.place, each.row))
    return result


def _day(own: TablePlan, slot: int, texts: Raw) -> int | None:
    cells = own.cells[slot]
    value = cells.typing.cell(texts.get(cells.field))[1]
    assert not isinstance(value, str)
    return value if value is None or cells.row.type == "date" else value // DAY_US


def _cells(table: TablePlan, raw: TableRows, result: JudgedCase) -> list[CaseRow]:
    rows, day, checks = list[CaseRow](), result.day, table.checks
    facts: list[Any] = [None] * (table.width - len(table.cells))
    for number, texts in enumerate(raw.rows):
        known, bad = list(map(_remembered, table.memories, map(texts.get, table.fields))), set[str]()
        for at in [at for at, cell in enumerate(known) if cell is None]:
            each = table.cells[at]
            known[at] = cell = each.cell(texts.get(each.field), day)
            if cell.failing:
                result.found += [Found(*checks[failing], number) for failing in cell.failing]
            if cell.bad:
                bad.add(each.field)
        cells = cast("list[JudgedCell]", known)
        rows.append(CaseRow(texts, raw.places[number], cells, [*map(_value, cells), *facts], bad))
    if rows:
        result.unread |= {(table.name, name) for name in table.missing}
    return rows


#: The cell that a field's memory has for a text, and the value of a cell: of hundreds in each case, so not written as loops.
_remembered: Callable[[dict[str | None, JudgedCell], str | None], JudgedCell | None] = dict.get
_value = attrgetter("value")


def _codes(table: TablePlan, codes: FieldCodes, result: JudgedCase) -> None:
    """Judge the codes of a field, and the names next to them."""
    at = table.numbers[codes.field]
    verdicts = result.verdicts[table.name, codes.field] = list[CodeVerdict | None]()
    for number, row in enumerate(result.rows[table.name]):
        code = row.cells[at].text
        if code is None:
            verdicts.append(None)
            continue
        era = codes.era(result.day, result.editions[row.place[2]] if result.editions else "insurance")
        verdict, failing = codes.of(code, era)
        verdicts.append(verdict)
        name = row.cells[table.numbers[codes.named]].text if codes.named else None
        for each in failing:
            result.found.append(Found(each.place, each.check, number, codes.shown(each, verdict, era, name)))
        if codes.name and (wrong := codes.wrong_name(verdict, era, name, row.raw.get(codes.field))):
            result.found.append(Found(codes.name.place, codes.name.check, number, wrong))


def _facts(plan: RowPlan, facts: FactRound, result: JudgedCase) -> None:
    """One round of one table's facts: those of its rows, then those of the case that are collected from them."""
    rows, case = result.rows[facts.table], result.own
    if not rows:
        for slot, value in facts.of_no_rows:
            case.values[slot] = value
        return
    of_case = case.bad if facts.table != plan.case else _NOTHING
    for number, row in enumerate(rows):
        _row_facts(plan, facts, result, number)
        if row.bad or of_case:
            _spoil(facts, row, of_case)
    if facts.collect:
        outs = [facts.collect(row.values, case.values) for row in rows]
        columns = list(zip(*outs, strict=True))
        for each in facts.parted:
            _part(each, rows, outs, of_case)
        spoilt = rows if of_case else [row for row in rows if row.bad]
        for each in facts.aggregates:
            bad = bool(spoilt) and any(each.reads.spoilt(row.bad, of_case) for row in spoilt)
            case.values[each.slot] = None if bad else _collected(each, columns)
            if bad:
                case.bad.add(each.step.fact.name)


def _spoil(facts: FactRound, row: CaseRow, of_case: Collection[str]) -> None:
    """Take away the facts of a row that read what failed its own check."""
    for each in facts.of_rows:
        if each.reads.spoilt(row.bad, of_case):
            row.values[each.slot] = None
            row.bad.add(each.step.fact.name)


def _part(each: FactRow, rows: Sequence[CaseRow], outs: Sequence[tuple[Any, ...]], of_case: Collection[str]) -> None:
    """A fact of each row, collected from the rows that have the same in the columns that part them."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for number, row in enumerate(rows):
        groups.setdefault(tuple(row.values[slot] for slot in each.columns), []).append(number)
    for key, numbers in groups.items():
        bad = any(each.reads.spoilt(rows[number].bad, of_case) for number in numbers)
        columns = list(zip(*(outs[number] for number in numbers), strict=True))
        value = None if bad or None in key else _collected(each, columns)
        for number in numbers:
            rows[number].values[each.slot] = value
            if bad:
                rows[number].bad.add(each.step.fact.name)


def _row_facts(plan: RowPlan, facts: FactRound, result: JudgedCase, number: int) -> None:
    row = result.rows[facts.table][number]
    if facts.rows:
        facts.rows(row.values, result.own.values)
    for slot, every in facts.lookups.items():
        code = row.values[slot]
        for each, value in zip(every, plan.attributes(every, code), strict=True) if code else ():
            row.values[each.slot] = value
    for each in facts.direct:
        row.values[each.slot] = _direct(each, row, result.verdicts.get((facts.table, each.coded)), number)


_NOTHING: frozenset[str] = frozenset()


def _direct(each: FactRow, row: CaseRow, verdicts: Sequence[CodeVerdict | None] | None, number: int) -> Any:
    """What a call or a code table gives."""
    if verdicts is not None:
        return getattr(verdicts[number], each.step.fact.coded["give"], None)
    given = [row.values[slot] for slot in each.columns]
    return None if None in given else each.called(*given)


def _collected(each: FactRow, columns: Sequence[tuple[Any, ...]]) -> Any:
    """A fact of the case from the results of its rows, one column a result. What ``where`` leaves out is not looked at."""
    where = columns[each.where] if each.where >= 0 else ()
    kept = tuple(compress(columns[each.value], where)) if where else columns[each.value]
    match each.shape:
        case "any":
            return True in kept
        case "count":
            return kept.count(True)
        case "sum":
            if None in kept or None in where:
                return None  # a total with an unknown part is unknown
            total = sum(kept)
            return total if abs(total) <= each.step.kind.most else None
        case "first":
            return kept[0] if kept else None
        case "min":
            return min((value for value in kept if value is not None), default=None)
    return max((value for value in kept if value is not None), default=None)


def _rules(table: TablePlan, result: JudgedCase) -> None:
    """Judge the rows of a table by its rules."""
    rules, rows, case = table.rules, result.rows[table.name], result.own
    of_case = case.bad if table.name != result.plan.case else set[str]()
    found = result.found
    for number, row in enumerate(rows):
        out = row.outcomes = rules.judge(row.values, case.values)
        if row.bad or of_case:
            row.doubtful = rules.doubtful(row.bad, of_case)
        if False in out[rules.conditions :]:
            for place, rule in rules.expects.items():
                if out[place] is False and rule.number not in row.doubtful:
                    found.append(Found(rule.place, rule.step.check, number))
        for rule in rules.demands:
            if concerned(rule, row) and filled(rule, row) is False:
                if rule.step.demands in table.lacking:
                    result.unread.add((table.name, rule.step.demands))
                else:
                    found.append(Found(rule.place, rule.step.check, number))
    _across(table, result)


def _across(table: TablePlan, result: JudgedCase) -> None:
    """Judge by the rules across rows: of those about codes only the ones that speak of a code that is there."""
    rules, rows, plan = table.rules, result.rows[table.name], result.plan
    for rule in rules.unique if len(rows) > 1 else ():
        _went(result, rule, across.by_keys(rule, rows, judged(rule, rows)))
    for slot, codes in rules.codes.items():
        touched: dict[int, tuple[RuleRow, dict[int, across.Under]]] = {}
        for number, row in enumerate(rows):
            if (code := row.values[slot]) is not None:
                for rule, under in codes.touching(code):
                    touched.setdefault(rule.number, (rule, {}))[1][number] = under
        for rule, known in touched.values():
            _went(result, rule, across.by_codes(plan, result.rows, table.name, rule, judged(rule, rows), known))


def _went(result: JudgedCase, rule: RuleRow, went: Across) -> None:
    """Keep how a rule across rows went."""
    result.across[rule.step.check.id] = went
    result.found += [Found(rule.place, rule.step.check, number, shown) for number, shown in went.failed]


def judged(rule: RuleRow, rows: Sequence[CaseRow]) -> list[int]:
    """The rows that a rule across rows can judge."""
    found, number, when, keys = list[int](), rule.number, rule.when, rule.keys
    for at, row in enumerate(rows):  # what `concerned` and `comparable` say, without their calls: it is done most often
        if number not in row.doubtful and (when < 0 or row.outcomes[when]):
            values = row.values
            for slot in keys:
                if values[slot] is None:
                    break
            else:
                found.append(at)
    return found


def concerned(rule: RuleRow, row: CaseRow) -> bool | None:
    """Whether a rule is about a row; None where that is unknown."""
    if rule.number in row.doubtful:
        return None
    concerns: bool | None = True if rule.when < 0 else row.outcomes[rule.when]
    return concerns


def filled(rule: RuleRow, row: CaseRow) -> bool | None:
    """Whether a field that must be filled is; None for a placeholder, which is another check's business."""
    cell = row.cells[rule.demanded]
    if cell.text is not None:
        return True
    return False if rule.says_nothing(cell.raw) else None


def comparable(rule: RuleRow, row: CaseRow) -> bool:
    """Whether a row has the codes that a rule across rows compares."""
    return all(row.values[slot] is not None for slot in rule.keys)


def _unread(plan: RowPlan, result: JudgedCase, raw: Iterable[str], *, bare: bool) -> None:
    """Which tables the case needs and the input does not hold; one that holds the keys alone lacks all but these."""
    if bare:
        result.unread = {each for each in result.unread if each[0] != plan.case} | {(plan.case, "")}
    missing = [each for each in plan.needing if each[0].table not in raw]
    if missing:
        needed = plan.needs(result.own.values, result.own.values)
        result.unread |= {(need.table, "") for need, at in missing if at < 0 or needed[at] is not False}
