"""The cases of rule pages, judged once on the row road, and what a page's tests would say of a changed rule."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from validator import read
from validator.checks import catalogue, examples
from validator.checks.cells import FieldCells
from validator.checks.language import Function, load, module
from validator.checks.language.scope import Scope, typed
from validator.checks.language.tree import Term
from validator.checks.plan import Plan
from validator.checks.rows import across
from validator.checks.rows.case import CaseRow, JudgedCase, comparable, judge
from validator.checks.rows.excess import Reads
from validator.checks.rows.partition import cases_of
from validator.checks.rows.plan import RowPlan
from validator.checks.rows.steps import RuleRow
from validator.read.message_rows import TableRows, of_message
from validator.spec.rule_pages import Rule

CATALOGUE = catalogue.load()
Raw = Mapping[str, TableRows]
#: Of a row: whether the rule is about it and, unless it looks across rows, whether it holds.
Judges = Callable[[Any, Any], tuple[Any, ...]]


@dataclass(frozen=True, eq=False)
class Run:
    """One case of a page: its lists as they are read and as they are judged."""

    fails: bool
    where: tuple[int, ...]  #: the rows that fail, the first is 1; empty: it does not matter which
    title: str
    plan: RowPlan
    rule: RuleRow
    raw: tuple[Raw, ...]
    lists: tuple[JudgedCase, ...]

    @property
    def table(self) -> str:
        """The table whose rows the rule is about on this interface."""
        return self.rule.step.check.table

    def agrees(self, failed: Sequence[int]) -> bool:
        """Whether the case wants the rows that failed."""
        return bool(failed) is self.fails and (not self.where or tuple(failed) == self.where)

    @property
    def text(self) -> "Text":
        """The rule as the page has it."""
        step = self.rule.step
        return Text(self.rule, step.when and step.when.tree, step.expect and step.expect.tree)


@cache
def plan(interface: str) -> RowPlan:
    """The plan of an interface, joint ones included."""
    return RowPlan(Plan(CATALOGUE, interface, CATALOGUE.layouts[interface].tables), {})


@cache
def interfaces(rule: str) -> tuple[str, ...]:
    """The interface of each case of a page."""
    page = CATALOGUE.rules[rule]
    return tuple(examples.interface_of(page, case, CATALOGUE) for case in page.cases)


@cache
def runs(rule: str) -> tuple[Run, ...]:
    """The cases of a page, judged."""
    page, known = CATALOGUE.rules[rule], examples.equipped(CATALOGUE, rule)
    return tuple(_run(page, number, known) for number in range(len(page.cases)))


def _run(page: Rule, number: int, known: catalogue.Catalogue) -> Run:
    case = page.cases[number]
    interface = interfaces(page.id)[number]
    own = plan(interface) if known is CATALOGUE else plan(interface).by(known)
    lists = tuple(each for message in examples.batch(page, case, known) for each in raw(message, interface))
    return Run(
        case.fails, case.rows, case.title, own, rule_of(own, page.id), lists, tuple(judge(own, each) for each in lists)
    )


def raw(message: dict[str, Any], interface: str) -> list[Raw]:
    """The rows of a message's cases."""
    if CATALOGUE.layouts[interface].interface.made_of:
        return list(cases_of(read.from_message(message, CATALOGUE.layouts)))
    return [of_message(message, CATALOGUE.layouts, interface, 1).tables]


def rule_of(own: RowPlan, rule: str) -> RuleRow:
    """A rule in the plan of an interface."""
    return next(each for table in own.tables.values() for each in table.rules.every if each.step.check.id == rule)


@cache
def pages() -> tuple[Rule, ...]:
    """The rules that run."""
    return tuple(rule for rule in CATALOGUE.rules.values() if not rule.withdrawn)


def compiled(own: RowPlan, table: str, tree: Term) -> Term:
    """A tree typed by the names of a table; :class:`~validator.checks.language.LanguageError` where it has no meaning."""
    names = {each.value.removeprefix(f"{table}.") for each in tree.walk() if each.op.name == "name"}
    kinds = {name: found for name in names if (found := own.plan.kind_of(name, table))}
    found = typed(tree, Scope(kinds, CATALOGUE.profile.parameters, f"{table}."))
    found.must_be("text", "number", "day", "moment", "time", "truth")
    return found


def inlined(own: RowPlan, table: str, node: Term) -> Term:
    """A typed tree in which facts of a row are what they are made of, and names say their table."""
    if node.op.name != "name":
        return replace(node, kids=tuple(inlined(own, table, kid) for kid in node.kids))
    here = node.value in own.slots[table]
    home, column = (table, node.value) if here else (own.case, node.value.rpartition(".")[2])
    step = own.plan._steps.get(column)
    if step and step.value and step.fact.shape == "is" and step.fact.on == home:
        return inlined(own, home, step.value.tree)
    return replace(node, value=f"{home}.{column}")


def cells(own: RowPlan, table: str) -> Callable[[str], FieldCells | None]:
    """What judges the cells of a column that a text about rows of a table names; None of any other name."""

    def of(name: str) -> FieldCells | None:
        home, _, column = name.rpartition(".")
        known = own.tables[home if home in own.tables else own.case if home else table]
        return known.cells[known.numbers[column]] if column in known.numbers else None

    return of


def names(trees: Sequence[Term | None]) -> list[str]:
    """The names that typed trees read."""
    return list(dict.fromkeys(each.value for tree in trees if tree for each in tree.walk() if each.op.name == "name"))


def function(own: RowPlan, table: str, trees: Sequence[Term]) -> Judges:
    """Typed trees as one function of a row and its case."""
    slots = {name: own._slot(name, table) for name in names(trees)}
    return load(module([Function("found", trees, slots, {})]))["found"]


@dataclass(frozen=True)
class Text:
    """A rule as it is judged on one interface: its trees, typed, and for a rule across rows its keys."""

    rule: RuleRow
    when: Term | None
    expect: Term | None

    def inlined(self, own: RowPlan) -> tuple[Term | None, Term | None]:
        """The trees with the facts of rows in them."""
        table = self.rule.step.check.table
        when, expect = (each and inlined(own, table, each) for each in (self.when, self.expect))
        return when, expect

    def verdict(self, own: RowPlan, lists: Sequence[JudgedCase]) -> tuple[list[int], bool]:
        """The rows that fail, the first is 1, and whether some row passes."""
        table = self.rule.step.check.table
        judges = function(own, table, [each for each in (self.when, self.expect) if each])
        reads = own._reads([*names([self.when, self.expect]), *self.rule.step.keys], table)
        if self.expect is None:
            return self._across(own, lists, judges, reads)
        failed, passed = list[int](), False
        for case in lists:
            for place, row in _concerned(case, table, judges, reads, conditional=self.when is not None):
                holds = judges(row.values, case.own.values)[-1]
                failed += [place + 1] if holds is False else []
                passed = passed or holds is True
        return failed, passed

    def _across(
        self, own: RowPlan, lists: Sequence[JudgedCase], judges: Judges, reads: Reads
    ) -> tuple[list[int], bool]:
        rule, table, seen = self.rule, self.rule.step.check.table, Counter[tuple[Any, ...]]()
        failed, passed = list[int](), False
        for case in lists:
            rows = _concerned(case, table, judges, reads, conditional=self.when is not None)
            places = [place for place, row in rows if comparable(rule, row)]
            went = _went(own, case.rows, table, rule, places)
            failed += [place + 1 for place, _ in went.failed]
            passed = passed or went.concerned > len(went.failed)
            for place in places if rule.within == "batch" else ():
                key = tuple(case.rows[table][place].values[slot] for slot in rule.keys)
                failed += [place + 1] if seen[key] else []
                seen[key] += 1
        return failed, passed


def _went(
    own: RowPlan, rows: Mapping[str, Sequence[CaseRow]], table: str, rule: RuleRow, places: Sequence[int]
) -> across.Across:
    """How a rule across rows went on the rows with these places."""
    page, there = rule.step.check.rule, rows[table]
    assert page
    if page.shape == "unique":
        return across.by_keys(rule, there, places)
    codes = across.CodeRules([rule], own.catalogue)
    known = {place: under for place in places for _, under in codes.touching(there[place].values[rule.keys[0]])}
    return across.by_codes(own, rows, table, rule, places, known)


def _concerned(
    case: JudgedCase, table: str, judges: Judges, reads: Reads, *, conditional: bool
) -> Iterator[tuple[int, CaseRow]]:
    """The rows that the rule is about and can judge, with their places."""
    of_case = case.own.bad if table != case.plan.case else frozenset[str]()
    for place, row in enumerate(case.rows[table]):
        if not reads.spoilt(row.bad, of_case) and (not conditional or judges(row.values, case.own.values)[0] is True):
            yield place, row


def right(found: Iterator[tuple[Run, tuple[list[int], bool]]]) -> bool:
    """Whether the page's tests pass: each fail case fails, no pass case does, and one pass case at least is judged."""
    judged = False
    for run, (failed, passed) in found:
        if not run.agrees(failed):
            return False
        judged = judged or (passed and not run.fails)
    return judged


@cache
def readers(interface: str) -> dict[str, frozenset[str]]:
    """Fact -> the rules that read it on an interface, straight or by other facts."""
    own = plan(interface).plan
    known = {step.fact.name: frozenset(step.reads) for steps in own.facts for step in steps}
    found: dict[str, set[str]] = defaultdict(set)
    for steps in own.rules.values():
        for step in steps:
            behind, todo = set[str](), list(step.reads)
            while todo:
                name = todo.pop().rpartition(".")[2]
                if name in known and name not in behind:
                    behind.add(name)
                    todo += known[name]
            for name in behind:
                found[name].add(step.check.id)
    return {name: frozenset(rules) for name, rules in found.items()}
