"""Trying every fact, rule and conditional requirement on empty tables, so that a wrong one fails at load and not in the night."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import polars as pl

from validator.base.yaml_csv import fault
from validator.checks import code_checks, day, engine
from validator.checks.evidence import slots
from validator.checks.plan import FactStep, Plan, RuleStep
from validator.spec import functions
from validator.spec.catalogue import Catalogue
from validator.spec.facts import Fact
from validator.spec.interfaces import CASE_ID, split
from validator.spec.rule_pages import Rule
from validator.spec.sql import Sql

S = TypeVar("S")
#: What a message of a rule that looks across rows may show besides columns.
_SHOWN = {"pairs": {"other", "note_zh", "note_en"}, "requires": {"needs", "note_zh", "note_en"}}


def verify(catalogue: Catalogue) -> None:
    """Raise :class:`~validator.base.errors.ConfigError`, with file and line, for a name or type that cannot be right."""
    plans = {name: Plan(catalogue, name, layout.tables) for name, layout in catalogue.layouts.items()}
    for fact in catalogue.facts.values():
        _fact_known(catalogue, fact, plans.values())
    for rule in catalogue.rules.values():
        if not rule.withdrawn:
            _rule_known(rule, list(plans.values()))
    _conditions_known(list(plans.values()))
    for plan in plans.values():
        _types(plan)


def _fact_known(catalogue: Catalogue, fact: Fact, plans: Iterable[Plan]) -> None:
    unknown_call = fact.call and fact.call[0] not in functions.BY_NAME
    unknown_table = fact.lookup and fact.lookup["table"] not in catalogue.knowledge
    unlooked = fact.coded and not any(_coded(catalogue, fact, plan) for plan in plans)
    if unknown_call or unknown_table or unlooked or not any(fact.name in plan.home for plan in plans):
        raise fault(
            fact.path,
            fact.line,
            f"事实 {fact.name} 读的列或表哪个接口都没有",
            f"no interface has what fact {fact.name} reads",
        )


def _coded(catalogue: Catalogue, fact: Fact, plan: Plan) -> bool:
    """Whether the fact asks for what code tables give, of a field whose codes have one."""
    row = plan.rows.get(fact.on, {}).get(fact.coded["code"])
    pattern = catalogue.patterns.get(row.pattern) if row else None
    return fact.coded["give"] in code_checks.GIVES and pattern is not None and pattern.tabled


def _rule_known(rule: Rule, plans: list[Plan]) -> None:
    able = [plan for plan in plans if rule.id not in plan.skipped]
    if not able:
        name = plans[0].skipped[rule.id]
        key = "on" if name == rule.on else "expect" if rule.expect and name in rule.expect.text else "when"
        raise rule.fault(key, f"没有“{name}”这个字段或事实", f"there is no field or fact '{name}'")
    shown = _SHOWN.get(rule.shape, set())
    for plan in able:
        for name in slots(plan.checks[rule.id]):
            if name in shown or _nameable(name, rule.on, plans):
                continue
            raise rule.fault(
                "message", f"文字里的 {{{name}}} 不是字段或事实", f"{{{name}}} in a text is no field or fact"
            )
    if rule.field and not all(plan.checks[rule.id].field for plan in able):
        raise rule.fault("field", f"{rule.on} 没有字段“{rule.field}”", f"{rule.on} has no field '{rule.field}'")


def _conditions_known(plans: list[Plan]) -> None:
    """What a condition of a required field reads is there in some interface that has the field."""
    rows = {
        f"{table}.{name}/required": row
        for plan in plans
        for table in plan.rows
        for name, row in plan.rows[table].items()
    }
    for check, row in rows.items():
        having = [plan for plan in plans if row.field in plan.rows.get(row.table, {})]
        if row.required_when and all(check in plan.skipped for plan in having):
            name = having[0].skipped[check]
            raise fault(
                row.path, row.line, f"条件里的“{name}”不是字段或事实", f"'{name}' in the condition is no field or fact"
            )


def _nameable(name: str, table: str, plans: list[Plan]) -> bool:
    written, field = split(name)
    return any(
        (not written or written == plan.case)
        and (field in plan.rows.get(written or table, {}) or plan.home.get(field) in (table, plan.case))
        for plan in plans
    )


def _types(plan: Plan) -> None:
    """Run the plan's expressions on empty tables."""
    work: dict[str, pl.DataFrame] = {}
    for table, rows in plan.rows.items():
        columns = {"_case": pl.UInt32, "_row": pl.UInt32, "_source": pl.UInt32, "_line": pl.UInt32}
        texts = {CASE_ID: pl.String} if table == plan.case else {}
        empty = pl.DataFrame(schema={**columns, **texts, **dict.fromkeys(rows, pl.String)})
        work[table] = plan.typing[table].apply(empty).frame.hstack(code_checks.lookup_columns(plan, table))
    day.add(work, plan.case, plan.day, everywhere=plan.dated)
    for steps in plan.facts:
        _try(steps, lambda some: engine.compute_facts(plan, work, some), _fact_text)
    for table, rules in plan.rules.items():
        _try(rules, lambda some, table=table: _masks(plan, work, table, some), _rule_text)  # type: ignore[misc]
    for need, (_, when) in zip(plan.catalogue.layouts[plan.interface].interface.needs, plan.needs, strict=True):
        if work[plan.case].select(when).dtypes != [pl.Boolean]:
            raise fault(need.path, need.line, "条件的结果不是真假", "the condition is not true or false")


def _masks(plan: Plan, work: dict[str, pl.DataFrame], table: str, steps: list[RuleStep]) -> None:
    frame = engine.with_parent(plan, work, table, [name for step in steps for name in step.reads])
    exprs = [expr for step in steps for expr in step.exprs]
    if exprs and set(frame.select(exprs).dtypes) != {pl.Boolean}:
        raise pl.exceptions.InvalidOperationError("条件的结果不是真假 / the condition is not true or false")


def _try(steps: list[S], work: Callable[[list[S]], None], text: Callable[[S], Sql]) -> None:
    """Try all at once; when that fails, one by one to find which."""
    try:
        work(steps)
    except pl.exceptions.PolarsError:
        for step in steps:
            try:
                work([step])
            except pl.exceptions.PolarsError as error:
                reason = str(error).partition("\n")[0]
                raise text(step).fault(
                    f"表达式算不了：{reason}", f"the expression cannot be computed: {reason}"
                ) from error
        raise


def _fact_text(step: FactStep) -> Sql:
    return next(iter(step.fact.alternatives), None) or Sql(step.fact.name, step.fact.path, step.fact.line)


def _rule_text(step: RuleStep) -> Sql:
    rule, row = step.check.rule, step.check.row
    if rule is None:
        assert row
        return Sql(row.required_when, row.path, row.line)
    text = rule.expect or rule.when
    assert text
    return text
