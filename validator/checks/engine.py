"""The engine: one partition of tables in; its findings, outcomes and cases out, by a few queries whatever the number of checks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import polars as pl

from validator.checks import code_checks, day, excess, fields, multi_row, outcomes, unloaded
from validator.checks.aggregates import of_cases, of_parts, spoilt
from validator.checks.columns import ColumnCells
from validator.checks.evidence import Failed
from validator.checks.needed import everything, of_checks
from validator.checks.outcomes import Result, RuleOutcome
from validator.checks.plan import Plan
from validator.checks.steps import FactStep, RuleStep
from validator.checks.tally import Tally
from validator.read.partition import Partition
from validator.spec.catalogue import Check
from validator.spec.facts import Fact
from validator.spec.interfaces import split


def run(plan: Plan, partition: Partition, wanted: Collection[str], *, every_fact: bool = False) -> Result:
    """Check one partition. ``wanted``: ids of the checks to report; ``every_fact``: compute those too that none of them reads."""
    if not plan.has_trees:
        raise ValueError("a plan as it is kept between runs has no rules")
    result = Result(editions=partition.source_editions)
    tables = {name: partition.tables[name] for name in plan.rows if name in partition.tables}
    lacking = {name: plan.lacking(name, frame.columns) for name, frame in tables.items()}
    if partition.bare:
        lacking[plan.case] = set(plan.rows[plan.case])
    needed = everything(plan) if every_fact else of_checks(plan, wanted, lacking)
    typed = {name: plan.typing[name].apply(frame, needed.fields[name]) for name, frame in tables.items()}
    work = {name: table.frame for name, table in typed.items()}
    result.tables = work
    day.add(work, plan.case, plan.day, everywhere=plan.dated)
    for table, frame in work.items():
        columns = {
            name: cells.on(frame[day.LIST_DATE]) if cells.field.dated else cells
            for name, cells in typed.pop(table).cells.items()
        }
        _field_checks(plan, table, columns, lacking[table], result, wanted)
        code_checks.check(plan, table, result, wanted, needed.asked(table))
    result.reasons |= {name: why for name, why in unloaded.rules(plan).items() if name in wanted}
    for steps in needed.facts:
        _facts(plan, result, steps)
    for table, rules in needed.rules.items():
        _rules(plan, table, rules, lacking.get(table, set()), result, wanted)
    height = work[plan.case].height
    _unread_tables(plan, partition, result)
    for check in plan.skipped.keys() & wanted:
        lacks = result.unread.get((plan.table_of(plan.skipped[check]), ""))
        result.tallies[check] = Tally(height, not_applicable=height - (0 if lacks is None else int(lacks.sum())))
    return result


def _unread_tables(plan: Plan, partition: Partition, result: Result) -> None:
    """Which cases need a table that the input does not hold; one that holds their keys alone lacks all but these."""
    cases = result.tables[plan.case]
    missing = [need for need in plan.needs if need.table not in result.tables]
    if partition.bare:  # every other column is lacking with it
        result.unread = {key: needed for key, needed in result.unread.items() if key[0] != plan.case}
        result.unread[plan.case, ""] = pl.repeat(True, cases.height, dtype=pl.Boolean, eager=True)
    for need in missing:
        needed = cases.select(pl.repeat(True, pl.len()) & need.cases).to_series()
        if needed.any():
            result.unread[need.table, ""] = needed


def _lack(plan: Plan, result: Result, table: str, field: str, rows: pl.Series) -> None:
    """Some rows (numbers) lack a value because the input has no such column: their cases cannot be judged."""
    if rows.len():
        cases = pl.repeat(False, result.tables[plan.case].height, dtype=pl.Boolean, eager=True)
        result.unread[table, field] = cases.scatter(result.tables[table]["_case"][rows].unique(), True)


def _field_checks(
    plan: Plan,
    table: str,
    columns: Mapping[str, ColumnCells],
    lacking: Collection[str],
    result: Result,
    wanted: Collection[str],
) -> None:
    frame, marks = result.tables[table], dict[str, pl.Series]()
    if not frame.height:
        result.tallies.update((check.id, Tally()) for check in plan.own_checks[table] if check.id in wanted)
        return
    for number, check in enumerate(plan.own_checks[table]):
        lacks = check.aspect == "required" and check.field in lacking
        if not lacks and check.id not in wanted:
            continue
        if lacks:
            marks[check.field] = pl.repeat(True, frame.height, dtype=pl.Boolean, eager=True)
            _lack(plan, result, table, check.field, pl.int_range(frame.height, dtype=pl.UInt32, eager=True))
            tally = Tally(frame.height)
        else:
            cells = columns[check.field]
            tally = _tally(check, cells, cells.failed(number))
        if check.id in wanted:
            result.tallies[check.id] = tally
            if tally.failed:
                result.failed.append(Failed(check, cells.rows_of(cells.failing[number])))
    marks = {name: cells.bad for name, cells in columns.items() if cells.bad is not None} | marks
    result.tables[table] = frame.with_columns(mark.alias(f"bad:{name}") for name, mark in marks.items())


def _tally(check: Check, cells: ColumnCells, failed: int) -> Tally:
    """What the number of failures says of the other rows; of a field in force for a time only, on other lists nothing."""
    assert check.row
    filled = cells.filled
    passed, not_applicable = fields.of(check).tally(filled, failed)
    if check.aspect == "required" and not check.row.dated:  # nothing to fill in is an answer
        not_applicable += cells.says_nothing
    return Tally(cells.height, passed, failed, not_applicable + cells.height - filled.rows)


def _facts(plan: Plan, result: Result, steps: Sequence[FactStep]) -> None:
    """Compute one round of facts: per table one query for the row facts and one for the aggregates."""
    work = result.tables
    for table in {step.fact.on: None for step in steps}:
        here = [step for step in steps if step.fact.on == table]
        frame = with_parent(plan, work, table, [name for step in here for name in step.reads])
        if parts := [step for step in here if step.fact.per]:
            work[table] = of_parts(frame, parts)
        rows = [step for step in here if not step.fact.aggregate and not step.fact.per]
        if rows:
            frame = _look_up(plan, result, table, [step for step in rows if step.fact.lookup])
            exprs = [step.expr for step in rows if not step.fact.lookup]
            frame = _with_found(frame, frame.lazy().select("_case", *exprs)) if exprs else frame
            work[table] = _spoil(frame, rows)
        if aggregates := [step for step in here if step.fact.aggregate]:
            work[plan.case] = of_cases(work[plan.case], work[table], aggregates)


def _look_up(plan: Plan, result: Result, table: str, steps: Sequence[FactStep]) -> pl.DataFrame:
    """The table with what knowledge tables say of codes: each distinct code is looked up once."""
    frame = result.tables[table]
    for column in {step.fact.lookup["code"]: None for step in steps}:
        here = [step.fact for step in steps if step.fact.lookup["code"] == column]
        codes, at = result.codes(table, column)
        found = {fact.name: [code and _listed(plan, fact, code) for code in codes] for fact in here}
        frame = frame.hstack(pl.DataFrame(found, dict.fromkeys(found, pl.String()))[at, :])
    return frame


def _with_found(frame: pl.DataFrame, found: pl.LazyFrame) -> pl.DataFrame:
    """The frame with the columns found for its rows; only what they need passed through the query."""
    return frame.hstack(found.drop("_case").collect().rechunk())


def _listed(plan: Plan, fact: Fact, code: str) -> str | None:
    return plan.catalogue.knowledge[fact.lookup["table"]].attribute(fact.lookup["give"], code)


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


def with_parent(plan: Plan, work: dict[str, pl.DataFrame], table: str, reads: Sequence[str]) -> pl.DataFrame:
    """The table's frame with the case's columns that are read, fetched by the case's row number."""
    frame = work[table]
    if table == plan.case:
        return frame
    cases, wanted = work[plan.case], dict[str, str]()
    marks, have = spoilt(cases), set(frame.columns)
    for name in dict.fromkeys(reads):
        column = split(name)[1]
        if name in have or (name == column and plan.home.get(name) != plan.case):
            continue
        wanted[name] = column
        if f"bad:{column}" in marks:
            wanted[f"bad:{name}"] = f"bad:{column}"
    if not wanted:
        return frame
    fetched = cases.select(pl.col(column).alias(name) for name, column in wanted.items())[frame["_case"]]
    work[table] = frame.hstack(fetched)
    return work[table]


def _rules(
    plan: Plan,
    table: str,
    steps: Sequence[RuleStep],
    lacking: Collection[str],
    result: Result,
    wanted: Collection[str],
) -> None:
    if table not in result.tables or not steps:
        return
    height = result.tables[table].height
    if not height:
        result.tallies.update((step.check.id, Tally()) for step in steps)
        return
    frame = with_parent(plan, result.tables, table, [name for step in steps for name in step.reads])
    marks = spoilt(frame)
    for step, went in zip(steps, _outcomes(frame, marks, steps), strict=True):
        tally, rows, extra = went.tally, went.failed, None
        if step.across:  # so far failed and passed only say which rows can be judged
            judged = multi_row.judge(plan, step, result, went)
            tally, rows, extra = judged.tally, judged.rows, judged.extra
            if judged.batch is not None:
                result.batch_keys[step.check.id] = step.check, judged.batch
        if step.demands in lacking and rows is not None:
            _lack(plan, result, table, step.demands, rows)
            tally = replace(tally, failed=0)
        if step.check.id not in wanted:
            continue
        result.tallies[step.check.id] = tally
        if tally.failed and rows is not None:
            result.add(Failed(step.check, rows, _with_excess(plan, result.tables, step, rows, extra)))


def _with_excess(
    plan: Plan, tables: dict[str, pl.DataFrame], step: RuleStep, rows: pl.Series, extra: pl.DataFrame | None
) -> pl.DataFrame | None:
    """What is known of failing rows, with what they charge too much where the rule is about that."""
    if not step.excess:
        return extra
    frame = with_parent(plan, tables, step.check.table, step.excess_reads)
    found = excess.of_rows(step, frame[rows], spoilt(frame))
    return found if extra is None else extra.hstack(found)


def _outcomes(frame: pl.DataFrame, marks: set[str], steps: Sequence[RuleStep]) -> list[RuleOutcome]:
    """What each rule says of the rows. A row is concerned or not and then right or wrong; each may be unknown (null)."""
    exprs = [expr for step in steps for expr in (_doubtful(marks, step) or step.exprs)]
    query = frame.lazy().select(exprs)
    concerned = [name for expr in exprs if (name := expr.meta.output_name()).endswith("?")]
    verdicts = [
        pl.when(pl.col(f"{step.check.id}?")).then(pl.col(f"{step.check.id}=")).alias(f"{step.check.id}=")
        if f"{step.check.id}?" in concerned
        else pl.col(f"{step.check.id}=")
        for step in steps
    ]
    masks = query.select(*verdicts, *concerned).collect(engine="streaming")
    held = {series.name: series for series in masks.get_columns()}
    return [outcomes.counted(held[f"{step.check.id}="], held.get(f"{step.check.id}?")) for step in steps]


def _doubtful(marks: set[str], step: RuleStep) -> list[pl.Expr]:
    """The rule's expressions where something that is read failed its own check; none where nothing did.

    Then it is unknown whether the rule concerns the row: it is not judged.
    """
    bad = [f"bad:{name}" for name in step.reads if f"bad:{name}" in marks]
    if not bad:
        return []
    concerns = pl.lit(True) if step.concerns is None else step.concerns
    return [step.exprs[0], pl.when(~pl.any_horizontal(bad)).then(concerns).alias(f"{step.check.id}?")]
