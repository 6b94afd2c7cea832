"""One row per case: who it is of, what was found in it, and what becomes of it; and the columns of the rows of checks."""

from collections.abc import Mapping

import polars as pl

from validator.base.language import current
from validator.read.partition import Partition
from validator.spec.catalogue import Check
from validator.spec.interfaces import Interface
from validator.spec.rule_pages import LEVELS

CASES: dict[str, pl.DataType] = {
    "case_id": pl.String(), "record_number": pl.String(), "file": pl.String(), "layout": pl.String(),
    "department": pl.String(),
    "department_name": pl.String(), "physician": pl.String(), "coder": pl.String(), "discharged": pl.Date(),
    "errors": pl.UInt32(), "warnings": pl.UInt32(), "infos": pl.UInt32(),
    "disposition": pl.String(),  #: cannot_be_judged (something it needs was not read), return, accept_with_warnings, accept
}  # fmt: skip

OUTCOMES: dict[str, pl.DataType] = {
    "check": pl.String(), "title": pl.String(), "level": pl.String(), "kind": pl.String(), "table": pl.String(),
    "field": pl.String(),
    "rows": pl.Int64(),  #: the denominator: passed + failed + not_applicable + unjudged
    "passed": pl.Int64(), "failed": pl.Int64(),
    "not_applicable": pl.Int64(),  #: 不适用: the condition does not hold, or the interface lacks what is read
    "unjudged": pl.Int64(),  #: 无法判定: something it reads is missing or failed its own check
    "status": pl.String(),  #: ran, not_run
    "reason": pl.String(),
}  # fmt: skip
#: The columns that a partition knows: its place, the case's row in it, and whether something that the case needs was not read.
COUNTED: dict[str, pl.DataType] = {
    "_case": pl.UInt32(), "_part": pl.UInt32(),
    **{name: kind for name, kind in CASES.items() if name not in ("department_name", "disposition")},
    "_unread": pl.Boolean(),
    "_of_list": pl.Boolean(),  #: a list of the same ``case_id`` is checked in the same run
}  # fmt: skip
COUNTS = [f"{level}s" for level in LEVELS]  #: of these, the numbers of findings


def of_partition(
    part: Partition,
    number: int,
    frame: pl.DataFrame,
    found: pl.DataFrame,
    known: Mapping[str, Check],
    interface: Interface,
) -> pl.DataFrame:
    """One row per case with its counts of findings; :func:`settle` adds the rest."""
    have = set(frame.columns)

    def role(name: str) -> pl.Expr:
        there = [pl.col(field) for field in interface.roles[name] if field in have]
        return pl.coalesce(there) if there else pl.lit(None)

    files = pl.Series([source.file for source in part.sources], dtype=pl.String)
    rows = frame.select(
        "_case",
        "case_id",
        record_number=role("record").cast(pl.String),
        file=files[frame["_source"]] if files.len() else pl.lit(None, pl.String),
        layout=pl.lit(part.layout),
        department=role("department").cast(pl.String),
        physician=role("physician").cast(pl.String),
        coder=role("coder").cast(pl.String),
        discharged=role("discharge").cast(pl.Date),
    )
    rows = rows.with_columns(_part=pl.lit(number, pl.UInt32))
    if not found.height:
        return rows.with_columns(pl.lit(0, pl.UInt32).alias(name) for name in COUNTS)
    return rows.join(_counts(found, known, ["_case"]), on="_case", how="left", maintain_order="left")


def counted(cases: pl.DataFrame, found: pl.DataFrame, known: Mapping[str, Check]) -> pl.DataFrame:
    """The cases (:data:`COUNTED`) with further findings."""
    if found.is_empty():
        return cases
    return _added(cases, _counts(found, known, ["_case"]), ["_case"]).select(*COUNTED)


def _added(cases: pl.DataFrame, more: pl.DataFrame, case: list[str]) -> pl.DataFrame:
    """The cases with further findings per level; ``case``: the columns that name a case in both."""
    both = cases.join(more, on=case, how="left", maintain_order="left", suffix="+")
    added = (pl.col(name).fill_null(0) + pl.col(f"{name}+").fill_null(0) for name in COUNTS)
    return both.with_columns(added).select(cases.columns)


def _counts(found: pl.DataFrame, known: Mapping[str, Check], case: list[str]) -> pl.DataFrame:
    """Findings per case and level."""
    levels = {name: known[name].level for name in found["check"].unique()}
    each = found.select(*case, level=pl.col("check").replace_strict(levels, default=None, return_dtype=pl.String))
    return each.group_by(case).agg((pl.col("level") == level).sum().alias(f"{level}s") for level in LEVELS)


def _one_row(cases: pl.DataFrame) -> pl.DataFrame:
    """One row for a stay of which several documents tell: that of the list, with the findings of all."""
    others = cases.filter("_of_list")
    if others.is_empty():
        return cases
    more = others.group_by("case_id").agg(pl.col(COUNTS).fill_null(0).sum())
    return _added(cases.filter(~pl.col("_of_list")), more, ["case_id"])


def settle(
    cases: pl.DataFrame,
    repeated: pl.DataFrame,
    known: Mapping[str, Check],
    departments: Mapping[str, tuple[str, str]],
) -> pl.DataFrame:
    """Return the rows of all cases (:data:`CASES`): batch-wide findings counted, departments named, and what becomes of each.

    ``departments``: code -> its name in Chinese and English.
    """
    case = ["_part", "_case"]
    cases = _one_row(cases).with_columns(pl.col(COUNTS).fill_null(0))
    if repeated.height:
        cases = _added(cases, _counts(repeated, known, case), case)
    titles = {code: names[current() == "en"] for code, names in departments.items()}
    kept, warned = pl.lit("accept"), pl.lit("accept_with_warnings")
    settled = (
        pl.when("_unread")
        .then(pl.lit("cannot_be_judged"))
        .when(pl.col("errors") > 0)
        .then(pl.lit("return"))
        .when(pl.col("warnings") > 0)
        .then(warned)
        .otherwise(kept)
    )
    return cases.with_columns(
        department_name=pl.col("department").replace_strict(titles, default=None, return_dtype=pl.String),
        disposition=settled,
    ).select(pl.col(name).cast(kind) for name, kind in CASES.items())
