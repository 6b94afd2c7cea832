"""The examples of facts (``facts.yaml``): patches on golden messages, and what the fact is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property
from itertools import product
from pathlib import Path
from typing import Any

from tests.mutation import pages
from validator.base import yaml_csv
from validator.checks import examples
from validator.checks.rows.case import judge
from validator.checks.rows.plan import RowPlan

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 as the interfaces write moments


@dataclass(frozen=True, eq=False)
class Example:
    """A fact on a patched golden message."""

    fact: str
    layout: str
    patch: dict[str, Any]
    wanted: Any  #: as the file has it

    @cached_property
    def plan(self) -> RowPlan:
        """The plan of the interface."""
        return pages.plan(self.layout)

    @cached_property
    def raw(self) -> pages.Raw:
        """The rows of the message."""
        [only] = pages.raw(examples.patched(self.layout, self.patch, pages.CATALOGUE), self.layout)
        return only

    @property
    def value(self) -> Any:
        """What is wanted, in the units of the rule language."""
        kind = self.plan.plan.kind_of(self.fact, self._home)
        if isinstance(self.wanted, datetime):
            return round((self.wanted - _EPOCH).total_seconds() * 1_000_000)
        if isinstance(self.wanted, date):
            return self.wanted.toordinal() - _EPOCH.toordinal()
        number = kind and kind.name == "number" and self.wanted is not None
        return int(Decimal(str(self.wanted)).scaleb(kind.scale)) if kind and number else self.wanted

    def found(self, plan: RowPlan) -> Any:
        """What the fact is by a plan: its value in the last row that is patched, or in the case; an error where it is spoilt."""
        case, home = judge(plan, self.raw), self._home
        rows = case.rows[home]
        row = rows[len(self.patch[home]) - 1] if home in self.patch and home != plan.case else rows[0]
        assert self.fact not in row.bad, f"{self.fact}: {self.patch}: it reads what fails its own check"
        return row.values[plan.slots[home][self.fact]]

    @property
    def _home(self) -> str:
        return self.plan.plan.home[self.fact]

    @cached_property
    def facts(self) -> set[str]:
        """The fact and those that it is made of."""
        steps, found, todo = self.plan.plan._steps, set[str](), [self.fact]
        while todo:
            name = todo.pop().rpartition(".")[2]
            if name not in found and (step := steps.get(name)):
                found.add(name)
                todo += step.reads
        return found


@cache
def every() -> list[Example]:
    """All examples of all facts."""
    content = yaml_csv.read_yaml(Path(__file__).with_name("facts.yaml"))
    return [each for fact, entries in content.items() for entry in entries for each in _examples(fact, entry)]


def _examples(fact: str, entry: dict[str, Any]) -> Iterator[Example]:
    tables = {name: patch for name, patch in entry.items() if name not in ("is", "layout")}
    for patch in patches(tables):
        wanted = entry["is"]
        yield Example(fact, entry.get("layout") or _layout(fact, patch), patch, wanted)


def patches(node: Any) -> Iterator[Any]:
    """A patch with each value of its lists of values."""
    if isinstance(node, dict):
        yield from (dict(zip(node, values, strict=True)) for values in product(*map(patches, node.values())))
    elif isinstance(node, list) and isinstance(node[0], dict):
        yield from map(list, product(*map(patches, node)))
    else:
        yield from node if isinstance(node, list) else [node]


def _layout(fact: str, patch: dict[str, Any]) -> str:
    """The first interface that has the fact and all fields that are patched."""
    for name, layout in pages.CATALOGUE.layouts.every().items():
        fields = {
            (table, field)
            for table, rows in patch.items()
            for row in (rows if isinstance(rows, list) else [rows])
            for field in row
        }
        known = {(table.name, field) for table in layout.tables.values() for field in table.fields}
        if fields <= known and patch.keys() <= layout.tables.keys() and pages.plan(name).plan._steps.get(fact):
            return name
    raise AssertionError(f"no interface has {fact} and all of {patch}")
