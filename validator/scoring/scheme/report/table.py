"""One hospital's sheet in the shape of an assessment table: what is computed is a live formula over the figures in its row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from validator.base.language import say
from validator.report.common.pages import Looks
from validator.scoring.scheme.improvement import improvements
from validator.scoring.scheme.methods import Veto
from validator.scoring.scheme.numbers import literal, percent, shown
from validator.scoring.scheme.pages import AssessedBlock, AssessedItem, ScoreScheme
from validator.scoring.scheme.sheets import ItemScore, Payment, ScoreSheet
from validator.workbook.sheet import Cell, Live

COLUMNS = (
    ("项目", "Item", 44), ("分值", "Points", 8), ("分子（人评：评分）", "Numerator (or mark)", 14), ("分母", "Denominator", 14),
    ("上期分子", "Last numerator", 12), ("上期分母", "Last denominator", 12), ("值", "Value", 12),
    ("得分", "Score", 10), ("扣分", "Lost", 10),
    ("怎么算的", "How", 60), ("说明、证据", "Evidence", 44),
)  # fmt: skip
_POINTS, _TOP, _BOTTOM, _LAST_TOP, _LAST_BOTTOM, _VALUE, _SCORE = "BCDEFGH"


@dataclass
class _Cells:
    """Where the rows of a sheet are that later formulas read."""

    items: dict[str, int] = field(default_factory=dict)
    blocks: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)


class SheetRows:
    """The rows of a hospital's sheet."""

    def __init__(self, scheme: ScoreScheme, sheet: ScoreSheet, looks: Looks, notes: Sequence[str]) -> None:
        self.scheme, self.sheet, self.looks, self.notes = scheme, sheet, looks, notes
        self.scores = {each.item.id: each for each in sheet.items}
        self.cells, self.row = _Cells(), 0

    def rows(self) -> Iterator[Sequence[Cell]]:
        """All rows, top down."""
        for cells in self._rows():
            self.row += 1
            yield cells

    def _rows(self) -> Iterator[Sequence[Cell]]:
        looks, sheet = self.looks, self.sheet
        yield [Cell(f"{sheet.hospital.name} {sheet.hospital.code}".strip(), looks.title)]
        for note in (*self.notes, *self._own_notes()):
            yield [Cell(note, looks.note)]
        yield looks.heads(COLUMNS)
        for block in self.scheme.blocks:
            yield self._block(block)
            for item in block.items:
                yield self._item(self.scores[item.id])
        yield []
        yield from self._totals()
        yield from self._payments()
        yield from self._improvements()

    def _own_notes(self) -> Iterator[str]:
        sheet = self.sheet
        if sheet.members:
            yield say(f"医联体成员：{'、'.join(sheet.members)}", f"Members: {', '.join(sheet.members)}")
        if sheet.missing:
            low, high = shown(sheet.lowest), shown(sheet.highest)
            yield say(
                f"缺 {len(sheet.missing)} 项，补齐后总分在 {low} 与 {high} 之间",
                f"{len(sheet.missing)} figures are missing: the total will be between {low} and {high}",
            )

    def _number(self, value: Fraction | None, look: int | None = None) -> Cell:
        return Cell(None if value is None else _plain(value), self.looks.quantity if look is None else look)

    def _live(self, formula: str, value: Fraction | str | None, look: int | None = None) -> Cell:
        shown_value = float(value) if isinstance(value, Fraction) else value
        return Cell(Live(formula, shown_value), self.looks.points if look is None else look)

    def _block(self, block: AssessedBlock) -> list[Cell]:
        """The block's sum over its items, which follow in the next rows."""
        first = self.row + 2
        items = [item for item in block.items if not item.is_veto]
        own = f"SUM({_SCORE}{first}:{_SCORE}{self.row + 1 + len(block.items)})" if items else "0"
        own = f"MIN({literal(block.cap)},{own})"
        if block.floor is not None:
            own = f"MAX({literal(block.floor)},{own})"
        self.cells.blocks[block.id] = f"{_SCORE}{self.row + 1}"
        empty = [Cell(None)] * 5
        return [
            Cell(block.title + (say("（加分）", " (bonus)") if block.bonus else ""), self.looks.bold),
            self._number(block.points, self.looks.bold), *empty, self._live(own, self.sheet.sums.blocks[block.id], self.looks.bold_points),
        ]  # fmt: skip

    def _item(self, score: ItemScore) -> list[Cell]:
        item, figure, looks, here = score.item, score.figure, self.looks, self.row + 1
        self.cells.items[item.id] = here
        numbers = [self._number(each) for each in (figure.top, figure.bottom, figure.last_top, figure.last_bottom)]
        value, points, lost = Cell(None), self._number(score.points, looks.points), Cell(None)
        if figure.value is not None:
            look = looks.share if item.is_share else looks.quantity
            value = self._live(_value(item, score, here), figure.value, look)
            if not item.is_veto:
                points = self._live(item.method.formula(f"{_VALUE}{here}", item.limits), score.points)
        if item.is_veto:
            points = Cell(None)
        elif score.points is not None:
            lost = self._live(f"{_POINTS}{here}-{_SCORE}{here}", score.lost)
        mark = figure.mark
        evidence = f"{mark.author} {mark.date}：{mark.evidence}" if mark else item.basis
        return [
            looks.text(f"  {item.title}"), self._number(None if item.is_veto else item.points), *numbers, value, points, lost,
            looks.text(score.words), looks.text(evidence),
        ]  # fmt: skip

    def _totals(self) -> Iterator[Sequence[Cell]]:
        scheme, sheet, looks = self.scheme, self.sheet, self.looks
        for source, weight in scheme.settings.sources.items():
            self.cells.sources[source] = f"{_SCORE}{self.row + 1}"
            title = say(*scheme.settings.titles[source]) if source else say("各块合计", "Sum of blocks")
            yield self._sum(title, self._source(source), sheet.sums.sources[source], self._source_words(source, weight))
        formula = self._total()
        self.total = f"{_SCORE}{self.row + 1}"
        rank = say(f"第 {sheet.rank} 名", f"rank {sheet.rank}") if sheet.rank else ""
        yield self._sum(say("总分", "Total"), formula, sheet.total, rank, looks.bold_points)
        if scheme.settings.grades:
            yield self._sum(say("等次", "Grade"), self._grade(), sheet.grade or None, "", looks.bold)

    def _sum(
        self, title: str, formula: str, value: Fraction | str | None, words: str, look: int | None = None
    ) -> list[Cell]:
        cell = Cell(None) if value is None else self._live(formula, value, look)
        return [Cell(title, self.looks.bold), *[Cell(None)] * 6, cell, Cell(None), self.looks.text(words)]

    def _source(self, source: str) -> str:
        """The blocks of a source, scaled up by the points that are left out of the account."""
        blocks = [each for each in self.scheme.blocks if each.source == source and not each.bonus]
        own = "+".join(self.cells.blocks[each.id] for each in blocks) or "0"
        left_out = [item for each in blocks for item in each.items if self.scores[item.id].points is None]
        if not left_out:
            return own
        points = "+".join(
            f"{_POINTS}{self.cells.items[item.id]}"
            for each in blocks
            for item in each.items
            if item not in left_out and not item.is_veto
        )
        return f"({own})*{literal(self.sheet.sums.full[source])}/({points})"

    def _source_words(self, source: str, weight: Fraction) -> str:
        sums = self.sheet.sums
        scaled = say(
            f"÷ {shown(sums.counted[source])} × {shown(sums.full[source])}（不计缺项）",
            f"÷ {shown(sums.counted[source])} × {shown(sums.full[source])} (without what is missing)",
        )
        parts = [scaled] if sums.counted[source] != sums.full[source] else []
        return "；".join([*parts, *([f"× {percent(weight)}"] if weight != 1 else [])])

    def _total(self) -> str:
        settings = self.scheme.settings
        made = "+".join(
            f"{literal(weight)}*{self.cells.sources[source]}" for source, weight in settings.sources.items()
        )
        if bonus := [self.cells.blocks[each.id] for each in self.scheme.blocks if each.bonus]:
            own = "+".join(bonus)
            made += f"+MIN({literal(settings.bonus.most)},{own})" if settings.bonus.most is not None else f"+{own}"
        if not settings.bonus.beyond:
            made = f"MIN({literal(self.scheme.points)},{made})"
        if settings.cap is not None:
            made = f"MIN({literal(settings.cap)},{made})"
        made = f"MAX({literal(settings.floor)},{made})"
        vetoes = [
            self._veto(item) for item in self.scheme.items if isinstance(item.method, Veto) and not item.method.grade
        ]
        return f"IF(OR({','.join(vetoes)}),0,{made})" if vetoes else made

    def _veto(self, item: AssessedItem) -> str:
        return item.method.formula(f"{_VALUE}{self.cells.items[item.id]}", item.limits)

    def _grade(self) -> str:
        grades = self.scheme.settings.grades
        names = [name for name, _ in grades]
        place = str(len(grades))
        for at, (_, limit) in reversed(list(enumerate(grades, 1))):
            place = f"IF({self.total}>={literal(limit)},{at},{place})"
        worst = [
            f"IF({self._veto(item)},{names.index(item.method.grade) + 1},1)"
            for item in self.scheme.items
            if isinstance(item.method, Veto) and item.method.grade
        ]
        texts = ",".join('"' + name.replace('"', '""') + '"' for name in names)
        return f"CHOOSE(MAX({','.join([place, *worst])}),{texts})"

    def _payments(self) -> Iterator[Sequence[Cell]]:
        if not self.sheet.payments:
            return
        yield []
        heads = (
            say("与支付挂钩", "Payment"), "", say("金额（元）", "Sum (yuan)"), say("扣除（元）", "Less (yuan)"), "", "",
            say("比例", "Share"), say("应付（元）", "Paid (yuan)"),
        )  # fmt: skip
        yield [Cell(each, self.looks.head) for each in heads]
        for each in self.sheet.payments:
            yield self._payment(each)

    def _payment(self, each: Payment) -> list[Cell]:
        here, looks = self.row + 1, self.looks
        paid = f"{_TOP}{here}*{_VALUE}{here}" + (
            f"-{literal(each.money.less_share)}*{_BOTTOM}{here}" if each.money.less else ""
        )
        last = Cell(None) if each.paid is None else self._live(paid, each.paid, looks.money)
        amounts = [self._number(value, looks.money) for value in (each.amount, each.less)]
        share = self._live(_share(each, self.total), each.share, looks.share)
        return [looks.text(each.money.title), Cell(None), *amounts, Cell(None), Cell(None), share, last]

    def _improvements(self) -> Iterator[Sequence[Cell]]:
        found = improvements(self.scheme, self.sheet)
        if not found:
            return
        yield []
        yield [Cell(say("改进哪几项得分最多", "Which improvements bring most"), self.looks.bold)]
        for each in found:
            yield [
                self.looks.text(each.score.item.title), *[Cell(None)] * 6, self._number(each.gain, self.looks.points), Cell(None),
                self.looks.text(improvement_words(each.score, each.to, each.cases)),
            ]  # fmt: skip


def improvement_words(score: ItemScore, to: Fraction | None, cases: int | None) -> str:
    """From which figure to which, and how many cases that is."""
    assert score.figure.value is not None
    figure = score.item.limits.figure
    if to is None:
        return say(f"现为 {figure(score.figure.value)}", f"now {figure(score.figure.value)}")
    count = say(f"（约 {cases} 例）", f" (about {cases} cases)") if cases else ""
    return f"{figure(score.figure.value)} → {figure(to)}{count}"


def _plain(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)


def _value(item: AssessedItem, score: ItemScore, row: int) -> str:
    """The figure as a formula over what it is made of."""
    figure, take = score.figure, item.take
    if not item.measure or item.against == "peers":
        take = "share"

    def of(top: str, bottom: str, has_bottom: bool) -> str:
        if take == "missed":
            return f"({bottom}{row}-{top}{row})"
        return f"{top}{row}/{bottom}{row}" if take == "share" and has_bottom else f"{top}{row}"

    now = of(_TOP, _BOTTOM, figure.bottom is not None)
    if item.against not in ("last", "last_share"):
        return now
    last = of(_LAST_TOP, _LAST_BOTTOM, figure.last_bottom is not None)
    return f"{now}-{last}" if item.against == "last" else f"({now})/({last})-1"


def _share(each: Payment, total: str) -> str:
    """The share of a total as a formula."""
    shares = each.money.shares
    made = literal(shares[-1][1])
    for (low, here), (high, there) in reversed(list(pairwise(shares))):
        part = literal(here)
        if not each.money.steps:
            part = f"{literal(here)}+{literal(there - here)}*({total}-{literal(low)})/{literal(high - low)}"
        made = f"IF({total}>={literal(high)},{made},{part})"
    return f"IF({total}<{literal(shares[0][0])},{literal(shares[0][1])},{made})"
