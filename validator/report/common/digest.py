"""The figures that several reports show: causes, worst cases, groups of cases, what could not be judged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from validator.base.language import say
from validator.base.lazy import pl
from validator.report.common.causes import Tier, WholeColumn, WholeColumns, column_wide, tiers
from validator.report.common.view import ReportView
from validator.report.common.words import LEVELS, RANK


@dataclass(frozen=True)
class Digest:
    """Cases by their worst finding, findings by level, checks by whether they ran, and what the findings come from.

    ``causes`` has one row per check that found something, errors first, then by number of findings: check, level, kind,
    title, findings, cases, fix, blocks, and the outcome's rows, failed, not_applicable, unjudged (None for what only
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
    causes: list[dict[str, Any]]
    whole: list[WholeColumn]  #: what is wrong with whole columns and files; one change puts all of it right
    tiers: list[Tier]  #: the other causes by what to do next
    left: int  #: cases that still have errors of their own once the whole columns are right

    @property
    def at_once(self) -> int:
        """Findings that go away with the whole columns."""
        return sum(each.findings for each in self.whole if each.level != "info")


def digest(report: ReportView) -> Digest:
    """Return the digest, in one pass over the findings."""
    wide = column_wide(report)
    columns, counts = WholeColumns(wide), dict[str, _Count]()
    blocked, own, safe = set[str](), set[str](), 0
    for finding in report.finding_rows():
        check, case = finding["check"], finding["case_id"]
        columns.add(finding)
        counts.setdefault(check, _Count()).add(finding)
        safe += finding["applicability"] == "safe"
        if case is not None and finding["level"] == "error":
            if check not in wide:
                own.add(case)
            if report.checks[check].blocks:
                blocked.add(case)
    grouped = report.ungrouped.cases if report.ungrouped else None
    causes = _causes(report, counts)
    of, ran = report.count_cases("disposition"), sum(each["status"] == "ran" for each in report.outcome_rows)
    unread, with_errors, with_warnings = (
        of.get(name, 0) for name in ("cannot_be_judged", "return", "accept_with_warnings")
    )
    return Digest(
        cases=sum(of.values()),
        unread=unread,
        with_errors=with_errors,
        with_warnings=with_warnings,
        clean=of.get("accept", 0),
        blocked=len(blocked) if grouped is None else grouped,
        scheme="" if grouped is None else report.ungrouped.schemes,
        findings={level: sum(each["findings"] for each in causes if each["level"] == level) for level in LEVELS},
        safe=0 if report.fixed else safe,
        ran=ran,
        not_run=len(report.outcome_rows) - ran,
        without=report.without,
        causes=causes,
        whole=columns.whole(causes, report.checks),
        tiers=tiers(causes, wide),
        left=len(own),
    )


class _Count:
    """The findings of one check."""

    def __init__(self) -> None:
        self.findings, self.cases, self.fixes = 0, set[str](), set[str]()

    def add(self, finding: Mapping[str, Any]) -> None:
        """Count a finding."""
        self.fixes.add(finding["fix"] or "")
        self.findings += 1
        if finding["case_id"] is not None:
            self.cases.add(finding["case_id"])


def _causes(report: ReportView, counts: Mapping[str, _Count]) -> list[dict[str, Any]]:
    outcomes = {each["check"]: each for each in report.outcome_rows}
    rows = []
    for name, count in counts.items():
        check, how = report.checks[name], outcomes.get(name, {})
        rows.append(
            {
                "check": name, "level": check.level, "kind": check.kind, "title": check.title(report.lang),
                "findings": count.findings, "cases": len(count.cases),
                "fix": ("" if len(count.fixes) == 1 else say("例：", "e.g. ")) + min(count.fixes), "blocks": bool(check.blocks),
                **{each: how.get(each) for each in ("rows", "failed", "not_applicable", "unjudged")},
            }
        )  # fmt: skip
    return sorted(rows, key=lambda each: (RANK[each["level"]], -each["findings"], each["check"]))


def of_cases(
    report: ReportView, case_ids: Sequence[str], most: int, without: Collection[str] = ()
) -> dict[str, list[dict[str, Any]]]:
    """The findings of some cases, at most so many of each, gravest first; those of checks ``without`` left out."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in case_ids}
    for finding in report.finding_rows():
        if finding["case_id"] in found and finding["check"] not in without:
            found[finding["case_id"]].append(finding)
    return {name: sorted(some, key=lambda each: RANK[each["level"]])[:most] for name, some in found.items()}


def of_checks(report: ReportView, checks: Sequence[str], most: int) -> dict[str, list[dict[str, Any]]]:
    """The findings of some checks, at most so many of each."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in checks}
    for finding in report.finding_rows() if checks else ():
        if finding["check"] in found and len(found[finding["check"]]) < most:
            found[finding["check"]].append(finding)
    return found


def worst(report: ReportView, most: int) -> list[dict[str, Any]]:
    """The cases with most errors, then most warnings, then most hints; clean ones left out."""
    levels = ("errors", "warnings", "infos")
    return nsmallest(
        most, report.case_rows(faulty=True), key=lambda case: (*(-case[each] for each in levels), case["case_id"])
    )


def by_group(report: ReportView, name: pl.Expr) -> pl.DataFrame:
    """Cases, cases with errors and findings per department or physician (``name``), most faulty cases first."""
    parts = [
        part.group_by(name).agg(
            pl.len().alias("cases"), (pl.col("errors") > 0).sum().alias("faulty"), pl.col("errors", "warnings").sum()
        )
        for part in report.iter_cases()
    ]
    return (
        pl.concat(parts)
        .group_by("name")
        .agg(pl.col("cases", "faulty", "errors", "warnings").sum())
        .sort("faulty", "errors", "cases", "name", descending=[True, True, True, False])
    )


def unjudged(report: ReportView) -> list[Mapping[str, Any]]:
    """Checks that could not say yes or no for some rows, and checks that did not run; the most rows first."""
    some = [each for each in report.outcome_rows if each["unjudged"] > 0 or each["status"] == "not_run"]
    return sorted(some, key=lambda each: (each["status"] != "ran", -each["unjudged"], each["check"]))


def together(checks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the checks with those that did not run for the same reason in one: the first, and how many ``others``."""
    found: dict[str, dict[str, Any]] = {}
    for each in checks:
        why = (each["reason"] if each["status"] == "not_run" else None) or each["check"]
        found.setdefault(why, {**each, "others": -1})["others"] += 1
    return list(found.values())


def why_unjudged(check: Mapping[str, Any]) -> str:
    """Return in words why a check could not judge."""
    return str(check["reason"] or say("所需的值缺失或本身有误", "a value it reads is missing or wrong itself"))
