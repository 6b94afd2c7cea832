"""What a round of feedback sends to each hospital, and what came of the rounds of a year for the bureau: JSON and a workbook."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from validator.base import files
from validator.base.language import say
from validator.base.masking import as_file_name
from validator.grouping.reasons import STATUSES
from validator.intake.report import workbook
from validator.intake.report.page import month
from validator.intake.rounds import OUTCOMES, FeedbackRound

_GROUPS = (("病例", "Case", 26), ("组", "Group", 14), ("状态", "State", 16), ("经审核调整", "Moved after review", 20))
_RATES = (
    ("机构", "Hospital", 30), ("年度", "Year", 8), ("已反馈", "Answered", 10), ("入组", "Grouped", 10), ("反馈率（%）", "Share, %", 12),
    ("逾期反馈", "Too late", 10), ("未入组", "Not grouped", 10), ("结算已撤销", "Withdrawn", 12), ("不在内的反馈", "Answers on others", 14),
)  # fmt: skip
_ANSWERS = (
    ("机构", "Hospital", 30), ("病例", "Case", 26), ("月份", "Month", 10), ("轮次", "Round", 8), ("反馈日期", "Answered", 13),
    ("反馈人", "By", 14), ("意见", "Words", 50), ("处理", "Outcome", 10),
)  # fmt: skip
_REQUESTS = (
    ("机构", "Hospital", 30), ("病例", "Case", 26), ("理由", "Reason", 50), ("申请日期", "Asked", 13), ("结果", "Outcome", 10),
)  # fmt: skip
_SHARES = (
    ("机构", "Hospital", 30), ("申请", "Asked", 10), ("同意", "Granted", 10), ("出院病例", "Discharges", 12), ("占比（%）", "Share, %", 12),
    ("上限（%）", "Limit, %", 12), ("在限内", "Within", 10),
)  # fmt: skip


def write_round(sent: FeedbackRound, groups: pl.DataFrame, names: Mapping[str, str], folder: Path) -> list[Path]:
    """Write ``groups.json`` and ``groups.xlsx`` of each hospital, its own cases alone, to a folder of its code; gives the files.

    ``groups``: ``feedback.GROUPS``.
    """
    written = list[Path]()
    for (hospital,), own in groups.partition_by("hospital", as_dict=True, maintain_order=True).items():
        target, code = folder / as_file_name(str(hospital)), str(hospital)
        about = {
            "hospital": code, "name": names.get(code, code), "period": sent.period, "round": sent.number,
            "final": sent.is_final, "sent": str(sent.sent), "until": str(sent.until),
        }  # fmt: skip
        cases = own.select("case_id", "group", "status", "moved")
        written.append(_json(target / "groups.json", {**about, "cases": cases.to_dicts()}))
        kind = say("最终", "final") if sent.is_final else say("初步", "preliminary")
        facts: list[Sequence[workbook.Value]] = [
            (say("医疗机构", "Hospital"), names.get(code, code)), (say("机构编码", "Code"), code),
            (say("月份", "Month"), month(sent.period)),
            (say("轮次", "Round"), f"{sent.number}（{kind}）"), (say("下发", "Sent"), str(sent.sent)),
            (say("反馈截止", "Answers until"), str(sent.until)), (say("病例", "Cases"), own.height),
        ]  # fmt: skip
        rows = (
            (case, group, say(*STATUSES[status]), say("是", "yes") if moved else "")
            for case, group, status, moved in cases.iter_rows()
        )
        tables: list[workbook.Table] = [
            (say("概览", "Overview"), (("项目", "Item", 22), ("内容", "Content", 60)), facts),
            (say("分组", "Groups"), _GROUPS, rows),
        ]
        written.append(workbook.write(target / "groups.xlsx", tables))
    return written


def write_feedback(
    period: str, rounds: Sequence[FeedbackRound], frames: Mapping[str, pl.DataFrame | None], names: Mapping[str, str], folder: Path
) -> list[Path]:  # fmt: skip
    """Write ``feedback.json`` and ``feedback.xlsx`` for the bureau; gives the files.

    ``frames``: ``rates`` (``rounds.RATES``), ``answers`` (``ANSWERS``), ``requests`` (``REQUESTS``), ``shares`` (``SHARES``).
    """
    known = {name: frame for name, frame in frames.items() if frame is not None}
    about = [{**vars(each), "sent": str(each.sent), "until": str(each.until)} for each in rounds]
    texts = {name: frame.with_columns(pl.col(pl.Date).cast(pl.String)).to_dicts() for name, frame in known.items()}
    titles = {
        "rates": (say("年度病例反馈率", "Share answered"), _RATES), "answers": (say("反馈", "Answers"), _ANSWERS),
        "requests": (say("特例单议", "Special requests"), _REQUESTS), "shares": (say("特例单议占比", "Share requested"), _SHARES),
    }  # fmt: skip
    tables = [(*titles[name], _rows(known[name], names)) for name in titles if name in known]
    return [
        _json(folder / "feedback.json", {"period": period, "rounds": about, **texts}),
        workbook.write(folder / "feedback.xlsx", tables),
    ]


def _rows(frame: pl.DataFrame, names: Mapping[str, str]) -> Iterable[Sequence[workbook.Value]]:
    """The rows of a frame as people read them: hospitals by name, shares as per cent, outcomes in words."""
    for row in frame.iter_rows(named=True):
        yield [_cell(column, value, names) for column, value in row.items()]


def _cell(column: str, value: workbook.Value, names: Mapping[str, str]) -> workbook.Value:
    if column == "hospital":
        return names.get(str(value), str(value))
    if column in ("share", "limit") and isinstance(value, float):
        return 100 * value
    if column == "outcome" and value:
        return say(*OUTCOMES[str(value)])
    if isinstance(value, bool):
        return say("是", "yes") if value else say("否", "no")
    return value


def _json(path: Path, content: Mapping[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as scratch:
        scratch.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
