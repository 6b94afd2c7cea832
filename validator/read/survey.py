"""What calamine does not tell of an .xlsx file: error cells, formulas never calculated, and sheets too wide to load."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from posixpath import join, normpath
from xml.etree import ElementTree as ET

from validator.read.archive import BROKEN, refuse_bomb
from validator.read.cells import column
from validator.read.grids import SheetRemark
from validator.read.place import Place

MOST_CELLS = 50_000_000  #: of a sheet's rectangle, which calamine keeps in memory cell by cell, 40 bytes each
MOST_COLUMNS = 16_384  #: Excel's own
_BLOCK = 16 << 20
_CELL = re.compile(rb' r="([A-Z]{1,3})([0-9]{1,7})"')
_FAR_COLUMN = re.compile(rb' r="([A-Z]{3,})[0-9]')
_FAR_ROW = re.compile(rb' r="[A-Z]+([0-9]{6,})"')
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


def survey(data: bytes, place: Place) -> Survey:
    """Return the survey of a file; :class:`~validator.base.errors.InputError` for a workbook that is a bomb."""
    found = Survey()
    try:
        with zipfile.ZipFile(BytesIO(data)) as book:
            refuse_bomb(book.infolist(), place)
            if "xl/workbook.xml" not in book.namelist():
                return found
            content = ET.fromstring(book.read("xl/workbook.xml"))  # noqa: S314 - expat limits entities by itself
            marks = [each for each in content.iter() if each.get("name", "").startswith(_OURS)]
            found.ours = {(each.text or "").rpartition("!")[0].strip("'").replace("''", "'") for each in marks}
            for name, part in _parts(book, content):
                if part in book.namelist() and name not in found.ours:
                    found.remarks[name] = _sheet(book, part, place._replace(sheet=name))
    except (*BROKEN, KeyError, ET.ParseError):
        pass  # not an .xlsx as Excel writes it: calamine will say whether it can be read
    return found


def _parts(book: zipfile.ZipFile, content: ET.Element) -> Iterator[tuple[str, str]]:
    """Sheet names and the files that hold them."""
    relations = ET.fromstring(book.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    target = {each.get("Id", ""): each.get("Target", "") for each in relations}
    for sheet in content.iter():
        if sheet.tag.endswith("}sheet"):
            ids = [value for name, value in sheet.attrib.items() if name.endswith("}id")]
            path = target.get(ids[0], "") if ids else ""
            yield sheet.get("name", ""), path.lstrip("/") if path.startswith("/") else normpath(join("xl", path))


def _sheet(book: zipfile.ZipFile, part: str, place: Place) -> Remarks:
    remarks, height, width = Remarks(), 0, 0
    for block in _blocks(book, part):
        for row in block.split(b"row>"):
            if last := _CELL.match(row, row.rfind(b' r="')):
                height, width = max(height, int(last[2])), max(width, column(last[1].decode()) + 1)
        for far in {*_FAR_COLUMN.findall(block)}:  # a far cell need not be the last of its row
            width = max(width, column(far[:8].decode()) + 1)
        height = max([height, *(int(far[:8]) for far in {*_FAR_ROW.findall(block)})])
        if height * width > MOST_CELLS or width > MOST_COLUMNS:
            raise place.fault(
                f"有 {height} 行、{width} 列，远超一张清单表（上限 {MOST_CELLS} 格）；请删去右侧和下方多余的单元格，或另存为 CSV",
                f"{height} rows by {width} columns, far more than any list (at most {MOST_CELLS} cells); delete stray cells "
                "to the right and below, or save as CSV",
            )
        if b't="e"' in block:
            remarks |= {
                _at(tag): SheetRemark("read/cell-error", {"error": text.decode()})
                for tag, text in _ERROR.findall(block)
            }
        if b"<f" in block or b":f" in block:
            remarks |= {_at(tag): SheetRemark("read/no-cached-value", {}) for tag in _FORMULA.findall(block)}
    return remarks


def _blocks(book: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The sheet's XML in pieces that end where a row ends."""
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
