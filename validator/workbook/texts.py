"""Put texts into cells of a sheet: the bytes of those cells change, and no others."""

import re
from collections.abc import Callable, Mapping
from xml.parsers import expat

from validator.workbook.marks import Marked, column_number
from validator.workbook.package import MAIN
from validator.workbook.sheet import legal

Place = tuple[int, int]  #: row and column, both from 1
_CELL, _ROW, _FORMULA = (f"{MAIN} {name}" for name in ("c", "row", "f"))
#: The kind of value, and the marks of values that are more than their text.
_KIND = re.compile(rb"""\s(?:t|cm|vm)=("[^"]*"|'[^']*')""")
_STYLE = re.compile(rb"""\ss=("[^"]*"|'[^']*')""")


def put(xml: bytes, texts: Mapping[Place, str], quoted: Callable[[int], int]) -> tuple[Marked, set[Place]]:
    """Change cells of a sheet to texts; gives the changes, and the cells that were left alone because they hold a formula.

    ``quoted`` gives the format like another that keeps a text from being read as a number or formula when it is edited.
    """
    walk = _Walk(xml, texts, quoted)
    return walk.marked, walk.formulas


class _Walk:
    """One pass over a sheet's XML."""

    def __init__(self, xml: bytes, texts: Mapping[Place, str], quoted: Callable[[int], int]) -> None:
        self._xml, self._texts, self._quoted = xml, texts, quoted
        self.marked, self.formulas = Marked(), set[Place]()
        self._rows = {row for row, _ in texts}
        self._row = self._column = self._start_at = 0
        self._style = 0
        self._cell: Place | None = None  #: the cell to change in which the parser is
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.Parse(xml, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == _ROW:
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        elif name == _CELL and self._row in self._rows:
            letters = attributes.get("r", "").rstrip("0123456789")
            self._column = column_number(letters) if letters else self._column + 1
            if (self._row, self._column) in self._texts:
                self._cell, self._style = (self._row, self._column), int(attributes.get("s", 0))
                self._start_at = self._parser.CurrentByteIndex
        elif name == _FORMULA and self._cell:
            self.formulas.add(self._cell)

    def _end(self, name: str) -> None:
        if name != _CELL or self._cell is None:
            return
        cell, self._cell = self._cell, None
        if cell in self.formulas:
            return
        end = self._xml.index(b">", self._parser.CurrentByteIndex) + 1
        tag = self._xml[self._start_at : self._xml.index(b">", self._start_at)].rstrip(b"/")
        text, head = self._texts[cell], _KIND.sub(b"", tag)
        if text[:1] in "=+-@0123456789":
            style = b' s="%d"' % self._quoted(self._style)
            head = _STYLE.sub(style, head) if _STYLE.search(head) else head + style
        prefix = head[1 : head.index(b"c")]
        inside = b'<%sis><%st xml:space="preserve">%s</%st></%sis></%sc>' % (
            prefix, prefix, legal(text).encode(), prefix, prefix, prefix,
        )  # fmt: skip
        self.marked.changes.append((self._start_at, end, head + b' t="inlineStr">' + inside))
