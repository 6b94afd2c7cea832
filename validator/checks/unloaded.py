"""Rules that rest on knowledge points which the user has not loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from validator.base.language import say
from validator.checks.steps import FactStep, RuleStep
from validator.codes import points

if TYPE_CHECKING:
    from validator.checks.plan import Plan


def tables(step: RuleStep, facts: Mapping[str, FactStep | None]) -> frozenset[str]:
    """Return the tables of knowledge points that a rule, or a fact behind it, looks codes up in."""
    seen, names = set[str](), list(step.reads)
    found = {str(step.check.rule.spec.get("table"))} if step.check.rule else set[str]()
    while names:
        name = names.pop()
        if name not in seen and (behind := facts.get(name)):
            found.add(behind.fact.lookup.get("table", ""))
            names += behind.reads
        seen.add(name)
    return frozenset(found & points.NAMES)


def rules(plan: Plan) -> dict[str, str]:
    """Return the rules that cannot run, and why: no knowledge point of their kind is loaded, or in the chosen batches."""
    known = plan.catalogue.knowledge
    lacking = [rule for rule, needed in plan.points.items() if not all(known[name].rows for name in needed)]
    why = say(
        "没有这一类的两库知识点；用 zhikong codebooks add 装载",
        "no knowledge points of this kind; load them with zhikong codebooks add",
    )
    return dict.fromkeys(lacking, why)
