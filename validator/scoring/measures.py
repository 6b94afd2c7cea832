"""The measures: for each, what a stay adds to numerator and denominator, and which stays take no part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from validator.base import files, yaml_csv
from validator.base.language import say
from validator.scoring.cells import CODED
from validator.scoring.faults import ACCURACY, DIP_CLASSES, WRONG

_COLUMNS = {"id", "group", "title_zh", "title_en", "unit", "basis", "note_zh", "note_en"}
#: Which way a stay went for a measure.
WAYS = pl.Enum(["yes", "no", "counted", "excluded", "unjudged"])
#: How far the stays of a row of :data:`MEASURED` are brought together.
LEVELS: dict[str, tuple[str, ...]] = {
    "all": (), "hospital": ("hospital",), "department": ("hospital", "department"), "physician": ("hospital", "physician"),
    "coder": ("hospital", "coder"), "month": ("hospital", "month"),
}  # fmt: skip
MEASURED: dict[str, pl.DataType] = {
    "by": pl.String(),  #: of :data:`LEVELS`
    "hospital": pl.String(), "key": pl.String(),  #: null: not written on the lists; ``key``: department, physician, month …
    "measure": pl.String(),
    "numerator": pl.Float64(), "denominator": pl.Float64(),
    "value": pl.Float64(),  #: null where the denominator is 0
    "low": pl.Float64(), "high": pl.Float64(),  #: 95 % interval of a share (Wilson); null else
    "excluded": pl.Int64(),  #: stays that take no part
    "unjudged": pl.Int64(),  #: 无法判定: stays of which what is read is not known
    "stays": pl.Int64(),  #: all of them
}  # fmt: skip
BY_GROUP = ("3", "4")  #: of hi_paymtd: paid by DIP, by DRG
DIED = "5"  #: of dscg_way
_Z = 1.959963984540054  #: two-sided 95 % of the normal distribution


_ONE = pl.col("case_id").is_not_null()  #: of every stay


@dataclass(frozen=True)
class Formula:
    """What one stay adds; null: not known. ``distinct``: the column whose different values are the numerator or denominator."""

    top: pl.Expr = _ONE
    bottom: pl.Expr = _ONE
    takes_part: pl.Expr = _ONE
    distinct_top: str = ""
    distinct_bottom: str = ""
    once: str = ""  #: the column that is the same for all stays and is the denominator

    @property
    def part(self) -> pl.Expr:
        """Whether a stay takes part; one of which that is not known does, and is not judged."""
        return self.takes_part.fill_null(value=True)

    @property
    def judged(self) -> pl.Expr:
        """Whether a stay takes part and all that is read is known."""
        known = [each.is_not_null() for each in (self.takes_part, self.top, self.bottom)]
        known += [pl.col(name).is_not_null() for name in (self.distinct_top, self.distinct_bottom, self.once) if name]
        return self.part & pl.all_horizontal(known)


@dataclass(frozen=True)
class Measure:
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

    @property
    def title(self) -> str:
        """Its name in the language in use."""
        return say(self.title_zh, self.title_en)


_GROUPED = pl.col("status") == "grouped"
_TAKES_PART = pl.col("status") != "excluded"


def _cells(name: str) -> Formula:
    filled = pl.col(f"{name}_filled")
    return Formula(filled, filled + pl.col(f"{name}_missing"))


_FORMULAS: dict[str, Formula] = {
    "complete_cases": Formula(pl.col("must_missing") == 0),
    "complete_cells": _cells("must"),
    "grouping_complete_cases": Formula(pl.col("grouping_missing") == 0),
    "grouping_complete_cells": _cells("grouping"),
    "passed": Formula(pl.when(pl.col("disposition") != "cannot_be_judged").then(pl.col("errors") == 0)),
    **{f"accurate_{name}": Formula(pl.when("compared").then(pl.col(f"against:{name}") == 0)) for name in ACCURACY},
    "truthful": Formula(pl.when("compared").then(pl.col("contradicted") == 0)),
    **{
        f"landed_{name}": Formula(pl.col(f"{CODED}{name}") - pl.col(f"{WRONG}{name}"), pl.col(f"{CODED}{name}"))
        for name in ("icd10", "icd9cm3", "tcm_disease", "institution", "physician", "nurse")
    },
    "grouping_rate": Formula(_GROUPED, takes_part=_TAKES_PART),
    "stays": Formula(),
    "groups": Formula(takes_part=_GROUPED, distinct_top="group"),
    "groups_covered": Formula(takes_part=_GROUPED, distinct_top="group", once="scheme_groups"),
    "fund_covered": Formula(
        pl.when(pl.col("payment").is_in(BY_GROUP)).then(pl.col("fund") / 100).otherwise(0.0), pl.col("fund") / 100
    ),
    "cmi_all": Formula(pl.when(_GROUPED).then("weight").when(pl.col("status").is_not_null()).then(0.0)),
    "cmi_taking_part": Formula(
        pl.when(_GROUPED).then("weight").when(pl.col("status").is_not_null()).then(0.0), takes_part=_TAKES_PART
    ),
    "cmi": Formula(pl.col("weight"), takes_part=_GROUPED),
    "cost_index": Formula(pl.col("cost_ratio"), takes_part=_GROUPED),
    "time_index": Formula(pl.col("time_ratio"), takes_part=_GROUPED),
    "money_per_weight": Formula(pl.col("total") / 100, pl.col("weight"), takes_part=_GROUPED),
    "readmission": Formula(pl.col("readmitted")),
    "low_risk_deaths": Formula(pl.col("left") == DIED, takes_part=_GROUPED & pl.col("low_risk")),
    "visits_per_person": Formula(distinct_bottom="person"),
    "own_share": Formula(pl.col("own") / 100, pl.col("total") / 100),
    "own_charged_share": Formula(pl.col("own_charged") / 100, pl.col("total") / 100),
    "high_cost": Formula(pl.col("cost_ratio") >= pl.col("high_limit"), takes_part=_GROUPED),
    "low_cost": Formula(pl.col("cost_ratio") < pl.col("low_limit"), takes_part=_GROUPED),
    **{f"dip_{name}": Formula(pl.col(f"dip:{name}") == 0) for name in DIP_CLASSES},
}


@cache
def measures() -> tuple[Measure, ...]:
    """All measures, in the order of ``schemas/scoring/measures.csv``."""
    rows = yaml_csv.read_csv(files.data("schemas") / "scoring" / "measures.csv", _COLUMNS)
    return tuple(Measure(**cells, formula=_FORMULAS[cells["id"]]) for _, cells in rows)


def ways(stays: pl.DataFrame) -> pl.DataFrame:
    """Which way each stay went for each measure (:data:`WAYS`): ``case_id`` and a column for each."""

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

    return stays.select("case_id", *map(way, measures()))


def measured(stays: pl.DataFrame, levels: Sequence[str]) -> pl.DataFrame:
    """All measures (:data:`MEASURED`) of the stays of a period (``indices.indexed``), for each of :data:`LEVELS` that is wanted."""
    return pl.concat(_of_level(stays, level) for level in levels)


def _of_level(stays: pl.DataFrame, level: str) -> pl.DataFrame:
    keys = LEVELS[level]
    sums = [each.alias(f"{measure.id}:{name}") for measure in measures() for name, each in _sums(measure).items()]
    wide = (
        stays.group_by(keys, maintain_order=True).agg(*sums, pl.len().alias("stays"))
        if keys
        else stays.select(*sums, pl.len().alias("stays"))
    )
    own = keys[1] if len(keys) > 1 else None
    wide = wide.select(
        pl.lit(level).alias("by"),
        pl.col("hospital") if keys else pl.lit(None, pl.String).alias("hospital"),
        (pl.col(own) if own else pl.lit(None, pl.String)).alias("key"),
        pl.exclude("hospital", own or ""),
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
    rows = wide.select(
        "by", "hospital", "key", measure=pl.lit(measure.id),
        **{name: pl.col(f"{measure.id}:{name}") for name in ("numerator", "denominator", "excluded", "unjudged")},
        stays=pl.col("stays").cast(pl.Int64),
    )  # fmt: skip
    counted = measure.unit == "count"
    rows = rows.with_columns(value=top if counted else pl.when(bottom != 0).then(top / bottom))
    low, high = wilson(pl.col("value"), bottom) if measure.unit == "share" else (pl.lit(None), pl.lit(None))
    return rows.with_columns(low=low, high=high).select(pl.col(name).cast(kind) for name, kind in MEASURED.items())


def wilson(share: pl.Expr, cases: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The 95 % score interval of a share (Wilson 1927)."""
    square = _Z * _Z / cases
    middle = (share + square / 2) / (1 + square)
    half = _Z / (1 + square) * (share * (1 - share) / cases + square / (4 * cases)).sqrt()
    known = share.is_not_null()
    return pl.when(known).then((middle - half).clip(0, 1)), pl.when(known).then((middle + half).clip(0, 1))
