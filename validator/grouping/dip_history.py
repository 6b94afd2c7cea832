"""A DIP catalogue from a hospital's or a region's own history."""

from collections.abc import Sequence
from itertools import accumulate

import polars as pl

from validator.base.language import say
from validator.grouping import dip
from validator.grouping.cases import Cases
from validator.grouping.dip_scheme import MIXED, OPERATION, TREATMENTS, DipScheme, filled, mixed_rows

CRITICAL = 15  #: so many cases make a core group
_CONSERVATIVE = "保守治疗"
_CODED = rf"\A(?:(?:{OPERATION.pattern})(?:\+|\z))*\z"  #: operations written as codes are; others make no group


def build(cases: Cases, critical: int = CRITICAL) -> pl.DataFrame:
    """The frame of a scheme (:data:`~validator.grouping.dip_scheme.COLUMNS`).

    The principal diagnosis at one decimal with exactly the same operations, in any order, makes a core group from
    ``critical`` cases up. What no core group then takes goes by category and treatment into mixed groups, however few.
    """
    options = filled(pl.DataFrame({"kind": "option", "code": ["critical", "position"], "rule": [f"{critical}", "any"]}))
    core = filled(_core(cases, critical))
    return pl.concat([options, core, filled(_mixed(cases, pl.concat([options, core])))])


def together(parts: Sequence[Cases]) -> Cases:
    """Cases read in parts as one."""
    starts = accumulate((len(each) for each in parts), initial=0)

    def moved(table: pl.DataFrame, start: int) -> pl.DataFrame:
        return table.with_columns(pl.col("case") + start)

    frames, diagnoses, procedures = [], [], []
    for each, start in zip(parts, starts, strict=False):
        frames.append(each.frame)
        diagnoses.append(moved(each.diagnoses, start))
        procedures.append(moved(each.procedures, start))
    return Cases(pl.concat(frames), pl.concat(diagnoses), pl.concat(procedures))


def _core(cases: Cases, critical: int) -> pl.DataFrame:
    """The combinations that are frequent enough, the most frequent first."""
    known = cases.frame.select("principal", "cost", case=pl.int_range(pl.len(), dtype=pl.UInt32)).with_columns(
        pl.col("principal").str.to_uppercase()
    )
    known = known.filter(pl.col("principal").str.contains(dip.CODED))
    known = known.join(dip.listed(cases, ordered=False), on="case", how="left")
    done = pl.col("operations").fill_null("").str.replace_all("|", "+", literal=True)
    groups = known.group_by(pl.col("principal").str.head(5), procedure=done).agg(_COUNTED)
    kept = groups.filter((pl.col("number") >= critical) & pl.col("procedure").str.contains(_CODED))
    kept = kept.sort("number", "principal", "procedure", descending=[True, False, False])
    principal = pl.col("principal").str.replace(".X", ".x", literal=True)
    treated = pl.when(pl.col("procedure") == "").then(pl.lit(_CONSERVATIVE)).otherwise("procedure")
    treated = treated.str.replace_all("X", "x", literal=True)
    return kept.with_columns(
        kind=pl.lit("core"), code=pl.format("{}:{}", principal, treated), name=pl.format("{} {}", principal, treated)
    )


def _mixed(cases: Cases, core: pl.DataFrame) -> pl.DataFrame:
    """The groups, by category and treatment, of the cases that no core group takes."""
    found = dip.group(DipScheme(pl.concat([core, mixed_rows()])), cases)
    left = cases.frame.select("principal", "cost").hstack(found.select("kind", "dip")).filter(pl.col("kind") == MIXED)
    left = left.join(mixed_rows().select(dip="code", treated="rule"), on="dip")
    category = pl.col("principal").str.to_uppercase().str.head(3)
    groups = left.group_by(category, rule="treated").agg(_COUNTED).sort("principal", "rule")
    treated = pl.col("rule").replace_strict({code: zh for code, (zh, _) in TREATMENTS.items()}, return_dtype=pl.String)
    return groups.with_columns(
        kind=pl.lit(MIXED),
        code=pl.format("{}:综合-{}", "principal", treated),
        name=pl.format("{} 综合病种 {}", "principal", treated),
    )


_COUNTED = (pl.len().alias("number"), pl.col("cost").mean())


def summary(frame: pl.DataFrame) -> str:
    """What a catalogue holds, in a line."""
    core, mixed = (frame.filter(pl.col("kind") == kind) for kind in ("core", MIXED))
    here, there = (each.select(pl.col("number").sum()).item() for each in (core, mixed))
    cases = here, here + there
    share = cases[0] / cases[1] if cases[1] else 0
    return say(
        f"{cases[1]:,} 例，核心病种 {core.height:,} 个（{cases[0]:,} 例，{share:.1%}），综合病种 {mixed.height:,} 个",
        f"{cases[1]:,} cases, {core.height:,} core groups ({cases[0]:,} cases, {share:.1%}), {mixed.height:,} mixed groups",
    )
