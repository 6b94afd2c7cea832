"""What calamine does not tell of an .xlsx file: error cells, formulas never calculated, and whether it is too large to load.

calamine keeps a sheet as a whole rectangle in memory, 30 bytes and more a cell, and a text once for each cell that shows it.
So every part is measured before, whatever it is called; what cannot be measured is refused.
"""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from posixpath import join, normpath
from xml.etree import ElementTree as ET

from validator.base import limits
from validator.base.lazy import np
from validator.read import other_books
from validator.read.archive import BROKEN, refuse_bomb
from validator.read.cells import column
from validator.read.grids import SheetRemark
from validator.read.place import Place

_BLOCK = 16 << 20
_CELL = re.compile(rb' r="([A-Z]{1,3})([0-9]{1,7})"')
_PLAIN = b'<c r="'
_ENDS = tuple(b" />\t\n\r")  #: what may follow the name of an element
_LETTERS = 26
_START = re.compile(rb"<(?:\w+:)?c[\s/>]")
_COLUMN = re.compile(rb"""\sr\s*=\s*["']\s*\$?([A-Za-z]+)\$?[0-9]""")
_ROW = re.compile(rb"""\sr\s*=\s*["']\s*\$?[A-Za-z]*\$?([0-9]+)""")
_SHOWN = re.compile(rb"""\st\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v[^>]*>\s*([0-9]{1,9})\s*<""")
_TEXT = re.compile(rb"<(?:\w+:)?si[\s/>]")
_ERROR = re.compile(rb'<(?:\w+:)?c\b([^>]*\bt="e"[^>]*)>.{0,4000}?<(?:\w+:)?v>([^<]*)<', re.DOTALL)
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b((?:(?!\bt=\"str\")[^>])*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)

#: Defined names that mark sheets of ours: a report's in an annotated workbook, the legend's in a template.
_OURS = "zhikong."

Remarks = dict[tuple[int, int], SheetRemark]


@dataclass
class Survey:
    """Remarks by sheet name, row and column; and the sheets that an earlier report put in."""

    remarks: dict[str, Remarks] = field(default_factory=dict)
    ours: set[str] = field(default_factory=set)


@dataclass
class _Extent:
    """How large the sheets that were measured are together."""

    cells: int = 0  #: of their rectangles
    held: int = 0  #: that are there
    shared: int = 0  #: that show a text of the list of texts


def survey(data: bytes, place: Place) -> Survey:
    """Return the survey of a file; :class:`~validator.base.errors.InputError` for a workbook that is damaged or a bomb."""
    found = Survey()
    try:
        with zipfile.ZipFile(BytesIO(data)) as book:
            refuse_bomb(book.infolist(), place)
            if other_books.measured(book, place):
                return found
            content = ET.fromstring(book.read("xl/workbook.xml"))  # noqa: S314 - expat limits entities by itself
            marks = [each for each in content.iter() if each.get("name", "").startswith(_OURS)]
            found.ours = {(each.text or "").rpartition("!")[0].strip("'").replace("''", "'") for each in marks}
            sheets = {part: name for name, part in _parts(book, content)}
            extent = _Extent()
            for part in book.namelist():
                name = sheets.get(part, part)
                remarks = _measured(book, part, place._replace(sheet=name), extent)
                if name not in found.ours:
                    found.remarks[name] = remarks
            _refuse_texts(book, extent.shared, place)
    except (*BROKEN, KeyError, ET.ParseError, RecursionError):
        raise damaged(place) from None
    return found


def damaged(place: Place) -> Exception:
    """What is wrong with a workbook that cannot be read."""
    return place.fault(
        "读不了，工作簿损坏或不完整；用 Excel 打开后另存为 .xlsx 再试",
        "cannot be read: the workbook is damaged or incomplete; open it in Excel, save it as .xlsx, try again",
    )


def refuse_cells(height: int, width: int, cells: int, held: int, place: Place) -> None:
    """Fail on a sheet of that height and width with which the workbook has too many ``cells``, of which ``held`` are there."""
    wrong = limits.exceeded("workbook-cells", cells) or limits.exceeded("blank-cells", cells - held)
    if wrong:
        zh, en = wrong
        raise place.fault(
            f"有 {height} 行、{width} 列，远超一张清单表，请删去右侧和下方多余的单元格，或另存为 CSV；{zh}",
            f"{height} rows by {width} columns, far more than any list; delete stray cells to the right and below, "
            f"or save as CSV; {en}",
        )


def _parts(book: zipfile.ZipFile, content: ET.Element) -> Iterator[tuple[str, str]]:
    """Sheet names and the files that hold them."""
    relations = ET.fromstring(book.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    target = {each.get("Id", ""): each.get("Target", "") for each in relations}
    for sheet in content.iter():
        if sheet.tag.endswith("}sheet"):
            ids = [value for name, value in sheet.attrib.items() if name.endswith("}id")]
            path = target.get(ids[0], "") if ids else ""
            yield sheet.get("name", ""), path.lstrip("/") if path.startswith("/") else normpath(join("xl", path))


def _measured(book: zipfile.ZipFile, part: str, place: Place, extent: _Extent) -> Remarks:
    """The remarks of a part, which is unpacked to its end; if it is a sheet, ``extent`` grows by it."""
    remarks, height, width, sheet, before = Remarks(), 0, 0, False, extent.cells
    for block in _blocks(book, part):
        sheet = sheet or b"sheetData" in block
        if not sheet:
            continue
        cells, *last = _plainly_placed(block) or _placed(block)
        height, width = max(height, last[0]), max(width, last[1])
        extent.cells, extent.held = before + height * width, extent.held + cells
        extent.shared += block.count(b'"s"') + block.count(b"'s'")
        refuse_cells(height, width, extent.cells, extent.held, place)
        if b't="e"' in block:
            remarks |= {
                _at(tag): SheetRemark("read/cell-error", {"error": text.decode()})
                for tag, text in _ERROR.findall(block)
            }
        if b"<f" in block or b":f" in block:
            remarks |= {_at(tag): SheetRemark("read/no-cached-value", {}) for tag in _FORMULA.findall(block)}
    return remarks


def _plainly_placed(block: bytes) -> tuple[int, int, int] | None:
    """The number of cells, and rows and columns up to the last of them; None unless all begin as Excel writes them: ``<c r="AB12"``."""
    signs = np.frombuffer(block + b"\0" * 16, np.uint8)
    at = np.flatnonzero(signs[: len(block)] == ord("<"))
    at = at[signs[at + 1] == ord("c")]
    at = at[np.isin(signs[at + 2], np.array(_ENDS, np.uint8))]
    if block.count(b":c") or any((signs[at + place] != sign).any() for place, sign in enumerate(_PLAIN)):
        return None
    cells, at = len(at), at + len(_PLAIN)
    columns, rows = np.zeros(cells, np.int64), np.zeros(cells, np.int64)
    for number, first, base, most in ((columns, ord("A"), _LETTERS, 4), (rows, ord("0"), 10, 8)):
        going = np.ones(cells, np.bool_)
        for _ in range(most):
            digit = (signs[at] & (0xDF if base == _LETTERS else 0xFF)).astype(np.int64) - first  # small letters too
            going &= (digit >= 0) & (digit < base)
            number[going] = number[going] * base + digit[going] + (base == 26)
            at = at + going
    if (signs[at] != ord('"')).any():
        return None
    return cells, int(rows.max(initial=0)), int(columns.max(initial=0))


def _placed(block: bytes) -> tuple[int, int, int]:
    """The same of cells that are written in any way; those without a place follow each other."""
    columns = _COLUMN.findall(block)
    width = max((column(name[:8].decode().upper()) + 1 for name in {*columns}), default=0)
    height = max((int(number.lstrip(b"0")[:8] or 0) for number in {*_ROW.findall(block)}), default=0)
    rows = [len(_START.findall(row)) for row in block.split(b"row>")]
    return sum(rows), max(height, sum(map(bool, rows))), max(width, *rows)


def _refuse_texts(book: zipfile.ZipFile, shared: int, place: Place) -> None:
    """Fail where cells show long texts of the list of texts so often that these, a copy a cell, fill memory."""
    name = next((each for each in book.namelist() if each.lower().endswith("sharedstrings.xml")), "")
    if not shared or not name:
        return
    lengths = [len(text) for text in _TEXT.split(book.read(name))[1:]] or [0]
    if not limits.exceeded("workbook-characters", max(lengths) * shared):
        return
    shown = Counter[int]()
    for part in book.namelist():
        for block in _blocks(book, part):
            shown.update(map(int, _SHOWN.findall(block)))
    total = sum(count * lengths[number] for number, count in shown.items() if number < len(lengths))
    total += max(lengths) * (shared - shown.total())  # those whose text was not found
    if wrong := limits.exceeded("workbook-characters", total):
        raise place.fault(*wrong)


def _blocks(book: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part's XML in pieces that end where a row ends."""
    rest = b""
    with book.open(part) as stream:
        while piece := stream.read(_BLOCK):
            rest += piece
            end = rest.rfind(b"row>") + 4
            if end > 3:
                yield rest[:end]
                rest = rest[end:]
    yield rest


def _at(tag: bytes) -> tuple[int, int]:
    found = _CELL.search(tag)
    return (int(found[2]), column(found[1].decode())) if found else (0, 0)
