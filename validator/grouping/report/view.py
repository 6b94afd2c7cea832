"""The figures in words, as page and workbook both show them."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from validator.base.language import say
from validator.grouping import correction_words, reasons
from validator.grouping.doubts import KINDS
from validator.grouping.report import GroupingReport, names


def percent(share: float | None, digits: int = 2) -> str:
    """``98.20%``, or a dash where there is nothing to share."""
    return "—" if share is None else f"{share:.{digits}%}"


def points(share: float | None) -> str:
    """Percentage points: ``1.59``."""
    return "—" if share is None else f"{100 * share:.2f}"


def causes(report: GroupingReport) -> list[dict[str, Any]]:
    """Why cases do not group: reason, cases, share of them and of all that take part, correctable, gain, sofar."""
    figures, sofar, rows = report.rate, 0, []
    lost = figures.ambiguous + figures.failed
    for row in figures.causes.iter_rows(named=True):
        sofar += row["cases"]
        rows.append(
            row
            | {
                "title": reasons.reason(row["reason"]),
                "share": row["cases"] / lost,
                "sofar": sofar / lost,
                "of_taken": figures.share(row["cases"]),
                "gain": figures.share(row["correctable"]),
            }
        )
    return rows


def excluded(report: GroupingReport) -> list[dict[str, Any]]:
    """The cases left out, by reason."""
    return [row | {"title": reasons.reason(row["reason"])} for row in report.rate.excluded.iter_rows(named=True)]


def best(report: GroupingReport) -> list[dict[str, Any]]:
    """The corrections that bring the most."""
    return [
        row
        | {
            "title": correction_words.KINDS[row["kind"]].title,
            "basis": basis(row["kind"]),
            "gain": report.rate.share(row["cases"]),
        }
        for row in report.rate.best.iter_rows(named=True)
    ]


def basis(kind: str) -> str:
    """What a kind of correction rests on, and the pages that tell more."""
    notes = correction_words.KINDS[kind]
    rules = f"（{'、'.join(notes.rules)}）" if notes.rules else ""
    return notes.basis + rules


def blocking(report: GroupingReport) -> list[dict[str, Any]]:
    """The checks that block grouping, with the cases that they found."""
    return [row | {"title": say(*report.checks[row["check"]])} for row in report.rate.blocking.iter_rows(named=True)]


def groups(report: GroupingReport) -> dict[str, list[dict[str, Any]]]:
    """The figures by department, physician, coder and month, as far as the data tell."""
    found = {}
    for kind, frame in report.rate.groups.items():
        shown = names.shown(kind, frame["name"].to_list(), masked=report.masked)
        found[kind] = [
            row
            | {"name": name, "now": _of(row["grouped"], row), "after": _of(row["grouped"] + row["correctable"], row)}
            for name, row in zip(shown, frame.iter_rows(named=True), strict=True)
        ]
    return found


def _of(count: int, row: Mapping[str, Any]) -> float | None:
    return count / row["taken"] if row["taken"] else None


def unstated(report: GroupingReport) -> list[str]:
    """Return the breakdowns that are missing because the data lack the column."""
    return [say(*titles) for kind, titles in names.TITLES.items() if kind not in report.rate.groups]


def corrections(report: GroupingReport, frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Corrections in words."""
    return [
        row
        | report.people.row(row["case"], named=True)
        | {
            "title": correction_words.KINDS[row["kind"]].title,
            "where": correction_words.field(row["field"]),
            "was": correction_words.shown(row["field"], row["before"]),
            "is": correction_words.shown(row["field"], row["after"]),
            "change": correction_words.change(row["field"], row["before"], row["after"]),
            "name": report.names.get(row["drg"], ""),
            "care": correction_words.cautions(row["cautions"]),
            "basis": basis(row["kind"]),
        }
        for row in frame.iter_rows(named=True)
    ]


def kinds_of_doubts(report: GroupingReport) -> list[dict[str, Any]]:
    """Kinds of doubts about cases that group, with the cases of each."""
    counted = (
        report.doubts.group_by("kind")
        .agg(cases=pl.col("case_id").n_unique())
        .sort("cases", "kind", descending=[True, False])
    )
    return [
        row
        | {
            "title": say(*KINDS[row["kind"]].title),
            "ask": say(*KINDS[row["kind"]].ask),
            "basis": say(*KINDS[row["kind"]].basis),
        }
        for row in counted.iter_rows(named=True)
    ]


def doubts(report: GroupingReport, frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Doubts in words."""
    return [
        row
        | report.people.row(row["case"], named=True)
        | {
            "title": say(*KINDS[row["kind"]].title),
            "ask": say(*KINDS[row["kind"]].ask),
            "name": report.names.get(row["drg"], ""),
            "times": "" if row["ratio"] is None else f"{row['ratio']:.2f}",
        }
        for row in frame.with_columns(pl.col("code", "other").fill_null("")).iter_rows(named=True)
    ]


def notes(report: GroupingReport) -> list[str]:
    """Return the notes that explain the figures."""
    figures, notes = report.rate, []
    notes.append(
        say(
            "入组率 = 入组病例 ÷ 参加分组的病例；住院天数、费用不在范围和另行付费的不参加分组，另列；歧义（QY）不算入组。",
            "Rate = grouped cases / cases that take part; cases left out (stay, cost, payment) stand apart; ambiguous (QY) is not grouped.",
        )
    )
    if report.is_dip:
        notes.append(say("DIP 方案不推算单项改法。", "No single corrections are worked out for DIP schemes."))
    else:
        notes.append(
            say(
                "“可改”指只改一处、依据病例自身的内容就能入组；每个病例只计一次。改法都是给编码员的问题，以病历为准，不自动修改，不为提高付费而改。",
                "'Correctable': one correction, on the case's own evidence, would group it; each case counts once. Every correction is a "
                "question to the coder: the record decides, nothing is changed by itself, nothing for the sake of payment.",
            )
        )
    if report.judged and figures.blocked:
        most = percent(figures.at_most)
        notes.append(
            say(
                f"未入组的病例中 {figures.blocked} 份有质控发现的阻碍入组的问题；"
                f"这些也全部改好并入组，入组率至多 {most}（未经分组验证）。",
                f"Of the cases without a group {figures.blocked} have findings that block grouping; if these too were right and grouped, "
                f"the rate would be at most {most} (not tried by the grouper).",
            )
        )
    if missing := unstated(report):
        notes.append(
            say(
                f"数据里没有{'、'.join(missing)}，不按它们统计。",
                f"The data do not tell: {', '.join(missing)}; no figures by these.",
            )
        )
    return notes
