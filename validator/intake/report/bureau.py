"""Pages for the bureau alone, which name several hospitals: the month of all of them, and agreement with the platform."""

from pathlib import Path
from typing import Any

import polars as pl

from validator.base.language import say
from validator.intake import arrival, baseline, platform, roll, timeliness
from validator.intake.notice import MonthOfIntake
from validator.intake.platform import Answer
from validator.intake.report import page
from validator.report.common.words import field_name, number
from validator.spec.intake import PlatformWords

#: What :func:`of_hospitals` has of each hospital.
COLUMNS: dict[str, tuple[str, str]] = {
    "hospital": ("医疗机构", "Hospital"), "expected": ("应有", "Expected"), "received": ("收到", "Received"),
    "accepted": ("收下", "Accepted"), "returned": ("退回", "Returned"), "missing": ("缺清单", "No list"),
    "extra": ("无结算", "No settlement"), "withdrawn": ("已撤销", "Withdrawn"), "differs": ("金额不符", "Amount differs"),
    "late": ("迟交", "Late"), "sent_again": ("再次上报", "Sent again"), "by_first": ("按时（首次上报）", "In time (first)"),
    "by_accepted": ("按时（首次收下）", "In time (accepted)"),
}  # fmt: skip
_ROLL = ("missing", "extra", "withdrawn", "differs")


def of_hospitals(month: MonthOfIntake) -> pl.DataFrame:
    """The figures of a month, a row per hospital (:data:`COLUMNS`, with ``numerator`` and ``denominator`` of timeliness)."""
    back = pl.col("disposition").is_in(["return", "cannot_be_judged"])
    rows = month.delivery.cases.group_by("hospital").agg(received=pl.len(), accepted=(~back).sum(), returned=back.sum())
    if month.reconciled is not None:
        expected = pl.col("state").is_in(["matched", "differs", "missing"]).sum()
        states = {state: (pl.col("state") == state).sum() for state in _ROLL}
        assert set(states) <= set(roll.STATES)
        found = month.reconciled.group_by("hospital").agg(expected=expected, **states)
        rows = rows.join(found, on="hospital", how="full", coalesce=True)
    if month.timeliness is not None:
        in_time = timeliness.of_months(month.timeliness.with_columns(month=pl.lit(month.period))).select(
            "hospital", "late", "sent_again", "numerator", "denominator",
            by_first="share_by_first", by_accepted="share_by_accepted",
        )  # fmt: skip
        rows = rows.join(in_time, on="hospital", how="full", coalesce=True)
    lacking = [name for name in (*COLUMNS, "numerator", "denominator") if name not in rows.columns]
    rows = rows.with_columns(pl.lit(None).alias(name) for name in lacking)
    return rows.with_columns(pl.col("received", "accepted", "returned").fill_null(0)).sort("hospital")


def write_month(month: MonthOfIntake, path: Path, compared: pl.DataFrame | None = None) -> Path:
    """Write the page of a month; ``compared``: ``arrival.COMPARED`` of its hospitals. Gives its path."""
    frame = of_hospitals(month)
    names = month.delivery.names
    shares = ("by_first", "by_accepted")
    rows = [
        (
            names.get(row["hospital"], row["hospital"]),
            *(page.percent(row[key]) if key in shares else _count(row[key]) for key in list(COLUMNS)[1:]),
        )
        for row in frame.iter_rows(named=True)
    ]
    keys = ("expected", "received", "accepted", "returned", "numerator", "denominator")
    totals = {key: int(frame[key].sum() or 0) for key in keys}
    return page.write(
        "month", path, overview=month, rows=rows, totals=totals, heads=[say(*words) for words in COLUMNS.values()],
        numeric=range(1, len(COLUMNS)), charts=_charts(compared, month.period, names),
    )  # fmt: skip


def _count(value: int | None) -> str:
    return "—" if value is None else number(value)


def _charts(compared: pl.DataFrame | None, period: str, names: Any) -> list[tuple[str, ...]]:
    """What lies outside its limits, in words."""
    if compared is None:
        return []
    outside = compared.filter(pl.col("state").is_in(["above", "below"]) & (pl.col("period") == period))
    rows = []
    for row in outside.sort("hospital", "figure").iter_rows(named=True):
        figures = (baseline.shown(row["figure"], row[key]) for key in ("value", "low", "centre", "high"))
        rows.append((names.get(row["hospital"], row["hospital"]), arrival.title(row["figure"]), *figures))
    return rows


def write_agreement(
    ours: pl.DataFrame, cases: pl.DataFrame, answer: Answer, words: PlatformWords, titles: dict[str, str], path: Path
) -> Path:
    """Write the page of agreement with the platform; gives its path.

    ``ours``: our findings; ``cases``: ``case_id, disposition``; ``titles``: check -> its title.
    """
    rows = platform.agreement(ours, answer)
    known = [
        (
            f"{titles.get(row['check'], '')} {row['check']}".strip(), row["field"], row["both"], row["ours_alone"],
            row["theirs_alone"], page.percent(row["confirmed"]), row["sentence"],
        )
        for row in rows.filter(pl.col("check").is_not_null()).sort("ours_alone", "check", descending=[True, False]).to_dicts()
    ]  # fmt: skip
    theirs = [
        (row["field"] or say("（对不上的字段）", "(field not mapped)"), row["theirs_alone"], row["sentence"])
        for row in rows.filter(pl.col("check").is_null()).sort("theirs_alone", descending=True).to_dicts()
    ]
    heads = (
        say("我们的检查", "Our check"), say("字段", "Field"), say("都发现", "Both"), say("只有我们", "We alone"),
        say("只有平台", "They alone"), say("平台证实", "Confirmed"), say("平台的说法", "In their words"),
    )  # fmt: skip
    return page.write(
        "agreement", path, answer=answer, verdicts=platform.verdicts(cases, answer), heads=heads, known=known, theirs=theirs,
        raw=_raw(answer, words),
    )  # fmt: skip


def _raw(answer: Answer, words: PlatformWords) -> list[tuple[Any, ...]]:
    """Each raw value of the platform, how often it is met, and what the profile says of it."""
    passed, failed, no = say("通过", "passed"), say("未通过", "failed"), say("方案没有写", "not in the profile")
    meaning: dict[str, dict[str, str]] = {
        "result": {key: passed if value else failed for key, value in words.results.items()},
        "case_level": dict(words.levels),
        "case_returned": dict.fromkeys(words.returned, say("退回", "returned")),
        "group_state": dict.fromkeys(words.grouped, say("已入组", "grouped")),
    }
    official = {
        "result": "qltctrl_rslt",
        "case_level": "err_lv",
        "case_returned": "retn_flag",
        "group_state": "grp_stas",
    }
    rows = []
    for column, name in official.items():
        for value, count in answer.lists[column].drop_nulls().value_counts().sort(column).iter_rows():
            rows.append((f"{field_name(None, name)} {name}".strip(), value, count, meaning[column].get(value, no)))
    return rows
