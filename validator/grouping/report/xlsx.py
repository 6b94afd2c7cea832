"""The workbook of the grouping-rate report: overview, causes, one row for each correction, and whose cases they are."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from validator.base.language import say
from validator.grouping.report import GroupingReport, names, view
from validator.report.common.pages import Looks, SheetColumns, write_book
from validator.workbook.sheet import MOST_ROWS, Cell, Sheet

_AT_ONCE = 5000  #: corrections put into words together
_SHEETS = {
    "department": ("科室", "Departments"),
    "physician": ("医师", "Physicians"),
    "coder": ("编码员", "Coders"),
    "month": ("月份", "Months"),
}
_CAUSES = (
    ("原因", "Reason", 40), ("代码", "Code", 20), ("病例", "Cases", 10), ("占没有入组的", "Of those not grouped", 14),
    ("占参加分组的", "Of those taking part", 14), ("可改", "Correctable", 10), ("入组率可提高", "Gain", 14),
)  # fmt: skip
_BEST = (
    ("改法", "Correction", 40), ("现编码", "Code now", 20), ("病例", "Cases", 10), ("只此一法", "Only this", 14),
    ("入组率可提高", "Gain", 14), ("入组", "Groups", 30), ("依据", "Rests on", 60),
)  # fmt: skip
_WHO = (("病案号", "Record", 18), ("科室", "Department", 18), ("医师", "Physician", 14), ("编码员", "Coder", 14))
_CORRECTIONS = (
    ("病例", "Case", 24), ("问题（以病历为准）", "Question (the record decides)", 30), ("字段", "Field", 16), ("现值", "Now", 16),
    ("改为", "Would be", 16), ("主要诊断大类", "MDC", 10), ("ADRG", "ADRG", 8), ("DRG", "DRG", 8), ("DRG 名称", "Name", 40),
    ("注意", "Care", 40), ("依据", "Rests on", 50), ("把握", "Applicability", 10), *_WHO,
)  # fmt: skip
_DOUBTS = (
    ("病例", "Case", 24), ("疑点", "Doubt", 40), ("现在的组", "Group now", 12), ("组名", "Name", 40), ("诊断", "Diagnosis", 16),
    ("它作主要诊断时的组", "Group with it first", 20), ("费用与本组平均之比", "Cost to the mean", 18), ("核对什么", "What to look at", 70),
    *_WHO,
)  # fmt: skip
_PEOPLE = (
    ("病例", "Cases", 10), ("不参加分组", "Left out", 12), ("参加分组", "Taking part", 10), ("入组", "Grouped", 10),
    ("入组率", "Rate", 10), ("歧义", "Ambiguous", 10), ("未入组", "Not grouped", 10), ("可改", "Correctable", 10),
    ("改后入组率", "Rate after", 12),
)  # fmt: skip
_BLOCKING = (("检查", "Check", 40), ("代码", "Id", 20), ("病例", "Cases", 10), ("其中没有入组", "Not grouped", 14))


def write(report: GroupingReport, path: Path) -> Path:
    """Write the workbook; gives its path."""
    return write_book(path, lambda looks: _Pages(report, looks).sheets())


class _Pages:
    def __init__(self, report: GroupingReport, looks: Looks) -> None:
        self.report, self.looks = report, looks

    def sheets(self) -> list[Sheet]:
        people = [self.people(kind, rows) for kind, rows in view.groups(self.report).items()]
        return [self.overview(), self.causes(), self.corrections(), self.doubts(), *people]

    def overview(self) -> Sheet:
        looks, report, rate = self.looks, self.report, self.report.rate
        figures_shown: list[tuple[str, Any]] = [
            (say("输入", "Input"), "、".join(report.inputs)), (say("分组方案", "DrgScheme"), "、".join(report.schemes)),
            (say("方案", "Profile"), report.profile), (say("时间", "Time"), f"{report.started:%Y-%m-%d %H:%M}"),
            (say("病例", "Cases"), rate.cases), (say("不参加分组", "Left out"), rate.cases - rate.taken),
            (say("参加分组（分母）", "Taking part (the denominator)"), rate.taken), (say("入组", "Grouped"), rate.grouped),
            (say("现在的入组率", "Rate now"), rate.now), (say("歧义（QY）", "Ambiguous (QY)"), rate.ambiguous),
            (say("未入组", "Not grouped"), rate.failed), (say("只改一处可入组", "One correction would group"), rate.correctable),
            (say("都改好后的入组率", "Rate after"), rate.after),
        ]  # fmt: skip
        if report.judged:
            figures_shown.append(
                (say("未入组且有阻碍入组的质控发现", "Not grouped, with blocking findings"), rate.blocked)
            )

        def rows() -> Iterator[Sequence[Cell]]:
            yield [Cell(say("入组率报告", "Grouping rate"), looks.title)]
            for label, value in figures_shown:
                yield [Cell(label, looks.bold), self.value(value)]
            yield []
            for note in view.notes(report):
                yield [Cell(note, looks.note)]

        columns = (("", "", 34), ("", "", 34))
        return looks.sheet(say("概览", "Overview"), columns, rows, selected=True)

    def value(self, value: Any) -> Cell:
        """A text, a count or a share."""
        if isinstance(value, str) or value is None:
            return self.looks.text(value or "—")
        return Cell(value, self.looks.share if isinstance(value, float) else self.looks.count)

    def causes(self) -> Sheet:
        looks, report = self.looks, self.report

        def rows() -> Iterator[Sequence[Cell]]:
            yield [Cell(say("没有入组的原因", "Why cases do not group"), looks.title)]
            yield looks.heads(_CAUSES)
            keys = ("title", "reason", "cases", "share", "of_taken", "correctable", "gain")
            yield from self.rows(view.causes(report), keys)
            yield []
            yield [
                Cell(
                    say(
                        "收效最大的改法（同一病例可有几种，不能相加）",
                        "Corrections that bring the most (they do not add up)",
                    ),
                    looks.title,
                )
            ]
            yield looks.heads(_BEST)
            best = [row | {"groups": " ".join(row["groups"])} for row in view.best(report)]
            yield from self.rows(best, ("title", "before", "cases", "only", "gain", "groups", "basis"))
            if report.judged:
                yield []
                yield [Cell(say("质控发现的阻碍入组的问题", "Findings that block grouping"), looks.title)]
                yield looks.heads(_BLOCKING)
                yield from self.rows(view.blocking(report), ("title", "check", "cases", "lost"))
            yield []
            yield [Cell(say("不参加分组的病例", "Cases left out"), looks.title)]
            yield looks.heads(_CAUSES[:3])
            yield from self.rows(view.excluded(report), ("title", "reason", "cases"))

        widths = [(zh, en, max(wide, other)) for (zh, en, wide), (_, _, other) in zip(_CAUSES, _BEST, strict=True)]
        return looks.sheet(say("原因", "Causes"), widths, rows)

    def rows(self, found: Sequence[dict[str, Any]], keys: Sequence[str]) -> Iterator[Sequence[Cell]]:
        for row in found:
            yield [self.value(row[key]) for key in keys]

    def corrections(self) -> Sheet:
        looks, report = self.looks, self.report
        keys = ("case_id", "title", "where", "was", "is", "mdc", "adrg", "drg", "name", "care", "basis")

        def rows() -> Iterator[Sequence[Cell]]:
            yield looks.heads(_CORRECTIONS)
            for part in report.corrections.head(MOST_ROWS - 1).iter_slices(_AT_ONCE):
                for correction in view.corrections(report, part):
                    people = (looks.text(correction[key]) for key in names.PEOPLE)
                    sure = looks.text(say("需判断", "to be judged"))
                    yield [*(looks.text(correction[key]) for key in keys), sure, *people]

        return looks.sheet(say("可改病例", "Corrections"), _CORRECTIONS, rows, header=1, filtered=True)

    def doubts(self) -> Sheet:
        looks, report = self.looks, self.report
        keys = ("case_id", "title", "drg", "name", "code", "other", "times", "ask", *names.PEOPLE)

        def rows() -> Iterator[Sequence[Cell]]:
            yield looks.heads(_DOUBTS)
            for part in report.doubts.head(MOST_ROWS - 1).iter_slices(_AT_ONCE):
                for doubt in view.doubts(report, part):
                    yield [looks.text(doubt[key]) for key in keys]

        return looks.sheet(say("疑点", "Doubts"), _DOUBTS, rows, header=1, filtered=True)

    def people(self, kind: str, found: Sequence[dict[str, Any]]) -> Sheet:
        columns: SheetColumns = ((*names.TITLES[kind], 30), *_PEOPLE)
        keys = ("name", "cases", "excluded", "taken", "grouped", "now", "ambiguous", "failed", "correctable", "after")

        def rows() -> Iterator[Sequence[Cell]]:
            yield self.looks.heads(columns)
            yield from self.rows(found[: MOST_ROWS - 1], keys)

        return self.looks.sheet(say(*_SHEETS[kind]), columns, rows, header=1, filtered=True)
