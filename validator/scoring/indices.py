"""What only all stays of a period together show of each: means of its group, readmission, weight."""

from dataclasses import dataclass, field

import polars as pl

from validator.scoring.formulas import DIED
from validator.scoring.period import Period
from validator.scoring.readmission import Readmission, next_stays

_LEAST = 10  #: stays of a group in a hospital below which its dispersion is not judged
#: How the stays of a group differ in cost, for each hospital and for all (``hospital`` null).
DISPERSION: dict[str, pl.DataType] = {
    "hospital": pl.String(), "group": pl.String(), "stays": pl.Int64(), "mean": pl.Float64(),  #: fen
    "cv": pl.Float64(),  #: standard deviation by mean; null with fewer than 10 stays of known cost
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """What measures are computed by; ``high`` and ``low``: limits of cost against the group's mean."""

    period: Period
    high: float
    low: float
    scheme_groups: int | None = None  #: how many groups the scheme has; None without one, or by several
    readmission: Readmission = field(default_factory=Readmission)


def indexed(stays: pl.DataFrame, weights: pl.DataFrame | None, settings: Settings) -> pl.DataFrame:
    """The stays that ended in the period, with ``readmitted, next_case, weight, cost_ratio, time_ratio, group_stays,
    low_risk, high_limit, low_limit, scheme_groups, weighted``.

    ``stays``: all that are known, also of other times (``stays.STAYS``). ``weights``: ``group, weight``; without it the weights
    are not known. Means are those of all hospitals over the grouped stays of the period.
    """
    begin, end = settings.period.begin, settings.period.end
    reach = max([end, *stays["discharged"].drop_nulls().sort().tail(1)])
    following = next_stays(stays, settings.readmission, reach)
    known = stays.with_columns(readmitted=following["readmitted"], next_case=stays["case_id"].gather(following["next"]))
    known = known.filter(pl.col("discharged").is_between(begin, end))
    grouped = pl.col("group").is_not_null()
    means = known.filter(grouped).group_by("group").agg(
        mean_cost=pl.col("total").mean(), mean_days=pl.col("days").mean(),
        deaths=(pl.col("left") == DIED).sum(), group_stays=pl.len(),
    )  # fmt: skip
    means = means.with_columns(low_risk=_low_risk()).drop("deaths")
    given = weights if weights is not None else pl.DataFrame(schema={"group": pl.String, "weight": pl.Float64})
    known = known.join(means, on="group", how="left", maintain_order="left")
    known = known.join(given, on="group", how="left", maintain_order="left")
    return known.with_columns(
        cost_ratio=pl.when(pl.col("mean_cost") > 0).then(pl.col("total") / pl.col("mean_cost")),
        time_ratio=pl.when(pl.col("mean_days") > 0).then(pl.col("days") / pl.col("mean_days")),
        high_limit=pl.lit(settings.high),
        low_limit=pl.lit(settings.low),
        scheme_groups=pl.lit(settings.scheme_groups, pl.Int64),
        weighted=pl.lit(weights is not None),
    )


def dispersion(stays: pl.DataFrame) -> pl.DataFrame:
    """How the costs of each group differ (:data:`DISPERSION`), the most first."""
    cost = pl.col("total").drop_nulls()
    spread = [
        cost.len().cast(pl.Int64).alias("stays"), cost.mean().alias("mean"),
        pl.when((cost.len() >= _LEAST) & (cost.mean() > 0)).then(cost.std() / cost.mean()).alias("cv"),
    ]  # fmt: skip
    grouped = stays.filter(pl.col("group").is_not_null())
    every = grouped.group_by("group").agg(*spread).with_columns(hospital=pl.lit(None, pl.String))
    each = grouped.group_by("hospital", "group").agg(*spread)
    found = pl.concat([every, each], how="diagonal").select(
        pl.col(name).cast(kind) for name, kind in DISPERSION.items()
    )
    return found.sort("cv", "hospital", "group", descending=[True, False, False], nulls_last=True)


def _low_risk() -> pl.Expr:
    """Whether a group is of low risk: the log of its mortality lies more than one SD below the mean over groups with deaths."""
    risk = pl.when(pl.col("deaths") > 0).then((pl.col("deaths") / pl.col("group_stays")).log())
    return (risk < risk.mean() - risk.std()).fill_null(value=False)
