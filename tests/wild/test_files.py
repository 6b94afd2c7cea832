"""Files that are no lists or cannot be read, among others that can."""

import json
import shutil
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest

import validator
from tests.grouping import scheme as tiny
from validator import loaders, read
from validator.base.errors import InputError
from validator.codes.tables import Store
from validator.report.common.digest import digest
from validator.report.common.steps import next_steps
from validator.spec import layouts

HERE = Path(__file__).parent
STRAY = HERE / "13-stray-file" / "夹3"
GOOD = STRAY / "a.json"


@pytest.fixture
def folder(tmp_path):
    """A folder with one list that is right."""
    made = tmp_path / "清单"
    made.mkdir()
    shutil.copy(GOOD, made / "a.json")
    return made


def of_files(report):
    """What was found of whole files: check, level, file name, row."""
    stray = report.findings.filter(pl.col("case_id").is_null(), pl.col("check").str.contains("file"))
    return [
        (row["check"], row["level"], Path(row["source"]["file"]).name, row["source"]["row"])
        for row in stray.iter_rows(named=True)
    ]


def steps(report):
    return " ".join(next_steps(digest(report)))


def test_a_list_of_telephone_numbers_is_a_note_and_the_lists_are_checked():
    report = validator.check(STRAY)
    assert report.cases.height == 1
    assert of_files(report) == [("read/foreign-file", "info", "通讯录.xlsx", None)]
    assert not report.failed("error")
    assert "可以上传" in steps(report)


@pytest.mark.parametrize(
    ("name", "data", "row"),
    [
        ("b.json", b'{"infno": "4101", "inp', 1),
        ("b.json", b'{"infno": "4101"}', None),
        ("b.jsonl", b'\n{"infno": \n', 2),
        ("b.csv", '病案号,性别\n"1,1\n'.encode(), 2),
        ("b.csv", b"\x81\xff\n", None),
        ("b.xlsx", b"PK\x03\x04 damaged", None),
        ("b.parquet", b"PAR1", None),
        ("b.zip", b"PK damaged", None),
        ("诊断信息.csv", "不知道,什么\n1,2\n".encode(), None),  # named after a table
        ("b.csv", "结算ID,什么,哪里,何时\n1,2,3,4\n".encode(), None),  # has the key of a case
    ],
)
def test_a_file_that_cannot_be_read_is_one_error_and_the_others_are_checked(folder, name, data, row):
    (folder / name).write_bytes(data)
    report = validator.check(folder)
    assert report.cases.height == 1
    found = of_files(report)
    assert [each[:3] for each in found] == [("read/unreadable-file", "error", name)]
    assert row is None or found[0][3] == row
    assert report.failed("error")
    assert "可以上传" not in steps(report)
    assert digest(report).whole[0].check == "read/unreadable-file"
    with pytest.raises(InputError, match=name):
        validator.check(folder / name)


def test_the_same_in_an_archive(tmp_path):
    path = tmp_path / "清单.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.write(GOOD, "a.json")
        file.writestr("readme.txt", "本月清单，共 1 份")
        file.writestr("b.json", "{")
        file.writestr("c.zip", "PK")
    report = validator.check(path)
    assert report.cases.height == 1
    assert {each[:3] for each in of_files(report)} == {
        ("read/foreign-file", "info", "readme.txt"),
        ("read/unreadable-file", "error", "b.json"),
        ("read/unreadable-file", "error", "c.zip"),
    }


def test_cases_whose_other_tables_may_be_in_a_file_that_cannot_be_read_are_not_accepted(tmp_path):
    frames = {name: pl.read_csv(HERE / "08-keys-differ-by-form" / "zeros" / f"{name}.csv", infer_schema=False)
              for name in ("setlinfo", "diseinfo", "oprninfo", "iteminfo", "payinfo")}  # fmt: skip
    for name, frame in frames.items():
        frame.write_csv(tmp_path / f"{name}.csv")
    assert "cannot_be_judged" not in set(validator.check(tmp_path).cases["disposition"])
    (tmp_path / "diseinfo_2.csv").write_bytes(b'"setl_id,diag_code\n1,2\n')
    report = validator.check(tmp_path)
    assert set(report.cases["disposition"]) == {"cannot_be_judged"}
    assert of_files(report)[0][:3] == ("read/unreadable-file", "error", "diseinfo_2.csv")


def test_tables_that_belong_together_are_all_named_where_they_cannot_be_joined(folder):
    shutil.copytree(HERE / "03-ambiguous-key" / "medcasno", folder / "表")
    report = validator.check(folder)
    assert report.cases.height == 1
    assert {each[2] for each in of_files(report)} == {path.name for path in (folder / "表").iterdir()}
    assert report.failed("error")


def test_where_nothing_can_be_read_the_first_file_is_the_error(tmp_path):
    (tmp_path / "a.json").write_bytes(b"{")
    (tmp_path / "b.csv").write_bytes(b'"')
    with pytest.raises(InputError, match=r"a\.json"):
        validator.check(tmp_path)


def test_a_check_of_one_rule_still_names_the_file(folder):
    (folder / "b.json").write_bytes(b"{")
    report = validator.check(folder, select=["DX101"])
    assert set(report.findings["check"]) == {"read/unreadable-file"}
    assert not of_files(validator.check(folder, select=["DX101"], ignore=["read/unreadable-file"]))


def test_no_grouping_rate_is_made_of_some_of_the_files(folder, tmp_path):
    books = tmp_path / "books"
    tiny.keep(Store(books))
    shutil.copy(STRAY / "通讯录.xlsx", folder)
    assert validator.group(folder, codebooks=books).height == 1
    (folder / "b.json").write_bytes(b"{")
    with pytest.raises(InputError, match=r"b\.json"):
        validator.group(folder, codebooks=books)


def test_the_good_files_are_fixed_and_the_others_left_out(folder, tmp_path):
    content = json.loads(GOOD.read_text(encoding="utf-8"))
    content["input"]["setlinfo"]["psn_name"] += " "
    (folder / "a.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    (folder / "b.json").write_bytes(b"{")
    (folder / "c.zip").write_bytes(b"PK damaged")
    report = validator.check(folder, fix=tmp_path / "改好")
    assert report.fixed.made == 1
    assert not (tmp_path / "改好" / "清单" / "c.zip").exists()


@pytest.mark.parametrize("table", ["", "icd9cm3"])
def test_a_table_whose_codes_are_numbers_names_the_rows_and_why(table, tmp_path):
    path = HERE / "18-numeric-code-cells" / "手术操作编码v2.0.xlsx"
    with pytest.raises(InputError, match=r"列“手术操作代码”.*第 2、4 行") as error:
        loaders.add(path, Store(tmp_path), table, "2.0")
    assert "0" in str(error.value)
    assert "按文本" in str(error.value)


XML = """<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="清单"><Table>
<Row><Cell><Data ss:Type="String">结算ID</Data></Cell><Cell><Data ss:Type="String">姓名</Data></Cell>
<Cell ss:Index="4"><Data ss:Type="String">性别</Data></Cell></Row>
<Row ss:Index="3"><Cell><Data ss:Type="String">0001</Data></Cell><Cell/><Cell ss:Index="4"><Data>7</Data></Cell></Row>
</Table></Worksheet></Workbook>"""
PAGE = """<table><tr><th colspan=3>本月清单<tr><th>结算ID<th>姓名<th>性别<tr><td rowspan=2>0001<td>测试 甲&nbsp;<td>7
<tr><td><table><tr><td>x</table>测试<br>乙<td>1</table>"""


def test_the_table_in_a_web_page_named_xls_is_read():
    report = validator.check(HERE / "23-html-xls-advice" / "html.xls", mask=False)
    assert report.cases.height == 3
    (part,) = read.partitions([HERE / "23-html-xls-advice" / "html.xls"], layouts.load())
    assert part.tables["setlinfo"]["naty"].to_list() == ["01"] * 3
    assert part.tables["setlinfo"]["certno"][0] == "11010519750301002X"
    assert report.findings.filter(pl.col("case_id").is_not_null())["value"].unique().to_list() == ["None"]


@pytest.mark.parametrize(("text", "place"), [(XML, (3, "D")), (PAGE, (3, "C"))])
def test_rows_and_columns_of_a_page_are_counted_as_excel_shows_them(text, place, tmp_path):
    path = tmp_path / "七月.xls"
    path.write_text(text, encoding="utf-8")
    report = validator.check(path, layout="4101", mask=False)
    assert report.cases["case_id"][0] == "0001"
    (row,) = report.findings.filter(check="setlinfo.gend/value").rows(named=True)
    assert (row["source"]["row"], row["source"]["column"]) == place
    book = openpyxl.load_workbook(report.write(tmp_path / "out.xlsx") or tmp_path / "out.xlsx")
    assert book.worksheets[2][f"{place[1]}{place[0]}"].value == "7"
    with pytest.raises(InputError, match="写不了这种文件；请先 check --format xlsx"):
        validator.check(path, fix=tmp_path / "fixed")
    again = validator.check(tmp_path / "out.xlsx", layout="4101", fix=tmp_path / "fixed", mask=False)
    assert again.findings["check"].to_list() == report.findings["check"].to_list()


@pytest.mark.parametrize("text", ["<html><body>请登录</body></html>", "<table></table>"])
def test_a_page_without_a_table_is_named(text, tmp_path):
    path = tmp_path / "七月.xls"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="是网页（HTML），里面没有表格"):
        validator.check(path)


def test_a_stray_workbook_of_old_does_not_stop_the_fix_of_a_folder(folder, tmp_path):
    content = json.loads(GOOD.read_text(encoding="utf-8"))
    content["input"]["setlinfo"]["psn_name"] += " "
    (folder / "a.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    (folder / "通讯录.xls").write_text("<table><tr><td>姓名<td>电话<tr><td>测试甲<td>1</table>", encoding="utf-8")
    (folder / "b.xls").write_text(PAGE.replace("测试 甲", "测试甲 　"), encoding="utf-8")
    report = validator.check(folder, fix=tmp_path / "改好", mask=False)
    assert report.fixed.made == 1
    assert {reason.name for reason in report.fixed.left} <= {"FORMAT"}
    assert (tmp_path / "改好" / "清单" / "通讯录.xls").read_bytes() == (folder / "通讯录.xls").read_bytes()
