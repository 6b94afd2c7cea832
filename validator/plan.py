"""What to compute for one interface: facts in an order that works, rules as expressions, and why a rule cannot run."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from validator import functions, sql, values
from validator.catalogue import Catalogue, Check
from validator.facts import Fact
from validator.layouts import FieldRow
from validator.rules import Rule
from validator.sql import Sql

#: The day that decides which edition of a rule is in force.
LIST_DATE = "list_date"


@dataclass(frozen=True)
class Bound:
    """An expression whose every name is known to the plan."""

    expr: pl.Expr
    reads: tuple[str, ...]


@dataclass(frozen=True)
class FactStep:
    """One fact ready to compute: from ``value`` of the rows ``where`` holds, or by lookup of ``value``."""

    fact: Fact
    value: Bound
    where: Bound | None

    @property
    def reads(self) -> tuple[str, ...]:
        """All columns that the fact needs."""
        return self.value.reads + (self.where.reads if self.where else ())


@dataclass(frozen=True)
class RuleStep:
    """One rule or conditional requirement ready to compute; ``expect`` is None for the shapes that look across rows."""

    check: Check
    when: Bound | None
    expect: Bound | None

    @property
    def reads(self) -> tuple[str, ...]:
        """All columns that decide the outcome."""
        spec = self.check.rule.spec if self.check.rule else {}
        keys = (*spec.get("keys", ()), *([spec["code"]] if "code" in spec else ()))
        return (*(self.when.reads if self.when else ()), *(self.expect.reads if self.expect else ()), *keys)


class Unavailable(Exception):
    """A name that the interface or the data does not have; the argument is that name."""


class Plan:
    """The work for one interface, given the tables that the data has and the fields that were supplied beside it."""

    def __init__(self, catalogue: Catalogue, interface: str, tables: Iterable[str], supplied: Iterable[str] = ()) -> None:
        self.catalogue, self.interface = catalogue, interface
        layout = catalogue.layouts[interface].tables
        self.rows: dict[str, dict[str, FieldRow]] = {name: dict(layout[name].fields) for name in layout if name in set(tables)}
        for field in supplied:
            row = next((each.tables["setlinfo"].fields.get(field) for each in catalogue.layouts.values() if field in each.tables["setlinfo"].fields), None)
            if row:
                self.rows["setlinfo"].setdefault(field, row)
        self.adopted = set(supplied)
        self.home: dict[str, str] = {}  #: fact -> table whose frame holds it
        self.facts: list[list[FactStep]] = self._order(self._fact_steps())
        self.checks = catalogue.checks(interface)
        self.skipped: dict[str, str] = {}  #: check id -> the name that is not there
        self.rules: dict[str, list[RuleStep]] = {name: [] for name in self.rows}
        for check in self.checks.values():
            self._add(check)

    @cached_property
    def folds(self) -> dict[str, dict[str, str]]:
        """Table -> field -> how letter case is mended."""
        patterns = self.catalogue.patterns
        return {
            table: {row.field: patterns[row.pattern].fold for row in rows.values() if row.pattern and patterns[row.pattern].fold}
            for table, rows in self.rows.items()
        }

    @cached_property
    def field_checks(self) -> dict[str, list[Check]]:
        """Table -> the field checks that need nothing but the row itself."""
        fit: dict[str, list[Check]] = {table: [] for table in self.rows}
        for table, rows in self.rows.items():
            for check in self.catalogue.field_checks(rows.values()):
                supplied = check.field in self.adopted and check.aspect == "required"
                if not supplied and not (check.aspect == "required" and rows[check.field].required_when):
                    fit[table].append(check)
        return fit

    def _add(self, check: Check) -> None:
        if not check.rule and not (check.aspect == "required" and check.row and check.row.required_when):
            return
        if check.table not in self.rows:
            self.skipped[check.id] = check.table
            return
        try:
            self.rules[check.table].append(self._rule_step(check))
        except Unavailable as missing:
            self.skipped[check.id] = str(missing)

    def _rule_step(self, check: Check) -> RuleStep:
        if check.rule is None:
            assert check.row
            condition = Sql(check.row.required_when, check.row.path, check.row.line)
            return RuleStep(check, self.bind(condition, check.table), None)
        rule = check.rule
        for name in (*rule.spec.get("keys", ()), *([rule.spec["code"]] if "code" in rule.spec else ())):
            self._find(name, rule.on)
        if "in" in rule.spec:
            table, _, field = rule.spec["in"].partition(".")
            if field not in self.rows.get(table, {}):
                raise Unavailable(rule.spec["in"])
        when = self.bind(rule.when, rule.on) if rule.when else None
        expect = self.bind(rule.expect, rule.on) if rule.expect else None
        return RuleStep(check, self._in_force(rule, when), expect)

    def _in_force(self, rule: Rule, when: Bound | None) -> Bound | None:
        """``when``, and the list's own date within the rule's since and until."""
        if not rule.since and not rule.until:
            return when
        day, reads = pl.col(LIST_DATE), (LIST_DATE,)
        self._find(LIST_DATE, rule.on)
        force = pl.lit(True)
        force = force & (day >= rule.since) if rule.since else force
        force = force & (day <= rule.until) if rule.until else force
        return Bound(force & when.expr, when.reads + reads) if when else Bound(force, reads)

    def bind(self, text: Sql, table: str) -> Bound:
        """The expression with its names looked up; :class:`Unavailable` for one this interface lacks."""
        expr = text.expr(table, self.catalogue.profile.parameters)
        reads = tuple(sql.roots(expr))
        for name in reads:
            self._find(name, table)
        return Bound(expr, reads)

    def _find(self, name: str, table: str) -> None:
        own = name in self.rows.get(table, {}) or self.home.get(name) in (table, "setlinfo")
        parent = name.startswith("setlinfo.") and name.partition(".")[2] in self.rows["setlinfo"]
        if not own and not parent:
            raise Unavailable(name)

    def _fact_steps(self) -> list[FactStep]:
        """The facts that can be had, found by trying until nothing more can."""
        waiting, ready = list(self.catalogue.facts.values()), []
        while True:
            left = []
            for fact in waiting:
                step = self._fact_step(fact)
                if step:
                    self.home[fact.name] = "setlinfo" if fact.aggregate else fact.on
                    ready.append(step)
                else:
                    left.append(fact)
            if len(left) == len(waiting):
                return ready
            waiting = left

    def _fact_step(self, fact: Fact) -> FactStep | None:
        if fact.on not in self.rows:
            return None
        try:
            where = self.bind(fact.where, fact.on) if fact.where else None
            if fact.shape == "lookup":
                self._find(fact.lookup["code"], fact.on)
                return FactStep(fact, Bound(pl.col(fact.lookup["code"]), (fact.lookup["code"],)), where)
            if fact.shape == "call":
                function, *columns = fact.call
                for name in columns:
                    self._find(name, fact.on)
                return FactStep(fact, Bound(functions.BY_NAME[function](*map(pl.col, columns)), tuple(columns)), where)
        except Unavailable:
            return None
        for text in fact.alternatives:
            try:
                return FactStep(fact, self.bind(text, fact.on), where)
            except Unavailable:
                continue
        return None

    def _order(self, steps: list[FactStep]) -> list[list[FactStep]]:
        """Rounds of facts, each needing only earlier rounds; within a round one query per table will do."""
        rounds: dict[str, int] = {}
        result: list[list[FactStep]] = []
        for step in steps:  # found in an order in which every fact comes after those it reads
            needs = [rounds[name] + 1 for name in step.reads if name in rounds]
            level = max(needs, default=0)
            rounds[step.fact.name] = level
            while len(result) <= level:
                result.append([])
            result[level].append(step)
        return result


def schema(plan: Plan, table: str) -> dict[str, pl.DataType]:
    """The typed columns that an expression on ``table`` may read, but for facts."""
    own = {name: values.dtype(row) for name, row in plan.rows[table].items()}
    parent = {f"setlinfo.{name}": values.dtype(row) for name, row in plan.rows["setlinfo"].items()}
    return own | (parent if table != "setlinfo" else {})
