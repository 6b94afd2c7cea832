"""Every text of the repository with the kinds of the names it may use, by interface; and cases to run them on."""

import random
from dataclasses import dataclass
from functools import cache

import polars as pl

from validator import generate, read
from validator.checks import catalogue, engine, examples
from validator.checks.language import Expression, Kind
from validator.checks.plan import Plan
from validator.read.partition import Partition


@dataclass(frozen=True)
class Written:
    """One text as a page writes it, compiled by the engine's plan."""

    where: str
    table: str
    expression: Expression


class Texts:
    """The texts of an interface."""

    def __init__(self, interface: str) -> None:
        known = catalogue.load()
        self.plan = Plan(known, interface, known.layouts[interface].tables)
        self.known: dict[str, dict[str, Kind]] = {}
        for table, rows in self.plan.rows.items():
            names = [*rows, *(f"{self.plan.case}.{name}" for name in self.plan.rows[self.plan.case]), *known.facts]
            self.known[table] = {name: kind for name in names if (kind := self.plan.kind_of(name, table))}
        self.found: list[Written] = []
        for step in (step for steps in self.plan.facts for step in steps):
            self._add(step.fact.name, step.fact.on, step.where, step.value)
        for step in (step for steps in self.plan.rules.values() for step in steps):
            self._add(step.check.id, step.check.table, step.when, step.expect)

    def _add(self, where: str, table: str, *expressions: Expression | None) -> None:
        self.found += [Written(where, table, each) for each in expressions if each]


@cache
def texts(interface: str) -> Texts:
    return Texts(interface)


JUNK = [
    "", "-", "0", "1", "-1", "9" * 15, "9" * 18, "12.345", "中文", "a\n粘连b", "x" * 600, "2026-02-30", "1900-01-01",
    "1969-12-31 23:59:59", "2199-12-31", "2199-12-31 00:00:00", "2199-12-31 23:59:59", "1899-12-31 23:59:59", "2200-01-01",
    "0000-01-01", "0001-01-01", "9999-12-31", "9999-12-31 00:00:00", "+12026-01-01", "1/2/3", "9999/9999/9999", "１２", "Z37.0",
    "O80.000x001", "99.04", "A01.01.01", "BNW010", ",", "1000,2000", "张３", "H11010500001", "110101199001011237",
    "110101000001011237", "99999999999999.99", "-999999999999999.99",
]  # fmt: skip


@cache
def dirty(interface: str, cases: int, junk: float, seed: int = 7) -> dict[str, pl.DataFrame]:
    """The engine's tables, facts among them, of generated cases with planted defects and junk in a share of the cells."""
    (partition, _), *_ = generate.partitions(cases, seed, 0.8, interface)
    draw = random.Random(seed)
    for name, table in partition.tables.items():
        columns = [
            pl.Series(
                each.name, [draw.choice(JUNK) if draw.random() < junk else value for value in each], dtype=pl.String
            )
            for each in table.get_columns()
            if junk and each.dtype == pl.String and each.name != "case_id"
        ]
        partition.tables[name] = table.with_columns(columns)
    return _frames(interface, partition)


@cache
def of_pages(interface: str) -> dict[str, pl.DataFrame]:
    """The engine's tables of every rule page's cases, each a list of its own."""
    known = texts(interface).plan.catalogue
    messages = [
        message
        for rule in known.rules.values()
        if not rule.withdrawn
        for case in rule.cases
        for message in examples.batch(rule, case, known)
    ]
    messages = [message for message in messages if message["infno"] == interface]
    for number, message in enumerate(messages):
        message["input"]["setlinfo"] |= {"setl_id": f"ST{number:010}"}
    (partition,) = read.from_messages(messages, known.layouts)
    return _frames(interface, partition)


def _frames(interface: str, partition: Partition) -> dict[str, pl.DataFrame]:
    plan = texts(interface).plan
    tables = engine.run(plan, partition, set(), every_fact=True).tables
    found = {}
    for table, known in texts(interface).known.items():
        engine.with_parent(plan, tables, table, list(known))
        found[table] = tables[table].select(name for name in known if name in tables[table].columns)
    return found
