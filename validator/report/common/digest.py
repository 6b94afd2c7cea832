"""The figures that several reports show: causes, worst cases, groups of cases, what could not be judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from validator.base.language import say
from validator.checks.findings import SCHEMA
from validator.report.common.causes import Tier, WholeColumn, WholeColumns, column_wide, tiers
from validator.report.common.view import ReportView
from validator.report.common.words import LEVELS, RANK

_CAUSES = {
    "check": pl.String, "level": pl.String, "kind": pl.String, "title": pl.String, "findings": pl.UInt32,
    "cases": pl.UInt32, "fix": pl.String, "blocks": pl.Boolean,
}  # fmt: skip

_NOTHING = pl.DataFrame(schema=dict.fromkeys(("check", "level", "case_id", "fix"), pl.String))


@dataclass(frozen=True)
class Digest:
    """Cases by their worst finding, findings by level, checks by whether they ran, and what the findings come from.

    ``causes`` has one row per check that found something, errors first, then by number of findings: check, level, kind,
    title, findings, cases, fix, blocks, and the outcome's rows, failed, not_applicable, unjudged (null for what only
    the reader sees).
    """

    cases: int
    unread: int  #: cannot be judged: a table or column that they need was not read
    with_errors: int  #: and can be judged
    with_warnings: int  #: and no error
    clean: int  #: neither error nor warning
    blocked: int  #: have no group by the loaded scheme; without one: by errors that block grouping
    scheme: str  #: the scheme by which that is known; blank: by errors alone
    findings: dict[str, int]
    safe: int  #: findings of form only that still wait for ``--fix``
    ran: int
    not_run: int
    without: list[str]  #: code tables that are not loaded, of codes that must be right
    causes: pl.DataFrame
    whole: list[WholeColumn]  #: what is wrong with whole columns and files; one change puts all of it right
    tiers: list[Tier]  #: the other causes by what to do next
    left: int  #: cases that still have errors of their own once the whole columns are right

    @property
    def at_once(self) -> int:
        """Findings that go away with the whole columns."""
        return sum(each.findings for each in self.whole if each.level != "info")


def digest(report: ReportView) -> Digest:
    """Return the digest, in one pass over the findings."""
    blocking = [name for name, check in report.checks.items() if check.blocks and check.level == "error"]
    counts, blocked, safe = [_count(_NOTHING)], [_NOTHING["case_id"]], 0
    wide = column_wide(report)
    columns, own = WholeColumns(wide), [_NOTHING["case_id"]]
    columns.add(pl.DataFrame(schema=SCHEMA))
    for part in report.iter_findings():
        columns.add(part)
        single = part.filter(pl.col("level") == "error", ~pl.col("check").is_in(wide))
        own.append(single["case_id"].drop_nulls().unique())
        counts.append(_count(part))
        blocked.append(part.filter(pl.col("check").is_in(blocking))["case_id"].drop_nulls().unique())
        safe += int((part["applicability"] == "safe").sum())
    grouped = report.ungrouped.cases if report.ungrouped else None
    causes = _causes(report, pl.concat(counts))
    by_level = dict(causes.group_by("level").agg(pl.col("findings").sum()).iter_rows())
    cases, outcomes = report.cases, report.outcomes
    of = dict(cases.group_by("disposition").len().iter_rows())
    unread, with_errors, with_warnings = (
        of.get(name, 0) for name in ("cannot_be_judged", "return", "accept_with_warnings")
    )
    ran = outcomes.filter(pl.col("status") == "ran").height
    return Digest(
        cases=cases.height,
        unread=unread,
        with_errors=with_errors,
        with_warnings=with_warnings,
        clean=of.get("accept", 0),
        blocked=pl.concat(blocked).n_unique() if grouped is None else grouped,
        scheme="" if grouped is None else report.ungrouped.schemes,
        findings={level: by_level.get(level, 0) for level in LEVELS},
        safe=0 if report.fixed else safe,
        ran=ran,
        not_run=outcomes.height - ran,
        without=report.without,
        causes=causes,
        whole=columns.whole(causes, report.checks),
        tiers=tiers(causes, wide),
        left=pl.concat(own).n_unique(),
    )


def _count(part: pl.DataFrame) -> pl.DataFrame:
    """Findings, cases and one fix per check."""
    return part.group_by("check", "level").agg(
        pl.len().alias("findings"),
        pl.col("case_id").drop_nulls().n_unique().alias("cases"),
        pl.col("fix").min(),
        (pl.col("fix").n_unique() <= 1).alias("one_fix"),
    )


def _causes(report: ReportView, counts: pl.DataFrame) -> pl.DataFrame:
    found = counts.group_by("check", "level").agg(
        pl.col("findings", "cases").sum(),
        pl.col("fix").min(),
        pl.col("one_fix").all() & (pl.col("fix").n_unique() == 1),
    )
    rows = []
    for row in found.iter_rows(named=True):
        check = report.checks[row["check"]]
        row |= {"title": check.title(report.lang), "kind": check.kind, "blocks": bool(check.blocks)}
        row["fix"] = ("" if row.pop("one_fix") else say("例：", "e.g. ")) + (row["fix"] or "")
        rows.append(row)
    outcomes = report.outcomes.select("check", "rows", "failed", "not_applicable", "unjudged")
    rank = pl.col("level").replace_strict(RANK, return_dtype=pl.Int8)
    return (
        pl.DataFrame(rows, _CAUSES)
        .join(outcomes, on="check", how="left", maintain_order="left")
        .sort(rank, -pl.col("findings").cast(pl.Int64), "check")
    )


def of_cases(
    report: ReportView, case_ids: Sequence[str], most: int, without: Sequence[str] = ()
) -> dict[str, list[dict[str, Any]]]:
    """The findings of some cases, at most so many of each, gravest first; those of checks ``without`` left out."""
    left_out = pl.Series(without, dtype=pl.String).implode()
    rank = pl.col("level").replace_strict(RANK, return_dtype=pl.Int8)
    wanted = pl.Series(case_ids, dtype=pl.String).implode()
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in case_ids}
    for part in report.iter_findings():
        some = part.filter(pl.col("case_id").is_in(wanted), ~pl.col("check").is_in(left_out))
        some = some.sort(rank, maintain_order=True)
        for finding in some.group_by("case_id", maintain_order=True).head(most).iter_rows(named=True):
            found[finding["case_id"]].append(finding)
    return {name: findings[:most] for name, findings in found.items()}


def of_checks(report: ReportView, checks: Sequence[str], most: int) -> dict[str, list[dict[str, Any]]]:
    """The findings of some checks, at most so many of each."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in checks}
    for part in report.iter_findings() if checks else ():
        some = part.filter(pl.col("check").is_in(pl.Series(checks, dtype=pl.String).implode()))
        for finding in some.group_by("check", maintain_order=True).head(most).iter_rows(named=True):
            found[finding["check"]].append(finding)
    return {name: findings[:most] for name, findings in found.items()}


def worst(report: ReportView, most: int) -> pl.DataFrame:
    """The cases with most errors, then most warnings, then most hints; clean ones left out."""
    faulty = report.cases.filter(pl.any_horizontal(pl.col("errors", "warnings", "infos") > 0))
    by = ["errors", "warnings", "infos"]
    return faulty.sort(*by, "case_id", descending=[True, True, True, False]).head(most)


def by_group(report: ReportView, name: pl.Expr) -> pl.DataFrame:
    """Cases, cases with errors and findings per department or physician (``name``), most faulty cases first."""
    return (
        report.cases.group_by(name)
        .agg(
            pl.len().alias("cases"),
            (pl.col("errors") > 0).sum().alias("faulty"),
            pl.col("errors", "warnings").sum(),
        )
        .sort("faulty", "errors", "cases", "name", descending=[True, True, True, False])
    )


def unjudged(report: ReportView) -> pl.DataFrame:
    """Checks that could not say yes or no for some rows, and checks that did not run; the most rows first."""
    some = (pl.col("unjudged") > 0) | (pl.col("status") == "not_run")
    return report.outcomes.filter(some).sort("status", "unjudged", "check", descending=[True, True, False])


def together(checks: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the checks that did not run for the same reason in one: the first, and how many ``others``."""
    apart = pl.when(pl.col("status") == "not_run").then("reason").otherwise("check").fill_null(pl.col("check"))
    return checks.group_by(apart.alias("_why"), maintain_order=True).agg(pl.all().first(), others=pl.len() - 1)


def why_unjudged(check: Mapping[str, Any]) -> str:
    """Return in words why a check could not judge."""
    return str(check["reason"] or say("所需的值缺失或本身有误", "a value it reads is missing or wrong itself"))
