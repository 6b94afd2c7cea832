"""Rules that look across rows: keys that must be unique, pairs of codes that exclude each other, codes that need another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from validator.base.distinct import repeated
from validator.checks.keys import hash_of
from validator.checks.outcomes import Result, RuleOutcome
from validator.checks.plan import Plan
from validator.checks.steps import RuleStep
from validator.checks.tally import Tally
from validator.codes.reference import Knowledge
from validator.spec.interfaces import split
from validator.spec.rule_pages import Rule

Numbers = NDArray[np.int64]


@dataclass
class Judged:
    """The outcome on one table: counts, which rows failed, what messages may show of each failed row."""

    tally: Tally
    rows: pl.Series | None = None  #: numbers of the failed rows, ascending
    extra: pl.DataFrame | None = None  #: one row per failed row, in order
    batch: pl.DataFrame | None = None  #: row number and key of every judged row, to compare with other partitions


def judge(plan: Plan, step: RuleStep, result: Result, outcome: RuleOutcome) -> Judged:
    """Judge a rule of shape ``unique``, ``pairs`` or ``requires`` on the rows that ``outcome`` says can be judged."""
    rule, tally = step.check.rule, outcome.tally
    assert rule
    tally.failed = 0  # a row without its codes can't be judged
    frame = result.tables[rule.on]
    if rule.shape == "unique":
        return _unique(rule.spec["within"], rule.spec["keys"], rule.on, result, outcome)
    known, column = plan.catalogue.knowledge[rule.spec["table"]], rule.spec["code"]
    codes, _ = result.codes(rule.on, column)
    sides = ("left", "right") if rule.shape == "pairs" else ("code",)
    under = {side: known.matches(side, filter(None, codes)) for side in sides}
    if level := rule.spec.get("level"):
        under = {side: _of_level(known, level, found) for side, found in under.items()}
    of_side = [outcome.passing(result.rows(rule.on, column, found)) for found in under.values()]
    some = _numbers(frame.height, of_side).nonzero()[0]
    concerned = some.size
    tally.not_applicable += tally.passed - concerned
    tally.passed = concerned
    if rule.shape == "pairs":  # only cases that have both sides can fail
        cases, every = frame["_case"].to_numpy(), result.tables[plan.case].height
        left, right = (_numbers(every, [cases[side]]) for side in of_side)
        some = some[(left & right)[cases[some]]]
    if not some.size:
        return Judged(tally)
    at = pl.Series(some, dtype=pl.UInt32)
    same = {"same": frame[rule.spec["same"]][at]} if "same" in rule.spec else {}
    rows = pl.DataFrame({"_case": frame["_case"][at], "code": frame[column][at], "_i": at, **same})
    hits = (
        _pairs(known, rows, under, rule.spec.get("hours"))
        if rule.shape == "pairs"
        else _requires(known, rule, rows, under["code"], result)
    )
    tally.passed, tally.failed = concerned - hits.height, hits.height
    return Judged(tally, hits["_i"], hits.drop("_i"))


def _numbers(end: int, some: Sequence[Numbers]) -> NDArray[np.bool_]:
    """Of each number below ``end``, whether it is among some."""
    met = np.zeros(end, bool)
    for each in some:
        met[each] = True
    return met


def _of_level(known: Knowledge, level: str, under: dict[str, list[str]]) -> dict[str, list[str]]:
    """Only the rows of the table that carry the level."""
    kept = {code: [row for row in rows if known.rows[row]["level"] == level] for code, rows in under.items()}
    return {code: rows for code, rows in kept.items() if rows}


def _unique(within: str, keys: list[str], table: str, result: Result, outcome: RuleOutcome) -> Judged:
    tally, frame = outcome.tally, result.tables[table]
    if within == "batch":
        return Judged(tally, batch=frame.select(key=hash_of(keys)).with_row_index("_i").filter(outcome.verdicts))
    group = ["_case", *keys]
    same = frame["_case"].to_numpy().astype(np.uint64)
    for codes, at in (
        result.codes(table, key) for key in keys
    ):  # may wrap: those that seem the same are compared below
        same = same * np.uint64(len(codes) + 1) + at.astype(np.uint64)
    some = outcome.passing(repeated(same))
    rows = frame.select(group)[some].with_columns(_i=pl.Series(some, dtype=pl.UInt32))
    later = rows.filter(~pl.struct(group).is_first_distinct())
    tally.passed, tally.failed = tally.passed - later.height, later.height
    return Judged(tally, later["_i"])


def _long(under: dict[str, list[str]]) -> pl.DataFrame:
    """One row per code and knowledge row it falls under."""
    pairs = [(code, row) for code, rows in under.items() for row in rows]
    return pl.DataFrame(pairs, schema={"code": pl.String, "id": pl.String}, orient="row")


def _notes(known: Knowledge, ids: pl.Series) -> dict[str, pl.Series]:
    """The table's notes for rows of it, in both languages."""
    return {
        name: pl.Series([known.rows[row].get(name, "") for row in ids], dtype=pl.String)
        for name in ("note_zh", "note_en")
    }


def _pairs(
    known: Knowledge, rows: pl.DataFrame, under: dict[str, dict[str, list[str]]], hours: int | None
) -> pl.DataFrame:
    """The rows on the right of a pair whose case also has one on the left, with that ``other`` code.

    With a column ``same`` both rows must agree in it or, with ``hours``, be no further apart in time.
    """
    left, right = (rows.join(_long(under[side]), on="code") for side in ("left", "right"))
    shared = ["same"] if "same" in rows.columns and hours is None else []
    own = [pl.col("same").alias("_at")] if hours is not None else []
    theirs = left.select("_case", "id", *shared, *own, other="code", _j="_i")
    both = right.join(theirs, on=["_case", "id", *shared]).filter(pl.col("_i") != pl.col("_j"))
    if hours is not None:
        both = both.filter((pl.col("same") - pl.col("_at")).abs() <= pl.duration(hours=hours))
    both = both.sort("_i", "_j").unique("_i", keep="first", maintain_order=True)
    return both.select("_i", "other").with_columns(**_notes(known, both["id"]))


def _requires(
    known: Knowledge, rule: Rule, rows: pl.DataFrame, under: dict[str, list[str]], result: Result
) -> pl.DataFrame:
    """The rows whose code needs another code and whose case has none of those."""
    required = rows.join(_long(under), on="code")
    table, field = split(rule.spec["in"])
    if table in result.tables:
        codes, _ = result.codes(table, field)
        needed = known.matches("needs", filter(None, codes))
        there = result.rows(table, field, needed)
        have = result.tables[table].select("_case", code=field)[there].join(_long(needed), on="code")
        required = required.join(have, on=["_case", "id"], how="anti")
    lacking = required.sort("_i", maintain_order=True).unique("_i", keep="first", maintain_order=True)
    needs = pl.Series([known.rows[row]["needs"] for row in lacking["id"]], dtype=pl.String)
    return lacking.select("_i").with_columns(needs=needs, **_notes(known, lacking["id"]))
