"""Mark cells of a sheet: find the bytes of their tags and give them a marked format; all other bytes stay."""

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from validator.workbook.package import MAIN, OFFICE
from validator.workbook.styles import Styles

_STYLE = re.compile(rb"""\ss=("[^"]*"|'[^']*')""")
_SPANS = re.compile(rb"""\sspans=("[^"]*"|'[^']*')""")
_SELECTED = re.compile(rb"""(tabSelected=["'])(?:1|true)""")
#: What stands after ``legacyDrawing`` in a worksheet.
_AFTER_DRAWING = {
    f"{MAIN} {name}"
    for name in (
        "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
    )
}  # fmt: skip
_CELL, _ROW, _COLUMN = (f"{MAIN} {name}" for name in ("c", "row", "col"))
_DRAWING = f"{MAIN} legacyDrawing"
_TRUE = ("1", "true")


def column_number(letters: str) -> int:
    """``A`` is 1, ``AB`` is 28."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """1 is ``A``, 28 is ``AB``."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass
class Marked:
    """The byte changes that mark a sheet, in order, and where comments hang in it."""

    changes: list[tuple[int, int, bytes]] = field(default_factory=list)
    drawing: str = ""  #: id of the sheet's ``legacyDrawing``, if it has one
    tail: int = 0  #: where one would go

    def relate(self, drawing: str) -> None:
        """Give a sheet without one its ``legacyDrawing``, which shows the comments."""
        tag = f'<legacyDrawing xmlns="{MAIN}" xmlns:r="{OFFICE}" r:id="{drawing}"/>'
        where = bisect_left(self.changes, (self.tail,))
        self.changes.insert(where, (self.tail, self.tail, tag.encode()))

    def write(self, xml: bytes, file: IO[bytes]) -> None:
        """The sheet with the changes."""
        done = 0
        for start, end, new in self.changes:
            file.write(xml[done:start] + new)
            done = end
        file.write(xml[done:])


def mark(xml: bytes, levels: Mapping[int, Mapping[int, str]], styles: Styles, before: Mapping[int, int]) -> Marked:
    """Mark cells of a sheet; ``levels``: row -> column -> level.

    A cell that the sheet does not hold (a required value that is missing) is put in, empty, with the format of its row
    or column. Marks of an earlier run (``before``: format -> format it had) are taken off.
    """
    marked = _Walk(xml, levels, styles, before).marked if levels or before else Marked()
    head = xml[: xml.find(b"sheetData")]
    selected = [(match.start(), match.end(), match[1] + b"0") for match in _SELECTED.finditer(head)]
    marked.changes[:0] = selected  # one sheet is in view, and it is ours; two selected ones would be edited together
    return marked


class _Walk:
    """One pass over a sheet's XML."""

    def __init__(
        self, xml: bytes, levels: Mapping[int, Mapping[int, str]], styles: Styles, before: Mapping[int, int]
    ) -> None:
        self._xml, self._levels, self._styles, self._before = xml, levels, styles, before
        self._marked_before = {str(number) for number in before}
        self.marked = Marked()
        self._pending: list[tuple[int, str]] = []  # columns of this row still to mark, the next one last
        self._columns: list[tuple[int, int, int]] = []
        self._row = self._column = self._depth = self._row_change = 0
        self._row_format: int | None = None
        self._prefix = b""
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.Parse(xml, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if name == _CELL:
            if self._pending or attributes.get("s") in self._marked_before:
                self._cell(attributes)
        elif name == _ROW:
            self._begin_row(attributes)
        elif name == _COLUMN:
            self._columns.append((int(attributes["min"]), int(attributes["max"]), int(attributes.get("style", 0))))
        elif self._depth == 2 and name == _DRAWING:
            self.marked.drawing = attributes[f"{OFFICE} id"]
        elif self._depth == 2 and name in _AFTER_DRAWING and not self.marked.tail:
            self.marked.tail = self._parser.CurrentByteIndex

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == _ROW and self._pending:
            self._end_row()
        elif not self._depth and not self.marked.tail:
            self.marked.tail = self._parser.CurrentByteIndex

    def _change(self, start: int, end: int, new: bytes) -> None:
        self.marked.changes.append((start, end, new))

    def _tag(self) -> tuple[int, int, bytes]:
        """Where the current tag starts and ends, and its bytes."""
        start = self._parser.CurrentByteIndex
        end = self._xml.index(b">", start) + 1
        return start, end, self._xml[start:end]

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._row = int(attributes.get("r", self._row + 1))
        self._column = 0
        start, end, tag = self._tag()
        self._prefix = tag[1 : tag.index(b"row")]
        marks = self._levels.get(self._row)
        if not marks:
            return
        self._pending = sorted(marks.items(), reverse=True)
        self._row_format = int(attributes.get("s", 0)) if attributes.get("customFormat") in _TRUE else None
        self._row_change = len(self.marked.changes)
        self._change(start, end, _SPANS.sub(b"", tag))  # an added cell may lie outside the span

    def _cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r", "").rstrip("0123456789")
        self._column = column_number(place) if place else self._column + 1
        start, end, tag = self._tag()
        if self._pending and self._pending[-1][0] < self._column:
            self._change(start, start, self._missing(self._column))
        is_now = int(attributes.get("s", 0))
        style = self._before.get(is_now, is_now)
        if self._pending and self._pending[-1][0] == self._column:
            style = self._styles.marked(style, self._pending.pop()[1])
        if style != is_now:
            name = len(self._prefix) + 2  # ``<c``
            tag = _STYLE.sub(b"", tag)
            self._change(start, end, tag[:name] + b' s="%d"' % style + tag[name:])

    def _missing(self, until: int) -> bytes:
        """Empty marked cells for the columns pending before ``until``."""
        cells = b""
        while self._pending and self._pending[-1][0] < until:
            column, level = self._pending.pop()
            style = self._styles.marked(self._format(column), level)
            cells += b'<%sc r="%s%d" s="%d"/>' % (self._prefix, column_letters(column).encode(), self._row, style)
        return cells

    def _format(self, column: int) -> int:
        """The format of a cell that is not there: its row's, else its column's."""
        if self._row_format is not None:
            return self._row_format
        return next((style for first, last, style in self._columns if first <= column <= last), 0)

    def _end_row(self) -> None:
        cells = self._missing(1 << 30)
        start, end, opening = self.marked.changes[self._row_change]
        if opening.endswith(b"/>"):  # a row without cells
            opening, name = opening[:-2] + b">", self._prefix + b"row"
            self.marked.changes[self._row_change] = (start, end, opening + cells + b"</" + name + b">")
        else:
            at = self._parser.CurrentByteIndex
            self._change(at, at, cells)
