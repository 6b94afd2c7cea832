"""The engine: one partition of tables in; its findings, outcomes and cases out, by a few queries whatever the number of checks."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from validator import across, values
from validator.catalogue import Check
from validator.gather import FindingRows, gather
from validator.plan import FactStep, Plan, RuleStep
from validator.tables import Partition

#: Aspects whose failure makes a value unfit for rules to judge by.
_SPOILS = ("type", "value", "pattern", "range", "length")


@dataclass
class Tally:
    """How a check went over some rows; the rest of ``rows`` could not be judged."""

    rows: int = 0
    passed: int = 0
    failed: int = 0
    not_applicable: int = 0

    def add(self, other: "Tally") -> None:
        """Count ``other``'s rows too."""
        self.rows += other.rows
        self.passed += other.passed
        self.failed += other.failed
        self.not_applicable += other.not_applicable


@dataclass
class Result:
    """What one partition gave."""

    findings: list[FindingRows] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    batch_keys: dict[str, pl.DataFrame] = field(default_factory=dict)  #: rule id -> keys to compare with other partitions


def run(plan: Plan, partition: Partition, wanted: set[str], mask: bool = True) -> Result:
    """Check one partition. ``wanted``: ids of the checks to report; the others are still computed where rules need them."""
    result = Result()
    work = {
        name: plan.typing[name].apply(partition.tables[name])
        for name in plan.rows
        if name in partition.tables
    }
    result.tables = work
    for table in work:
        _field_checks(plan, table, result, wanted, mask)
    for steps in plan.facts:
        compute_facts(plan, work, steps)
    for table, rules in plan.rules.items():
        _rules(plan, table, rules, result, wanted, mask)
    for check, missing in plan.skipped.items():
        if check in wanted:
            height = work["setlinfo"].height
            result.tallies[check] = Tally(rows=height, not_applicable=height)
            del missing
    return result


def _field_checks(plan: Plan, table: str, result: Result, wanted: set[str], mask: bool) -> None:
    frame = result.tables[table]
    checks = plan.field_checks[table]
    counts = {name: frame.height - frame[name].null_count() for name in frame.columns}
    filled = {check.field for check, _ in checks if counts[f"v:{check.field}"]}
    due = [expr for check, expr in checks if expr is not None and (check.field in filled or check.aspect == "required")]
    masks = values.collect(frame.lazy().select(due), frame.height) if due else frame
    nothing = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    spoilt: dict[str, list[pl.Series]] = {}
    for check, _ in checks:
        name = check.id if check.aspect != "placeholder" else f"ph:{check.field}"
        failed = masks[name] if name in masks.columns else frame[name] if name in frame.columns else nothing
        n = int(failed.sum())
        if n and check.aspect in _SPOILS and check.level == "error":
            spoilt.setdefault(check.field, []).append(failed)
        _report(plan, check, failed, _tally(check, frame.height, counts, n, frame), result, wanted, mask)
    marks = [pl.any_horizontal(series).fill_null(False).alias(f"bad:{name}") for name, series in spoilt.items()]
    result.tables[table] = frame.with_columns(marks) if marks else frame


def _tally(check: Check, rows: int, counts: dict[str, int], failed: int, frame: pl.DataFrame) -> Tally:
    """What the number of failures says of the other rows: a blank is not applicable, an unreadable value not judged."""
    there, typed = counts[f"v:{check.field}"], counts[check.field]
    match check.aspect:
        case "required":
            return Tally(rows, there, failed, 0)
        case "placeholder":
            return Tally(rows, there, failed, rows - there - failed)
        case "length" | "range" if check.row and check.row.type not in ("string", "code"):
            return Tally(rows, typed - failed, failed, rows - there)
    return Tally(rows, there - failed, failed, rows - there)


def _report(
    plan: Plan, check: Check, failed: pl.Series, tally: Tally, result: Result, wanted: set[str], mask: bool,
    extra: pl.DataFrame | None = None,
) -> None:  # fmt: skip
    if check.id not in wanted:
        return
    result.tallies[check.id] = tally
    if tally.failed:
        result.findings.append(gather(plan, check, failed.arg_true(), result.tables, mask, extra))


def compute_facts(plan: Plan, work: dict[str, pl.DataFrame], steps: Sequence[FactStep]) -> None:
    """Compute one round of facts: per table one query for the row facts and one for the aggregates."""
    for table in {step.fact.on: None for step in steps}:
        here = [step for step in steps if step.fact.on == table]
        frame = with_parent(plan, work, table, [name for step in here for name in step.reads])
        row_facts = [step for step in here if not step.fact.aggregate]
        for step in row_facts:
            if step.fact.shape == "lookup":
                known = plan.catalogue.knowledge[step.fact.lookup["table"]]
                found = known.attribute(step.fact.lookup["give"], frame[step.fact.lookup["code"]])
                frame = frame.with_columns(found.alias(step.fact.name))
        plain = [step for step in row_facts if step.fact.shape != "lookup"]
        exprs = [step.value.expr.alias(step.fact.name) for step in plain]
        frame = values.collect(frame.lazy().with_columns(exprs), frame.height) if exprs else frame
        work[table] = _spoil(frame, row_facts)
        aggregates = [step for step in here if step.fact.aggregate]
        if aggregates:
            work["setlinfo"] = _aggregate(work["setlinfo"], work[table], aggregates)


def _spoil(frame: pl.DataFrame, steps: Sequence[FactStep]) -> pl.DataFrame:
    """A fact is unknown on rows where something it reads failed its own check."""
    for step in steps:
        if bad := spoilt(frame, step.reads):
            mark = pl.any_horizontal(bad)
            frame = frame.with_columns(
                mark.alias(f"bad:{step.fact.name}"), pl.when(~mark).then(pl.col(step.fact.name)).alias(step.fact.name)
            )
    return frame


def spoilt(frame: pl.DataFrame, reads: Sequence[str]) -> list[str]:
    """The marks, among what is read, that some value failed its own check."""
    return [f"bad:{name}" for name in reads if f"bad:{name}" in frame.columns]


def _aggregate(cases: pl.DataFrame, frame: pl.DataFrame, steps: Sequence[FactStep]) -> pl.DataFrame:
    """Gather rows of a child table into one value per case."""
    exprs: list[pl.Expr] = []
    for step in steps:
        name, bad = step.fact.name, spoilt(frame, step.reads)
        value = _aggregate_expr(step)
        exprs.append((pl.when(~pl.any_horizontal(bad).any()).then(value) if bad else value).alias(name))
        if bad:
            exprs.append(pl.any_horizontal(bad).any().alias(f"bad:{name}"))
    grouped = values.collect(frame.lazy().group_by("_case").agg(exprs), frame.height)
    joined = cases.join(grouped, on="_case", how="left", maintain_order="left")
    empty = {"any": False, "count": 0}
    fill = [pl.col(step.fact.name).fill_null(empty[step.fact.shape]) for step in steps if step.fact.shape in empty]
    marks = {name for name in joined.columns if name.startswith("bad:")} - set(cases.columns)
    filled = joined.with_columns(*fill, *(pl.col(mark).fill_null(False) for mark in marks))
    unknown = [pl.when(~pl.col(mark)).then(pl.col(mark[4:])).alias(mark[4:]) for mark in marks]
    return filled.with_columns(unknown) if unknown else filled


def _aggregate_expr(step: FactStep) -> pl.Expr:
    value, where = step.value.expr, step.where.expr if step.where else None
    match step.fact.shape:
        case "any":
            return (value & where if where is not None else value).any()
        case "count":
            return (value & where if where is not None else value).sum().cast(pl.Int64)
    kept = value.filter(where) if where is not None else value
    match step.fact.shape:
        case "sum":
            return pl.when(kept.is_not_null().any()).then(kept.sum())
        case "min":
            return kept.min()
        case "max":
            return kept.max()
    return kept.first()


def with_parent(plan: Plan, work: dict[str, pl.DataFrame], table: str, reads: Sequence[str]) -> pl.DataFrame:
    """The table's frame with the case's columns that are read, fetched by the case's row number."""
    frame = work[table]
    if table == "setlinfo":
        return frame
    cases, wanted = work["setlinfo"], {}
    for name in dict.fromkeys(reads):
        column = name.removeprefix("setlinfo.")
        if name in frame.columns or (name == column and plan.home.get(name) != "setlinfo"):
            continue
        wanted[name] = column
        if f"bad:{column}" in cases.columns:
            wanted[f"bad:{name}"] = f"bad:{column}"
    if not wanted:
        return frame
    fetched = cases.select(pl.col(column).alias(name) for name, column in wanted.items())[frame["_case"]]
    work[table] = frame.hstack(fetched)
    return work[table]


def _rules(plan: Plan, table: str, steps: Sequence[RuleStep], result: Result, wanted: set[str], mask: bool) -> None:
    steps = [step for step in steps if step.check.id in wanted]
    if table not in result.tables or not steps:
        return
    frame = with_parent(plan, result.tables, table, [name for step in steps for name in step.reads])
    if not frame.height:
        result.tallies.update((step.check.id, Tally()) for step in steps)
        return
    plain = [step for step in steps if not step.across]
    exprs = [expr.alias(f"{step.check.id}{mark}") for step in plain for mark, expr in _rule_masks(frame, step).items()]
    masks = values.collect(frame.lazy().select(exprs), frame.height) if exprs else pl.DataFrame()
    for step in plain:
        name = step.check.id
        failed = masks[f"{name}!"]
        not_applicable = int(masks[f"{name}-"].sum()) if f"{name}-" in masks.columns else 0
        tally = Tally(frame.height, int(masks[f"{name}+"].sum()), int(failed.sum()), not_applicable)
        _report(plan, step.check, failed, tally, result, wanted, mask)
    for step in steps:
        if step.across:
            judged = across.judge(plan, step, result.tables, _marks(frame, step))
            tally = Tally(frame.height, judged.passed, judged.failed, judged.not_applicable)
            _report(plan, step.check, judged.mask, tally, result, wanted, mask, judged.extra)
            if judged.batch is not None:
                result.batch_keys[step.check.id] = judged.batch


def _fit(frame: pl.DataFrame, step: RuleStep) -> pl.Expr | None:
    """Which rows hold nothing that failed its own check; None = all do."""
    bad = spoilt(frame, step.reads)
    return ~pl.any_horizontal(bad) if bad else None


def _rule_masks(frame: pl.DataFrame, step: RuleStep) -> dict[str, pl.Expr]:
    """The outcome of a rule as masks: ``!`` failed, ``+`` passed, ``-`` not applicable; the rest could not be judged."""
    fit = _fit(frame, step)
    if fit is None:
        return step.masks
    return {mark: fit & expr for mark, expr in step.masks.items()}


def _marks(frame: pl.DataFrame, step: RuleStep) -> pl.DataFrame:
    """For a rule that looks across rows: which rows it concerns (``when``) and which of them are fit to judge."""
    fit = _fit(frame, step)
    when = step.when.expr if step.when else pl.lit(True)
    return frame.select("_case", when=when, fit=pl.lit(True) if fit is None else fit)


