"""No report shows who a person is, not even where columns are shifted; staff are named only inside the department."""

import re
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook

from validator.api import check
from validator.base import masking
from validator.report import formats, write

EXAMPLES = Path(__file__).parents[2] / "examples"
PERSONAL = ("人员姓名", "证件号码", "联系人姓名", "联系人电话", "联系人地址", "现住址")
STAFF = ("主诊医师姓名", "医疗机构填报人")
LEAVING = ("html", "jsonl", "junit", "sarif")


@pytest.fixture(scope="module")
def sheet():
    book = load_workbook(EXAMPLES / "workbook/lists.xlsx")
    return book, book["结算清单基本信息"]


def texts_of(sheet, headings):
    at = {cell.value: cell.column for cell in sheet[1]}
    found = {str(sheet.cell(row, at[name]).value or "") for name in headings for row in range(2, sheet.max_row + 1)}
    return {text for text in found if len(text) > 1 and text != "None"}


@pytest.mark.parametrize("step", [0, 1, -1])
def test_a_shifted_column_shows_nobody(step, sheet, tmp_path):
    book, lists = sheet
    texts = texts_of(lists, PERSONAL)
    persons = {text for text in texts if "测试" not in text}  # nobody has that name
    assert len(persons) > 100
    names = [cell.value for cell in lists[1]]
    try:
        for cell, name in zip(lists[1], names[-step:] + names[:-step], strict=True):
            cell.value = name
        book.save(tmp_path / "清单.xlsx")
    finally:
        for cell, name in zip(lists[1], names, strict=True):
            cell.value = name
    report = check(tmp_path / "清单.xlsx")
    assert report.findings.height
    for name in LEAVING:
        written = write(report, tmp_path / f"a{formats()[name].EXTENSION}", name).read_text(encoding="utf-8")
        assert [person for person in persons if person in written] == []


def test_staff_are_named_only_inside_the_department(sheet, tmp_path):
    staff = {name for name in texts_of(sheet[1], STAFF) if not re.search(r"\d", name)}
    report = check(EXAMPLES / "workbook/lists.xlsx")
    for name in LEAVING:
        text = write(report, tmp_path / f"a{formats()[name].EXTENSION}", name).read_text(encoding="utf-8")
        assert [person for person in staff if person in text] == []
    write(report, tmp_path / "a.parquet")
    cases = pl.read_parquet(tmp_path / "a.cases.parquet")
    assert not staff & {*cases["physician"], *cases["coder"]}
    assert cases["physician"].n_unique() == report.cases["physician"].n_unique(), "persons stay apart"
    open_ = check(EXAMPLES / "workbook/lists.xlsx", mask=False)
    assert any(name in write(open_, tmp_path / "b.html").read_text(encoding="utf-8") for name in staff)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("证110105199003072316号", "证110*************16号"),
        ("110105199003072316、11010519900307231X", "110*************16、110*************1X"),
        ("电话13800001111", "电话138******11"),
        ("H11010500003", "H11010500003"),
        ("I10.x00x002", "I10.x00x002"),
        ("2026-07-01 10:00:00", "2026-07-01 10:00:00"),
        (None, None),
    ],
)
def test_numbers_of_persons_are_hidden_in_any_text(text, shown):
    assert pl.select(masking.persons(pl.lit(text, pl.String))).item() == shown
    column = pl.Series(["王芳", text, None, "内科"], dtype=pl.String)
    assert masking.persons_texts(column).to_list() == ["王芳", shown, None, "内科"]
    assert masking.misplaced(column).to_list() == ["王**", shown, None, "内科"]


def test_names_alike_stay_apart():
    assert masking.staff(["王芳", "王敏", "王芳", None, "D110105", "李强"]) == {
        "王芳": "王**（1）", "王敏": "王**（2）", None: None, "D110105": "D110105", "李强": "李**",
    }  # fmt: skip


def test_names_of_departments_and_hospitals_begin_as_surnames_and_stay() -> None:
    column = pl.Series(["江北医院", "黄陂诊所", "石化中心", "严重", "江北"])
    assert masking.misplaced(column).to_list() == ["江北医院", "黄陂诊所", "石化中心", "严重", "江**"]
    assert [masking.misplaced_text(each) for each in column] == masking.misplaced(column).to_list()


@pytest.mark.parametrize(
    ("text", "name"),
    [("王芳", True), ("欧阳修文", True), ("测试甲", True), ("测试", False), ("普通外科", False), ("01", False)],
)
def test_names_where_codes_belong_are_recognised(text, name):
    assert pl.select(pl.lit(text).str.contains(masking.NAME_LIKE)).item() is name


@pytest.mark.parametrize(
    ("key", "named"),
    [(None, "-"), ("", "-"), ("H11010500004", "H11010500004"), ("../../etc", "etc-13c1bb1e"), ("王小明", "-08e0dc45")],
)
def test_a_file_is_named_by_no_path_and_no_person(key: str | None, named: str) -> None:
    assert masking.as_file_name(key) == named


def test_files_of_two_long_or_hidden_numbers_differ() -> None:
    keys = ("13800138000", "13800138001", "../a", "..a", "a" * 60, "a" * 61)
    made = [masking.as_file_name(key) for key in keys]
    assert len(set(made)) == len(keys)
    assert not any("0138" in each or "/" in each for each in made)
