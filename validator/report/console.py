"""The result for a person at a terminal, in 80 columns; plain text where it goes to a file or a pipe."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from validator.base import files
from validator.base.language import say
from validator.base.screen import Screen
from validator.base.text_width import fold
from validator.report.common import digest, excess, steps
from validator.report.common.causes import Tier, WholeColumn
from validator.report.common.view import ReportView
from validator.report.common.words import LEVELS, in_brackets, joined, number, place, share, suggestion, who

EXTENSION = ".txt"
STAYS = True  #: in the department: physicians and coders are named
_MOST_CAUSES, _MOST_CASES, _MOST_UNJUDGED, _MOST_SUMS = 8, 10, 6, 5
#: With no more findings than this in single cases, each gets its own line.
_FEW = 50
_WIDTH = 80
_COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}


def write(report: ReportView, path: Path) -> Path:
    with files.replacing(path) as scratch, scratch.open("w", encoding="utf-8", newline="\n") as file:
        show(report, Screen(file=file, width=_WIDTH, color_system=None, highlight=False))
    return path


def show(report: ReportView, console: Console | None = None) -> None:
    """Print the result, by default on the standard output."""
    page = _Page(console or Screen(highlight=False))
    totals = digest.digest(report)
    _head(page, report, totals)
    _whole(page, totals)
    few = sum(tier.findings for tier in totals.tiers) <= _FEW
    wanted = [cause["check"] for tier in totals.tiers for cause in tier.causes] if few else []
    found = digest.of_checks(report, wanted, _FEW)
    for tier in totals.tiers:
        _tier(page, tier, found)
    if not few:
        _worst(page, report)
    _excess(page, report)
    _unjudged(page, report)
    page.heading(say("下一步", "Next"))
    for number_, step in enumerate(steps.next_steps(totals), 1):
        page.lines(f"{number_}. ", step)


class _Page:
    """Lines that fit the console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = min(console.width, _WIDTH)

    def heading(self, text: str) -> None:
        self._console.print()
        self.lines("", text, style="bold")

    def lines(self, head: str, text: str, style: str = "", head_style: str = "") -> None:
        """``head`` and, folded to its right, ``text``."""
        left = Text(head).cell_len
        room = self._width - left
        for at, line in enumerate(fold(text, room)):
            lead = Text(head if not at else " " * left, style=head_style)
            self._console.print(Text.assemble(lead, (line, style)), soft_wrap=True)

    def parts(self, *parts: tuple[str, str]) -> None:
        """Coloured pieces, on as many lines as they need."""
        line = Text()
        for text, style in parts:
            if line.cell_len and line.cell_len + Text(text).cell_len > self._width:
                self._console.print(line, soft_wrap=True)
                line = Text(" ")
            line.append(text, style)
        self._console.print(line, soft_wrap=True)


def _head(page: _Page, report: ReportView, totals: digest.Digest) -> None:
    layouts = "、".join(report.layouts)
    page.lines("", say("质控结果：", "Result: ") + "、".join(report.inputs), style="bold")
    about = (
        (say("接口", "interface"), layouts), (say("方案", "profile"), report.profile), ("", f"{report.started:%Y-%m-%d %H:%M}"),
    )  # fmt: skip
    page.lines("", " · ".join(" ".join(filter(None, each)) for each in about))
    cases = (
        *([(say("无法判定", "cannot be judged"), totals.unread, "red")] if totals.unread else []),
        (say("有错误", "with errors"), totals.with_errors, "red"),
        (say("只有警告", "warnings only"), totals.with_warnings, "yellow"),
        (say("其余", "others"), totals.clean, "green"),
    )
    parts = [(f"  {name} {number(n)} ({share(n, totals.cases)})", colour if n else "") for name, n, colour in cases]
    page.parts((say("病例 ", "Cases ") + number(totals.cases), "bold"), *parts)
    if report.joined:
        page.lines("", say("与病案首页对上：", "Compared with their case record: ") + joined(report.joined))
    found = [(f"  {level} {number(totals.findings[name])}", _COLOURS[name]) for name, level in LEVELS.items()]
    page.parts((say("发现 ", "Findings ") + number(sum(totals.findings.values())), "bold"), *found)
    ran = say(f"  已运行 {totals.ran}  未运行 {totals.not_run}", f"  run {totals.ran}  not run {totals.not_run}")
    page.parts((say("检查 ", "Checks ") + number(totals.ran + totals.not_run), "bold"), (ran, ""))


def _whole(page: _Page, totals: digest.Digest) -> None:
    """What is wrong with whole columns and files."""
    if not totals.whole:
        return
    n, good = len(totals.whole), number(totals.at_once)
    page.heading(
        say(f"整列、整个文件的问题：改好这 {n} 处，{good} 处发现一起消失", f"Whole columns and files: {n} changes, {good} findings go")
        if totals.at_once
        else say("整个文件的提示", "About whole files")
    )  # fmt: skip
    for at, each in enumerate(totals.whole, 1):
        _whole_column(page, f"{at:>2}. ", each)


def _whole_column(page: _Page, head: str, each: WholeColumn) -> None:
    level = str(LEVELS[each.level])
    page.lines(head, f"{level} {each.where}", style="bold", head_style=_COLOURS[each.level])
    page.lines("    ", each.text)
    good = (
        say(f"，改一处好 {number(each.findings)} 处", f"; puts {number(each.findings)} right")
        if each.findings > 1
        else ""
    )
    page.lines("    → ", f"{each.fix}{good}{in_brackets(each.check)}")


def _tier(page: _Page, tier: Tier, found: dict[str, list[dict[str, Any]]]) -> None:
    """Its checks, each with what to do, and each finding where they are few."""
    causes = len(tier.causes)
    page.heading(
        say(f"{tier.title}（{causes} 项，{number(tier.findings)} 处）", f"{tier.title} ({causes} checks, {number(tier.findings)})")
    )  # fmt: skip
    shown = tier.causes if found else tier.causes[:_MOST_CAUSES]
    for cause in shown:
        of = "" if cause["rows"] is None else f"/{number(cause['rows'])}"
        counts = say(
            f"{number(cause['findings'])}{of} 处，{number(cause['cases'])} 份",
            f"{number(cause['findings'])}{of}, {number(cause['cases'])} case{'s' * (cause['cases'] != 1)}",
        )
        page.lines("  ", f"{cause['check']}  {cause['title']}{in_brackets(counts)}", style="bold")
        _findings(page, found.get(cause["check"], ()))
        page.lines("    → ", cause["fix"])
    if more := causes - len(shown):
        page.lines("  ", say(f"……另有 {more} 项，见网页或工作簿", f"… {more} more: see the page or the workbook"))


def _findings(page: _Page, findings: Iterable[dict[str, Any]]) -> None:
    for finding in findings:
        case = finding["case_id"] or ""
        page.lines("    ", f"{place(finding['source'])}  {case}")
        page.lines("      ", " → ".join(filter(None, (finding["message"], suggestion(finding)))))


def _worst(page: _Page, report: ReportView) -> None:
    worst = digest.worst(report, _MOST_CASES)
    page.heading(say(f"问题最多的 {len(worst)} 份病例", f"The {len(worst)} cases with most findings"))
    for case in worst:
        counts = "  ".join(f"{level} {case[f'{name}s']}" for name, level in LEVELS.items() if case[f"{name}s"])
        page.lines("  ", f"{case['case_id']}  {counts}")
        page.lines("    ", who(case))


def _excess(page: _Page, report: ReportView) -> None:
    """What was charged too much, and whose it is."""
    sums = excess.of_report(report)
    if not sums:
        return
    page.heading(say(f"多收的费用：{sums.total}", f"Charged too much: {sums.total}"))
    for title, rows in sums.tables:
        page.lines("  ", title, style="bold")
        for row in rows[:_MOST_SUMS]:
            name = f"{row.check}  {row.name}" if row.check else row.name
            yuan = excess.yuan(row.fen)
            money = say(f"{yuan} 元", f"{yuan} yuan") if yuan else say("没有金额", "without money")
            page.lines(
                "    ",
                f"{name}{in_brackets(say(f'{number(row.lines)} 行，{money}', f'{number(row.lines)} lines, {money}'))}",
            )
        if (more := len(rows) - _MOST_SUMS) > 0:
            page.lines("    ", say(f"……另有 {more} 个", f"… {more} more"))
    page.lines("  ", say(*excess.NOTE))


def _unjudged(page: _Page, report: ReportView) -> None:
    checks = digest.unjudged(report)
    if not checks:
        return
    shown = digest.together(checks)[:_MOST_UNJUDGED]
    listed = len(shown) + sum(each["others"] for each in shown)
    page.heading(say(f"没有判定（{listed}/{len(checks)} 项）", f"Not judged ({listed} of {len(checks)})"))
    for check in shown:
        others = say(f" 等 {check['others'] + 1} 项", f" and {check['others']} more") if check["others"] else ""
        rows = f"{number(check['unjudged'])}/{number(check['rows'])}"
        page.lines("  ", f"{check['check']}  {check['title']}{others}{in_brackets(rows)}")
        page.lines("    ", digest.why_unjudged(check))
