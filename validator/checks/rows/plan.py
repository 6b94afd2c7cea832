"""What to do for one case, compiled from the engine's plan: values in slots, conditions as functions of generated Python."""

import marshal
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from validator.base.certainty import NULL_WORDS
from validator.checks.cells import FieldCells
from validator.checks.day import LIST_DATE
from validator.checks.language import Expression, Function, load, module
from validator.checks.language.source import Slot
from validator.checks.plan import Plan
from validator.checks.rows.across import CodeRules
from validator.checks.rows.codes import MOST, CodeCheck, FieldCodes
from validator.checks.rows.excess import Reads, excess_parts
from validator.checks.rows.steps import FactRound, FactRow, Made, RuleRow, TableRules, nothing
from validator.checks.steps import FactStep, NeedStep, RuleStep
from validator.spec.catalogue import Catalogue, Check
from validator.spec.interfaces import split


@dataclass
class TablePlan:
    """What to do with the rows of one table."""

    name: str
    cells: list[FieldCells]
    numbers: dict[str, int]  #: field -> its number, which is its slot too
    checks: list[tuple[int, Check]]  #: the field checks with their places
    codes: list[FieldCodes]
    width: int
    rules: TableRules
    lacking: frozenset[str]  #: fields that lists must fill, always or at times, and that the input lacks
    missing: frozenset[str]  #: of these, those that must be filled always

    def __post_init__(self) -> None:
        self.fields = [each.field for each in self.cells]
        self.memories = [each.memory for each in self.cells]


class RowPlan:
    """The work for one interface, as :class:`~validator.checks.plan.Plan` has it for columns."""

    def __init__(self, plan: Plan, lacking: Mapping[str, Collection[str]]) -> None:
        """``lacking``: table -> the fields that lists must fill and that are not among the input's columns."""
        self.plan, self.catalogue, self.case = plan, plan.catalogue, plan.case
        self.lacking = lacking
        self.slots = {table: self._slots(table) for table in plan.rows}
        self.day = [self.slots[self.case][name] for name in plan.day if name in plan.rows[self.case]]
        self.list_date = self.slots[self.case][LIST_DATE]
        self.places: dict[str, int] = {}
        for table in plan.rows:
            self._number(check.id for check in plan.own_checks[table])
            self._number(each.id for every in plan.code_checks[table].values() for each in every.values())
        for steps in plan.rules.values():
            self._number(step.check.id for step in steps)
        self._functions: list[Function] = []
        rounds = [
            (table, [step for step in steps if step.fact.on == table])
            for steps in plan.facts
            for table in dict.fromkeys(step.fact.on for step in steps)
        ]
        self.facts = [self._round(number, *each) for number, each in enumerate(rounds)]
        rules = {table: self._rules(number, table, plan.rules[table]) for number, table in enumerate(plan.rules)}
        self._needs()
        self._rules_of = rules
        self.code = module(self._functions)
        self.asking = {
            (table, field): plan.asking(table, field) for table, every in plan.code_checks.items() for field in every
        }  #: table, field with codes -> the rules that read what its table says
        self._loaded(plan.catalogue)

    def _loaded(self, catalogue: Catalogue) -> None:
        """Make functions of the code, and what judges cells and codes by a catalogue."""
        made = load(self.code)
        for number, facts in enumerate(self.facts):
            facts.rows, facts.collect = made.get(f"rows{number}"), made.get(f"collect{number}")
        self.needs: Made = made["needs"]
        for number, rules in enumerate(self._rules_of.values()):
            rules.judge, rules.excess = made[f"rules{number}"], made[f"excess{number}"]
            rules.codes = {slot: CodeRules(some.rules, catalogue) for slot, some in rules.codes.items()}
        self.catalogue, self.plan = catalogue, copy(self.plan)
        self.plan.catalogue = catalogue
        self.tables = {table: self._table(table, self._rules_of[table]) for table in self.plan.rows}
        self._attributes: dict[int, dict[str, tuple[str | None, ...]]] = {}

    def _copied(self) -> "RowPlan":
        """A copy that shares all that this one is made of; ``copy`` would make what is kept between runs."""
        other = RowPlan.__new__(RowPlan)
        vars(other).update(vars(self))
        return other

    def by(self, catalogue: Catalogue) -> "RowPlan":
        """The same plan for a catalogue that differs in its code tables alone."""
        other = self._copied()
        other.facts = [replace(each) for each in self.facts]
        other._rules_of = {table: replace(each) for table, each in self._rules_of.items()}  # noqa: SLF001
        other._loaded(catalogue)  # noqa: SLF001
        return other

    def without(self, lacking: Mapping[str, Collection[str]]) -> "RowPlan":
        """The same plan for an input that lacks some columns."""
        other = self._copied()
        other.lacking = lacking
        other.tables = {table: other._table(table, self._rules_of[table]) for table in self.plan.rows}  # noqa: SLF001
        return other

    def __getstate__(self) -> dict[str, Any]:
        """What is kept between runs: no functions but their code, no trees, nothing remembered."""
        kept = {name: value for name, value in vars(self).items() if name not in _MADE}
        facts = [replace(each, rows=None, collect=None) for each in self.facts]
        return {
            **kept, "code": marshal.dumps(self.code), "plan": self.plan.without_trees(),
            "facts": [replace(each, **_slim_facts(each)) for each in facts],
            "needing": [(replace(need, when=None), at) for need, at in self.needing],
            "_rules_of": {table: each.without_trees() for table, each in self._rules_of.items()},
        }  # fmt: skip

    def __setstate__(self, kept: dict[str, Any]) -> None:
        """Take what was kept; :meth:`by` makes it whole."""
        vars(self).update(kept)
        self.code = marshal.loads(kept["code"])  # noqa: S302 - of a file that is the user's own, see base.kept

    def _number(self, checks: Iterable[str]) -> None:
        for check in checks:
            self.places.setdefault(check, len(self.places))

    def _slots(self, table: str) -> dict[str, int]:
        names = [*self.plan.rows[table], *(name for name, home in self.plan.home.items() if home == table)]
        return {name: slot for slot, name in enumerate(dict.fromkeys(names))}

    def _slot(self, name: str, table: str) -> Slot:
        """Where a name that a text about rows of the table reads is."""
        own, column = split(name)
        if name in self.slots[table]:
            return "r", self.slots[table][name]
        assert not own or own in self.plan.case_names
        return "c", self.slots[self.case][column]

    def _reads(self, names: Iterable[str], table: str) -> Reads:
        own, of_case = set[str](), set[str]()
        for name in names:
            (own if name in self.slots[table] else of_case).add(name if name in self.slots[table] else split(name)[1])
        return Reads(frozenset(own), frozenset(of_case))

    def _function(self, name: str, table: str, trees: list[Expression], **options: Any) -> None:
        slots = {each: self._slot(each, table) for tree in trees for each in tree.reads}
        self._functions.append(
            Function(name, [tree.tree for tree in trees], slots, options.pop("stores", {}), **options)
        )

    def _round(self, number: int, table: str, steps: list[FactStep]) -> FactRound:
        """The facts of one table in one round."""
        here, known = FactRound(table), self.slots[table]
        values, collected, waits = list[Expression](), list[Expression](), dict[int, int]()
        for step in steps:
            reads = self._reads(step.reads, table)
            if step.fact.aggregate or step.fact.per:
                assert step.value
                where = len(collected) if step.where else -1
                if step.where:
                    collected.append(step.where)
                    waits[where + 1] = where
                home = table if step.fact.per else self.case
                columns = tuple(known[name] for name in step.columns)
                fact = FactRow(step, self.slots[home][step.fact.name], reads, columns, where, len(collected))
                (here.parted if step.fact.per else here.aggregates).append(fact)
                collected.append(step.value)
                continue
            columns = tuple(known[name] for name in step.columns)
            row = FactRow(step, known[step.fact.name], reads, columns, factors=step.factors)
            here.of_rows.append(row)
            if step.value:
                here.values.append(row)
                values.append(step.value)
            elif step.fact.lookup:
                here.lookups.setdefault(row.columns[0], []).append(row)
            else:
                here.direct.append(row)
        if values:
            stores = {place: ("r", row.slot) for place, row in enumerate(here.values)}
            self._function(f"rows{number}", table, values, stores=stores)
        if collected:
            self._function(f"collect{number}", table, collected, waits=waits)
        return here

    def _rules(self, number: int, table: str, steps: list[RuleStep]) -> TableRules:
        numbers = {name: place for place, name in enumerate(self.plan.rows[table])}
        whens = [step.when for step in steps if step.when]
        expects, waits, rules = list[Expression](), dict[int, int](), list[RuleRow]()
        charged = list[Expression]()
        conditions = iter(range(len(whens)))
        for step in steps:
            when = next(conditions) if step.when else -1
            expect = len(whens) + len(expects) if step.expect else -1
            if step.expect:
                expects.append(step.expect)
                if step.when:
                    waits[expect] = when
            keys = tuple(self.slots[table][name] for name in step.keys) if step.across else ()
            reads, place = self._reads(step.reads, table), self.places[step.check.id]
            demanded, row = numbers.get(step.demands, -1), step.check.row
            blank = frozenset(["", *row.blank, *NULL_WORDS]) if row else frozenset[str]()
            rules.append(
                RuleRow(
                    step,
                    len(rules),
                    place,
                    reads,
                    when,
                    expect,
                    keys,
                    step.across,
                    demanded,
                    blank,
                    excess_parts(step, charged, lambda names: self._reads(names, table)),
                )
            )
        self._function(f"rules{number}", table, whens + expects, waits=waits)
        self._function(f"excess{number}", table, charged)
        by_code: dict[int, list[RuleRow]] = {}
        for rule in rules:
            if _shape(rule) in ("pairs", "requires"):
                by_code.setdefault(rule.keys[0], []).append(rule)
        return TableRules(
            nothing, len(whens), rules,
            {rule.expect: rule for rule in rules if rule.expect >= 0},
            [rule for rule in rules if rule.step.demands],
            [rule for rule in rules if _shape(rule) == "unique" and rule.within == "case"],
            {slot: CodeRules(some, self.catalogue) for slot, some in by_code.items()},
            nothing,
        )  # fmt: skip

    def _needs(self) -> None:
        """Which tables the case needs, by the conditions of those that have one."""
        self.needing: list[tuple[NeedStep, int]] = []
        whens = list[Expression]()
        for need in self.plan.needs:
            self.needing.append((need, len(whens) if need.when else -1))
            whens += [need.when] if need.when else []
        self._function("needs", self.case, whens)

    def _table(self, table: str, rules: TableRules) -> TablePlan:
        rows, lacking = self.plan.rows[table], frozenset(self.lacking.get(table, ()))
        checks = [(self.places[check.id], check) for check in self.plan.own_checks[table]]
        missing = frozenset(each.field for _, each in checks if each.aspect == "required" and each.field in lacking)
        own: dict[str, list[tuple[int, Check]]] = {name: [] for name in rows}
        for number, (_, check) in enumerate(checks):
            if not (check.aspect == "required" and check.field in missing):
                own[check.field].append((number, check))
        cells = [FieldCells(self.catalogue, row, own[name], lacking=name in missing) for name, row in rows.items()]
        codes = [
            FieldCodes(
                self.catalogue.judge,
                name,
                next((row.field for row in rows.values() if row.names == name), ""),
                self.catalogue.patterns[rows[name].pattern],
                [CodeCheck(self.places[check.id], check) for check in every.values()],
            )
            for name, every in self.plan.code_checks[table].items()
        ]
        numbers = {name: number for number, name in enumerate(rows)}
        return TablePlan(table, cells, numbers, checks, codes, len(self.slots[table]), rules, lacking, missing)

    def attributes(self, facts: Sequence[FactRow], code: str) -> tuple[str | None, ...]:
        """What knowledge tables say of a code, for each of some facts; remembered."""
        known = self._attributes.setdefault(id(facts), {})
        found = known.get(code)
        if found is None:
            if len(known) >= MOST:
                known.clear()
            asked = (each.step.fact.lookup for each in facts)
            found = known[code] = tuple(
                self.catalogue.knowledge[about["table"]].attribute(about["give"], code) for about in asked
            )
        return found


#: What a kept plan does without.
_MADE = {"needs", "tables", "_attributes", "_functions"}


def _slim_facts(facts: FactRound) -> dict[str, Any]:
    """The lists of a round's facts without their trees."""

    def slim(some: Iterable[FactRow]) -> list[FactRow]:
        return [replace(each, step=replace(each.step, value=None, where=None)) for each in some]

    names = ("values", "direct", "of_rows", "parted", "aggregates")
    return {
        **{name: slim(getattr(facts, name)) for name in names},
        "lookups": {slot: slim(some) for slot, some in facts.lookups.items()},
    }


def _shape(rule: RuleRow) -> str:
    page = rule.step.check.rule
    return page.shape if page else ""
