"""What to compute for one interface: facts in an order that works, rules as expressions, and why a rule cannot run."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from validator.checks import day, few_rows, field_checks
from validator.checks.day import LIST_DATE
from validator.checks.typing import Typing, is_blank, text_column
from validator.codes import lookup
from validator.spec import functions, sql
from validator.spec.catalogue import Catalogue, Check
from validator.spec.facts import Fact
from validator.spec.interfaces import Need, split
from validator.spec.layouts import FieldRow
from validator.spec.rule_pages import Rule
from validator.spec.sql import Sql


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

    @cached_property
    def expr(self) -> pl.Expr:
        """A fact of each row, under its name."""
        return self.value.expr.alias(self.fact.name)

    @cached_property
    def aggregate(self) -> pl.Expr:
        """A fact of each case, collected from the rows of a child table, under its name."""
        value, where = self.value.expr, self.where.expr if self.where else None
        held = value if where is None else value & where
        kept = value if where is None else value.filter(where)
        match self.fact.shape:
            case "any":
                aggregated = held.any()
            case "count":
                aggregated = held.sum().cast(pl.Int64)
            case "sum":
                known = kept.is_not_null().all()
                known = known if where is None else known & where.is_not_null().all()
                aggregated = pl.when(known).then(kept.sum())  # a total with an unknown part is unknown
            case "min":
                aggregated = kept.min()
            case "max":
                aggregated = kept.max()
            case _:
                aggregated = kept.first()
        return aggregated.alias(self.fact.name)


@dataclass(frozen=True)
class RuleStep:
    """One rule or conditional requirement ready to compute; ``expect`` is None for the shapes that look across rows."""

    check: Check
    when: Bound | None
    expect: Bound | None

    @property
    def demands(self) -> str:
        """The field that must be filled, where this is a conditional requirement; blank for a rule."""
        return "" if self.check.rule else self.check.field

    @property
    def across(self) -> bool:
        """Whether the rule looks at several rows together."""
        return self.check.rule is not None and self.expect is None

    @cached_property
    def concerns(self) -> pl.Expr | None:
        """Which rows the rule is about; None = all."""
        return self.when.expr if self.when else None

    @cached_property
    def holds(self) -> pl.Expr:
        """What should be true of those rows; for a rule that looks across rows, that the codes to compare are there."""
        if self.expect:
            return self.expect.expr
        if self.check.rule:
            return pl.all_horizontal(pl.col(name).is_not_null() for name in self.keys)
        assert self.check.row
        there = pl.col(text_column(self.check.row)).is_not_null()
        return pl.when(there | is_blank(self.check.row)).then(there)  # a placeholder is another check's business

    @cached_property
    def exprs(self) -> list[pl.Expr]:
        """What should be true (``id=``) and, where there is a condition, which rows it is about (``id?``)."""
        holds = [self.holds.alias(f"{self.check.id}=")]
        return holds if self.concerns is None else [*holds, self.concerns.alias(f"{self.check.id}?")]

    @cached_property
    def guards(self) -> list[few_rows.Guard]:
        """Parts of the condition that a look at a few rows can decide."""
        row, rule = self.check.row, self.check.rule
        if rule:
            return few_rows.guards(rule.when)
        assert row
        return few_rows.guards(Sql(row.required_when, row.path, row.line))

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that a rule across rows compares."""
        spec = self.check.rule.spec if self.check.rule else {}
        return (*spec.get("keys", ()), *([spec["code"]] if "code" in spec else ()))

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """All columns that decide the outcome."""
        return (*(self.when.reads if self.when else ()), *(self.expect.reads if self.expect else ()), *self.keys)


class UnavailableError(Exception):
    """A name that the interface or the data does not have; the argument is that name."""


class Plan:
    """The work for one interface, given the tables that the data has and the fields that were supplied besides it."""

    def __init__(
        self, catalogue: Catalogue, interface: str, tables: Iterable[str], supplied: Iterable[str] = ()
    ) -> None:
        self.catalogue, self.interface = catalogue, interface
        about = catalogue.layouts[interface]
        layout, self.case, self.day = about.tables, about.case, about.interface.day
        self.rows: dict[str, dict[str, FieldRow]] = {
            name: dict(layout[name].fields) for name in layout if name in set(tables)
        }
        for field in supplied:
            for each in catalogue.layouts.values():
                if each.case == self.case and (row := each.tables[self.case].fields.get(field)):
                    self.rows[self.case].setdefault(field, row)
        self.adopted = set(supplied)
        self.home: dict[str, str] = {LIST_DATE: self.case}  #: fact, or the list's day -> table whose frame holds it
        self._steps: dict[str, FactStep | None] = {}
        for name in catalogue.facts:
            self._resolve(name)
        self.facts: list[list[FactStep]] = self._order([step for step in self._steps.values() if step])
        self.checks = catalogue.checks(interface)
        self.skipped: dict[str, str] = {}  #: check id -> the name that is not there
        self.rules: dict[str, list[RuleStep]] = {name: [] for name in self.rows}
        self.needs = [
            (need.table, self._needing(need)) for need in about.interface.needs
        ]  #: tables that cases must have, and which cases
        for check in self.checks.values():
            self._add(check)

    @cached_property
    def typing(self) -> dict[str, Typing]:
        """Table -> how its texts become values."""
        patterns = self.catalogue.patterns
        return {
            table: Typing(
                list(rows.values()),
                {
                    row.field: patterns[row.pattern].fold
                    for row in rows.values()
                    if row.pattern and patterns[row.pattern].fold
                },
                {row.field: test for row in rows.values() if (test := field_checks.sound(self.catalogue, row))},
            )
            for table, rows in self.rows.items()
        }

    @cached_property
    def dated(self) -> bool:
        """Whether some field or code is in force for a time only."""
        rows = [row for fields in self.rows.values() for row in fields.values()]
        return any(row.dated or (row.domain and self.catalogue.domains[row.domain].spans) for row in rows)

    @cached_property
    def field_checks(self) -> dict[str, list[tuple[Check, pl.Expr]]]:
        """Table -> the field checks that need nothing but the row itself, each with the rows that fail it."""
        fit: dict[str, list[tuple[Check, pl.Expr]]] = {table: [] for table in self.rows}
        for table, rows in self.rows.items():
            for check in self.catalogue.field_checks(rows.values()):
                if check.aspect in lookup.ASPECTS:
                    continue
                supplied = check.field in self.adopted and check.aspect == "required"
                if not supplied and not (check.aspect == "required" and rows[check.field].required_when):
                    fit[table].append((check, field_checks.fails(self.catalogue, check).alias(check.id)))
        return fit

    @cached_property
    def code_checks(self) -> dict[str, dict[str, dict[str, Check]]]:
        """Table -> field with a code -> aspect -> the check that needs code tables, that of the code's name among them."""
        found: dict[str, dict[str, dict[str, Check]]] = {table: {} for table in self.rows}
        for check in self.checks.values():
            if check.row and check.table in self.rows and check.aspect in lookup.ASPECTS:
                code = check.row.names if check.aspect == "name" else check.field
                found[check.table].setdefault(code, {})[check.aspect] = check
        return found

    @cached_property
    def asked(self) -> dict[str, dict[str, list[str]]]:
        """Table -> field with a code -> what facts ask of its table (``grey``, ``standard``)."""
        found: dict[str, dict[str, list[str]]] = {table: {} for table in self.rows}
        for step in (step for steps in self.facts for step in steps if step.fact.coded):
            found[step.fact.on].setdefault(step.fact.coded["code"], []).append(step.fact.coded["give"])
        return found

    def asking(self, table: str, field: str) -> list[str]:
        """The rules that read what a code's table says, by a fact of the field."""
        facts = {step.fact.name for steps in self.facts for step in steps if step.fact.coded.get("code") == field}
        return [step.check.id for step in self.rules[table] if not facts.isdisjoint(step.reads)]

    def table_of(self, name: str) -> str:
        """The table that a name of :attr:`skipped` (a table, fact, field or ``table.field``) stands for; blank if unknown."""
        if name in self.catalogue.facts:
            return self.catalogue.facts[name].on
        return name if name in self.catalogue.layouts[self.interface].tables else split(name)[0]

    def lacking(self, table: str, columns: Iterable[str]) -> set[str]:
        """The fields of a table that a list must have, always or at times, and that are not among the input's columns."""
        there = {*columns, *self.adopted}
        return {
            row.field
            for row in self.rows[table].values()
            if (row.required or row.required_when)
            and row.field not in there
            and self.checks[f"{table}.{row.field}/required"].level == "error"
        }

    def _add(self, check: Check) -> None:
        if not check.rule and not (check.aspect == "required" and check.row and check.row.required_when):
            return
        if check.table not in self.rows:
            self.skipped[check.id] = check.table
            return
        try:
            step = self._rule_step(check)
        except UnavailableError as missing:
            self.skipped[check.id] = str(missing)
            return
        if check.rule:
            named = [check.field] if check.field else step.expect.reads if step.expect else step.keys
            step = replace(step, check=replace(check, field=self._field(named, check.table)))
            self.checks[check.id] = step.check
        self.rules[check.table].append(step)

    def _field(self, names: Iterable[str], table: str) -> str:
        """The first field of the table among the names, or behind a fact of the table among them; blank if none."""
        for name in names:
            if name in self.rows[table]:
                return name
            step = self._steps.get(name)
            if step and step.fact.on == table and (found := self._field(step.reads, table)):
                return found
        return ""

    def _rule_step(self, check: Check) -> RuleStep:
        if check.rule is None:
            assert check.row
            row, condition = check.row, Sql(check.row.required_when, check.row.path, check.row.line)
            return RuleStep(check, self._in_force(row, self.bind(condition, check.table)), None)
        rule = check.rule
        for name in (*rule.spec.get("keys", ()), *([rule.spec["code"]] if "code" in rule.spec else ())):
            self._find(name, rule.on)
        if "in" in rule.spec:
            table, field = split(rule.spec["in"])
            if field not in self.rows.get(table, {}):
                raise UnavailableError(rule.spec["in"])
        when = self.bind(rule.when, rule.on) if rule.when else None
        expect = self.bind(rule.expect, rule.on) if rule.expect else None
        return RuleStep(check, self._in_force(rule, when), expect)

    @staticmethod
    def _in_force(what: Rule | FieldRow, when: Bound | None) -> Bound | None:
        """``when``, and the list's own date within since and until of the rule or field."""
        if not what.since and not what.until:
            return when
        force, reads = day.in_force(what.since, what.until), (LIST_DATE,)
        return Bound(force & when.expr, when.reads + reads) if when else Bound(force, reads)

    def bind(self, text: Sql, table: str) -> Bound:
        """The expression with its names looked up; :class:`UnavailableError` for one this interface lacks."""
        expr = text.expr(table, self.catalogue.profile.parameters)
        reads = tuple(sql.roots(expr))
        for name in reads:
            self._find(name, table)
        return Bound(expr, reads)

    def _needing(self, need: Need) -> pl.Expr:
        """Which cases must have a table."""
        if not need.when:
            return pl.lit(True)
        text = Sql(need.when, need.path, need.line)
        try:
            return self.bind(text, self.case).expr
        except UnavailableError as missing:
            raise text.fault(f"没有“{missing}”这个字段或事实", f"there is no field or fact '{missing}'") from None

    def _find(self, name: str, table: str) -> None:
        if name in self.rows.get(table, {}):
            return
        own, field = split(name)
        if own == self.case and field in self.rows[own]:
            return
        known = name == LIST_DATE or (name in self.catalogue.facts and self._resolve(name))
        if not known or self.home[name] not in (table, self.case):
            raise UnavailableError(name)

    def _resolve(self, name: str) -> bool:
        """Whether the fact can be had; it is then in ``self.home``, after the facts that it reads."""
        if name not in self._steps:
            self._steps[name] = None  # a fact that reads itself finds nothing
            step = self._fact_step(self.catalogue.facts[name])
            del self._steps[name]
            self._steps[name] = step
            if step:
                self.home[name] = self.case if step.fact.aggregate else step.fact.on
        return self._steps[name] is not None

    def _fact_step(self, fact: Fact) -> FactStep | None:
        """The fact bound to the columns at hand, by the first of its alternatives whose columns are there."""
        if fact.on not in self.rows:
            return None
        try:
            where = self.bind(fact.where, fact.on) if fact.where else None
        except UnavailableError:
            return None
        for text in fact.alternatives or (None,):
            try:
                return FactStep(fact, self.bind(text, fact.on) if text else self._columns(fact), where)
            except UnavailableError:
                continue
        return None

    def _columns(self, fact: Fact) -> Bound:
        """What a ``call``, ``lookup`` or ``coded`` reads."""
        columns = fact.call[1:] or (fact.lookup.get("code") or fact.coded["code"],)
        for name in columns:
            self._find(name, fact.on)
        if fact.coded:
            return Bound(pl.col(f"{fact.coded['give']}:{columns[0]}"), tuple(columns))
        expr = functions.BY_NAME[fact.call[0]](*map(pl.col, columns)) if fact.call else pl.col(columns[0])
        return Bound(expr, tuple(columns))

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
