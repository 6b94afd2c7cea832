"""The figures that several reports show: causes, worst cases, groups of cases, what could not be judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from validator.base.language import say
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
    blocked: int  #: cannot be grouped while their errors stand
    findings: dict[str, int]
    safe: int  #: findings of form only that still wait for ``--fix``
    ran: int
    not_run: int
    without: list[str]  #: code tables that are not loaded, of codes that must be right
    causes: pl.DataFrame


def digest(report: ReportView) -> Digest:
    """Return the digest, in one pass over the findings."""
    blocking = [name for name, check in report.checks.items() if check.blocks and check.level == "error"]
    counts, blocked, safe = [_count(_NOTHING)], [_NOTHING["case_id"]], 0
    for part in report.iter_findings():
        counts.append(_count(part))
        blocked.append(part.filter(pl.col("check").is_in(blocking))["case_id"].drop_nulls().unique())
        safe += int((part["applicability"] == "safe").sum())
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
        blocked=pl.concat(blocked).n_unique(),
        findings={level: by_level.get(level, 0) for level in LEVELS},
        safe=0 if report.fixed else safe,
        ran=ran,
        not_run=outcomes.height - ran,
        without=report.without,
        causes=causes,
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


def of_cases(report: ReportView, case_ids: Sequence[str], most: int) -> dict[str, list[dict[str, Any]]]:
    """The findings of some cases, at most so many of each, gravest first."""
    rank = pl.col("level").replace_strict(RANK, return_dtype=pl.Int8)
    wanted = pl.Series(case_ids, dtype=pl.String).implode()
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in case_ids}
    for part in report.iter_findings():
        some = part.filter(pl.col("case_id").is_in(wanted)).sort(rank, maintain_order=True)
        for finding in some.group_by("case_id", maintain_order=True).head(most).iter_rows(named=True):
            found[finding["case_id"]].append(finding)
    return {name: findings[:most] for name, findings in found.items()}


def of_no_case(report: ReportView, most: int) -> list[dict[str, Any]]:
    """The first errors that belong to a file and to no case of it."""
    found: list[dict[str, Any]] = []
    for part in report.iter_findings():
        found += part.filter(pl.col("case_id").is_null(), pl.col("level") == "error").head(most).to_dicts()
        if len(found) >= most:
            break
    return found[:most]


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


def next_steps(totals: Digest) -> list[str]:
    """What the coder does now, in order."""
    warnings, steps = totals.findings["warning"], []
    if totals.unread:
        steps.append(
            say(
                f"补上没有读到的表和列（发现的最前面），{totals.unread} 份病例现在无法判定",
                f"Add the tables and columns that were not read (the first findings); {totals.unread} cases cannot be judged now",
            )
        )
    if totals.with_errors:
        steps.append(say(f"改 {totals.with_errors} 份病例的错误", f"Fix the errors of {totals.with_errors} cases"))
    elif totals.findings["error"] and not totals.unread:
        steps.append(say("处理不属于任何病例的错误", "Put right the errors that belong to no case"))
    if totals.blocked and totals.with_errors:
        steps[-1] += say(f"，其中 {totals.blocked} 份现在不能入组", f"; {totals.blocked} cannot be grouped now")
    if warnings:
        steps.append(
            say(f"对照病历核对 {warnings} 处警告，属实的不必改", f"Compare {warnings} warnings with the record")
        )
    ready = say("改好后重新检查", "Check again") if steps else say("可以上传", "Ready to upload")
    if n := totals.safe:
        steps.append(
            say(
                f"{n} 处只是书写形式，加 --fix 目录 可在副本里代改",
                f"{n} are of form only: --fix DIR fixes them in a copy",
            )
        )
    if totals.without:
        names = " ".join(totals.without)
        steps.append(
            say(
                f"装载官方码表（zhikong codebooks add，{names}）再查，才知道编码是否存在、有效，名称是否相符",
                f"Load the official code tables (zhikong codebooks add: {names}) to see whether codes exist and are in force",
            )
        )
    if totals.cases:
        steps.append(ready)
    if totals.not_run:
        n = totals.not_run
        steps.append(say(f"看看没有运行的 {n} 项检查是为什么", f"See why {n} checks did not run"))
    return steps
