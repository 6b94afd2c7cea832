"""How many cases group, why the others do not, and what correcting them would bring. Every figure has its denominator.

The denominator of all rates is the cases that take part in grouping: those left out (length of stay, cost) stand apart.
歧义 cases are no grouped ones. Each case counts once, however many corrections it has.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

MOST = 10  #: corrections that are shown as those that bring the most
_LISTED = 12  #: groups named for one of them
#: One row for each reason, the most cases first.
CAUSES = {
    "reason": pl.String, "cases": pl.UInt32,
    "correctable": pl.UInt32,  #: of them, the cases that a single correction would group
}  # fmt: skip
#: One row for each department, physician, coder or month.
GROUPS = {
    "name": pl.String, "cases": pl.UInt32, "excluded": pl.UInt32, "taken": pl.UInt32, "grouped": pl.UInt32,
    "ambiguous": pl.UInt32, "failed": pl.UInt32, "correctable": pl.UInt32,
}  # fmt: skip
#: One row for each kind of correction and code that stands there now.
BEST: dict[str, pl.DataType] = {
    "kind": pl.String(), "field": pl.String(), "before": pl.String(), "cases": pl.UInt32(),
    "only": pl.UInt32(),  #: of them, those that no other correction of this list's kinds and codes would group
    "groups": pl.List(pl.String()),  #: that they would fall into
}  # fmt: skip
#: One row for each of our checks that block grouping.
BLOCKING = {
    "check": pl.String, "cases": pl.UInt32,
    "lost": pl.UInt32,  #: of them, the cases that do not group now
}  # fmt: skip


@dataclass(frozen=True)
class Rate:
    """The figures of some grouped cases."""

    cases: int
    taken: int  #: that take part in grouping: the denominator
    grouped: int
    ambiguous: int
    failed: int
    correctable: int  #: not grouped, and a single correction would group them
    blocked: int  #: not grouped, and our checks found something that blocks grouping
    either: int  #: correctable or blocked
    causes: pl.DataFrame  #: :data:`CAUSES`
    excluded: pl.DataFrame  #: reason, cases
    best: pl.DataFrame  #: :data:`BEST`
    blocking: pl.DataFrame  #: :data:`BLOCKING`
    groups: Mapping[str, pl.DataFrame]  #: department, physician, coder, month as far as the source has them -> GROUPS

    def share(self, count: int) -> float | None:
        """A part of the cases that take part; None where there are none."""
        return count / self.taken if self.taken else None

    @property
    def now(self) -> float | None:
        """The grouping rate (入组率)."""
        return self.share(self.grouped)

    @property
    def after(self) -> float | None:
        """The rate if every case with a correction were corrected."""
        return self.share(self.grouped + self.correctable)

    @property
    def at_most(self) -> float | None:
        """The same if also every case with a blocking finding grouped once that is corrected; no grouper has tried this."""
        return self.share(self.grouped + self.either)


def figures(
    result: pl.DataFrame,
    corrections: pl.DataFrame,
    context: pl.DataFrame | None = None,
    blocking: pl.DataFrame | None = None,
) -> Rate:
    """The figures of a DRG or DIP result.

    ``corrections``: its corrections (column ``case`` = row of the result). ``next to``: names row by row, any columns. ``blocking``:
    findings that block grouping (``case_id, check``).
    """
    status = pl.col("status")
    found = result.select("case_id", "status", "reason").with_row_index("case")
    blocking = pl.DataFrame(schema={"case_id": pl.String, "check": pl.String}) if blocking is None else blocking
    found = found.with_columns(
        lost=status.is_in(["failed", "ambiguous"]),
        correctable=pl.col("case").is_in(corrections["case"].unique().implode()),
        blocked=pl.col("case_id").is_in(blocking["case_id"].unique().implode()),
    )
    lost = found.filter("lost")
    excluded = found.filter(status == "excluded")
    return Rate(
        cases=found.height,
        taken=found.height - excluded.height,
        grouped=found.filter(status == "grouped").height,
        ambiguous=found.filter(status == "ambiguous").height,
        failed=found.filter(status == "failed").height,
        correctable=lost.filter("correctable").height,
        blocked=lost.filter("blocked").height,
        either=lost.filter(pl.col("correctable") | pl.col("blocked")).height,
        causes=_causes(lost),
        excluded=_counted(excluded.group_by("reason").agg(cases=pl.len()), "reason"),
        best=_best(corrections),
        blocking=_blocking(found, blocking),
        groups=_groups(found, context),
    )


def _causes(lost: pl.DataFrame) -> pl.DataFrame:
    causes = lost.group_by("reason").agg(cases=pl.len(), correctable=pl.col("correctable").sum())
    return _counted(causes, "reason").select(pl.col(name).cast(kind) for name, kind in CAUSES.items())


def _counted(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    """The most cases first."""
    return frame.sort("cases", *names, descending=[True, *(False for _ in names)], nulls_last=True)


def _best(corrections: pl.DataFrame) -> pl.DataFrame:
    """The corrections that would group the most cases; one case may be in several rows, so they do not add up."""
    code = pl.when(pl.col("field").is_in(["principal", "procedure"])).then("before")
    keyed = corrections.with_columns(before=code, field=pl.when(pl.col("kind") != "age").then("field"))
    per_case = keyed.select("case", "kind", "before").unique().group_by("case").len("ways")
    keyed = keyed.join(per_case, on="case", how="left", maintain_order="left")
    best = keyed.group_by("kind", "field", "before").agg(
        cases=pl.col("case").n_unique(),
        only=pl.col("case").filter(pl.col("ways") == 1).n_unique(),
        groups=pl.col("drg").unique().sort().head(_LISTED),
    )
    return _counted(best, "kind", "before").head(MOST).select(pl.col(name).cast(kind) for name, kind in BEST.items())


def _blocking(found: pl.DataFrame, blocking: pl.DataFrame) -> pl.DataFrame:
    taken = found.filter(pl.col("status") != "excluded").select("case", "case_id", "lost")
    per_case = taken.join(blocking.select("case_id", "check").unique(), on="case_id")
    counted = per_case.group_by("check").agg(cases=pl.len(), lost=pl.col("lost").sum())
    counted = counted.sort("lost", "cases", "check", descending=[True, True, False])
    return counted.select(pl.col(name).cast(kind) for name, kind in BLOCKING.items())


def _groups(found: pl.DataFrame, context: pl.DataFrame | None) -> dict[str, pl.DataFrame]:
    """Return the rates by each column that is filled for some case."""
    if context is None:
        return {}
    there = [name for name in context.columns if context[name].count()]
    return {name: _group(found.with_columns(context[name].alias("name")), by_name=name == "month") for name in there}


def _group(found: pl.DataFrame, *, by_name: bool) -> pl.DataFrame:
    """The most cases not grouped first; months in their order."""
    status = pl.col("status")
    of = {each: (status == each).sum() for each in ("excluded", "grouped", "ambiguous", "failed")}
    groups = found.group_by("name").agg(
        cases=pl.len(),
        taken=(status != "excluded").sum(),
        correctable=(pl.col("lost") & pl.col("correctable")).sum(),
        **of,
    )
    lost = pl.col("ambiguous") + pl.col("failed")
    order = (
        groups.sort("name", nulls_last=True)
        if by_name
        else groups.sort(-lost.cast(pl.Int64), -pl.col("cases").cast(pl.Int64), "name")
    )
    return order.select(pl.col(name).cast(kind) for name, kind in GROUPS.items())
