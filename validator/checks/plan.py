"""What to compute for one interface: facts in an order that works, rules as expressions, and why a rule cannot run."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import NamedTuple

from validator.base.yaml_csv import fault
from validator.checks import excess, fields, unloaded
from validator.checks.cell_typing import kind
from validator.checks.day import LIST_DATE
from validator.checks.language import (
    DAY,
    TEXT,
    TRUTH,
    Expression,
    Kind,
    Scope,
    UnknownNameError,
    both,
    compile_text,
    names_in,
    number,
)
from validator.checks.language.faults import LanguageError
from validator.checks.steps import FactStep, NeedStep, RuleStep
from validator.checks.story.compare import comparer
from validator.checks.typing import Typing
from validator.read.partition import Partition
from validator.spec import functions
from validator.spec.catalogue import Catalogue, Check
from validator.spec.facts import Fact
from validator.spec.interfaces import ORDERING, Need, split
from validator.spec.layouts import FieldRow
from validator.spec.rule_pages import Rule
from validator.spec.sql import Sql

#: What code tables give for a fact.
_CODED = {"grey": TRUTH, "standard": TEXT, "note_zh": TEXT, "note_en": TEXT}


_KINDS = {
    **{each.name: each for each in (TEXT, TRUTH, DAY)},
    "gap": number(18, 4),
    "money": number(18, 2),
    "whole": number(9),
}
#: The kind of value that a fact's shape collects, where that matters.
_COLLECTED = {"any": "truth", "count": "truth", "sum": "number"}
#: Digits of a total; one with more is null.
_TOTAL_DIGITS = 18


class PlanKey(NamedTuple):
    """What a plan is made of, besides the catalogue."""

    layout: str
    tables: frozenset[str]
    supplied: frozenset[str]  #: fields of the case that another file gave
    records: tuple[str, ...] = ()  #: the interfaces of records that the cases are compared with


def plan_key(catalogue: Catalogue, part: Partition) -> PlanKey:
    """What the plan of a partition is made of."""
    fields = catalogue.layouts[part.layout].tables[part.case].fields
    columns = part.columns(part.case) or ()
    supplied = (name for name in columns if name[0] != "_" and name not in (*fields, "case_id"))
    records = tuple(sorted({each.part.layout for each in part.companions}))
    return PlanKey(part.layout, frozenset(part.tables), frozenset(supplied), records)


class Plan:
    """The work for one interface, given the tables that the data has and the fields that were supplied besides it."""

    has_trees = True  #: whether the expressions are at hand, without which columns judge no rule

    def __init__(
        self,
        catalogue: Catalogue,
        interface: str,
        tables: Iterable[str],
        supplied: Iterable[str] = (),
        records: Iterable[str] = (),
    ) -> None:
        self.catalogue, self.interface = catalogue, interface
        self.key = PlanKey(interface, frozenset(tables), frozenset(supplied), tuple(records))
        about = catalogue.layouts[interface]
        self.case_names = {about.case, about.interface.alias or about.case}  #: by which rules speak of the case's table
        layout, self.case, self.day = about.tables, about.case, about.interface.day
        own = {role: about.interface.roles[role] for role in ORDERING}
        self.ordering = {self.case: own, **about.interface.ordering}
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
        self.needs = [NeedStep(need.table, self._needing(need)) for need in about.interface.needs]
        for check in self.checks.values():
            self._add(check)
        for record in self.key.records:
            self.checks |= comparer(catalogue, interface, record).checks
        #: rule -> the tables of knowledge points that it looks codes up in
        self.points = {
            step.check.id: found
            for steps in self.rules.values()
            for step in steps
            if (found := unloaded.tables(step, self._steps))
        }

    @cached_property
    def typing(self) -> dict[str, Typing]:
        """Table -> how its texts become values and are checked; the numbers of checks are places in :attr:`own_checks`."""
        return {
            table: Typing(self.catalogue, rows.values(), self.own_checks[table]) for table, rows in self.rows.items()
        }

    @cached_property
    def dated(self) -> bool:
        """Whether some field or code is in force for a time only."""
        rows = [row for fields in self.rows.values() for row in fields.values()]
        return any(row.dated or (row.domain and self.catalogue.domains[row.domain].spans) for row in rows)

    @cached_property
    def own_checks(self) -> dict[str, list[Check]]:
        """Table -> the field checks that need nothing but the row itself."""
        fit: dict[str, list[Check]] = {table: [] for table in self.rows}
        for table, rows in self.rows.items():
            for check in self.catalogue.field_checks(rows.values()):
                if fields.of_table(check):
                    continue
                supplied = check.field in self.adopted and check.aspect == "required"
                if not supplied and not (check.aspect == "required" and rows[check.field].required_when):
                    fit[table].append(check)
        return fit

    @cached_property
    def code_checks(self) -> dict[str, dict[str, dict[str, Check]]]:
        """Table -> field with a code -> aspect -> the check that needs code tables, that of the code's name among them."""
        found: dict[str, dict[str, dict[str, Check]]] = {table: {} for table in self.rows}
        for check in self.checks.values():
            if check.row and check.table in self.rows and (aspect := fields.of_table(check)):
                found[check.table].setdefault(aspect.code_field(check.row), {})[check.aspect] = check
        return found

    def asking(self, table: str, field: str) -> list[str]:
        """The rules that read what a code's table says, by a fact of the field."""
        facts = {step.fact.name for steps in self.facts for step in steps if step.fact.coded.get("code") == field}
        return [step.check.id for step in self.rules[table] if not facts.isdisjoint(step.reads)]

    def without_trees(self) -> Plan:
        """The plan as it can be kept between runs with the code that was made of its expressions."""
        kept = copy(self)
        kept.has_trees = False
        kept.facts, kept.rules, kept.needs = [], {table: [] for table in self.rules}, []
        kept._steps = {name: step and replace(step, value=None, where=None) for name, step in self._steps.items()}  # noqa: SLF001
        kept.__dict__.pop("typing", None)
        return kept

    def runs(self, check: str) -> bool:
        """Whether the interface has the check, and all that it reads."""
        return check in self.checks and check not in self.skipped

    def tells_excess(self, rule: Rule) -> bool:
        """Whether the interface has all that says how much a failing row charges too much."""
        return any(step.excess.keys() == rule.excess.keys() for step in self.rules[rule.on] if step.check.id == rule.id)

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
            and self.checks[row.check("required")].level == "error"
        }

    def _add(self, check: Check) -> None:
        if not check.rule and not (check.aspect == "required" and check.row and check.row.required_when):
            return
        if check.table not in self.rows:
            self.skipped[check.id] = check.table
            return
        try:
            step = self._rule_step(check)
        except UnknownNameError as missing:
            self.skipped[check.id] = missing.name
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
            required = self.compile(condition, check.table, "truth")
            return RuleStep(check, self._in_force(row, check.table, required), None)
        rule = check.rule
        for name in (*rule.spec.get("keys", ()), *(rule.spec[key] for key in ("code", "same") if key in rule.spec)):
            self._known(name, rule.on)
        if "in" in rule.spec:
            table, field = split(rule.spec["in"])
            if field not in self.rows.get(table, {}):
                raise UnknownNameError((1, 1), rule.spec["in"])
        when = self.compile(rule.when, rule.on, "truth") if rule.when else None
        expect = self.compile(rule.expect, rule.on, "truth") if rule.expect else None
        return RuleStep(check, self._in_force(rule, rule.on, when), expect, self._excess(rule))

    def _excess(self, rule: Rule) -> dict[str, Expression]:
        """What a failing row charges too much, as far as this interface has what says so."""
        found = {}
        for name, text in rule.excess.items():
            try:
                found[name] = self.compile(text, rule.on, "number")
            except UnknownNameError:
                continue
            if found[name].kind.scale > (most := excess.DIGITS[name]):
                zh, en = f"excess 的 {name} 最多 {most} 位小数", f"{name} of excess has at most {most} decimals"
                raise fault(text.path, text.line, zh, en)
        return found

    def _in_force(self, what: Rule | FieldRow, table: str, when: Expression | None) -> Expression | None:
        """``when``, and the list's own date within since and until of the rule or field, if it has one."""
        limits = [f"{LIST_DATE} {sign} DATE '{day}'" for sign, day in ((">=", what.since), ("<=", what.until)) if day]
        if not limits:
            return when
        within = f"COALESCE({' AND '.join(limits)}, TRUE)"
        force = self.compile(Sql(within, what.path, None), table, "truth")
        return both(when, force) if when else force

    def compile(self, text: Sql, table: str, wanted: str = "") -> Expression:
        """The expression of a text about rows of a table; ``wanted`` is the kind that it must have.

        :class:`UnknownNameError` for a name that this interface lacks, a ``ConfigError`` for any other fault.
        """
        try:
            own = f"{table}."
            known = {
                name: self.kind_of(name, table) for name in (each.removeprefix(own) for each in names_in(text.text))
            }
            names = tuple((name, found) for name, found in known.items() if found)
            return _compiled(text.text, names, tuple(self.catalogue.profile.parameters.items()), own, wanted)
        except UnknownNameError:
            raise
        except LanguageError as error:
            raise error.at(text.path, text.line, text.text) from None

    def _needing(self, need: Need) -> Expression | None:
        """Which cases must have a table."""
        if not need.when:
            return None
        text = Sql(need.when, need.path, need.line)
        try:
            return self.compile(text, self.case, "truth")
        except UnknownNameError as missing:
            raise missing.at(text.path, text.line, text.text) from None

    def _known(self, name: str, table: str) -> Kind:
        """The kind of a name; :class:`UnknownNameError` for one that this interface lacks."""
        if found := self.kind_of(name, table):
            return found
        raise UnknownNameError((1, 1), name)

    def kind_of(self, name: str, table: str) -> Kind | None:
        """The kind of a field of the table or case, of a fact or the list's day; None if there is no such here."""
        own, field = split(name)
        row = self.rows.get(table, {}).get(name) or (
            self.rows[self.case].get(field) if own in self.case_names else None
        )
        if row or name == LIST_DATE:
            return kind(row) if row else DAY
        if name in self.catalogue.facts and self._resolve(name) and self.home[name] in (table, self.case):
            step = self._steps[name]
            return step.kind if step else None
        return None

    def _resolve(self, name: str) -> bool:
        """Whether the fact can be had; it is then in ``self.home``, after the facts that it reads."""
        if name not in self._steps:
            self._steps[name] = None  # a fact that reads itself finds nothing
            fact = self.catalogue.facts[name].within(self.rows)
            step = self._fact_step(fact) if fact else None
            del self._steps[name]
            self._steps[name] = step
            if step:
                self.home[name] = self.case if step.fact.aggregate else step.fact.on
        return self._steps[name] is not None

    def _fact_step(self, fact: Fact) -> FactStep | None:
        """The fact bound to the columns at hand, by the first of its alternatives whose columns are there."""
        try:
            for name in fact.per:
                self._known(name, fact.on)
            where = self.compile(fact.where, fact.on, "truth") if fact.where else None
            if not fact.alternatives:
                return self._of_columns(fact)
        except UnknownNameError:
            return None
        for text in fact.alternatives:
            try:
                value = self.compile(text, fact.on, _COLLECTED.get(fact.shape, ""))
            except UnknownNameError:
                continue
            kinds = {"count": number(9), "sum": number(_TOTAL_DIGITS, value.kind.scale)}
            return FactStep(fact, replace(kinds.get(fact.shape, value.kind), nullable=True), value, where, fact.per)
        return None

    def _of_columns(self, fact: Fact) -> FactStep | None:
        """The step of a ``call``, ``lookup`` or ``coded``; None if what it asks for does not exist."""
        columns = fact.call[1:] or (fact.lookup.get("code") or fact.coded["code"],)
        if fact.coded and not self._tabled(fact.on, columns[0]):
            return None
        function = functions.BY_NAME.get(fact.call[0]) if fact.call else None
        gives = _CODED.get(fact.coded["give"]) if fact.coded else TEXT
        if (fact.call and not function) or not gives:
            return None
        takes: tuple[str, ...] = ("text",)
        if function:
            takes, gives = function.takes, _KINDS[function.gives]
        kinds = [self._known(name, fact.on) for name in columns]
        if tuple(each.name for each in kinds) != takes:
            zh, en = f"事实 {fact.name} 读的列类型不对，应为：{takes}", f"fact {fact.name} needs columns of {takes}"
            raise fault(fact.path, fact.line, zh, en)
        scales = zip(function.scales if function else (), kinds, strict=False)
        return FactStep(
            fact, gives, columns=tuple(columns), factors=tuple(10 ** (to - each.scale) for to, each in scales)
        )

    def _tabled(self, table: str, field: str) -> bool:
        """Whether the field's codes are of a standard of which tables say what facts ask; of records' codes they do not."""
        row = self.rows[table].get(field)
        pattern = self.catalogue.patterns.get(row.pattern) if row else None
        return pattern is not None and bool(pattern.tables) and not pattern.editions

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


@lru_cache(maxsize=4096)
def _compiled(
    text: str, names: tuple[tuple[str, Kind], ...], parameters: tuple[tuple[str, float], ...], own: str, wanted: str
) -> Expression:
    """Once for all plans: those of an interface differ in the tables at hand, not in what a text means."""
    return compile_text(text, Scope(dict(names), dict(parameters), own), wanted)
