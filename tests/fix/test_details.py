"""What stays as it is next to a fixed value, format by format."""

import csv
import json
import zipfile
from io import StringIO

import polars as pl
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font, PatternFill

from validator import check
from validator.checks.examples import interface_message


@pytest.fixture
def case():
    return interface_message("4101")["input"]["setlinfo"]


@pytest.fixture
def fixed(tmp_path):
    """Fix a file; gives the copy and what was made of the fixes."""

    def fix(path):
        report = check(path, fix=tmp_path / "out")
        return tmp_path / "out" / path.name, report.fixed

    return fix


# CSV


def test_only_the_bytes_of_changed_cells_differ(tmp_path, fixed):
    before = (
        '结算ID;"姓名";性别;出生日期;病案号;职业\r\n'
        '"S1";" 张""三";1;1957/4/18;="０01２";"a;b"\r\n'
        '\r\n'
        'S2;李四;"１";"1957-04-18";"两\n行";x\r\n'
        'S3;王五;1;1957年4月18日;7；8;'
    ).encode("gb18030")  # fmt: skip
    after = (
        '结算ID;"姓名";性别;出生日期;病案号;职业\r\n'
        '"S1";"张""三";1;1957-04-18;="0012";"a;b"\r\n'
        '\r\n'
        'S2;李四;"1";"1957-04-18";"两\n行";x\r\n'
        'S3;王五;1;1957-04-18;"7;8";'
    ).encode("gb18030")  # fmt: skip
    path = tmp_path / "lists.csv"
    path.write_bytes(before)
    copy, made = fixed(path)
    assert copy.read_bytes() == after
    assert path.read_bytes() == before
    assert (made.made, made.left) == (6, {})


def test_columns_joined_into_one_field_are_fixed_one_by_one(tmp_path, fixed):
    head = "setl_id,psn_name,vent_used_days,vent_used_h_cnt,vent_used_m_cnt"
    path = tmp_path / "lists.csv"
    path.write_text(f"{head}\nS1,张三,１,,３0\n", encoding="utf-8")
    copy, made = fixed(path)
    assert copy.read_text(encoding="utf-8") == f"{head}\nS1,张三,1,,30\n"
    assert made.made == 1


def test_a_column_that_repeats_the_field_is_fixed_with_it(tmp_path, fixed):
    path = tmp_path / "lists.csv"
    path.write_text("setl_id,psn_name,姓名,gend\nS1,张三 ,张三 ,1\nS2,李四 ,李,1\n", encoding="utf-8")
    copy, _ = fixed(path)
    assert copy.read_text(encoding="utf-8") == "setl_id,psn_name,姓名,gend\nS1,张三,张三,1\nS2,李四,李,1\n"


# Messages


def test_only_the_changed_literals_of_a_message_differ(tmp_path, fixed):
    text = (
        '\ufeff{ "infno":"4101",\r\n "input" : {"setlinfo":[{"setl_id":"S1", "gend" : 1, "gend": "１" ,'
        '"psn_name":"\\u5f20\\u4e09 ", "brdy":19570418, "act_ipt_days": 6.0, "note":"a\\/b"}],'
        '"diseinfo":{"diag_code":" I10.X00", "diag_type":"1"}, "more":[{"a":1e5}] }}\r\n'
    )
    path = tmp_path / "list.json"
    path.write_bytes(text.encode())
    copy, made = fixed(path)
    for old, new in (
        ('"１"', '"1"'),
        ('\\u4e09 "', '\\u4e09"'),
        ("19570418", '"1957-04-18"'),
        ('" I10.X00"', '"I10.x00"'),
    ):
        text = text.replace(old, new)
    assert copy.read_bytes() == text.encode()
    assert (made.made, made.left) == (4, {})


def test_a_field_under_another_name_is_fixed_there(tmp_path, fixed, case):
    message = {"setlinfo": {**case, "setl_begndate": "2026/7/6"}}
    del message["setlinfo"]["setl_begn_date"]
    path = tmp_path / "list.json"
    path.write_text(json.dumps(message), encoding="utf-8")
    copy, _ = fixed(path)
    assert json.loads(copy.read_text(encoding="utf-8"))["setlinfo"]["setl_begndate"] == "2026-07-06"


def test_messages_of_both_interfaces_in_one_file_get_their_own_fixes(tmp_path, fixed):
    messages = []
    for number in range(6):
        message = json.loads(json.dumps(interface_message(("4101", "4101A")[number % 2])))
        message["input"]["setlinfo"] |= {"setl_id": f"S{number}", "medcasno": f"A{number} "}
        messages.append(message)
    for name, untidy in (
        ("a.json", json.dumps(messages)),
        ("b.jsonl", "\n\n".join(map(json.dumps, messages))),
        ("c.json", "\n".join(map(json.dumps, messages))),
    ):
        path, tidy = tmp_path / name, untidy
        path.write_text(untidy, encoding="utf-8")
        copy, made = fixed(path)
        for number in range(6):
            tidy = tidy.replace(f'"A{number} "', f'"A{number}"')
        assert copy.read_text(encoding="utf-8") == tidy
        assert made.made == 6


# Workbooks


@pytest.fixture
def book(tmp_path, case):
    book = Workbook()
    sheet = book.active
    sheet.title = "清单"
    sheet.append(["七月"])
    sheet.append(["结算ID", "姓名", "性别", "出生日期", "病案号", "证件号码", "职业"])
    sheet.append(["S1", " 张三", "１", "1957/4/18", "＝1+1", "１１0105195704180077", '="a"&" "'])
    sheet["B3"].font, sheet["B3"].fill = Font(bold=True, color="FFFF0000"), PatternFill("solid", fgColor="FFFFFF00")
    sheet["D3"].number_format = "@"
    other = book.create_sheet("统计")
    other["A1"], other["B1"] = "人数", "=COUNTA(清单!A3:A9)"
    chart = BarChart()
    chart.add_data(Reference(other, min_col=2, min_row=1))
    other.add_chart(chart, "D4")
    path = tmp_path / "七月.xlsx"
    book.save(path)
    return path


def test_a_workbook_keeps_all_but_the_changed_values(book, fixed):
    copy, made = fixed(book)
    before, after = load_workbook(book), load_workbook(copy)
    assert after["统计"]["B1"].value == "=COUNTA(清单!A3:A9)"
    assert len(after["统计"]._charts) == 1
    changed = {}
    for sheet in before:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            new = after[sheet.title][cell.coordinate]
            if new.value != cell.value:
                changed[cell.coordinate] = new.value
            assert repr((new.font, new.fill, new.number_format)) == repr((cell.font, cell.fill, cell.number_format))
    assert changed == {"B3": "张三", "C3": "1", "D3": "1957-04-18", "E3": "=1+1", "F3": "110105195704180077"}
    assert made.made == 5
    assert all(after["清单"][place].data_type == "s" for place in changed)
    assert after["清单"]["E3"].quotePrefix
    assert after["清单"]["F3"].quotePrefix


def test_other_parts_of_a_workbook_stay_byte_for_byte(book, fixed):
    copy, _ = fixed(book)
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(copy) as new:
        assert sorted(old.namelist()) == sorted(new.namelist())
        differing = {name for name in old.namelist() if old.read(name) != new.read(name)}
    assert {name for name in differing if not name.endswith(".rels")} <= {
        "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml",
    }  # fmt: skip


def test_a_cell_with_a_formula_is_left_alone_and_counted(book, fixed, tmp_path):
    with zipfile.ZipFile(book) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    start = sheet.index(b'<c r="B3"')
    end = sheet.index(b"</c>", start) + 4
    formula = b'<c r="B3" t="str"><f>" "&amp;"Z"</f><v xml:space="preserve"> Z</v></c>'
    parts["xl/worksheets/sheet1.xml"] = sheet[:start] + formula + sheet[end:]
    path = tmp_path / "公式.xlsx"
    with zipfile.ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    copy, made = fixed(path)
    assert load_workbook(copy)["清单"]["B3"].value == '=" "&"Z"'
    assert [(reason.name, count) for reason, count in made.left.items()] == [("FORMULA", 1)]
    assert made.made == 4


# Parquet and zip


def test_a_parquet_column_of_numbers_is_left_alone_and_counted(tmp_path, fixed):
    frame = pl.DataFrame(
        {"setl_id": ["S1", "S2"], "brdy": [19570418, 19570418], "psn_name": ["张三 ", None], "gend": ["1", "1"]},
        schema={"setl_id": pl.String, "brdy": pl.Int32, "psn_name": pl.Categorical, "gend": pl.String},
    )
    path = tmp_path / "setlinfo.parquet"
    frame.write_parquet(path, metadata={"author": "HIS"})
    copy, made = fixed(path)
    after = pl.read_parquet(copy)
    assert after.schema == frame.schema
    assert after["psn_name"].to_list() == ["张三", None]
    assert after.drop("psn_name").equals(frame.drop("psn_name"))
    assert pl.read_parquet_metadata(copy)["author"] == "HIS"
    assert [(reason.name, count) for reason, count in made.left.items()] == [("TYPE", 2)]


def test_an_archive_keeps_what_is_no_list(tmp_path, fixed):
    path = tmp_path / "七月.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"July"
        archive.writestr("folder/", "")
        archive.writestr(zipfile.ZipInfo("说明.docx", (2026, 7, 1, 8, 0, 0)), b"\x00\x01")
        archive.writestr("folder/清单.csv", "setl_id,psn_name,gend\nS1,张三 ,1\n".encode("gb18030"))
    copy, _ = fixed(path)
    with zipfile.ZipFile(copy) as archive:
        assert archive.namelist() == ["folder/", "说明.docx", "folder/清单.csv"]
        assert archive.getinfo("说明.docx").date_time == (2026, 7, 1, 8, 0, 0)
        assert archive.read("说明.docx") == b"\x00\x01"
        assert archive.read("folder/清单.csv").decode("gb18030") == "setl_id,psn_name,gend\nS1,张三,1\n"
        assert archive.comment == b"July"


# The log


def test_the_log_tells_each_fix_and_masks_who_it_is_about(tmp_path, fixed):
    path = tmp_path / "lists.csv"
    path.write_text("setl_id,psn_name,gend,medcasno\nＳ1,张三丰 ,１,－1\n", encoding="utf-8")
    fixed(path)
    text = (tmp_path / "out" / "fixes.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    people = ["病案号", "科室", "医师", "编码员"]
    assert list(rows[0]) == ["文件", "工作表", "行", "列", "字段", "病例", "检查", "原值", "改为", *people]
    assert {row["病案号"] for row in rows} == {"'-1"}
    logged = {(row["行"], row["列"], row["字段"], row["检查"], row["原值"], row["改为"]) for row in rows}
    assert logged == {
        ("2", "setl_id", "setlinfo.setl_id", "setlinfo.setl_id/format", "Ｓ1", "S1"),
        ("2", "psn_name", "setlinfo.psn_name", "setlinfo.psn_name/format", "张**", "张**"),
        ("2", "gend", "setlinfo.gend", "setlinfo.gend/format", "１", "1"),
        ("2", "medcasno", "setlinfo.medcasno", "setlinfo.medcasno/format", "－1", "'-1"),
    }
    check(path, mask=False, fix=tmp_path / "open")
    assert "张三丰 ,张三丰" in (tmp_path / "open" / "fixes.csv").read_text(encoding="utf-8-sig")


def test_many_fixes_wait_on_disk(tmp_path, fixed, monkeypatch):
    from validator.fix import edits

    monkeypatch.setattr(edits, "_IN_MEMORY", 5)
    rows = "".join(f"S{number},张 ,１\n" for number in range(20))
    path = tmp_path / "lists.csv"
    path.write_text(f"setl_id,psn_name,gend\n{rows}", encoding="utf-8")
    copy, made = fixed(path)
    assert made.made == 40
    assert "１" not in copy.read_text(encoding="utf-8")
    assert len((tmp_path / "out" / "fixes.csv").read_text(encoding="utf-8-sig").splitlines()) == 41
