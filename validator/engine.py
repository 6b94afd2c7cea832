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
    frame, checks = result.tables[table], plan.field_checks[table]
    if not frame.height:
        result.tallies.update((check.id, Tally()) for check, _ in checks if check.id in wanted)
        return
    nulls = frame.null_count().row(0, named=True)
    filled = {name: frame.height - n for name, n in nulls.items()}
    due = [expr for check, expr in checks if filled[f"v:{check.field}"] or check.aspect in ("required", "placeholder")]
    masks = values.collect(frame.lazy().select(due), frame.height)
    counts = masks.sum().row(0, named=True)
    spoilt: dict[str, list[pl.Series]] = {}
    for check, _ in checks:
        failed = counts.get(check.id, 0)
        if failed and check.aspect in _SPOILS and check.level == "error":
            spoilt.setdefault(check.field, []).append(masks[check.id])
        _report(plan, check, masks, _tally(check, frame.height, filled, failed), result, wanted, mask)
    marks = [pl.any_horizontal(series).alias(f"bad:{name}") for name, series in spoilt.items()]
    result.tables[table] = frame.with_columns(marks) if marks else frame


def _tally(check: Check, rows: int, filled: dict[str, int], failed: int) -> Tally:
    """What the number of failures says of the other rows: a blank is not applicable, an unreadable value not judged."""
    there, typed = filled[f"v:{check.field}"], filled[check.field]
    match check.aspect:
        case "required":
            return Tally(rows, there, failed, 0)
        case "placeholder":
            return Tally(rows, there, failed, rows - there - failed)
        case "length" | "range" if check.row and check.row.type not in ("string", "code"):
            return Tally(rows, typed - failed, failed, rows - there)
    return Tally(rows, there - failed, failed, rows - there)


def _report(
    plan: Plan, check: Check, masks: pl.DataFrame, tally: Tally, result: Result, wanted: set[str], mask: bool,
    mark: str = "",
) -> None:  # fmt: skip
    if check.id not in wanted:
        return
    result.tallies[check.id] = tally
    if tally.failed:
        rows = masks[f"{check.id}{mark}"].arg_true()
        result.findings.append(gather(plan, check, rows, result.tables, mask))


def compute_facts(plan: Plan, work: dict[str, pl.DataFrame], steps: Sequence[FactStep]) -> None:
    """Compute one round of facts: per table one query for the row facts and one for the aggregates."""
    for table in {step.fact.on: None for step in steps}:
        here = [step for step in steps if step.fact.on == table]
        frame = with_parent(plan, work, table, [name for step in here for name in step.reads])
        rows = [step for step in here if not step.fact.aggregate]
        if rows:
            frame = _look_up(plan, frame, [step for step in rows if step.fact.lookup])
            exprs = [step.value.expr.alias(step.fact.name) for step in rows if not step.fact.lookup]
            frame = values.collect(frame.lazy().with_columns(exprs), frame.height) if exprs else frame
            work[table] = _spoil(frame, rows)
        if aggregates := [step for step in here if step.fact.aggregate]:
            work["setlinfo"] = _aggregate(work["setlinfo"], work[table], aggregates)


def _look_up(plan: Plan, frame: pl.DataFrame, steps: Sequence[FactStep]) -> pl.DataFrame:
    """Add what knowledge tables say of codes: each distinct code is looked up once."""
    for column in {step.fact.lookup["code"]: None for step in steps}:
        here = [step.fact for step in steps if step.fact.lookup["code"] == column]
        codes = frame[column].unique().drop_nulls()
        known = {
            fact.name: [plan.catalogue.knowledge[fact.lookup["table"]].attribute(fact.lookup["give"], code) for code in codes]
            for fact in here
        }
        table = pl.DataFrame({column: codes, **known}, schema={column: pl.String, **dict.fromkeys(known, pl.String)})
        frame = values.collect(frame.lazy().join(table.lazy(), on=column, how="left", maintain_order="left"), frame.height)
    return frame


def _spoil(frame: pl.DataFrame, steps: Sequence[FactStep]) -> pl.DataFrame:
    """A fact is unknown on rows where something it reads failed its own check."""
    marks = spoilt(frame)
    if not marks:
        return frame
    for step in steps:
        if bad := [f"bad:{name}" for name in step.reads if f"bad:{name}" in marks]:
            mark, name = pl.any_horizontal(bad), step.fact.name
            frame = frame.with_columns(mark.alias(f"bad:{name}"), pl.when(~mark).then(pl.col(name)).alias(name))
            marks.add(f"bad:{name}")
    return frame


def spoilt(frame: pl.DataFrame) -> set[str]:
    """The columns that mark values which failed their own check."""
    return {name for name in frame.columns if name.startswith("bad:")}


def _aggregate(cases: pl.DataFrame, frame: pl.DataFrame, steps: Sequence[FactStep]) -> pl.DataFrame:
    """Gather rows of a child table into one value per case."""
    marks, exprs, unknown = spoilt(frame), [], []
    for step in steps:
        name, bad = step.fact.name, [f"bad:{name}" for name in step.reads if f"bad:{name}" in marks]
        exprs.append(_aggregate_expr(step).alias(name))
        if bad:
            exprs.append(pl.any_horizontal(bad).any().alias(f"bad:{name}"))
            unknown.append(name)
    empty = {"any": False, "count": 0}
    fill = [pl.col(step.fact.name).fill_null(empty[step.fact.shape]) for step in steps if step.fact.shape in empty]
    fill += [pl.col(f"bad:{name}").fill_null(False) for name in unknown]
    grouped = frame.lazy().group_by("_case").agg(exprs)
    joined = cases.lazy().join(grouped, on="_case", how="left", maintain_order="left").with_columns(fill)
    hidden = joined.with_columns(pl.when(~pl.col(f"bad:{name}")).then(pl.col(name)).alias(name) for name in unknown)
    return values.collect(hidden if unknown else joined, frame.height)


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
    cases, wanted = work["setlinfo"], dict[str, str]()
    marks, have = spoilt(cases), set(frame.columns)
    for name in dict.fromkeys(reads):
        column = name.removeprefix("setlinfo.")
        if name in have or (name == column and plan.home.get(name) != "setlinfo"):
            continue
        wanted[name] = column
        if f"bad:{column}" in marks:
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
    marks, plain = spoilt(frame), [step for step in steps if not step.across]
    exprs = [expr.alias(f"{step.check.id}{mark}") for step in plain for mark, expr in _rule_masks(marks, step).items()]
    masks = values.collect(frame.lazy().select(exprs), frame.height) if exprs else frame.head(0)
    counts = masks.sum().row(0, named=True) if exprs else {}
    for step in plain:
        name = step.check.id
        tally = Tally(frame.height, counts[f"{name}+"], counts[f"{name}!"], counts.get(f"{name}-", 0))
        _report(plan, step.check, masks, tally, result, wanted, mask, "!")
    for step in steps:
        if step.across:
            judged = across.judge(plan, step, result.tables, _marks(frame, marks, step))
            tally = Tally(frame.height, judged.passed, judged.failed, judged.not_applicable)
            result.tallies[step.check.id] = tally
            if judged.failed:
                result.findings.append(gather(plan, step.check, judged.rows, result.tables, mask, judged.extra))
            if judged.batch is not None:
                result.batch_keys[step.check.id] = judged.batch


def _fit(marks: set[str], step: RuleStep) -> pl.Expr | None:
    """Which rows hold nothing that failed its own check; None = all do."""
    bad = [f"bad:{name}" for name in step.reads if f"bad:{name}" in marks]
    return ~pl.any_horizontal(bad) if bad else None


def _rule_masks(marks: set[str], step: RuleStep) -> dict[str, pl.Expr]:
    """The outcome of a rule as masks: ``!`` failed, ``+`` passed, ``-`` not applicable; the rest could not be judged."""
    fit = _fit(marks, step)
    return step.masks if fit is None else {mark: fit & expr for mark, expr in step.masks.items()}


def _marks(frame: pl.DataFrame, marks: set[str], step: RuleStep) -> pl.DataFrame:
    """For a rule that looks across rows: which rows it concerns (``when``) and which of them are fit to judge."""
    fit = _fit(marks, step)
    when = step.when.expr if step.when else pl.lit(True)
    return frame.select("_case", when=when, fit=pl.lit(True) if fit is None else fit)
