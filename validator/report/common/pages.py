"""What our own sheets of a workbook show: findings, summary, cases."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from validator.base import files
from validator.base.formulas import is_formula_like
from validator.base.language import say
from validator.report.common import digest, excess
from validator.report.common.people import NAMES, People
from validator.report.common.steps import next_steps
from validator.report.common.view import ReportView
from validator.report.common.words import (
    APPLICABILITIES,
    DISPOSITIONS,
    LEVELS,
    RANK,
    field_name,
    joined,
    kind,
    number,
    place,
)
from validator.workbook import tabs
from validator.workbook.package import Package
from validator.workbook.sheet import MOST_ROWS, Cell, Sheet, link_to
from validator.workbook.styles import Styles

_HEAD = "1F3A5F"
SheetColumns = Sequence[tuple[str, str, float]]
#: Columns of our sheets: heading in both languages, width.
_FINDINGS = (
    ("级别", "Level", 7), ("病例", "Case", 22), ("工作表", "Sheet", 16), ("位置", "Place", 10),
    ("字段", "Field", 24), ("值", "Value", 22), ("建议值", "Suggested value", 20), ("把握", "Applicability", 10),
    ("问题", "Problem", 56), ("怎么改", "What to do", 48),
    ("检查", "Check", 34), ("病案号", "Record", 18), ("科室", "Department", 18), ("医师", "Physician", 12), ("编码员", "Coder", 12),
)  # fmt: skip
#: Further ones where something was charged too much.
_EXCESS = (("多收数量", "Excess quantity", 10), ("多收金额（元）", "Excess in yuan", 12))
#: Where the input is no workbook.
_FILE_AND_PATH = (("文件", "File", 30), ("位置", "Place", 34))
_CAUSES = (
    ("级别", "Level", 9), ("检查", "Check", 34), ("问题", "Problem", 50), ("类别", "Kind", 20),
    ("发现", "Findings", 10), ("病例", "Cases", 10), ("共查", "Checked", 12), ("未通过", "Failed", 10),
    ("不适用", "N/A", 10), ("无法判定", "Unjudged", 10), ("怎么改", "What to do", 60),
)  # fmt: skip
_CASES = (
    ("病例", "Case", 24), ("病案号", "Record", 18), ("文件", "File", 28), ("接口", "Interface", 9), ("出院科室", "Department", 20),
    ("主诊医师", "Physician", 14), ("编码员", "Coder", 12), ("出院日期", "Discharged", 12),
    ("错误", "Errors", 8), ("警告", "Warnings", 8), ("提示", "Hints", 8), ("处置", "Disposition", 14),
)  # fmt: skip


def write_book(path: Path, sheets: "Callable[[Looks], Sequence[Sheet]]") -> Path:
    """Write a new workbook of the sheets that ``sheets`` makes; gives its path."""
    package = Package()
    try:
        tabs.put_in_front(package, sheets(Looks(Styles(package))))
        with files.replacing(path) as scratch:
            package.save(scratch)
    finally:
        package.close()
    return path


class Looks:
    """The formats of our sheets."""

    def __init__(self, styles: Styles) -> None:
        self.title = styles.own(bold=True, size=14, ink=_HEAD)
        self.note = styles.own(ink="555555")
        self.bold = styles.own(bold=True)
        self.head = styles.own(bold=True, ink="FFFFFF", fill=_HEAD, wrap=True, centred=True)
        self.plain = styles.own(wrap=True)
        self.quoted = styles.own(wrap=True, quote=True)
        self.link = styles.own(ink="0B57D0", link=True)
        self.count = styles.own(number=3, centred=True)
        self.share = styles.own(number=10, centred=True)
        self.quantity, self.money = styles.own(), styles.own(number=4)
        self.points, self.bold_points = styles.own(number=2), styles.own(number=2, bold=True)
        self.wrapped = (self.head, self.plain, self.quoted)
        self.text = lru_cache(1 << 14)(self._text)  # names, titles and fixes come again and again
        self.levels = {name: styles.own(bold=True, ink=level.ink, fill=level.fill) for name, level in LEVELS.items()}

    def _text(self, value: str | None) -> Cell:
        """Text that never becomes a formula, not even when the cell is edited."""
        return Cell(value, self.quoted if value and is_formula_like(value) else self.plain)

    def charged(self, quantity: Decimal | None, fen: int | None) -> list[Cell]:
        """A quantity and an amount as numbers, so that they can be summed."""
        shown = None if quantity is None else float(quantity)
        return [Cell(shown, self.quantity), Cell(None if fen is None else fen / 100, self.money)]

    def sheet(
        self, name: str, columns: SheetColumns, rows: Callable[[], Iterable[Sequence[Cell]]], **how: Any
    ) -> Sheet:
        widths = [width for _, _, width in columns]
        return Sheet(name, widths, rows, wrapped=self.wrapped, title=self.title, **how)

    def level(self, name: str) -> Cell:
        return Cell(str(LEVELS[name]), self.levels[name])

    def heads(self, columns: SheetColumns) -> list[Cell]:
        return [Cell(say(zh, en), self.head) for zh, en, _ in columns]


class Pages:
    """The sheets that show a report; ``annotated``: in a copy of the user's workbook, to whose cells they link."""

    def __init__(self, report: ReportView, looks: Looks, *, annotated: bool) -> None:
        self.report, self.looks, self.annotated = report, looks, annotated
        self.digest, self.excess = digest.digest(report), excess.of_report(report)

    def findings(self, name: str, bare: int) -> Sheet:
        """Every finding with the link to its cell; ``bare`` cells got no comment."""
        place = _FINDINGS[2:4] if self.annotated else _FILE_AND_PATH
        columns = (*_FINDINGS[:2], *place, *_FINDINGS[4:], *(_EXCESS if self.excess else ()))
        most = MOST_ROWS - 2
        people = People(self.report)

        def rows() -> Iterator[Sequence[Cell]]:
            yield [Cell(self._note(most, bare), self.looks.note)]
            yield self.looks.heads(columns)
            left = most
            for part in self.report.iter_findings():
                for finding in _by_case(part).head(left).iter_rows(named=True):
                    yield self._finding(people.named(finding))
                left -= min(left, part.height)
                if not left:
                    break

        return self.looks.sheet(name, columns, rows, header=2, filtered=True)

    def _note(self, most: int, bare: int) -> str:
        """Return in words how many findings there are, and how many are not shown."""
        total = sum(self.digest.findings.values())
        parts = [say(f"共 {number(total)} 处", f"{number(total)} findings")]
        if total > most:
            parts.append(
                say(f"只列前 {number(most)} 处，JSONL、Parquet 报告里有全部", f"first {number(most)}; JSONL has all")
            )
        if bare:
            parts.append(
                say(f"{number(bare)} 个单元格只涂色、未加批注", f"{number(bare)} cells filled but not commented")
            )
        if self.annotated:
            parts.append(say("点“位置”跳到原处，改好后重新检查", "click a place to go there; check again when fixed"))
        return say("；", "; ").join(parts)

    def _finding(self, finding: dict[str, Any]) -> list[Cell]:
        looks, source = self.looks, finding["source"]
        if self.annotated and source["sheet"]:
            column, row = source["column"] or "", source["row"] or ""
            file, where = source["sheet"], f"{column}{row}"
            link = link_to(source["sheet"], f"{column.partition('+')[0] or 'A'}{row or 1}")
        else:
            file, where, link = source["file"], place(source | {"file": None}), ""
        field = " ".join(filter(None, (field_name(finding["table"], finding["field"]), finding["field"])))
        return [
            looks.level(finding["level"]),
            looks.text(finding["case_id"]),
            looks.text(file),
            Cell(where, looks.link, link) if link else looks.text(where),
            looks.text(field),
            looks.text(finding["value"]),
            looks.text(finding["suggested"]),
            looks.text(str(APPLICABILITIES[finding["applicability"]]) if finding["applicability"] else None),
            *(looks.text(finding[key]) for key in ("message", "fix", "check", *NAMES)),
            *(looks.charged(finding["excess_quantity"], finding["excess_fen"]) if self.excess else ()),
        ]

    def summary(self, name: str, remark: str) -> Sheet:
        """Counts, causes with their denominators, and what was not judged."""
        looks = self.looks

        def rows() -> Iterator[Sequence[Cell]]:
            yield [Cell(say("质控汇总", "Summary"), looks.title)]
            yield from self._whole()
            yield [Cell(say("下一步", "Next"), looks.title)]
            for at, step in enumerate(next_steps(self.digest), 1):
                yield [Cell(f"{at}.", looks.bold), Cell(step)]
            yield []
            for label, value in self._facts(remark):
                look = looks.note if isinstance(value, str) else looks.count
                yield [Cell(label, looks.bold), Cell(None), Cell(value, look)]
            yield []
            for tier in self.digest.tiers:
                yield [Cell(tier.title, looks.title)]
                yield looks.heads(_CAUSES)
                for cause in tier.causes:
                    share = cause["failed"] / cause["rows"] if cause["rows"] else None
                    yield self._check(cause, (cause["findings"], cause["cases"]), share, cause["fix"])
                yield []
            yield from self._excess()
            yield [Cell(say("没有判定的检查", "What was not judged"), looks.title)]
            yield looks.heads((*_CAUSES[:-1], ("原因", "Reason", 60)))
            for check in digest.unjudged(self.report):
                yield self._check(check, (None, None), None, digest.why_unjudged(check))

        return looks.sheet(name, _CAUSES, rows, colour=_HEAD, selected=True)

    def _excess(self) -> Iterator[Sequence[Cell]]:
        """What was charged too much, by rule, department and physician."""
        looks, sums = self.looks, self.excess
        if not sums:
            return
        yield [Cell(say(f"多收的费用：{sums.total}", f"Charged too much: {sums.total}"), looks.title)]
        yield [Cell(say(*excess.NOTE), looks.note)]
        for title, rows in sums.tables:
            heads = (say("检查", "Check"), title, *(say(*each) for each in excess.HEADS))
            yield [Cell(None), *(Cell(head, looks.head) for head in heads)]
            for row in rows:
                yield [
                    Cell(None), looks.text(row.check), looks.text(row.name), Cell(row.lines, looks.count),
                    *looks.charged(row.quantity, row.fen),
                ]  # fmt: skip
        yield []

    def _whole(self) -> Iterator[Sequence[Cell]]:
        """What is wrong with whole columns and files, each with the findings that go with it."""
        looks, totals = self.looks, self.digest
        if not totals.whole:
            return
        title = say(
            f"整列、整个文件的问题：改好这 {len(totals.whole)} 处，{number(totals.at_once)} 处发现一起消失",
            f"Whole columns and files: {len(totals.whole)} changes, {number(totals.at_once)} findings go",
        )
        yield [Cell(title if totals.at_once else say("整个文件的提示", "About whole files"), looks.title)]
        titles = (say("怎么回事，怎么改", "What is wrong, what to do"), say("哪一列、哪个文件", "Where"))
        counts = (say("改好", "Put right"), say("病例", "Cases"))
        yield [*looks.heads(_CAUSES[:2]), *(Cell(title, looks.head) for title in (*titles, *counts))]
        for each in totals.whole:
            yield [
                looks.level(each.level),
                looks.text(each.check),
                looks.text(f"{each.text}\n→ {each.fix}"),
                looks.text(each.where),
                Cell(each.findings, looks.count),
                Cell(each.cases or None, looks.count),
            ]
        yield []

    def _facts(self, remark: str) -> list[tuple[str, str | int]]:
        report, digest = self.report, self.digest
        return [
            *([(say("说明", "Note"), remark)] if remark else []),
            (say("输入", "Input"), "、".join(report.inputs)),
            (say("方案", "Profile"), report.profile),
            (say("时间", "Time"), f"{report.started:%Y-%m-%d %H:%M}"),
            (say("病例", "Cases"), digest.cases),
            *([(say("与病案首页对上", "Compared with their record"), joined(report.joined))] if report.joined else []),
            *([(say("无法判定的病例", "Cases that cannot be judged"), digest.unread)] if digest.unread else []),
            (say("有错误的病例", "Cases with errors"), digest.with_errors),
            (say("只有警告的病例", "Cases with warnings only"), digest.with_warnings),
            (say("其余病例", "Other cases"), digest.clean),
            *((say(f"发现：{level}", f"Findings: {level}"), digest.findings[key]) for key, level in LEVELS.items()),
            (say("运行的检查", "Checks run"), digest.ran),
            (say("未运行的检查", "Checks not run"), digest.not_run),
        ]

    def _check(
        self, check: Mapping[str, Any], found: Sequence[int | None], share: float | None, text: str
    ) -> list[Cell]:
        """One row of the summary's tables; their columns are the same."""
        looks = self.looks
        return [
            looks.level(check["level"]),
            looks.text(check["check"]),
            looks.text(check["title"]),
            looks.text(kind(check["kind"])),
            *(Cell(value, looks.count) for value in (*found, check["rows"])),
            Cell(share, looks.share),
            *(Cell(check[name], looks.count) for name in ("not_applicable", "unjudged")),
            looks.text(text),
        ]

    def cases(self, name: str) -> Sheet:
        """One row per case."""
        looks = self.looks

        def rows() -> Iterator[Sequence[Cell]]:
            yield looks.heads(_CASES)
            for case in self.report.cases.head(MOST_ROWS - 1).iter_rows(named=True):
                day: date | None = case["discharged"]
                ending = str(DISPOSITIONS.get(case["disposition"], case["disposition"]))
                yield [
                    *(looks.text(case[key]) for key in ("case_id", "record_number", "file", "layout")),
                    looks.text(case["department_name"] or case["department"]),
                    *(looks.text(case[key]) for key in ("physician", "coder")),
                    looks.text(day.isoformat() if day else ""),
                    *(Cell(case[key], looks.count) for key in ("errors", "warnings", "infos")),
                    looks.text(ending),
                ]

        return looks.sheet(name, _CASES, rows, header=1, filtered=True, colour="5B7C99")


def _by_case(part: pl.DataFrame) -> pl.DataFrame:
    """Cases in the order of the input; within a case the gravest first."""
    rank = pl.col("level").replace_strict(RANK, return_dtype=pl.Int8)
    return part.with_columns(_case=pl.col("case_id").rle_id(), _rank=rank).sort("_case", "_rank", maintain_order=True)
