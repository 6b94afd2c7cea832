"""Rules that look across rows: keys that must be unique, pairs of codes that exclude each other, codes that need another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from validator.base.distinct import repeated
from validator.checks.keys import hash_of
from validator.checks.outcomes import Result, RuleOutcome
from validator.checks.plan import Plan
from validator.checks.steps import RuleStep
from validator.checks.tally import Tally
from validator.codes.reference import Knowledge
from validator.spec.interfaces import split
from validator.spec.rule_pages import Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from validator.base.distinct import Numbers, Places

Extra = dict[str, list[str | None]]  #: what messages show of failed rows


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
    rows, extra = (_pairs if rule.shape == "pairs" else _requires)(known, rule, some, under, result)
    tally.passed, tally.failed = concerned - rows.size, rows.size
    return Judged(tally, pl.Series(rows, dtype=pl.UInt32), pl.DataFrame(extra, dict.fromkeys(extra, pl.String)))


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
    if not some.size:
        return Judged(tally)
    rows = frame.select(group)[some].with_columns(_i=pl.Series(some, dtype=pl.UInt32))
    later = rows.filter(~pl.struct(group).is_first_distinct())
    tally.passed, tally.failed = tally.passed - later.height, later.height
    return Judged(tally, later["_i"])


class _Rows:
    """Some rows of a table, each as often as its code falls under a row of a knowledge table."""

    def __init__(
        self,
        result: Result,
        column: tuple[str, str],
        some: Numbers,
        under: Mapping[str, Sequence[str]],
        ids: dict[str, int],
    ) -> None:
        """``column``: the table and the column of the codes; ``ids``: the numbers of the knowledge table's rows, to be added to."""
        codes, at = result.codes(*column)
        of_codes = [under.get(code, ()) if code else () for code in codes]
        heights = np.array([len(each) for each in of_codes], np.int64)
        numbers = np.array([ids.setdefault(row, len(ids)) for each in of_codes for row in each], np.int64)
        firsts, repeats = heights.cumsum() - heights, heights[at[some]]
        self.row = np.repeat(some, repeats)
        self.id = numbers[np.repeat(firsts[at[some]], repeats) + _counted(repeats)]
        self.case = result.tables[column[0]]["_case"].to_numpy()[self.row].astype(np.int64)

    def keys(self, ids: int, same: tuple[int, Places] | None = None) -> Numbers:
        """The case and the knowledge table's row, one of ``ids``, as one number; with the row's value of ``same`` (how many, places)."""
        keys: Numbers = self.case * ids + self.id
        return keys if same is None else keys * same[0] + same[1][self.row]


def _counted(lengths: Numbers) -> Numbers:
    """From 0 on, as many numbers as each length says."""
    return np.arange(int(lengths.sum())) - np.repeat(lengths.cumsum() - lengths, lengths)


def _firsts(rows: Numbers) -> Numbers:
    """Where each of some ascending rows stands first."""
    return np.flatnonzero(np.diff(rows, prepend=-1))


def _notes(known: Knowledge, rows: Sequence[str]) -> Extra:
    """The table's notes for rows of it, in both languages."""
    return {name: [known.rows[row].get(name, "") for row in rows] for name in ("note_zh", "note_en")}


def _pairs(
    known: Knowledge, rule: Rule, some: Numbers, under: Mapping[str, Mapping[str, Sequence[str]]], result: Result
) -> tuple[Numbers, Extra]:
    """The rows on the right of a pair whose case also has one on the left, with that ``other`` code.

    With a column ``same`` both rows must agree in it or, with ``hours``, be no further apart in time.
    """
    column, ids = (rule.on, rule.spec["code"]), dict[str, int]()
    left, right = (_Rows(result, column, some, under[side], ids) for side in ("left", "right"))
    same, hours = rule.spec.get("same"), rule.spec.get("hours")
    values, at = result.codes(rule.on, same) if same and not hours else ([], None)
    there, wanted = (each.keys(len(ids), None if at is None else (len(values), at)) for each in (left, right))
    order = np.argsort(there, kind="stable")
    low = np.searchsorted(there, wanted, sorter=order)
    matches = np.searchsorted(there, wanted, side="right", sorter=order) - low
    of = np.repeat(np.arange(wanted.size), matches)
    row, other = right.row[of], left.row[order[np.repeat(low, matches) + _counted(matches)]]
    fits = row != other
    if same and hours:
        times = result.tables[rule.on][same]
        near = (times[row] - times[other]).abs() <= timedelta(hours=hours)
        fits &= near.fill_null(value=False).to_numpy()
    row, other, number = row[fits], other[fits], right.id[of][fits]
    nearest = np.lexsort((other, row))
    nearest = nearest[_firsts(row[nearest])]
    codes, names = result.codes(*column), list(ids)
    found = [codes[0][place] for place in codes[1][other[nearest]]]
    return row[nearest], {"other": found, **_notes(known, [names[each] for each in number[nearest]])}


def _requires(
    known: Knowledge, rule: Rule, some: Numbers, under: Mapping[str, Mapping[str, Sequence[str]]], result: Result
) -> tuple[Numbers, Extra]:
    """The rows whose code needs another code and whose case has none of those."""
    (table, field), ids = split(rule.spec["in"]), dict[str, int]()
    required = _Rows(result, (rule.on, rule.spec["code"]), some, under["code"], ids)
    lacking = np.ones(required.row.size, bool)
    if table in result.tables:
        codes, _ = result.codes(table, field)
        needed = known.matches("needs", filter(None, codes))
        have = _Rows(result, (table, field), result.rows(table, field, needed), needed, ids)
        lacking = ~np.isin(required.keys(len(ids)), have.keys(len(ids)))
    row, number, names = required.row[lacking], required.id[lacking], list(ids)
    first = _firsts(row)
    found = [names[each] for each in number[first]]
    return row[first], {"needs": [known.rows[each]["needs"] for each in found], **_notes(known, found)}
