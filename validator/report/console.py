"""The result for a person at a terminal; plain text where it goes to a file or a pipe."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from validator.base import files
from validator.base.language import say
from validator.report.common import digest
from validator.report.common.view import ReportView
from validator.report.common.words import DISPOSITIONS, LEVELS, number, place, share, to_do

EXTENSION = ".txt"
_MOST_CAUSES, _MOST_CASES, _MOST_UNJUDGED = 15, 10, 10
#: With no more findings than this, each gets its own line.
_FEW = 50
_WIDTH = 140
_COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}


def write(report: ReportView, path: Path) -> Path:
    with files.replacing(path) as scratch, scratch.open("w", encoding="utf-8", newline="\n") as file:
        show(report, Console(file=file, width=_WIDTH, color_system=None, highlight=False))
    return path


def show(report: ReportView, console: Console | None = None) -> None:
    """Print the result, by default on the standard output."""
    console = console or Console(highlight=False)
    totals = digest.digest(report)
    causes = totals.causes
    _head(console, report, totals)
    few = sum(totals.findings.values()) <= _FEW
    if not few and (stray := digest.of_no_case(report, _MOST_CASES)):
        console.print(Text(say("文件的问题", "What is wrong with files"), style="bold"))
        _lines(console, stray)
    if causes.height and (causes["findings"].max() != 1 or causes.height > _FEW):
        _causes(console, causes.head(_MOST_CAUSES).to_dicts(), causes.height)
    if causes.height and few:
        console.print(Text(say("逐条", "One by one"), style="bold"))
        _lines(console, (each for part in report.iter_findings() for each in part.iter_rows(named=True)))
    elif causes.height:
        _worst(console, report)
    _unjudged(console, report)
    _next(console, totals)


def _head(console: Console, report: ReportView, totals: digest.Digest) -> None:
    layouts = "、".join(report.cases["layout"].unique().sort())
    console.print(Text(say("质控结果：", "Result: ") + "、".join(report.inputs), style="bold"))
    console.print(
        Text(
            say("接口", "interface")
            + f" {layouts} · "
            + say("方案", "profile")
            + f" {report.profile} · {report.started:%Y-%m-%d %H:%M}"
        )
    )
    console.print()
    cases = (
        *([(say("无法判定", "cannot be judged"), totals.unread, "red")] if totals.unread else []),
        (say("有错误", "with errors"), totals.with_errors, "red"),
        (say("只有警告", "warnings only"), totals.with_warnings, "yellow"),
        (say("其余", "others"), totals.clean, "green"),
    )
    parts = [(f"  {name} {number(n)} ({share(n, totals.cases)})", colour if n else "") for name, n, colour in cases]
    console.print(Text.assemble((say("病例 ", "Cases ") + number(totals.cases), "bold"), *parts))
    found = [(f"  {level} {number(totals.findings[name])}", _COLOURS[name]) for name, level in LEVELS.items()]
    console.print(Text.assemble((say("发现 ", "Findings ") + number(sum(totals.findings.values())), "bold"), *found))
    ran = say(f"  已运行 {totals.ran}  未运行 {totals.not_run}", f"  run {totals.ran}  not run {totals.not_run}")
    console.print(Text.assemble((say("检查 ", "Checks ") + number(totals.ran + totals.not_run), "bold"), ran))


def _causes(console: Console, causes: list[dict[str, Any]], total: int) -> None:
    table = _table(
        say(f"原因（前 {len(causes)} 项，共 {total} 项）", f"Causes (first {len(causes)} of {total})"),
        say("级别", "Level"), say("检查", "Check"), say("问题", "Problem"), say("怎么改", "What to do"),
        numbers=(say("发现", "Findings"), say("病例", "Cases"), say("共查", "Of")),
    )  # fmt: skip
    for cause in causes:
        table.add_row(
            _level(cause["level"]), Text(cause["check"]), Text(cause["title"]), Text(cause["fix"]),
            number(cause["findings"]), number(cause["cases"]), "" if cause["rows"] is None else number(cause["rows"]),
        )  # fmt: skip
    console.print(table)


def _lines(console: Console, findings: Iterable[dict[str, Any]]) -> None:
    for finding in findings:
        where = Text(place(finding["source"]), style="bold")
        line = Text(f"  {finding['check']}  " + " → ".join(filter(None, (finding["message"], to_do(finding)))))
        console.print(Text.assemble(where, "  ", _level(finding["level"]), line), soft_wrap=True)


def _worst(console: Console, report: ReportView) -> None:
    worst = digest.worst(report, _MOST_CASES)
    table = _table(
        say(f"问题最多的 {worst.height} 份病例", f"The {worst.height} cases with most findings"),
        say("病例", "Case"), say("出院科室", "Department"), say("主诊医师", "Physician"), say("处置", "Disposition"),
        numbers=tuple(str(level) for level in LEVELS.values()),
    )  # fmt: skip
    for case in worst.iter_rows(named=True):
        department = case["department_name"] or case["department"] or ""
        ending = str(DISPOSITIONS.get(case["disposition"], case["disposition"]))
        texts = (case["case_id"], department, case["physician"] or "", ending)
        table.add_row(
            *(Text(text) for text in texts), *(number(case[name]) for name in ("errors", "warnings", "infos"))
        )
    console.print(table)


def _unjudged(console: Console, report: ReportView) -> None:
    checks = digest.unjudged(report)
    if not checks.height:
        return
    shown = digest.together(checks).head(_MOST_UNJUDGED)
    listed = shown.height + int(shown["others"].sum())
    table = _table(
        say(f"没有判定（{listed}/{checks.height} 项）", f"Not judged ({listed} of {checks.height})"),
        say("检查", "Check"), say("问题", "Problem"), say("原因", "Reason"),
        numbers=(say("无法判定", "Unjudged"), say("共查", "Of")),
    )  # fmt: skip
    for check in shown.iter_rows(named=True):
        table.add_row(
            Text(check["check"]),
            Text(check["title"] + _others(check["others"])),
            Text(digest.why_unjudged(check)),
            number(check["unjudged"]),
            number(check["rows"]),
        )
    console.print(table)


def _others(n: int) -> str:
    return say(f" 等 {n + 1} 项", f" and {n} more") if n else ""


def _next(console: Console, totals: digest.Digest) -> None:
    console.print(Text(say("下一步", "Next"), style="bold"))
    for step, text in enumerate(digest.next_steps(totals), 1):
        console.print(Text(f"{step}. {text}"))


def _table(title: str, *columns: str, numbers: tuple[str, ...]) -> Table:
    table = Table(title=Text(title, style="bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _level(name: str) -> Text:
    return Text(str(LEVELS[name]), style=_COLOURS[name], end="")
