"""Which fields a rule reads, through facts too."""

from collections.abc import Iterable

from validator.checks.day import LIST_DATE
from validator.checks.plan import Plan
from validator.checks.plans import whole_plans
from validator.checks.steps import FactStep
from validator.spec.catalogue import Catalogue
from validator.spec.interfaces import split

Field = tuple[str, str]  #: table, field


def readers(catalogue: Catalogue) -> dict[Field, list[str]]:
    """Field -> ids of the rules that read it on some interface, in order."""
    found: dict[Field, set[str]] = {}
    for plan in whole_plans(catalogue).values():
        facts = {step.fact.name: step for steps in plan.facts for step in steps}
        for steps in plan.rules.values():
            for step in steps:
                if not step.check.rule:
                    continue
                table, field = split(step.check.rule.spec.get("in", ""))
                fields = _fields(plan, facts, step.check.table, step.reads) | ({(table, field)} if field else set())
                for each in fields:
                    found.setdefault(each, set()).add(step.check.id)
    return {field: sorted(rules) for field, rules in found.items()}


def _fields(plan: Plan, facts: dict[str, FactStep], table: str, names: Iterable[str]) -> set[Field]:
    """The fields behind names as an expression on ``table`` uses them."""
    found: set[Field] = set()
    for name in names:
        case, field = split(name)
        if name in plan.rows[table]:
            found.add((table, name))
        elif case:
            found |= _fields(plan, facts, plan.case, [field])
        elif name == LIST_DATE:
            found |= {(plan.case, each) for each in plan.day}
        elif step := facts.get(name):
            found |= _fields(plan, facts, step.fact.on, step.reads)
    return found
