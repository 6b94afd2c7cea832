"""CSV and its kin: UTF-8 or GB18030; comma, tab or semicolon."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import PurePath

from validator.base import limits
from validator.read.encoding import decode
from validator.read.grids import Grid
from validator.read.place import Place

_DELIMITERS = ",\t;|"
_HEAD, _SEARCHED = 1 << 16, 30  #: characters and lines in which the heading line stands
_NAMED = 5  #: how many lines an error lists


def grid(data: bytes, place: Place) -> Grid:
    """The cells of a CSV file; lines are counted as an editor counts them."""
    return of_text(decode(data, place), place)


def of_text(text: str, place: Place) -> Grid:
    """The cells of a CSV file, whose text this is."""
    rows, lines, formulas, blank = list[list[str]](), list[int](), '="' in text, 0
    for line, row in _rows(text, place):
        if any(row):
            rows.append([kept(cell) for cell in row] if formulas else row)
            lines.append(line)
        else:
            blank += 1
    if not rows:
        raise place.fault("文件是空的", "the file is empty")
    return Grid(place, PurePath(place.file).stem, rows, lines, blank=blank)


def check_widths(grid: Grid, heading: int) -> None:
    """Fail on rows that have more or fewer cells than the heading row: their values may stand in the wrong columns."""
    width = len(grid.rows[heading])
    wrong = [line for line, row in zip(grid.lines, grid.rows, strict=True) if len(row) != width]
    wrong = [line for line in wrong if line > grid.lines[heading]]
    if wrong:
        shown = "、".join(map(str, wrong[:_NAMED]))
        raise grid.place.at(wrong[0]).fault(
            f"格数与标题行（{width} 格）不符，共 {len(wrong)} 行：第 {shown} 行{'等' if len(wrong) > _NAMED else ''}；"
            "值里有逗号或换行时，要用双引号括起来",
            f"{len(wrong)} row(s) have not the {width} cells of the heading row: lines {shown}"
            f"{' …' if len(wrong) > _NAMED else ''}; quote values that contain commas or line breaks",
        )


def kept(cell: str) -> str:
    """A cell without the formula by which exports make Excel keep text: ``="0012"``."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell


def _rows(text: str, place: Place) -> Iterator[tuple[int, list[str]]]:
    longest, cells = limits.most("cell-characters"), limits.most("row-cells")
    csv.field_size_limit(longest)
    lines = _Lines(text, place)
    reader, line = csv.reader(lines, delimiter=delimiter(text), strict=True), 1
    try:
        for row in reader:
            if len(row) > cells:
                _refuse(place.at(line), "row-cells", len(row))
            yield line, row
            line, lines.row = reader.line_num + 1, 0
    except csv.Error as error:
        if "field limit" in str(error):
            zh = f"有一格超过 {longest} 字，多半是双引号不成对；确实这么长时用 {limits.OPTION} cell-characters=… 放宽"
            en = f"a cell of more than {longest} characters: do the quotes match? If so raise {limits.OPTION} cell-characters=…"
            raise place.at(line).fault(zh, en) from None
        raise place.at(line).fault("这一行的双引号不成对", "quotes on this line do not match") from None


class _Lines:
    """The lines of a text, until those of one row are too long."""

    def __init__(self, text: str, place: Place) -> None:
        _check_lines(text, place)  # before they are copied
        self.row = 0  #: characters of the row so far
        self._lines, self._place, self._most = StringIO(text, newline=""), place, limits.most("row-characters")

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self._lines, 1):
            self.row += len(line)
            if self.row > self._most:
                _refuse(self._place.at(number), "row-characters", self.row)
            yield line


def _check_lines(text: str, place: Place) -> None:
    """Fail on a line that alone is longer than a row may be."""
    at, most = 0, limits.most("row-characters")
    while len(text) - at > most:
        end = max(text.rfind(mark, at, at + most) for mark in "\n\r")
        if end < 0:
            ends = (text.find(mark, at) for mark in "\n\r")
            length = min((found for found in ends if found >= 0), default=len(text)) - at
            _refuse(place.at(text.count("\n", 0, at) + 1), "row-characters", max(length, most + 1))
        at = end + 1


def _refuse(place: Place, limit: str, seen: int) -> None:
    if fault := limits.exceeded(limit, seen):
        raise place.fault(*fault)


def delimiter(text: str) -> str:
    """What parts the cells, judged by the heading line alone: the one that falls into most names (cells without digits)."""

    def names(line: str, mark: str) -> int:
        cells = {cell.strip(' "') for cell in line.split(mark)}
        return sum(bool(cell) and not any(sign.isdigit() for sign in cell) for cell in cells)

    head = text[:_HEAD].splitlines()[:_SEARCHED]
    return max(_DELIMITERS, key=lambda mark: max((names(line, mark) for line in head if mark in line), default=0))
