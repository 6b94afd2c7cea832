"""Every text of the repository with the scope it stands in, by interface; and dirty cases to run them on."""

import random
from dataclasses import dataclass
from functools import cache

import polars as pl

from tests.checks.language.roads import dtype
from validator import generate
from validator.checks import engine
from validator.checks.language import (
    DAY,
    MOMENT,
    TEXT,
    TRUTH,
    Expression,
    Kind,
    Scope,
    UnknownNameError,
    compile_text,
    number,
)
from validator.checks.language.kinds import TYPED
from validator.checks.plan import Plan, RuleStep
from validator.spec import catalogue

#: Texts that the pages still write with a division: what they become.
REWRITTEN = {
    "CAST((EXTRACT(EPOCH FROM stay_end) - EXTRACT(EPOCH FROM adm_time)) / 60 AS INTEGER)": (
        "MINUTES_BETWEEN(adm_time, stay_end)"
    ),
    "CAST((EXTRACT(EPOCH FROM scs_cutd_exit_time) - EXTRACT(EPOCH FROM scs_cutd_inpool_time)) / 60 AS INTEGER)": (
        "MINUTES_BETWEEN(scs_cutd_inpool_time, scs_cutd_exit_time)"
    ),
    "icu_minutes <= CAST((EXTRACT(EPOCH FROM icu_last_out) - EXTRACT(EPOCH FROM icu_first_in)) / 60 AS INTEGER)": (
        "icu_minutes <= MINUTES_BETWEEN(icu_first_in, icu_last_out)"
    ),
}
_CALLS = {"resident_id_valid": TRUTH, "resident_id_birthday": DAY, "resident_id_sex": TEXT, "list_date": DAY}
_CODED = {"grey": TRUTH, "standard": TEXT}


@dataclass(frozen=True)
class Written:
    """One text as a page writes it, compiled, with the engine's own expression of today."""

    where: str
    table: str
    expression: Expression
    today: pl.Expr


def field_kind(row) -> Kind:
    if row.type == "number":
        return number(min(row.length or 16, 16), row.scale)
    return {"date": DAY, "datetime": MOMENT, "duration": number(8)}.get(row.type, TEXT)


class Texts:
    """The texts of an interface."""

    def __init__(self, interface: str) -> None:
        self.plan = Plan(catalogue.load(), interface, catalogue.load().layouts[interface].tables)
        self.known: dict[str, dict[str, Kind]] = {table: {} for table in self.plan.rows}
        for table, rows in self.plan.rows.items():
            self.known[table] |= {name: field_kind(row) for name, row in rows.items()}
            parent = self.plan.rows["setlinfo"]
            self.known[table] |= {f"setlinfo.{name}": field_kind(row) for name, row in parent.items()}
        self.found: list[Written] = []
        for step in (step for steps in self.plan.facts for step in steps):
            self._fact(step)
        for steps in self.plan.rules.values():
            for step in steps:
                self._rule(step)

    def compile(self, where: str, table: str, text: str, today: pl.Expr, wanted: str = "") -> Expression:
        scope = Scope(self.known[table], self.plan.catalogue.profile.parameters)
        expression = compile_text(REWRITTEN.get(text.strip(), text), scope, wanted)
        self.found.append(Written(where, table, expression, today))
        return expression

    def _fact(self, step) -> None:
        fact, kind = step.fact, None
        if fact.where:
            self.compile(f"{fact.name}/where", fact.on, fact.where.text, step.where.expr, "truth")
        for text in fact.alternatives:
            try:
                kind = self.compile(f"{fact.name}/{fact.shape}", fact.on, text.text, step.value.expr).kind
                break
            except UnknownNameError:
                continue
        if fact.shape in ("call", "lookup", "coded"):
            kind = _CALLS[fact.call[0]] if fact.call else _CODED[fact.coded["give"]] if fact.coded else TEXT
        kind = {"count": number(6), "any": TRUTH, "sum": number(18, kind.scale)}.get(fact.shape, kind)
        for table in self.known if self.plan.home[fact.name] == "setlinfo" else [fact.on]:
            self.known[table][fact.name] = Kind(kind.name, kind.scale, kind.most)

    def _rule(self, step: RuleStep) -> None:
        check = step.check
        if check.rule:
            bare = not (check.rule.since or check.rule.until)
            if check.rule.when and bare:
                self.compile(f"{check.id}/when", check.table, check.rule.when.text, step.when.expr, "truth")
            elif check.rule.when:
                today = self.plan.bind(check.rule.when, check.table).expr
                self.compile(f"{check.id}/when", check.table, check.rule.when.text, today, "truth")
            if check.rule.expect:
                self.compile(f"{check.id}/expect", check.table, check.rule.expect.text, step.expect.expr, "truth")
        elif check.row.required_when:
            self.compile(check.id, check.table, check.row.required_when, step.when.expr, "truth")


@cache
def texts(interface: str) -> Texts:
    return Texts(interface)


JUNK = [
    "", "-", "0", "1", "-1", "9" * 18, "12.345", "中文", "a\n粘连b", "x" * 600, "2026-02-30", "1900-01-01", "1969-12-31 23:59:59",
    "2199-12-31", "2199-12-31 00:00:00", "0001-01-01", "9999-12-31", "9999-12-31 00:00:00", "1/2/3", "１２", "Z37.0", "O80.000x001",
    "99.04", "A01.01.01", "BNW010", ",", "1000,2000", "张３", "H11010500001", "110101199001011237",
]  # fmt: skip


@cache
def frames(interface: str, cases: int, junk: float, seed: int = 7, typed: bool = True) -> dict[str, pl.DataFrame]:
    """The engine's tables of dirty cases, facts among them. ``typed``: only values that typing will let through."""
    (partition, _), *_ = generate.partitions(cases, seed, 0.8, interface)
    draw = random.Random(seed)
    for name, table in partition.tables.items():
        dirty = [
            pl.Series(
                each.name, [draw.choice(JUNK) if draw.random() < junk else value for value in each], dtype=pl.String
            )
            for each in table.get_columns()
            if junk and each.dtype == pl.String and each.name != "case_id"
        ]
        partition.tables[name] = table.with_columns(dirty)
    plan = texts(interface).plan
    tables = engine.run(plan, partition, set()).tables
    found = {}
    for table, known in texts(interface).known.items():
        engine.with_parent(plan, tables, table, list(known))
        frame = tables[table]
        found[table] = frame.select(
            _let_through(frame, name, kind) if typed else pl.col(name)
            for name, kind in known.items()
            if name in frame.columns
        )
    return found


def _let_through(frame: pl.DataFrame, name: str, kind: Kind) -> pl.Expr:
    """A column without the values that typing is to refuse."""
    column = pl.col(name)
    if frame.schema[name] == pl.Null:
        return column.cast(dtype(kind))
    if kind.name in ("day", "moment"):
        days = column.cast(pl.Date).to_physical()
        return pl.when(days.is_between(-25_567, TYPED)).then(column)
    if kind.name == "number":
        return pl.when(column.is_between(-(10 ** (17 - kind.scale)), 10 ** (17 - kind.scale))).then(column)
    return column
