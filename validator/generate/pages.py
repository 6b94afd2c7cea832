"""What can be planted for rules: whole cases, made from the failing examples of the rule pages."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import polars as pl

from validator import read
from validator.base.errors import ConfigError
from validator.checks import engine, examples
from validator.checks.plan import plan_key
from validator.checks.plans import plan_of
from validator.read.partition import Partition
from validator.spec.catalogue import Catalogue
from validator.spec.rule_pages import Case, Rule

#: Numbers of the person and of the settlement that a planted case keeps, besides the keys of its interface.
NUMBERS = ("psn_no", "hi_no", "bill_no", "biz_sn")


@dataclass(frozen=True)
class Planted:
    """One failing example of a rule page as a case."""

    check: str
    table: str
    field: str | None
    row: int | None
    says: str
    place: int  #: of the example's case in the tables of :class:`Pages`


@dataclass(frozen=True)
class RulePages:
    """All failing examples for one interface."""

    planted: list[Planted]
    tables: dict[
        str, pl.DataFrame
    ]  #: official fields, ``_case`` and ``_row``; the case's table also ``set:…`` for its keys and :data:`NUMBERS`


@cache
def load(catalogue: Catalogue, interface: str) -> RulePages:
    """The failing examples that belong to the interface, and those of others that fail on it too."""
    cases = [
        (rule, case, message, own)
        for rule in catalogue.rules.values()
        if not (rule.withdrawn or rule.tables) and rule.spec.get("within") != "batch"
        for case in rule.cases
        if case.fails
        for message, own in _messages(rule, case, catalogue, interface)
    ]
    if not cases:
        return RulePages([], {})
    about = catalogue.layouts[interface].interface
    if about.made_of:  # rows with one key would be one case
        for place, (_, _, message, _) in enumerate(cases):
            for row in message["input"][about.made_of]:
                row.update({key: f"EX{place}" for key in about.keys if key in row})
    part = read.from_messages([message for _, _, message, _ in cases], catalogue.layouts)[0]
    found = _found(catalogue, part)
    planted = []
    for place, (rule, case, _, own) in enumerate(cases):
        row = found.get((rule.id, place))
        if own or row:
            planted.append(Planted(rule.id, rule.on, rule.field or None, row, f"{rule.id}：{case.title}", place))
    tables = {
        name: _texts(frame, list(catalogue.layouts[interface].tables[name].fields))
        for name, frame in part.tables.items()
    }
    marks = [
        pl.Series(f"set:{key}", [key in (case.patch.get(about.case) or {}) for _, case, _, _ in cases])
        for key in (*about.keys, *NUMBERS)
    ]
    return RulePages(planted, tables | {about.case: tables[about.case].with_columns(marks)})


def _messages(rule: Rule, case: Case, catalogue: Catalogue, interface: str) -> list[tuple[dict[str, Any], bool]]:
    """The example as a message of the interface, if it can be one, and whether that is the page's own interface.

    What is written for charge lines alone is planted into lists with such lines, too.
    """
    own = examples.message(rule, case, catalogue)
    if own["infno"] == interface:
        return [(own, True)]
    if case.layout and case.layout not in catalogue.layouts[interface].parts:
        return []
    try:
        return [(examples.message(rule, replace(case, layout=interface), catalogue), False)]
    except ConfigError:
        return []


def _found(catalogue: Catalogue, part: Partition) -> dict[tuple[str, int], int]:
    """(rule, case) -> row of the first finding."""
    plan = plan_of(catalogue, plan_key(catalogue, part))
    found: dict[tuple[str, int], int] = {}
    result = engine.run(plan, part, set(catalogue.rules))
    for each in result.failed:
        for case, row in result.tables[each.check.table].select("_case", "_row")[each.rows].iter_rows():
            found.setdefault((each.check.id, case), row)
    return found


def _texts(frame: pl.DataFrame, fields: list[str]) -> pl.DataFrame:
    """The official fields; blanks null."""
    return frame.select(
        *(pl.when(pl.col(field) != "").then(pl.col(field)).alias(field) for field in fields), "_case", "_row"
    )
