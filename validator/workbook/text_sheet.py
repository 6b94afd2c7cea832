"""A sheet of texts, written row by row: a cell is never a formula, and what is typed into it stays as it is typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from validator.base.text_width import width
from validator.workbook.marks import column_letters
from validator.workbook.package import MAIN, OFFICE
from validator.workbook.sheet import all_legal, legal

MOST_COLUMNS = 16_384  #: of a sheet
_CHUNK = 500  #: rows written at a time
_SAMPLE = 200  #: rows by which columns are made wide enough
_NARROWEST, _WIDEST = 6, 40  # letters


@dataclass
class TextSheet:
    """The rows of a table at their own row numbers, which ascend; the rows between are blank."""

    rows: Sequence[Sequence[str]]
    numbers: Sequence[int]
    plain: int  #: the format of a cell
    heading: int  #: that of a cell of the first row
    marks: Mapping[int, Mapping[int, int]] = field(default_factory=dict)  #: row -> column -> the format of that cell
    drawing: str = ""  #: id of what shows its comments, if it has any

    def write(self, file: IO[bytes]) -> None:
        """The sheet as a worksheet part; the first row stays in view."""
        columns = max(map(len, self.rows), default=0)
        last = max((column for marked in self.marks.values() for column in marked), default=0)
        letters = [column_letters(at) for at in range(1, max(columns, last) + 1)]
        file.write(self._head(columns).encode())
        for start in range(0, len(self.rows), _CHUNK):
            part = slice(start, start + _CHUNK)
            written = (self._row(*each, letters) for each in zip(self.rows[part], self.numbers[part], strict=True))
            file.write("".join(written).encode())
        drawing = f'<legacyDrawing xmlns:r="{OFFICE}" r:id="{self.drawing}"/>' if self.drawing else ""
        file.write(f"</sheetData>{drawing}</worksheet>".encode())

    def _head(self, columns: int) -> str:
        sample = self.rows[:_SAMPLE]
        wide = [max((width(row[at]) for row in sample if at < len(row)), default=0) + 2 for at in range(columns)]
        shown = (min(max(each, _NARROWEST), _WIDEST) for each in wide)
        formats = "".join(
            f'<col min="{at}" max="{at}" width="{each}" style="{self.plain}" customWidth="1"/>'
            for at, each in enumerate(shown, 1)
        )
        top = self.numbers[0] if self.numbers else 1
        return (
            f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}"><sheetViews>'
            f'<sheetView workbookViewId="0"><pane ySplit="{top}" topLeftCell="A{top + 1}" activePane="bottomLeft" '
            f'state="frozen"/></sheetView></sheetViews>{formats and f"<cols>{formats}</cols>"}<sheetData>'
        )

    def _row(self, texts: Sequence[str], number: int, letters: Sequence[str]) -> str:
        if not all_legal(texts):
            texts = [legal(text.replace("\r\n", "\n")) for text in texts]
        usual = self.heading if number == self.numbers[0] else self.plain
        kind = '" t="inlineStr"><is><t xml:space="preserve">'
        behind = f'{number}" s="{usual}{kind}'
        if marks := self.marks.get(number):
            texts = [*texts, *[""] * (max(marks) - len(texts))]
            cells = [
                f'<c r="{letter}{number}" s="{marks.get(at, usual)}{kind}{text}</t></is></c>'
                for at, (letter, text) in enumerate(zip(letters, texts, strict=False), 1)
                if text or at in marks
            ]
        else:
            cells = [f'<c r="{at}{behind}{text}</t></is></c>' for at, text in zip(letters, texts, strict=False) if text]
        return f'<row r="{number}">{"".join(cells)}</row>'
