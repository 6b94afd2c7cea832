"""Planning every fact, rule and conditional requirement, so that a wrong one fails at load and not in the night."""

from collections.abc import Iterable

from validator.base.yaml_csv import fault
from validator.checks import code_checks
from validator.checks.language import UnknownNameError
from validator.checks.plan import Plan
from validator.checks.plans import whole_plans
from validator.checks.slots import slots
from validator.spec import functions
from validator.spec.catalogue import Catalogue
from validator.spec.facts import Fact
from validator.spec.interfaces import split
from validator.spec.rule_pages import Rule
from validator.spec.sql import Sql

#: What a message of a rule that looks across rows may show besides columns.
_SHOWN = {"pairs": {"other", "note_zh", "note_en"}, "requires": {"needs", "note_zh", "note_en"}}


def verify(catalogue: Catalogue) -> None:
    """Raise :class:`~validator.base.errors.ConfigError`, with file and line, for a name or type that cannot be right."""
    plans = whole_plans(catalogue)
    for fact in catalogue.facts.values():
        _fact_known(catalogue, fact, plans.values())
    for rule in catalogue.rules.values():
        if not rule.withdrawn:
            _rule_known(rule, list(plans.values()))
    _conditions_known(list(plans.values()))


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
    return fact.coded["give"] in code_checks.GIVES and pattern is not None and bool(pattern.tables)


def _rule_known(rule: Rule, plans: list[Plan]) -> None:
    able = [plan for plan in plans if plan.runs(rule.id)]
    if not able:
        plan = next((plan for plan in plans if rule.id in plan.checks and rule.on in plan.rows), plans[0])
        _refuse_unknown(plan, rule.on, *(text for text in (rule.when, rule.expect) if text))
        name = plan.skipped.get(rule.id, rule.on)
        key = "on" if name == rule.on else rule.shape
        raise rule.fault(key, f"没有“{name}”这个表、字段或事实", f"there is no table, field or fact '{name}'")
    shown = _SHOWN.get(rule.shape, set())
    for plan in able:
        for name in slots(plan.checks[rule.id]):
            if name in shown or _nameable(name, rule.on, plans):
                continue
            raise rule.fault(
                "message", f"文字里的 {{{name}}} 不是字段或事实", f"{{{name}}} in a text is no field or fact"
            )
    if not any(plan.tells_excess(rule) for plan in able):
        _refuse_unknown(able[0], rule.on, *rule.excess.values())
    if not all(plan.checks[rule.id].field for plan in able):
        if rule.field:
            raise rule.fault("field", f"{rule.on} 没有字段“{rule.field}”", f"{rule.on} has no field '{rule.field}'")
        zh = f"看不出问题在 {rule.on} 的哪个字段，请写 field"
        raise rule.fault("on", zh, f"which field of {rule.on} a finding points at is not known: write field")


def _conditions_known(plans: list[Plan]) -> None:
    """What a condition of a required field reads is there in some interface that has the field."""
    rows = {
        row.check("required"): row for plan in plans for table in plan.rows for name, row in plan.rows[table].items()
    }
    for check, row in rows.items():
        having = [plan for plan in plans if check in plan.checks]
        if row.required_when and all(check in plan.skipped for plan in having):
            _refuse_unknown(having[0], row.table, Sql(row.required_when, row.path, row.line))
            name = having[0].skipped[check]
            raise fault(
                row.path, row.line, f"条件里的“{name}”不是字段或事实", f"'{name}' in the condition is no field or fact"
            )


def _refuse_unknown(plan: Plan, table: str, *texts: Sql) -> None:
    """Raise for the first name in texts about rows of a table that there is not, with its place."""
    for text in texts if table in plan.rows else ():
        try:
            plan.compile(text, table)
        except UnknownNameError as error:
            raise error.at(text.path, text.line, text.text) from None


def _nameable(name: str, table: str, plans: list[Plan]) -> bool:
    written, field = split(name)
    return any(
        (not written or written in plan.case_names)
        and (field in plan.rows.get(plan.case if written else table, {}) or plan.home.get(field) in (table, plan.case))
        for plan in plans
    )
