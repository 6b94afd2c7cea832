"""What the wanted checks read: no other field is typed, no other fact computed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from validator.checks import unloaded
from validator.checks.day import LIST_DATE
from validator.checks.plan import Plan
from validator.checks.slots import slots
from validator.checks.steps import FactStep, RuleStep
from validator.spec.interfaces import split

Lacking = Mapping[str, Collection[str]]


class Needed(NamedTuple):
    """What to compute."""

    fields: Mapping[str, Collection[str]]  #: table -> the fields whose texts become values
    facts: list[list[FactStep]]  #: in rounds, as the plan has them
    rules: Mapping[str, list[RuleStep]]  #: table -> the rules to judge

    def asked(self, table: str) -> dict[str, list[str]]:
        """Field with a code -> what facts of the table ask of its code tables (``grey``, ``standard``)."""
        found: dict[str, list[str]] = {}
        for step in (step for steps in self.facts for step in steps if step.fact.coded and step.fact.on == table):
            found.setdefault(step.fact.coded["code"], []).append(step.fact.coded["give"])
        return found


def everything(plan: Plan) -> Needed:
    """All fields, facts and rules of a plan."""
    return Needed(plan.rows, plan.facts, plan.rules)


def of_checks(plan: Plan, wanted: Collection[str], lacking: Lacking) -> Needed:
    """What some checks need; ``lacking``: table -> fields that lists must fill and that are not among the input's columns."""
    return _of_checks(plan, frozenset(wanted), frozenset((table, each) for table in lacking for each in lacking[table]))


@lru_cache(maxsize=16)
def _of_checks(plan: Plan, wanted: frozenset[str], lacking: frozenset[tuple[str, str]]) -> Needed:
    judging = wanted - unloaded.rules(plan).keys()
    rules = {
        table: [step for step in steps if step.check.id in judging or (table, step.demands) in lacking]
        for table, steps in plan.rules.items()
    }
    found = _Reads(plan)
    found.of_cases()
    for table, steps in rules.items():
        for step in steps:
            spec = step.check.rule.spec if step.check.rule else {}
            found.names(table, (*step.reads, *step.excess_reads, step.demands))
            found.names(table, [spec["in"]] if "in" in spec else [])
    for check in (plan.checks[name] for name in wanted & plan.checks.keys()):
        if check.table in plan.rows:  # a message shows facts too
            found.names(check.table, [check.field, *slots(check)])
    for table, coded in plan.code_checks.items():
        for field, checks in coded.items():
            if any(each.id in wanted for each in checks.values()):
                naming = [row.field for row in plan.rows[table].values() if row.names == field]
                found.names(table, [field, *naming])
    facts = [[step for step in steps if step.fact.name in found.facts] for steps in plan.facts]
    return Needed(found.fields, facts, rules)


class _Reads:
    """Collects what is read, through facts too."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.facts = plan, set[str]()
        self.fields: dict[str, set[str]] = {table: set() for table in plan.rows}
        self._steps = {step.fact.name: step for steps in plan.facts for step in steps}

    def of_cases(self) -> None:
        """What the rows of cases, the editions and the batch are known by."""
        plan = self.plan
        about = plan.catalogue.layouts[plan.interface].interface
        missing = [need.when.reads for need in plan.needs if need.when and need.table not in plan.rows]
        used = [domain for domain in plan.catalogue.domains.values() if domain.schemes]
        coded = [row.field for row in plan.rows[plan.case].values() if row.domain in {each.name for each in used}]
        for names in (*about.roles.values(), plan.day, coded, [each.named_by for each in used], *missing):
            self.names(plan.case, names)

    def names(self, table: str, names: Iterable[str]) -> None:
        """Take what names mean in a text about rows of the table: of the table itself, of the case, a fact of either."""
        for name in names:
            field = split(name)[1]
            for home in {table, self.plan.case, split(name)[0]} & self.plan.rows.keys():
                if field in self.plan.rows[home]:
                    self.fields[home].add(field)
            step = self._steps.get(field)
            if step and field not in self.facts:
                self.facts.add(field)
                self.names(step.fact.on, step.reads)
            if field == LIST_DATE:
                self.names(self.plan.case, self.plan.day)
