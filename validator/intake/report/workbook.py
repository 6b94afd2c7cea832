"""The workbooks of the intake: receipts and notices."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from validator.base.language import say
from validator.intake import timeliness
from validator.intake.report.page import month, requested
from validator.report.common.pages import Looks, SheetColumns, write_book
from validator.report.common.words import DISPOSITIONS, LEVELS, field_name, to_do
from validator.workbook.sheet import MOST_ROWS, Cell, Sheet

if TYPE_CHECKING:
    from validator.intake.notice import Notice
    from validator.intake.receipts import Receipt

Value = str | int | float | date | None
#: A sheet: its name, its columns, its rows.
Table = tuple[str, SheetColumns, Iterable[Sequence[Value]]]
_CASES = (
    ("病例", "Case", 26), ("处置", "Disposition", 14), ("错误", "Errors", 8), ("警告", "Warnings", 8), ("费用（元）", "Yuan", 14),
    ("结算日期", "Settled", 13), ("再次上报截止", "Send again by", 14),
)  # fmt: skip
_FINDINGS = (
    ("级别", "Level", 8), ("病例", "Case", 26), ("字段", "Field", 26), ("值", "Value", 24), ("问题", "Problem", 56),
    ("怎么改", "What to do", 50), ("检查", "Check", 30),
)  # fmt: skip
_ROLL = (
    ("病例或结算", "Case or settlement", 26), ("情况", "State", 24), ("月份", "Month", 10), ("结算日期", "Settled", 13),
    ("名册金额（元）", "Roll, yuan", 14), ("清单金额（元）", "List, yuan", 14),
)  # fmt: skip
_TIME = (
    ("病例", "Case", 26), ("按首次上报", "By the first version", 16), ("按首次收下", "By the first accepted", 16), ("截止", "Deadline", 13),
    ("含宽限", "With grace", 13), ("首次上报", "First", 13), ("首次收下", "Accepted", 13), ("版本", "Versions", 9), ("原因", "Reason", 36),
)  # fmt: skip
_GROUPS = (("病例", "Case", 26), ("组", "Group", 14), ("组名", "Name", 44), ("状态", "State", 16))
_REQUESTS = (("病例", "Case", 26), ("申请日期", "Asked", 13), ("理由", "Reason", 50), ("结果", "Outcome", 16))


def write(path: Path, tables: Sequence[Table]) -> Path:
    """Write sheets to a new workbook; gives its path."""
    return write_book(path, lambda looks: [_sheet(looks, number, *table) for number, table in enumerate(tables)])


def _sheet(looks: Looks, number: int, name: str, columns: SheetColumns, rows: Iterable[Sequence[Value]]) -> Sheet:
    def cells() -> Iterator[Sequence[Cell]]:
        yield looks.heads(columns)
        for count, row in enumerate(rows, 1):
            if count == MOST_ROWS:
                return
            yield [_cell(looks, value) for value in row]

    return looks.sheet(name, columns, cells, header=1, filtered=number > 0, selected=number == 0)


def _cell(looks: Looks, value: Value) -> Cell:
    if isinstance(value, int | float):
        return Cell(value, looks.money if isinstance(value, float) else looks.count)
    return looks.text(None if value is None else str(value))


def of_receipt(receipt: "Receipt") -> list[Table]:
    """The sheets of a receipt: overview, cases, findings."""
    mine = receipt.delivery
    until = receipt.until
    facts: list[Sequence[Value]] = [
        (say("医疗机构", "Hospital"), receipt.name), (say("机构编码", "Code"), receipt.hospital),
        (say("批次", "Submission"), mine.number), (say("月份", "Month"), month(mine.period)),
        (say("收到", "Received"), f"{mine.received:%Y-%m-%d %H:%M}"), (say("病例", "Cases"), mine.cases.height),
        *((str(DISPOSITIONS[name]), count) for name, count in receipt.counts.items()),
        *((say("整批原因", "Of the batch"), reason) for reason in mine.reasons),
        *([(say("再次上报截止", "Send again by"), " – ".join(sorted({str(day) for day in until})))] if until else []),
    ]  # fmt: skip
    return [
        (say("概览", "Overview"), (("项目", "Item", 22), ("内容", "Content", 60)), facts),
        (say("病例", "Cases"), _CASES, _cases(mine.cases)),
        (say("问题", "Findings"), _FINDINGS, _findings(receipt)),
    ]


def _cases(cases: pl.DataFrame) -> Iterator[Sequence[Value]]:
    for case in cases.sort("errors", "warnings", "case_id", descending=[True, True, False]).iter_rows(named=True):
        what = str(DISPOSITIONS[case["disposition"]])
        yield (
            case["case_id"], what, case["errors"], case["warnings"], _yuan(case["total_fen"]), case["settled"], case["until"],
        )  # fmt: skip


def _findings(receipt: "Receipt") -> Iterator[Sequence[Value]]:
    for case in receipt.faulty():
        if case["elsewhere"]:
            yield (str(DISPOSITIONS[case["disposition"]]), case["case_id"], None, None, case["elsewhere"])
        for each in case["findings"]:
            field = " ".join(filter(None, (field_name(each["table"], each["field"]), each["field"])))
            yield (
                str(LEVELS[each["level"]]),
                case["case_id"],
                field,
                each["value"],
                each["message"],
                to_do(each),
                each["check"],
            )


def of_notice(notice: "Notice") -> list[Table]:
    """The sheets of a notice: those of the receipt, and one for each thing that the bureau knows of the month."""
    mine = notice.month
    tables = of_receipt(notice.receipt)
    if mine.reconciled is not None:
        tables.append((say("对账", "Roll"), _ROLL, _roll(notice)))
    if mine.timeliness is not None:
        tables.append((say("及时性", "Timeliness"), _TIME, _timeliness(mine.timeliness)))
    if mine.groups is not None:
        rows = mine.groups.select("case_id", "group", "group_name", "status").iter_rows()
        tables.append((say("分组", "Groups"), _GROUPS, rows))
    if mine.requests is not None:
        tables.append((say("特例单议", "Special requests"), _REQUESTS, requested(mine.requests)))
    return tables


def _roll(notice: "Notice") -> Iterator[Sequence[Value]]:
    for row in notice.lacking:
        yield (
            row["case_id"],
            row["words"],
            row["month"],
            row["settled"],
            _yuan(row["roll_fen"]),
            _yuan(row["list_fen"]),
        )


def _timeliness(cases: pl.DataFrame) -> Iterator[Sequence[Value]]:
    for row in cases.iter_rows(named=True):
        first, accepted = (say(*timeliness.STATES[row[name]]) for name in ("by_first", "by_accepted"))
        days = (row[name] for name in ("deadline", "until", "first", "accepted"))
        yield (row["case_id"], first, accepted, *days, row["versions"], row["reason"])


def _yuan(fen: int | None) -> float | None:
    return None if fen is None else fen / 100
