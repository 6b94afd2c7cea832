"""Tables of web pages and of Excel's XML, which systems export under the name .xls: their cells are texts, no zero is lost."""

import re
from html.parser import HTMLParser
from pathlib import PurePath

from validator.read.data_rows import Area
from validator.read.grids import Grid
from validator.read.place import Place

_ROWS, _CELLS = ("tr", "row"), ("td", "th", "cell")
_SPACE = re.compile(r"[ \t\r\n]+")
_MOST_COLUMNS, _MOST_ROWS = 16_384, 1_048_576  #: that a cell may span, or a place may be at
_MOST_PADDED = 5_000_000  #: blank cells that merged cells may make


def is_page(text: str) -> bool:
    """Whether the text of a file is a web page or XML, and no CSV."""
    return text.lstrip()[:1] == "<"


def grids(text: str, place: Place) -> list[Grid]:
    """Every table of a page; rows are counted within their table."""
    parser = _Parser(place)
    try:
        parser.feed(text)
        parser.close()
    except AssertionError:  # by which Python's parser refuses a declaration
        raise place.fault("网页损坏，读不了；请重新导出", "the web page is damaged; export it again") from None
    tables = [table for table in parser.tables if table.rows]
    if not tables:
        raise place.fault(
            "是网页（HTML），里面没有表格；请从系统导出 .xlsx 或 CSV",
            "is a web page (HTML) without a table; export .xlsx or CSV from the system",
        )
    stem, several = PurePath(place.file).stem, len(tables) > 1
    return [
        Grid(
            place._replace(sheet=(table.name or f"{stem} {number}") if several else None),
            table.name or stem,
            table.rows,
            range(1, len(table.rows) + 1),
            letters=True,
            merged=table.merged,
        )
        for number, table in enumerate(tables, 1)
    ]


class _Table:
    """A table as it is read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[list[str]] = []
        self.merged: list[Area] = []
        self.cell: list[str] | None = None  #: the pieces of the open cell's text
        self._below: dict[int, int] = {}  #: column -> how many further rows a merged cell takes
        self._next = 0  #: the column of the next cell

    def begin_row(self, number: int) -> None:
        """Open a row: the next one, or the one with this number."""
        self.end_cell()
        self._below = {column: rows - 1 for column, rows in self._below.items() if rows > 1} if self.rows else {}
        self.rows += [[] for _ in range(len(self.rows), number - 1)]
        self.rows.append([])
        self._next = 0

    def begin_cell(self, number: int, across: int, down: int) -> int:
        """Open a cell: the next one, or the one in this column; gives how many blank ones it needs before it."""
        self.end_cell()
        if not self.rows:
            self.begin_row(0)
        column = number - 1 if number > self._next else self._next
        while column in self._below:
            column += 1
        row, top = self.rows[-1], len(self.rows) - 1
        padded = column - len(row)
        row += [""] * padded
        if across > 1 or down > 1:
            self.merged.append(((top, column), (top + down - 1, column + across - 1)))
        if down > 1:
            self._below |= dict.fromkeys(range(column, column + across), down)
        self._next = column + across
        self.cell = []
        return padded

    def end_cell(self) -> None:
        if self.cell is not None:
            lines = (_SPACE.sub(" ", line).strip(" \xa0") for line in "".join(self.cell).split("\0"))
            self.rows[-1].append("\n".join(lines).strip("\n"))
            self.cell = None


class _Parser(HTMLParser):
    """Collects the tables; one inside another stands for itself."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.tables: list[_Table] = []
        self._place, self._open, self._sheet, self._padded = place, list[_Table](), "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag, known = tag.rpartition(":")[2], {name.rpartition(":")[2]: value or "" for name, value in attrs}
        if tag == "worksheet":
            self._sheet = known.get("name", "")
        elif tag == "table":
            self._open.append(_Table(self._sheet))
            self.tables.append(self._open[-1])
        elif not self._open:
            return
        elif tag in _ROWS:
            self._open[-1].begin_row(_number(known.get("index"), _MOST_ROWS))
        elif tag in _CELLS:
            across = max(_number(known.get("colspan")), _number(known.get("mergeacross")) + 1)
            down = max(_number(known.get("rowspan")), _number(known.get("mergedown")) + 1)
            self._padded += self._open[-1].begin_cell(_number(known.get("index")), across, down)
            if self._padded > _MOST_PADDED:
                raise self._place.fault("合并的单元格太多", "has too many merged cells")
        elif tag == "br" and self._open[-1].cell is not None:
            self._open[-1].cell.append("\0")

    def handle_endtag(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if not self._open:
            return
        if tag in _CELLS or tag in _ROWS:
            self._open[-1].end_cell()
        elif tag == "table":
            self._open.pop().end_cell()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1].cell is not None:
            self._open[-1].cell.append(data.replace("\0", "\ufffd"))

    def close(self) -> None:
        """Take what is left of a page that breaks off."""
        super().close()
        for table in self._open:
            table.end_cell()


def _number(text: str | None, most: int = _MOST_COLUMNS) -> int:
    """The number that an attribute says; 0 where it says none."""
    return min(int(text[:9]), most) if text and text.isascii() and text.isdecimal() else 0
