"""Files that are refused, with a message that names file, sheet, row and column; and what is kept although it is unusual."""

import io
import os
import signal
import subprocess
import sys
import zipfile
from datetime import date

import msoffcrypto.format.ooxml
import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.loaders.official import ICD10, diagnoses
from validator import loaders
from validator.base import language
from validator.base.errors import InputError
from validator.codes.tables import Store

HEAD = ["诊断代码", "诊断名称"]
GOOD = [[f"A{number:02}.000", f"甲{number}"] for number in range(100)]


@pytest.fixture(autouse=True)
def _chinese():
    yield
    language.use("zh")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["诊断名称", "备注"], ["甲", "乙"]], "“一”：没有编码列和名称列；看到的标题：诊断名称、备注"),
        ([["诊断代码", "备注"], ["K80.100", "乙"]], "没有编码列和名称列；看到的标题：诊断代码、备注"),
        ([HEAD], "“一”：标题行下面没有编码"),
        ([["题"], HEAD, ["A00.000", "甲"], [None, "乙"]], "“一” 第 4 行： A 列“诊断代码”没有编码"),
        ([HEAD, *GOOD, ["A00.001", None]], "“一” 第 102 行： B 列“诊断名称”没有名称"),
        ([HEAD, ["A00.000", "甲"], ["A00.001", "乙"], ["A00.000", "丙"]],
         "“一” 第 2 行：编码 A00.000 重复而名称不同：“甲”，第 4 行是“丙”"),
        ([HEAD, *GOOD, ["K80", "甲"], ["K80.1", "乙"]],
         "第 102 行： A 列“诊断代码”不是疾病诊断（ICD-10 医保版）的编码：K80、K80.1；如果"),
        ([[*HEAD, "生效日期"], ["A00.000", "甲", "2021年"]], "第 2 行： C 列“生效日期”不是日期"),
        ([[*HEAD, "失效日期"], ["A00.000", "甲", "2021-02-30"]], "第 2 行： C 列“失效日期”不是日期"),
        ([[*HEAD, "start", "end"], ["A00.000", "甲", "2021-02-03", "2020-02-03"]], "第 2 行： D 列“end”早于生效日期"),
        ([[*HEAD, "灰码"], ["A00.000", "甲", "也许"]], "第 2 行： C 列“灰码”应为 1/0、是/否 或空"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_right(workbook, rows, message):
    path = workbook("医保.xlsx", {"一": rows})
    with pytest.raises(InputError) as error:
        loaders.read(path)
    assert str(error.value).startswith(str(path))
    assert message in str(error.value)
    language.use("en")
    assert "sheet '一'" in str(error.value)


def test_csv_errors_name_the_line(text_file):
    with pytest.raises(InputError, match=r"第 3 行：编码 K80\.100 重复而名称不同：“乙”，第 4 行是“丙”"):
        loaders.read(text_file("a.csv", "code,name", "K80.000,甲", "K80.100,乙", "K80.100,丙"))
    with pytest.raises(InputError, match="第 3 行：格数与标题行（2 格）不符"):
        loaders.read(text_file("b.csv", "code,name", "K80.000,甲", "K80.100,乙,丙"))
    with pytest.raises(InputError, match="看不出是哪个版本；请用 --version"):
        loaders.add(text_file("c.csv", "code,name", "K80.000,甲"), Store())


def test_lost_zeros_are_reported(workbook):
    rows = [["项目代码", "项目名称"], *([1102000000100 + number, f"甲{number}"] for number in range(5))]
    with pytest.raises(InputError, match="如果是丢了开头或末尾的 0，请把这一列按文本导出"):
        loaders.read(workbook("a.xlsx", {"一": rows}), "service_item")
    with pytest.raises(InputError, match="Excel 只保留 15 位"):
        loaders.read(workbook("b.xlsx", {"一": [["耗材代码", "耗材名称"], [12345678901234567890, "甲"]]}), "consumable")


def test_formulas_without_a_result(workbook):
    with pytest.raises(InputError, match="第 3 行： A 列“诊断代码”是出错或没有结果的公式"):
        loaders.read(workbook("a.xlsx", {"一": [HEAD, ["A00.000", "甲"], ["=B2&1", "乙"]]}))


def test_a_few_unusual_codes_are_kept_and_reported(workbook):
    (found,) = loaders.read(workbook("a.xlsx", {"一": [HEAD, *GOOD, ["K80", "甲"]]}))
    assert found.frame.height == 101
    assert found.remarks == ["1 个编码不合编码结构，照收：K80"]


def test_where_the_form_is_unconfirmed_nothing_is_refused(text_file):
    (found,) = loaders.read(text_file("a.csv", "制剂代码,制剂名称", "甲1,乙", "丙2,丁"))
    assert found.table.name == "preparation"
    assert found.remarks == ["2 个编码不合编码结构，照收：甲1、丙2"]


def test_codes_that_come_again(workbook, text_file):
    rows = [[*HEAD, "start", "end", "灰码", "备注"], ["A00.000", "甲", "2021-01-01", "2021-12-31", "否", "一"],
            ["A00.001", "丙", None, None, None, None], ["A00.000", "甲", "2022-01-01", "9999-12-31", "是", "二"]]  # fmt: skip
    (found,) = loaders.read(workbook("a.xlsx", {"一": rows}))
    row = {"code": "A00.000", "name": "甲", "since": date(2021, 1, 1), "until": None, "grey": True, "备注": "一；二"}
    assert found.frame.filter(code="A00.000").to_dicts() == [row]
    assert found.frame.filter(code="A00.001")["grey"].to_list() == [False]
    assert found.remarks == ["2 行的编码重复出现，合并为 1 行"]
    opsp = [
        "门慢门特病种目录代码,大类名称,细分类名称,医保区划",
        "M01600,糖尿病,,110000",
        "M01600,糖尿病,糖尿病伴并发症,310000",
    ]
    (found,) = loaders.read(text_file("门慢.csv", *opsp))
    assert found.frame.drop("since", "until", "grey").to_dicts() == [
        {
            "code": "M01600",
            "name": "糖尿病",
            "大类名称": "糖尿病",
            "医保区划": "110000；310000",
            "其他名称": "糖尿病伴并发症",
        }
    ]


def test_rows_of_a_map_without_a_counterpart(text_file):
    (found,) = loaders.read(
        text_file("a.csv", "国临版编码,医保版编码", "K80.100,K80.100", "K80.101,灰码", "K80.102,", "K80.103,-")
    )
    assert found.frame["code"].to_list() == ["K80.100"]
    assert found.remarks == ["3 行没有对应编码，没有收"]
    with pytest.raises(InputError, match=r"编码 K80\.100 重复而对应的编码不同"):
        loaders.read(text_file("b.csv", "国临版编码,医保版编码", "K80.100,K80.100", "K80.100,K80.101"))


def test_levels_without_a_code_of_their_own(workbook):
    rows = [ICD10, *diagnoses()[3:5], ["1", "a", "b", "c", "d", "G01", "脑膜炎", "G01", "脑膜炎", None, None]]
    (found,) = loaders.read(workbook("a.xlsx", {"一": rows}))
    assert found.frame.height == 2
    assert found.remarks == ["1 行没有编码，没有收"]


def locked() -> bytes:
    book, out = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(book)
    msoffcrypto.format.ooxml.OOXMLFile(book).encrypt("秘密", out)
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", b"<a/>")
        book.writestr("xl/worksheets/sheet1.xml", bytes(80 << 20))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.xlsx", locked, "工作簿有密码"),
        ("a.xlsx", bomb, "超过限制"),
        ("a.xlsx", lambda: b"PK\x03\x04", "损坏或不完整"),
        ("a.xls", lambda: b"\xd0\xcf\x11\xe0" + bytes(600), "损坏或不完整"),
        ("a.xls", lambda: b"<html><table></table></html>", "是网页"),
        ("a.zip", lambda: b"PK\x03\x04", "压缩包损坏或不完整"),
        ("a.csv", lambda: b"", "文件是空的"),
        ("a.csv", lambda: b"\xff\xfe\xfd\x80", "a.csv"),
        ("a.json", lambda: b"{}", "不是码表"),
        ("a.pdf", lambda: b"%PDF", "没有能读的文件"),
    ],
)
def test_files_that_are_no_tables(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data())
    with pytest.raises(InputError, match=message) as error:
        loaders.read(tmp_path / name)
    assert str(tmp_path / name) in str(error.value)


def test_a_truncated_workbook(workbook, tmp_path):
    data = workbook("a.xlsx", {"一": diagnoses()}).read_bytes()
    for part in (0.3, 0.6, 0.95):
        (tmp_path / "b.xlsx").write_bytes(data[: int(len(data) * part)])
        with pytest.raises(InputError, match="损坏或不完整"):
            loaders.read(tmp_path / "b.xlsx")
    with pytest.raises(InputError, match="没有这个文件"):
        loaders.read(tmp_path / "c.xlsx")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.lists(st.sampled_from(["code", "诊断代码", "name", "K80.100", "灰码", "注", "2021", ""]) | st.text(max_size=5), max_size=4),
        max_size=8,
    ),
    table=st.sampled_from(["", "icd10", "icd10_map", "agency"]),
)  # fmt: skip
def test_any_text_is_read_or_refused(tmp_path, rows, table):
    path = tmp_path / "a.csv"
    path.write_bytes("\n".join(",".join(row) for row in rows).encode("utf-8", "replace"))
    refused = ""
    try:
        for found in loaders.read(path, table):
            assert found.frame.height
            assert not found.frame["code"].is_duplicated().any()
    except InputError as error:
        refused = str(error)
    assert not refused or str(path) in refused


def test_the_same_again(text_file, store):
    path = text_file("icd10_v2.0.csv", *(",".join(row) for row in [["code", "name"], *GOOD]))
    first = loaders.add(path, store)
    assert loaders.add(path, store) == first, "what is there stays"
    other = text_file("别的_v2.0.csv", "code,name", "K80.100,甲")
    with pytest.raises(InputError, match=r"2\.0 版已有（icd10_v2\.0\.csv，100 行），内容不同；要替换请加 --replace"):
        loaders.add(other, store)
    assert loaders.add(other, store, replace=True).rows == 1
    assert [each.rows for each in store.versions()] == [1]


def test_two_versions_need_a_day_between_them(text_file, store):
    paths = [
        text_file(f"icd10_v{number}.csv", "code,name", f"K80.{number[0]}0{number[2]},甲")
        for number in ("1.0", "2.0", "2.1")
    ]
    loaders.add(paths[0], store)
    with pytest.raises(InputError, match=r"已有 1\.0 版，也没有生效日；请用 --since 写明 2\.0 版从哪天起用"):
        loaders.add(paths[1], store)
    loaders.add(paths[1], store, since=date(2022, 1, 1))
    with pytest.raises(InputError, match="生效日 2023-01-01 晚于失效日 2022-01-01"):
        loaders.add(paths[2], store, since=date(2023, 1, 1), until=date(2022, 1, 1))
    with pytest.raises(InputError, match=r"版本“\.\./2\.1”只能用字母"):
        loaders.add(paths[2], store, version="../2.1", since=date(2023, 1, 1))
    loaders.add(paths[2], store, version="2.1试行", since=date(2023, 1, 1))
    days = {day: store.at("icd10", date(day, 6, 1)) for day in (2020, 2022, 2026)}
    assert {day: found and found.version for day, found in days.items()} == {2020: "1.0", 2022: "2.0", 2026: "2.1试行"}


ADD = "import sys; from validator.cli import main; sys.argv = ['zhikong', 'codebooks', 'add', *sys.argv[1:]]; main()"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs a signal that cannot be caught")
@pytest.mark.parametrize("seconds", [0.3, 0.6, 0.9, 1.2, 1.5])
def test_killed_midway_nothing_or_all_is_there(tmp_path, seconds):
    rows = (
        f"{first}{number:02}.{rest:03},名称{rest}" for first in "ABCDEF" for number in range(100) for rest in range(100)
    )
    (tmp_path / "icd10_v2.0.csv").write_text("\n".join(["code,name", *rows]), encoding="utf-8")
    command = [sys.executable, "-c", ADD, str(tmp_path / "icd10_v2.0.csv"), "--codebooks", str(tmp_path / "store")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    store = Store(tmp_path / "store")
    assert [each.rows for each in store.versions()] in ([], [60_000])
    assert all(store.book(each).frame.height == 60_000 for each in store.versions())


def test_a_failed_write_leaves_nothing(text_file, store):
    (found,) = loaders.read(text_file("icd10_v2.0.csv", "code,name", "K80.100,甲"))
    broken = found.frame.with_columns(pl.Series("物", [object()], dtype=pl.Object))
    with pytest.raises(pl.exceptions.PolarsError):
        store.put(found.bare(), broken)
    assert store.versions() == []
    assert not [path for path in store.folder.rglob("*") if path.is_file()]
