"""The workbooks besides .xlsx that are zips, .ods and .xlsb: how large their sheets are before they are loaded."""

import re
import zipfile
from collections.abc import Iterator

from validator.base import limits
from validator.read.place import Place

_TOKEN = re.compile(
    rb"<table:table-row\b([^>]*)>|<table:(?:covered-)?table-cell\b([^>]*)>|</table:table-row>|<table:table\b[^>]*>"
)
_TIMES = re.compile(rb"""number-(?:rows|columns)-repeated\s*=\s*["'][ +0]*([0-9]+)""")
_ROW, _LAST_CELL = 0, 18  #: records of an .xlsb sheet: the beginning of a row, those of cells up to the last


def measured(book: zipfile.ZipFile, place: Place) -> bool:
    """Whether it is such a workbook, and then none that is too large; :class:`~validator.base.errors.InputError` if it is."""
    names = book.namelist()
    if "content.xml" in names:
        _measure_ods(book.read("content.xml"), place)
        return True
    if "xl/workbook.bin" in names:
        cells = 0
        for name in names:
            if name.lower().endswith(".bin") and "sheet" in name.lower():
                cells += _area(book.read(name))
                _refuse(cells, 0, place)
        return True
    return False


def _refuse(cells: int, characters: int, place: Place) -> None:
    wrong = limits.exceeded("workbook-cells", cells) or limits.exceeded("workbook-characters", characters)
    if wrong:
        raise place.fault(*wrong)


def _measure_ods(content: bytes, place: Place) -> None:
    """Fail on sheets that repeat so many rows and cells; blank ones at the end of a row or sheet do not count."""
    area = characters = row = height = width = 0
    times, at, last, length = 1, 0, 0, 0
    tokens = [*_TOKEN.finditer(content)]
    for place_of, token in enumerate(tokens):
        end = tokens[place_of + 1].start() if place_of + 1 < len(tokens) else len(content)
        if token[2] is not None:
            count = _times(token[2])
            text = end - token.end()
            at += count
            if not token[2].endswith(b"/") and text:
                last = at
                length += count * text
        elif token[1] is not None:
            times, at, last, length = _times(token[1]), 0, 0, 0
        elif token[0].startswith(b"</"):
            row += times
            if last:
                height, width = row, max(width, last)
                characters += length * times
        else:
            area, row, height, width = area + height * width, 0, 0, 0
        _refuse(area + height * width, characters, place)


def _times(attributes: bytes) -> int:
    found = _TIMES.search(attributes)
    return int(found[1][:9]) if found else 1


def _area(data: bytes) -> int:
    """Rows by columns of a sheet of an .xlsb workbook, by the records of its rows and cells."""
    height = width = 0
    for kind, at in _records(data):
        if kind == _ROW:
            height = max(height, int.from_bytes(data[at : at + 4], "little") + 1)
        elif kind <= _LAST_CELL:
            width = max(width, int.from_bytes(data[at : at + 4], "little") + 1)
    return height * width


def _records(data: bytes) -> Iterator[tuple[int, int]]:
    """Kind and beginning of each record: numbers in seven bits a byte, the kind in at most two, the length in at most four."""
    at = 0
    while at < len(data):
        kind, at = _number(data, at, 2)
        length, at = _number(data, at, 4)
        yield kind, at
        at += length


def _number(data: bytes, at: int, most: int) -> tuple[int, int]:
    value = 0
    for place in range(most):
        byte = data[at + place] if at + place < len(data) else 0
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    return value, at + most
