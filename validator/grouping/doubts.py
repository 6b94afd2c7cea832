"""疑点 of grouping: questions to the coder about cases that do group. None of them says that a group is wrong."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from validator.grouping import drg
from validator.grouping.encoded import complications, encode
from validator.grouping.scheme import DrgScheme

if TYPE_CHECKING:
    from validator.grouping.cases import Cases

#: One row for each doubt.
DOUBTS = {
    "case": pl.UInt32,  #: the row of the case
    "case_id": pl.String, "kind": pl.String,  #: of :data:`KINDS`
    "drg": pl.String, "code": pl.String,  #: the diagnosis that the doubt is about; null if none
    "other": pl.String,  #: the DRG with that diagnosis first
    "ratio": pl.Float64,  #: cost against the mean of the group
}  # fmt: skip


@dataclass(frozen=True)
class DoubtKind:
    """What a kind of doubt is called, what to look at, and what it rests on; Chinese and English."""

    title: tuple[str, str]
    ask: tuple[str, str]
    basis: tuple[str, str]


_RATIO = ("费用与本组平均之比，界限见地方方案", "the ratio to the group's mean; the profile sets the limits")
KINDS = {
    "complication_excluded": DoubtKind(
        ("并发症被主要诊断排除", "complication excluded by the principal diagnosis"),
        (
            "它是 CC 或 MCC，因主要诊断而不影响分组；核对主要诊断是否选对",
            "it is a CC or MCC without effect; is the principal diagnosis right?",
        ),
        ("方案的排除表", "the scheme's exclusion tables"),
    ),
    "cost_high": DoubtKind(
        ("费用远高于本组平均", "cost far above the group's mean"),
        ("核对有没有漏填诊断或手术，费用是否都属于本次住院", "is something left out, is all of the cost of this stay?"),
        _RATIO,
    ),
    "cost_low": DoubtKind(
        ("费用远低于本组平均", "cost far below the group's mean"),
        ("核对诊断、手术是否都有病历依据，住院是否被分解", "does the record bear out every code, was the stay split?"),
        _RATIO,
    ),
    "order_by_cost": DoubtKind(
        ("费用更接近另一诊断作主要诊断时的组", "cost nearer to the group with another diagnosis first"),
        (
            "主要诊断应是本次住院所治、消耗资源最多的疾病；按病历核对，不因组别高低改变",
            "the principal diagnosis is the disease treated that took most resources; the record decides, never the group",
        ),
        ("病案首页填写的主要诊断选择原则", "the rules for the principal diagnosis"),
    ),
}


@dataclass(frozen=True)
class Ratios:
    """When a cost is far from the mean of its group."""

    high: float = 2.0
    low: float = 0.5
    least: int = 10  #: cases of a group below which its mean says nothing


def find(scheme: DrgScheme, cases: "Cases", result: pl.DataFrame, ratios: Ratios | None = None) -> pl.DataFrame:
    """The doubts (:data:`DOUBTS`) about a DRG result; group means come from the cases themselves, where costs are known."""
    ratios = ratios or Ratios()
    about = result.select("case_id", "drg", "status", cost=cases.frame["cost"]).with_row_index("case")
    about = about.filter(status="grouped")
    means = about.filter(pl.col("cost") > 0).group_by("drg").agg(mean=pl.col("cost").mean(), n=pl.len())
    means = means.filter(pl.col("n") >= ratios.least).select("drg", "mean")
    costed = about.join(means, on="drg", maintain_order="left").with_columns(ratio=pl.col("cost") / pl.col("mean"))
    parts = [
        _excluded(scheme, cases, about),
        costed.filter(pl.col("ratio") > ratios.high).with_columns(kind=pl.lit("cost_high")),
        costed.filter(pl.col("ratio") < ratios.low).with_columns(kind=pl.lit("cost_low")),
        _reordered(scheme, cases, costed, means, ratios),
    ]
    found = pl.concat(parts, how="diagonal").sort("case", "kind", "code")
    lacking = [name for name in DOUBTS if name not in found.columns]
    found = found.with_columns(pl.lit(None).alias(name) for name in lacking)
    return found.select(pl.col(name).cast(kind) for name, kind in DOUBTS.items())


def _excluded(scheme: DrgScheme, cases: "Cases", about: pl.DataFrame) -> pl.DataFrame:
    """Other diagnoses that would count as complications but for the principal one."""
    every = encode(scheme, cases)
    rows, codes = every.others["QTZD"]
    counting = complications(scheme, every.first["ZYZD"], rows, codes)
    listed = cases.diagnoses.with_columns(pl.Series("id", codes)).filter(
        pl.Series(scheme.complication_table[codes] >= 0)
    )
    excluded = listed.join(
        counting.select("case", "id").with_columns(pl.col("case").cast(pl.UInt32)), on=["case", "id"], how="anti"
    )
    return excluded.join(about.select("case", "case_id", "drg"), on="case").with_columns(
        kind=pl.lit("complication_excluded")
    )


def _reordered(
    scheme: DrgScheme, cases: "Cases", costed: pl.DataFrame, means: pl.DataFrame, ratios: Ratios
) -> pl.DataFrame:
    """Cases far from their group's mean whose cost fits the group with another listed diagnosis first."""
    far = costed.filter((pl.col("ratio") > ratios.high) | (pl.col("ratio") < ratios.low)).select(
        "case", "case_id", "cost", "drg", "ratio"
    )
    tried = cases.diagnoses.join(far, on="case", maintain_order="left")
    if not tried.height:
        return far.clear()
    others = drg.group(scheme, _first(cases, tried)).select(other="drg", took=pl.col("status") == "grouped")
    seen = tried.hstack(others).filter("took", pl.col("other") != pl.col("drg"))
    seen = seen.join(means, left_on="other", right_on="drg", maintain_order="left")
    near = (pl.col("cost") / pl.col("mean")).is_between(ratios.low, ratios.high)
    return seen.filter(near).with_columns(kind=pl.lit("order_by_cost")).drop("took", "mean")


def _first(cases: "Cases", tried: pl.DataFrame) -> "Cases":
    """One case for each row of ``tried`` (case, code): that diagnosis first, the principal one in its place."""
    rows = tried["case"]
    numbered = tried.select(case="case", chosen="code").with_row_index("new")
    others = numbered.join(cases.diagnoses, on="case", maintain_order="left_right")
    old = cases.frame["principal"].gather(others["case"])
    code = pl.when(pl.col("code") == pl.col("chosen")).then(old).otherwise("code")
    diagnoses = others.select(case=pl.col("new"), code=code).drop_nulls("code")
    procedures = numbered.join(cases.procedures, on="case", maintain_order="left_right").select(case="new", code="code")
    frame = cases.frame[rows].with_columns(principal=tried["code"])
    return type(cases)(frame, diagnoses, procedures)
