"""A CSV or .xls comes back as a workbook: its rows as they are, bad cells marked, and a second check of it finds the same."""

import polars as pl
import pytest
from openpyxl import load_workbook

from tests.fix.untidy import partition, write
from validator import check
from validator.report import xlsx
from validator.report.common.words import LEVELS

WHAT = ["check", "case_id", "table", "row", "field", "value", "message"]
FILLS = {f"FF{level.fill}" for level in LEVELS.values()}


@pytest.fixture(scope="module")
def part():
    return partition(25, share=0.05)


def marked(sheet):
    return {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.fgColor.rgb in FILLS}


def known(report):
    """The findings, without those that name the file or its columns."""
    found = report.findings.filter(pl.col("field").is_not_null(), ~pl.col("check").str.starts_with("read/"))
    return sorted(found.select(WHAT).rows(), key=str)


@pytest.mark.parametrize("how", ["wide-csv:gb18030", "zip:csv:gb18030"])
def test_the_rows_come_back_with_the_right_cells_marked(part, tmp_path, how):
    report = check(write(part, tmp_path / "in", how), mask=False)
    path = xlsx.write(report, tmp_path / "七月.xlsx")
    book = load_workbook(path)
    _summary, findings, *sheets = book
    names, cells = [cell.value for cell in findings[2]], {sheet.title: marked(sheet) for sheet in sheets}
    pointed = {sheet.title: set() for sheet in sheets}
    for row in findings.iter_rows(min_row=3):
        sheet, place, value = (row[names.index(name)].value for name in ("工作表", "位置", "值"))
        if sheet in pointed:
            for at in place.rstrip("0123456789").split("+"):
                pointed[sheet].add(f"{at or 'A'}{place.lstrip('ABCDEFGHIJKLMNOPQRSTUVWXYZ+') or 1}")
            assert value in (None, book[sheet][place].value)
            assert row[names.index("位置")].hyperlink
    assert sum(map(len, pointed.values())) > 150
    assert {title: found - {"A1"} for title, found in cells.items()} == {
        title: found - {"A1"} for title, found in pointed.items()
    }
    assert all(cell.comment for sheet in sheets for at in cells[sheet.title] for cell in [sheet[at]])
    assert known(check(path, mask=False)) == known(report)


def test_what_a_spreadsheet_would_change_stays_as_it_is(tmp_path):
    path = tmp_path / "a:b.csv"
    lines = [
        "结算ID,姓名,性别,诊断编码,诊断编码,备注",
        'ST1,"测试甲\r\n（续）",1,0012,=1+1,_x0041_ <&>',
        "",
        "ST2,\ufffe测试乙,7, I10,1.10105E+17,-1",
    ]
    path.write_text("\r\n".join(lines), encoding="utf-8", newline="")
    report = check(path, layout="4101", mask=False)
    book = load_workbook(xlsx.write(report, tmp_path / "out.xlsx"))
    sheet = book["a_b"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["结算ID", "姓名", "性别", "诊断编码", "诊断编码", "备注"],
        [
            "ST1",
            "测试甲\n（续）",
            "1",
            "0012",
            "=1+1",
            "_x005F_x0041_ <&>",
        ],  # as the format escapes what Excel would read as A
        [None] * 6,
        [None] * 6,
        ["ST2", "\ufffd测试乙", "7", " I10", "1.10105E+17", "-1"],
    ]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
    assert {cell.number_format for row in sheet.iter_rows() for cell in row if cell.value} == {"@"}
    assert sheet["C5"].fill.fgColor.rgb == f"FF{LEVELS['error'].fill}"


def test_beyond_the_most_comments_cells_are_filled_and_the_workbook_says_so(part, tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "MOST_COMMENTS", 10)
    report = check(write(part, tmp_path / "in", "wide-csv:gb18030"))
    _summary, findings, sheet = load_workbook(xlsx.write(report, tmp_path / "out.xlsx"))
    assert sum(cell.comment is not None for row in sheet.iter_rows() for cell in row) == 10
    assert f"{len(marked(sheet)) - 10:,} 个单元格只涂色、未加批注" in findings["A1"].value
