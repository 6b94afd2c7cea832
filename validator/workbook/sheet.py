"""Our own sheets, written row by row as XML, so that a million rows need no memory."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil
from typing import IO, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from validator.base.text_width import width
from validator.workbook.marks import column_letters
from validator.workbook.package import MAIN

MOST_ROWS = 1_048_576  #: of a sheet, the header included
_MOST_LINKS = 65_530  #: of a sheet; with more, Excel calls the file damaged
_LINE, _TALLEST = 14.5, 400  # points
_NARROWER = 0.95  #: letters of our size 10 in columns measured in size 11
_MOST_LETTERS = 32_767  #: of a cell
_CHUNK = 1000  #: rows written at a time
_ILLEGAL = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Whether a text needs change to be XML.
_UNSAFE = re.compile("[^\t\n\u0020-%'-;=?-^`-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # Excel would read ``_x0041_`` as ``A``


class Live(NamedTuple):
    """A formula of ours, without the equals sign; ``shown`` is its value, for programs that do not calculate."""

    formula: str
    shown: str | float | None


class Cell(NamedTuple):
    """A value with its format; ``link`` is a place in the workbook, ``'诊断'!C5``. Text is never a formula: that is :class:`Live`."""

    value: str | int | float | Live | None
    style: int = 0
    link: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet to write. ``rows`` is called when the workbook is saved."""

    name: str
    widths: Sequence[float]
    rows: Callable[[], Iterable[Sequence[Cell]]]
    header: int = 0  #: rows that stay in view; the last of them carries the filter if ``filtered``
    filtered: bool = False
    merged: Sequence[str] = field(default_factory=tuple)
    wrapped: Collection[int] = ()  #: formats that wrap their text
    title: int = -1  #: the format of larger print
    colour: str = "B3261E"
    selected: bool = False

    def write(self, file: IO[bytes]) -> None:
        """The sheet as a worksheet part."""
        file.write(self._head().encode())
        links: list[str] = []
        last = 0
        columns = [(column_letters(at), wide) for at, wide in enumerate(self.widths, 1)]
        held: list[str] = []
        wrapped = frozenset(self.wrapped)
        for last, cells in enumerate(self.rows(), 1):
            written, lines = [], 1
            for (value, style, link), (letters, wide) in zip(cells, columns, strict=False):
                if value is None or value == "":
                    continue
                xml, needed = _content(value, wide if style in wrapped else 0)
                written.append(f'<c r="{letters}{last}" s="{style}"{xml}</c>')
                lines = max(lines, needed)
                if link and len(links) < _MOST_LINKS:
                    links.append(f'<hyperlink ref="{letters}{last}" location={quoteattr(link)}/>')
            titled = bool(cells) and cells[0].style == self.title
            held.append(f'<row r="{last}"{_height(1.6 if titled else lines)}>{"".join(written)}</row>')
            if len(held) == _CHUNK:
                file.write("".join(held).encode())
                held.clear()
        file.write("".join(held).encode())
        file.write(self._tail(last, links).encode())

    def _head(self) -> str:
        top = f'ySplit="{self.header}" topLeftCell="A{self.header + 1}" activePane="bottomLeft" state="frozen"'
        pane = f"<pane {top}/>" if self.header else ""
        columns = "".join(
            f'<col min="{at}" max="{at}" width="{wide}" customWidth="1"/>' for at, wide in enumerate(self.widths, 1)
        )
        return (
            f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}">'
            f'<sheetPr><tabColor rgb="FF{self.colour}"/><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews>'
            f'<sheetView tabSelected="{int(self.selected)}" showGridLines="0" workbookViewId="0">{pane}</sheetView>'
            f'</sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>'
        )

    def _tail(self, last: int, links: Sequence[str]) -> str:
        wide = column_letters(len(self.widths))
        parts = ["</sheetData>"]
        if self.filtered and last:
            parts.append(f'<autoFilter ref="A{self.header}:{wide}{max(last, self.header)}"/>')
        if self.merged:
            ranges = "".join(f'<mergeCell ref="{area}"/>' for area in self.merged)
            parts.append(f'<mergeCells count="{len(self.merged)}">{ranges}</mergeCells>')
        if links:
            parts.append(f"<hyperlinks>{''.join(links)}</hyperlinks>")
        parts.append('<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>')
        parts.append('<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>')
        return "".join(parts)


def _height(lines: float) -> str:
    """The height of a row; written to the file because not every program fits rows to wrapped text."""
    return f' ht="{min(lines * _LINE, _TALLEST)}" customHeight="1"' if lines > 1 else ""


@lru_cache(1 << 14, typed=True)  # titles, fixes and codes come again and again
def _content(value: str | float | Live, wide: float) -> tuple[str, int]:
    """What a cell's XML says behind its place, and the lines of wrapped text in a column of this width; 0: not wrapped."""
    if isinstance(value, Live):
        kind = ' t="str"' if isinstance(value.shown, str) else ""
        shown = legal(value.shown) if isinstance(value.shown, str) else value.shown
        return f"{kind}><f>{legal(value.formula)}</f>" + ("" if shown is None else f"<v>{shown}</v>"), 1
    if not isinstance(value, str):
        return f"><v>{value}</v>", 1
    lines = sum(max(1, ceil(_NARROWER * width(line) / wide)) for line in value.split("\n")) if wide else 1
    space = ' xml:space="preserve"' if value != value.strip() or "  " in value else ""
    return f' t="inlineStr"><is><t{space}>{legal(value)}</t></is>', lines


@lru_cache(1 << 14)
def legal(text: str) -> str:
    """Text as XML, without what XML forbids and Excel would misread, no longer than a cell may be."""
    if len(text) > _MOST_LETTERS:
        text = text[: _MOST_LETTERS - 1] + "…"
    return escape(_ESCAPE.sub("_x005F_", _ILLEGAL.sub("\ufffd", text)))


def all_legal(texts: Iterable[str]) -> bool:
    """Whether all of the texts are XML as they are, and short enough for a cell; quicker than to ask each."""
    text = "".join(texts)
    return len(text) <= _MOST_LETTERS and not _UNSAFE.search(text)


def link_to(sheet: str, cell: str) -> str:
    """A place in the workbook as a link writes it."""
    return "'" + sheet.replace("'", "''") + "'!" + cell
