"""Marking cells by their bytes, for every shape of sheet that a program may write."""

import io
from xml.etree.ElementTree import fromstring as parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.report.common.words import LEVELS
from validator.workbook.marks import column_letters, column_number, mark
from validator.workbook.package import MAIN, Package
from validator.workbook.styles import Styles

COLUMNS = st.integers(1, 30)
#: Row number -> columns that hold a cell.
SHEETS = st.dictionaries(st.integers(1, 40), st.sets(COLUMNS), min_size=1, max_size=12)


def sheet_xml(rows, prefix, addressed):
    """A sheet as some program would write it; blank cells are empty tags, and so are rows without cells."""
    p = f"{prefix}:" if prefix else ""
    written = ""
    for row in sorted(rows):
        address = f' r="{row}" spans="1:2"' if addressed else ""
        cells = "".join(
            f'<{p}c r="{column_letters(column)}{row}" s="0"/>'
            if column % 3 == 0
            else f'<{p}c r="{column_letters(column)}{row}" t="n"><{p}v>{column}</{p}v></{p}c>'
            for column in sorted(rows[row])
        )
        written += f"<{p}row{address}>{cells}</{p}row>" if cells else f"<{p}row{address}/>"
    declared = f'xmlns:{prefix}="{MAIN}"' if prefix else f'xmlns="{MAIN}"'
    return (
        f'<{p}worksheet {declared}><{p}sheetViews><{p}sheetView tabSelected="1" workbookViewId="0"/></{p}sheetViews>'
        f"<{p}sheetData>{written}</{p}sheetData><{p}pageMargins/><{p}tableParts/></{p}worksheet>"
    ).encode()


def cells_of(xml):
    """Address -> (format, value) in the order of the sheet."""
    root = parse(xml)  # noqa: S314 (our own text)
    return {
        cell.get("r"): (int(cell.get("s", 0)), "".join(cell.itertext()))
        for row in root.iter(f"{{{MAIN}}}row")
        for cell in row
    }


@given(SHEETS, st.data(), st.sampled_from(["", "x"]))
def test_marked_cells_and_no_others_change(rows, data, prefix):
    marks = {row: data.draw(st.dictionaries(COLUMNS, st.sampled_from(list(LEVELS)), max_size=6)) for row in rows}
    styles = Styles(Package(), {name: level.fill for name, level in LEVELS.items()})
    before, after = sheet_xml(rows, prefix, addressed=True), io.BytesIO()
    marked = mark(before, marks, styles, {})
    marked.relate("rId1")
    marked.write(before, after)
    old, new = cells_of(before), cells_of(after.getvalue())
    wanted = {f"{column_letters(column)}{row}": level for row in marks for column, level in marks[row].items()}
    assert {name: value for name, (_, value) in new.items() if name in old} == {k: v for k, (_, v) in old.items()}
    assert new.keys() == old.keys() | wanted.keys()
    for name, (style, _) in new.items():
        assert style == (styles.marked(0, wanted[name]) if name in wanted else 0)
    addresses = [
        (int(name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")), column_number(name.rstrip("0123456789"))) for name in new
    ]
    assert addresses == sorted(addresses), "cells stay in order"
    children = [each.tag.partition("}")[2] for each in parse(after.getvalue())]  # noqa: S314
    assert children == ["sheetViews", "sheetData", "pageMargins", "legacyDrawing", "tableParts"]
    assert b'tabSelected="0"' in after.getvalue()


@pytest.mark.parametrize(
    ("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA"), (16384, "XFD")]
)
def test_column_letters(number, letters):
    assert column_letters(number) == letters
    assert column_number(letters) == number


def test_a_missing_cell_takes_the_format_of_its_row_or_column():
    styles = Styles(Package(), {name: level.fill for name, level in LEVELS.items()})
    blue, green = styles.own(ink="0000FF"), styles.own(ink="00FF00")
    xml = (
        f'<worksheet xmlns="{MAIN}"><cols><col min="2" max="2" style="{blue}"/></cols><sheetData>'
        f'<row r="1"/><row r="2" s="{green}" customFormat="1"/></sheetData></worksheet>'
    ).encode()
    out = io.BytesIO()
    mark(xml, {1: {2: "error", 3: "error"}, 2: {2: "error"}}, styles, {}).write(xml, out)
    found = {name: style for name, (style, _) in cells_of(out.getvalue()).items()}
    assert found == {
        "B1": styles.marked(blue, "error"),
        "C1": styles.marked(0, "error"),
        "B2": styles.marked(green, "error"),
    }
