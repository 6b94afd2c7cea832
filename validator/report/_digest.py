"""The figures that several reports show: causes, worst cases, groups of cases, what could not be judged."""

from dataclasses import dataclass

import polars as pl

from validator.report._view import Report
from validator.report._words import LEVELS
from validator.text import say

_RANK = {level: rank for rank, level in enumerate(LEVELS)}


@dataclass(frozen=True)
class Totals:
    """Cases by their worst finding, findings by level, checks by whether they ran."""

    cases: int
    with_errors: int
    with_warnings: int  #: and no error
    clean: int  #: neither error nor warning
    findings: dict[str, int]
    ran: int
    not_run: int


def totals(report: Report) -> Totals:
    """The counts that every report begins with."""
    cases, outcomes = report.cases, report.outcomes
    found = dict(report.findings.group_by("level").len().iter_rows())
    with_errors = cases.filter(pl.col("errors") > 0).height
    with_warnings = cases.filter(pl.col("errors") == 0, pl.col("warnings") > 0).height
    ran = outcomes.filter(pl.col("status") == "ran").height
    return Totals(
        cases=cases.height,
        with_errors=with_errors,
        with_warnings=with_warnings,
        clean=cases.height - with_errors - with_warnings,
        findings={level: found.get(level, 0) for level in LEVELS},
        ran=ran,
        not_run=outcomes.height - ran,
    )


def causes(report: Report) -> pl.DataFrame:
    """One row per check that found something, errors first, then by number of findings.

    Columns: check, level, kind, title, findings, cases, fix, blocks, and the outcome's rows, failed, not_applicable,
    unjudged (null for what only the reader sees).
    """
    found = report.findings.group_by("check", "level").agg(
        pl.len().alias("findings"),
        pl.col("case_id").drop_nulls().n_unique().alias("cases"),
        pl.col("message", "fix").min(),
        pl.col("fix").n_unique().alias("fixes"),
    )
    rows = []
    for row in found.iter_rows(named=True):
        check = report.checks.get(row["check"])
        row["title"] = check.title(report.lang) if check else row["message"]
        row["kind"] = check.kind if check else ""
        row["blocks"] = bool(check and check.blocks)
        row["fix"] = (say("例：", "e.g. ") if row["fixes"] > 1 else "") + (row["fix"] or "")
        rows.append(row)
    schema = {
        "check": pl.String, "level": pl.String, "kind": pl.String, "title": pl.String, "findings": pl.UInt32,
        "cases": pl.UInt32, "fix": pl.String, "blocks": pl.Boolean,
    }  # fmt: skip
    outcomes = report.outcomes.select("check", "rows", "failed", "not_applicable", "unjudged")
    return (
        pl.DataFrame(rows, schema)
        .join(outcomes, on="check", how="left", maintain_order="left")
        .sort(pl.col("level").replace_strict(_RANK, return_dtype=pl.Int8), -pl.col("findings").cast(pl.Int64), "check")
    )


def worst(report: Report, most: int) -> pl.DataFrame:
    """The cases with most errors, then most warnings, then most hints; clean ones left out."""
    faulty = report.cases.filter(pl.any_horizontal(pl.col("errors", "warnings", "infos") > 0))
    by = ["errors", "warnings", "infos"]
    return faulty.sort(*by, "case_id", descending=[True, True, True, False]).head(most)


def by_group(report: Report, *columns: str) -> pl.DataFrame:
    """Cases, cases with errors and findings per department or physician, those with most faulty cases first."""
    return (
        report.cases.group_by(*columns)
        .agg(
            pl.len().alias("cases"),
            (pl.col("errors") > 0).sum().alias("faulty"),
            pl.col("errors", "warnings").sum(),
        )
        .sort("faulty", "errors", "cases", *columns, descending=[True, True, True, *(False for _ in columns)])
    )


def unjudged(report: Report) -> pl.DataFrame:
    """Checks that could not say yes or no for some rows, and checks that did not run; the most rows first."""
    some = (pl.col("unjudged") > 0) | (pl.col("status") == "not_run")
    return report.outcomes.filter(some).sort("status", "unjudged", "check", descending=[False, True, False])
