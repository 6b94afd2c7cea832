"""The workbook of a scoring: all hospitals by rank, a sheet for each, comparison with peers, cases that cost points, changes."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from validator.base.language import say
from validator.report.common.pages import Looks, SheetColumns, write_book
from validator.scoring.scheme.report import view
from validator.scoring.scheme.report.table import COLUMNS, SheetRows
from validator.scoring.scheme.run import Scoring
from validator.scoring.scheme.sheets import ScoreSheet
from validator.workbook.sheet import MOST_ROWS, Cell, Sheet, link_to

_ALL = (
    ("名次", "Rank", 8), ("机构编码", "Hospital", 18), ("机构", "Name", 30), ("同组", "Peers", 14), ("组内名次", "Among peers", 10),
    ("总分", "Total", 10), ("最低", "Lowest", 10), ("最高", "Highest", 10), ("等次", "Grade", 8), ("一票否决", "Vetoes", 20),
)  # fmt: skip
_RANKED = (
    ("指标", "Measure", 34), ("机构编码", "Hospital", 18), ("值", "Value", 12), ("病例", "Cases", 10), ("95% 区间", "95 % interval", 20),
    ("组内名次", "Rank", 10), ("名次区间", "Ranks", 12), ("同组机构", "Peers", 10), ("同组的值", "Peers' value", 12),
    ("2 倍标准差界", "Limits of 2 SD", 20), ("3 倍标准差界", "Limits of 3 SD", 20), ("超出", "Outside", 10), ("区间的算法", "Method", 12),
)  # fmt: skip
_CASES = (("机构编码", "Hospital", 18), ("项目", "Item", 40), ("指标", "Measure", 26), ("病例", "Case", 30))
_CHANGES = (
    ("机构编码", "Hospital", 18), ("机构", "Name", 30), ("项目", "Item", 40), ("之前", "Before", 10), ("之后", "After", 10),
    ("之前怎么算的", "How before", 50), ("之后怎么算的", "How after", 50),
)  # fmt: skip
_LONGEST = 31  #: letters of a sheet's name
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", "_"))


def write(found: Scoring, path: Path) -> Path:
    """Write the workbook; gives its path."""
    return write_book(path, lambda looks: _Sheets(found, looks).all())


class _Sheets:
    def __init__(self, found: Scoring, looks: Looks) -> None:
        self.found, self.looks = found, looks
        self.names = _names(found.sheets)

    def all(self) -> list[Sheet]:
        own = [self.hospital(sheet) for sheet in self.found.sheets]
        more = [
            self.ranked(),
            *([self.cases()] if self.found.pointed.height else []),
            *([self.changes()] if self.found.changes else []),
        ]
        return [self.overall(), *own, *more]

    def overall(self) -> Sheet:
        blocks: SheetColumns = tuple((block.title_zh, block.title_en, 12) for block in self.found.scheme.blocks)

        def points(value: Fraction | None) -> Cell:
            return Cell(None if value is None else float(value), self.looks.points)

        def rows() -> Iterator[Sequence[Cell]]:
            looks, notes = self.looks, view.notes(self.found)
            yield [Cell(self.found.scheme.title, looks.title)]
            for note in notes:
                yield [Cell(note, looks.note)]
            yield looks.heads((*_ALL, *blocks))
            for sheet in self.found.sheets:
                vetoes = "、".join(each.item.title for each in sheet.vetoes)
                code = Cell(sheet.hospital.code, looks.link, link_to(self.names[sheet.hospital.code], "A1"))
                yield [
                    Cell(sheet.rank, looks.count), code, looks.text(sheet.hospital.name), looks.text("、".join(sheet.group)),
                    Cell(sheet.peer_rank, looks.count),
                    *map(points, (sheet.total, sheet.lowest, sheet.highest)), looks.text(sheet.grade), looks.text(vetoes),
                    *(points(sheet.of_block(block)) for block in self.found.scheme.blocks),
                ]  # fmt: skip

        return self.looks.sheet(say("总表", "All"), (*_ALL, *blocks), rows, selected=True)

    def hospital(self, sheet: ScoreSheet) -> Sheet:
        notes = view.notes(self.found)

        def rows() -> Iterator[Sequence[Cell]]:
            return SheetRows(self.found.scheme, sheet, self.looks, notes).rows()

        return self.looks.sheet(self.names[sheet.hospital.code], COLUMNS, rows, colour="5B7C99")

    def ranked(self) -> Sheet:
        def rows() -> Iterator[Sequence[Cell]]:
            yield self.looks.heads(_RANKED)
            for row in view.ranked(self.found):
                texts = self.looks.text
                yield [
                    texts(row["title"]), texts(row["hospital"]), texts(row["value"]), Cell(row["cases"], self.looks.count),
                    texts(row["interval"]), Cell(row["rank"], self.looks.count), texts(row["ranks"]), Cell(row["peers"], self.looks.count),
                    texts(row["centre"]), texts(row["limits2"]), texts(row["limits3"]), texts(row["outside"]), texts(row["method"]),
                ]  # fmt: skip

        return self.looks.sheet(say("同组比较", "Peers"), _RANKED, rows, header=1, filtered=True)

    def cases(self) -> Sheet:
        titles = {item.id: item.title for item in self.found.scheme.items}

        def rows() -> Iterator[Sequence[Cell]]:
            yield self.looks.heads(_CASES)
            for row in self.found.pointed.head(MOST_ROWS - 1).iter_rows(named=True):
                names = (row["hospital"], titles[row["item"]], row["measure"], row["case_id"])
                yield [self.looks.text(each) for each in names]

        return self.looks.sheet(say("扣分病例", "Cases"), _CASES, rows, header=1, filtered=True)

    def changes(self) -> Sheet:
        def rows() -> Iterator[Sequence[Cell]]:
            yield self.looks.heads(_CHANGES)
            for row in view.changes(self.found):
                names = [self.looks.text(row[name]) for name in ("hospital", "name", "item")]
                points = [
                    Cell(None if row[name] is None else float(row[name]), self.looks.points)
                    for name in ("before", "after")
                ]
                yield [*names, *points, self.looks.text(row["words_before"]), self.looks.text(row["words_after"])]

        return self.looks.sheet(say("差异", "Changes"), _CHANGES, rows, header=1, filtered=True)


def _names(sheets: Sequence[ScoreSheet]) -> dict[str, str]:
    """Hospital -> the name of its sheet: what it is called, and its code where two are called alike."""
    ours = (say("总表", "All"), say("同组比较", "Peers"), say("扣分病例", "Cases"), say("差异", "Changes"))
    found, taken = dict[str, str](), {each.lower() for each in ours}
    for at, sheet in enumerate(sheets, 1):
        wanted = (sheet.hospital.name or sheet.hospital.code).translate(_FORBIDDEN).strip()[:_LONGEST]
        if not wanted or wanted.lower() in taken:
            wanted = f"{at} {sheet.hospital.code.translate(_FORBIDDEN)}"[:_LONGEST]
        taken.add(wanted.lower())
        found[sheet.hospital.code] = wanted
    return found
