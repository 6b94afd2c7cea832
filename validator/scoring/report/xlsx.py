"""The workbook of a measurement: all measures, a sheet for each level, signals and dispersion of groups."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from validator.base.language import say
from validator.report.common.pages import Looks, SheetColumns, write_book
from validator.scoring.measures import measures
from validator.scoring.report import cases, view
from validator.scoring.run import Measurement
from validator.scoring.signals import signals
from validator.workbook.sheet import MOST_ROWS, Cell, Sheet

_MEASURES = (
    ("方面", "Part", 14), ("指标", "Measure", 34), ("代码", "Id", 26), ("值", "Value", 14), ("95% 区间", "95 % interval", 20),
    ("分子", "Numerator", 14), ("分母", "Denominator", 14), ("不参加", "Excluded", 10), ("无法判定", "Unjudged", 10),
    ("怎么算", "How", 60), ("依据", "Rests on", 34),
)  # fmt: skip
_LEVEL = (
    ("指标", "Measure", 34), ("值", "Value", 14), ("分子", "Numerator", 14), ("分母", "Denominator", 14),
    ("不参加", "Excluded", 10), ("无法判定", "Unjudged", 10), ("病例", "Stays", 10),
)  # fmt: skip
_FORMS = (
    ("疑点", "Signal", 40), ("代码", "Id", 12), ("形式", "Form", 8), ("提示", "Signals", 10), ("机构", "Hospitals", 10),
    ("没有判定的原因", "Why not judged", 20), ("界限", "Limit", 10), ("界限的来源", "Where the limit is from", 44),
    ("说明", "Note", 60), ("依据", "Rests on", 30),
)  # fmt: skip
_DIP_RULES = (
    ("类别", "Class", 16), ("内容", "About", 34), ("规则", "Rule", 10), ("规则名称", "Title", 50),
    ("有疑点的病例", "Cases with doubts", 14),
)  # fmt: skip
_SIGNALS = (
    ("疑点", "Signal", 40), ("代码", "Id", 12), ("医疗机构", "Hospital", 18), ("病例", "Case", 24), ("另一次住院", "Other stay", 24),
    ("值", "Value", 12), ("界限", "Limit", 10),
)  # fmt: skip
_DISPERSION = (
    ("医疗机构（空为全部）", "Hospital (blank: all)", 24), ("病组", "Group", 16), ("病例", "Stays", 10),
    ("次均费用（元）", "Mean cost (yuan)", 16), ("变异系数", "Coefficient of variation", 14),
)  # fmt: skip
_MOST_CASES = 50_000  #: of the sheet of cases; all are in the CSV files and in Parquet


def write(found: Measurement, path: Path, listed: pl.DataFrame) -> Path:
    """Write the workbook; gives its path. ``listed``: ``cases.looked_at``."""
    return write_book(path, lambda looks: _Sheets(found, looks, listed).all())


class _Sheets:
    def __init__(self, found: Measurement, looks: Looks, listed: pl.DataFrame) -> None:
        self.found, self.looks, self.listed = found, looks, listed

    def all(self) -> list[Sheet]:
        levels = [self.level(by) for by in self.found.levels if by != "all"]
        last = [self.forms(), self.signals(), self.dip_rules(), self.dispersion()]
        return [self.overall(), *levels, self.cases(), *last]

    def number(self, value: float | None, unit: str = "") -> Cell:
        if value is None:
            return self.looks.text("—")
        if unit in ("share", "percent"):
            return Cell(value, self.looks.share)
        whole = unit == "count" or float(value).is_integer()
        return Cell(value, self.looks.count if whole else self.looks.quantity)

    def overall(self) -> Sheet:
        def rows() -> Iterator[Sequence[Cell]]:
            yield [Cell(say("医疗机构质量统计", "Measures of hospitals"), self.looks.title)]
            for note in view.notes(self.found):
                yield [Cell(note, self.looks.note)]
            yield []
            yield self.looks.heads(_MEASURES)
            for row in view.overall(self.found):
                texts = [self.looks.text(each) for each in (say(*view.GROUPS[row["group"]]), row["title"], row["id"])]
                yield [
                    *texts, self.number(row["value"], row["unit"]), self.looks.text(row["interval"]),
                    *(self.number(row[name]) for name in ("numerator", "denominator", "excluded", "unjudged")),
                    self.looks.text(row["note"]), self.looks.text(row["basis"]),
                ]  # fmt: skip

        return self.looks.sheet(say("总表", "All"), _MEASURES, rows, selected=True)

    def level(self, by: str) -> Sheet:
        own: SheetColumns = ((*view.LEVELS["hospital"], 34),)
        own = own if by == "hospital" else (*own, (*view.LEVELS[by], 24))
        columns = (*own, *_LEVEL)

        def rows() -> Iterator[Sequence[Cell]]:
            yield self.looks.heads(columns)
            left = MOST_ROWS - 1
            for row in view.level(self.found, by):
                names = [self.looks.text(row[name]) for name in ("hospital", "key")[: len(own)]]
                for measure in measures()[:left]:
                    value = row["values"][measure.id]
                    counts = ("numerator", "denominator", "excluded", "unjudged", "stays")
                    shown = [self.looks.text(measure.title), self.number(value["value"], measure.unit)]
                    yield [*names, *shown, *(self.number(value[name]) for name in counts)]
                    left -= 1

        return self.looks.sheet(say(*view.LEVELS[by]), columns, rows, header=1, filtered=True)

    def cases(self) -> Sheet:
        titles = {measure.id: measure.title for measure in measures()}

        def rows() -> Iterator[Sequence[Cell]]:
            yield self.looks.heads(columns)
            for measure, *about in self.listed.head(_MOST_CASES).iter_rows():
                yield [self.looks.text(titles[measure]), *map(self.looks.text, about)]

        columns = tuple((head, head, 34 if not n else 18) for n, head in enumerate(cases.heads()))
        return self.looks.sheet(say("病例", "Cases"), columns, rows, header=1, filtered=True)

    def forms(self) -> Sheet:
        def rows() -> Iterator[Sequence[Cell]]:
            yield self.looks.heads(_FORMS)
            for row in view.of_signals(self.found):
                text = self.looks.text
                yield [
                    text(row["title"]), text(row["id"]), text(row["form"]), self.number(row["cases"]), self.number(row["hospitals"]),
                    text(row["why"]), self.number(row["limit"]), text(row["limit_source"]), text(row["note"]), text(row["basis"]),
                ]  # fmt: skip

        return self.looks.sheet(say("疑点说明", "Kinds of signals"), _FORMS, rows, header=1)

    def signals(self) -> Sheet:
        titles = {signal.id: signal.title for signal in signals()}

        def rows() -> Iterator[Sequence[Cell]]:
            yield self.looks.heads(_SIGNALS)
            for row in self.found.signals.head(MOST_ROWS - 1).iter_rows(named=True):
                names = (titles[row["signal"]], row["signal"], row["hospital"], row["case_id"], row["other_case"])
                yield [*map(self.looks.text, names), self.number(row["value"]), self.number(row["limit"])]

        return self.looks.sheet(say("疑点", "Signals"), _SIGNALS, rows, header=1, filtered=True)

    def dip_rules(self) -> Sheet:
        def rows() -> Iterator[Sequence[Cell]]:
            yield self.looks.heads(_DIP_RULES)
            for row in view.of_dip_rules(self.found):
                texts = (row[name] for name in ("class", "note", "id", "title"))
                cases = (
                    self.number(row["cases"])
                    if row["cases"] is not None
                    else self.looks.text(say("未判定", "not judged"))
                )
                yield [*map(self.looks.text, texts), cases]

        return self.looks.sheet(say("DIP 监管规则", "DIP rules"), _DIP_RULES, rows, header=1, filtered=True)

    def dispersion(self) -> Sheet:
        def rows() -> Iterator[Sequence[Cell]]:
            yield self.looks.heads(_DISPERSION)
            for row in self.found.dispersion.head(MOST_ROWS - 1).iter_rows(named=True):
                mean = None if row["mean"] is None else row["mean"] / 100
                texts = [self.looks.text(row["hospital"]), self.looks.text(row["group"])]
                cv = self.number(row["cv"]) if row["cv"] is not None else self.looks.text(say("无法判定", "not judged"))
                yield [*texts, self.number(row["stays"]), Cell(mean, self.looks.money), cv]

        return self.looks.sheet(say("病组离散", "Dispersion"), _DISPERSION, rows, header=1, filtered=True)
