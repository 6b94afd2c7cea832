"""The measures: their words, and the counts of their formulas by hospital, department and so on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from validator.base import files, yaml_csv
from validator.base.language import Titled
from validator.scoring.formulas import FORMULAS, Formula

_COLUMNS = {"id", "group", "title_zh", "title_en", "unit", "basis", "note_zh", "note_en"}
#: Which way a stay went for a measure.
WAYS = pl.Enum(["yes", "no", "counted", "excluded", "unjudged"])
#: How far the stays (settlements, faults …) of a row of :data:`MEASURED` are brought together.
LEVELS: dict[str, tuple[str, ...]] = {
    "all": (), "hospital": ("hospital",), "department": ("hospital", "department"), "physician": ("hospital", "physician"),
    "coder": ("hospital", "coder"), "month": ("hospital", "month"),
}  # fmt: skip
MEASURED: dict[str, pl.DataType] = {
    "by": pl.String(),  #: of :data:`LEVELS`
    "hospital": pl.String(), "key": pl.String(),  #: null: not written on the lists; ``key``: department, physician, month …
    "measure": pl.String(),
    "numerator": pl.Float64(), "denominator": pl.Float64(),
    "value": pl.Float64(),  #: null where the denominator is 0; a count is null where nothing is judged
    "low": pl.Float64(), "high": pl.Float64(),  #: 95 % interval of a share (Wilson); null else
    "excluded": pl.Int64(),  #: stays (or what the formula is ``over``) that take no part
    "unjudged": pl.Int64(),  #: 无法判定: those of which what is read is not known
    "stays": pl.Int64(),  #: all of them; 0 where a level does not tell of them
}  # fmt: skip
#: Of each stay, next to :func:`ways`.
PEOPLE = ("case_id", "record_number", "hospital", "department", "physician", "coder", "month")
_ALL = "_all"  #: the key that all rows share
_Z = 1.959963984540054  #: two-sided 95 % of the normal distribution


@dataclass(frozen=True)
class Measure(Titled):
    """A row of ``schemas/scoring/measures.csv`` with its formula."""

    id: str
    group: str
    title_zh: str
    title_en: str
    unit: str  #: share (of stays or cells), percent (of money), mean, ratio, count
    basis: str
    note_zh: str
    note_en: str
    formula: Formula


@cache
def measures() -> tuple[Measure, ...]:
    """All measures, in the order of ``schemas/scoring/measures.csv``."""
    rows = yaml_csv.read_csv(files.data("schemas") / "scoring" / "measures.csv", _COLUMNS)
    return tuple(Measure(**cells, formula=FORMULAS[cells["id"]]) for _, cells in rows)


def ways(stays: pl.DataFrame) -> pl.DataFrame:
    """Which way each stay went for each measure (:data:`WAYS`): whose it is (:data:`PEOPLE`) and a column for each."""

    def way(measure: Measure) -> pl.Expr:
        formula = measure.formula
        met = pl.lit("counted")
        if measure.unit == "share":  # where cells are counted, all of them
            met = (
                pl.when(formula.top.cast(pl.Int64) >= formula.bottom.cast(pl.Int64))
                .then(pl.lit("yes"))
                .otherwise(pl.lit("no"))
            )
        kept = pl.when(~formula.part).then(pl.lit("excluded")).when(~formula.judged).then(pl.lit("unjudged"))
        return kept.otherwise(met).cast(WAYS).alias(measure.id)

    own = [each for each in measures() if each.formula.over == "stays"]
    return stays.select(*PEOPLE, *map(way, own))


def measured(counted: Mapping[str, pl.DataFrame], levels: Sequence[str]) -> pl.DataFrame:
    """All measures (:data:`MEASURED`) for each of :data:`LEVELS` that is wanted; a row for each measure and each key.

    ``counted``: what formulas are over (``formulas.OVER``) -> its rows; the stays are those of a period (``indices.indexed``).
    """
    return pl.concat(_of_level(counted, level) for level in levels)


def _of_level(counted: Mapping[str, pl.DataFrame], level: str) -> pl.DataFrame:
    keys = list(LEVELS[level]) or [_ALL]
    wide = pl.DataFrame({_ALL: [True]}) if keys == [_ALL] else pl.DataFrame(schema=dict.fromkeys(keys, pl.String))
    for over, frame in counted.items():
        rows = frame.with_columns(pl.lit(value=True).alias(_ALL))
        if set(keys) <= set(rows.columns):
            own = [each for each in measures() if each.formula.over == over]
            sums = [each.alias(f"{measure.id}:{name}") for measure in own for name, each in _sums(measure).items()]
            found = rows.group_by(keys, maintain_order=True).agg(*sums, pl.len().cast(pl.Int64).alias(f"{over}:rows"))
            wide = wide.join(found, on=keys, how="full", coalesce=True, nulls_equal=True, maintain_order="left_right")
    own_key = keys[1] if len(keys) > 1 else None
    wide = wide.with_columns(
        by=pl.lit(level),
        hospital=pl.lit(None, pl.String) if keys == [_ALL] else pl.col("hospital"),
        key=pl.col(own_key) if own_key else pl.lit(None, pl.String),
    )
    return pl.concat(_rows(wide, measure) for measure in measures()).sort("hospital", "key", maintain_order=True)


def _sums(measure: Measure) -> Mapping[str, pl.Expr]:
    formula = measure.formula
    judged = formula.judged

    def total(value: pl.Expr, distinct: str) -> pl.Expr:
        if distinct:
            return pl.col(distinct).filter(judged).n_unique().cast(pl.Float64)
        return pl.when(judged).then(value.cast(pl.Float64)).sum()

    return {
        "numerator": total(formula.top, formula.distinct_top),
        "denominator": pl.col(formula.once).max().cast(pl.Float64).fill_null(0)
        if formula.once
        else total(formula.bottom, formula.distinct_bottom),
        "excluded": (~formula.part).sum().cast(pl.Int64),
        "unjudged": (formula.part & ~judged).sum().cast(pl.Int64),
    }


def _rows(wide: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """The rows of one measure."""
    top, bottom = pl.col("numerator"), pl.col("denominator")
    names = {name: f"{measure.id}:{name}" for name in ("numerator", "denominator", "excluded", "unjudged")}
    names["stays"] = f"{measure.formula.over}:rows"
    have = set(wide.columns)
    rows = wide.select(
        "by", "hospital", "key", measure=pl.lit(measure.id),
        **{name: pl.col(column).fill_null(0) if column in have else pl.lit(0) for name, column in names.items()},
    )  # fmt: skip
    counted = measure.unit == "count"
    number = pl.when((bottom > 0) | (pl.col("unjudged") == 0)).then(top)  # nothing judged is not a count of 0
    rows = rows.with_columns(value=number if counted else pl.when(bottom != 0).then(top / bottom))
    low, high = wilson(pl.col("value"), bottom) if measure.unit == "share" else (pl.lit(None), pl.lit(None))
    return rows.with_columns(low=low, high=high).select(pl.col(name).cast(kind) for name, kind in MEASURED.items())


def wilson(share: pl.Expr, cases: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The 95 % score interval of a share (Wilson 1927)."""
    square = _Z * _Z / cases
    middle = (share + square / 2) / (1 + square)
    half = _Z / (1 + square) * (share * (1 - share) / cases + square / (4 * cases)).sqrt()
    known = share.is_not_null()
    return pl.when(known).then((middle - half).clip(0, 1)), pl.when(known).then((middle + half).clip(0, 1))
