"""The plans of a catalogue, the last ones kept: making one takes some 60 ms."""

from functools import lru_cache

from validator.checks.plan import Plan, PlanKey
from validator.spec.catalogue import Catalogue


@lru_cache(maxsize=24)
def plan_of(catalogue: Catalogue, key: PlanKey) -> Plan:
    """The plan for an interface, the tables at hand and supplied fields."""
    return Plan(catalogue, *key)


def whole_plan(catalogue: Catalogue, interface: str) -> Plan:
    """The plan for an interface of which every table is at hand."""
    return plan_of(catalogue, PlanKey(interface, frozenset(catalogue.layouts[interface].tables), frozenset()))


def whole_plans(catalogue: Catalogue) -> dict[str, Plan]:
    """Interface -> such a plan, for every interface, parts of others among them."""
    return {name: whole_plan(catalogue, name) for name in catalogue.layouts.every()}
