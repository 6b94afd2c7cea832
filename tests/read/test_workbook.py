import datetime as dt
import io
import zipfile

import msoffcrypto.format.ooxml
import openpyxl
import pytest

from validator import read
from validator.base.errors import InputError

FULL = {"结算ID": "ST1", "姓名": "测试甲", "性别": "2", "医保类型": "310", "入院时间": "2026-07-06 09:10:00"}


@pytest.fixture
def book(tmp_path):
    """A workbook of sheets, each a list of rows; rows may be dicts. ``finish`` may change it before it is saved."""

    def make(sheets, name="清单.xlsx", finish=lambda book: None):
        path, made = tmp_path / name, openpyxl.Workbook()
        made.remove(made.active)
        for title, rows in sheets.items():
            sheet = made.create_sheet(title)
            dicts = bool(rows) and isinstance(rows[0], dict)
            for row in [list(rows[0]), *(list(row.values()) for row in rows)] if dicts else rows:
                sheet.append(row)
        finish(made)
        made.save(path)
        return path

    return make


def rewrite(path, change):
    """Change the XML of the first sheet."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["xl/worksheets/sheet1.xml"] = change(parts["xl/worksheets/sheet1.xml"])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return path


def field(part, name):
    return part.tables["setlinfo"][name].to_list()


# ---- sheets


@pytest.mark.parametrize("interface", ["4101", "4101A"])
def test_a_sheet_per_node(known, tables, book, one, interface):
    rows = tables(3, interface)
    empty = {name: [[*known[interface].tables[name].fields, "setl_id"]] for name, own in rows.items() if not own}
    part = one(book(rows | empty))
    assert part.layout == interface
    assert set(part.tables) == set(known[interface].tables)
    assert field(part, "case_id") == ["ST0000000000", "ST0000000001", "ST0000000002"]
    assert part.tables["diseinfo"].height == len(rows["diseinfo"])
    source = part.sources[part.tables["diseinfo"]["_source"][0]]
    assert (source.sheet, source.columns["diag_type"]) == ("diseinfo", "B")
    assert part.tables["diseinfo"]["_line"].to_list() == list(range(2, len(rows["diseinfo"]) + 2))
    assert not part.notes


def test_chinese_titles_and_headings(known, tables, book, one):
    titles = {"setlinfo": "结算清单基本信息", "diseinfo": "诊断信息", "oprninfo": "手术操作信息", "payinfo": "基金支付"}
    sheets = {}
    for table, title in titles.items():
        names = {field: row.name_zh for field, row in known["4101"].tables[table].fields.items()} | {
            "setl_id": "结算ID"
        }
        sheets[title] = [{names[field]: value for field, value in row.items()} for row in tables()[table]]
    part = one(book(sheets))
    assert set(part.tables) == set(titles)
    assert not part.notes


def test_sheets_are_known_by_their_columns(tables, book, one):
    rows = tables()
    part = one(book({"Sheet1": rows["setlinfo"], "Sheet2": rows["diseinfo"], "Sheet3": rows["iteminfo"]}))
    assert set(part.tables) == {"setlinfo", "diseinfo", "iteminfo"}


def test_a_sheet_that_is_no_table_is_noted(book, one):
    part = one(book({"基本信息": [FULL], "说明": [["填写说明"], ["请勿修改"]], "Sheet3": []}))
    assert [(note.check, note.args) for note in part.notes] == [("read/skipped-sheet", {"sheet": "说明"})]


def test_a_sheet_of_another_interface_is_noted(tables, book, one):
    rows = tables(1, "4101A") | {"payinfo": [{"setl_id": "x", "fund_pay_type": "310100", "fund_payamt": "1"}]}
    part = one(book({name: own for name, own in rows.items() if own}))
    assert part.layout == "4101A"
    assert [(note.check, note.table) for note in part.notes] == [("read/unknown-table", "payinfo")]


def test_the_sheets_of_our_own_report_are_left_out(book, one):
    def mark(made):
        name = openpyxl.workbook.defined_name.DefinedName("zhikong.sheet.1", attr_text="'病例'!$A$1", hidden=True)
        made.defined_names["zhikong.sheet.1"] = name

    ours = [{"病例": "ST1", "出院科室": "A04", "主诊医师": "x", "填报人": "y", "出院日期": "2026-07-11"}]
    part = one(book({"病例": ours, "基本信息": [FULL]}, finish=mark))
    assert part.tables["setlinfo"].height == 1
    assert not part.notes


def test_workbooks_that_are_each_complete(known, tables, book):
    rows = {name: own for name, own in tables(1).items() if own}
    paths = [book(rows, f"{month}月.xlsx") for month in (6, 7)]
    parts = list(read.partitions(paths, known))
    assert [part.tables["diseinfo"].height for part in parts] == [len(rows["diseinfo"])] * 2


def test_a_workbook_per_table(known, tables, book, one):
    rows = {name: own for name, own in tables(2).items() if own}
    paths = [book({"Sheet1": own}, f"{name}.xlsx") for name, own in rows.items()]
    part = one(*paths)
    assert set(part.tables) == set(rows)
    assert not part.notes


def test_an_open_document_spreadsheet(tmp_path, one):
    def row(cells):
        text = "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in cells
        )
        return f"<table:table-row>{text}</table:table-row>"

    spaces = "".join(
        f' xmlns:{each}="urn:oasis:names:tc:opendocument:xmlns:{each}:1.0"' for each in ("office", "table", "text")
    )
    path, kind = tmp_path / "a.ods", "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("mimetype", kind)
        file.writestr("META-INF/manifest.xml", "<manifest/>")
        file.writestr(
            "content.xml",
            f'<office:document-content{spaces}><office:body><office:spreadsheet><table:table table:name="清单">'
            f"{row(FULL)}{row(FULL.values())}"
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    assert field(one(path), "psn_name") == ["测试甲"]


# ---- headings


def test_title_rows_with_merged_cells(book, one):
    rows = [["某医院结算清单"], ["2026年7月"], [], list(FULL), list(FULL.values())]
    part = one(book({"清单": rows}, finish=lambda made: made.active.merge_cells("A1:E1")))
    assert field(part, "_line") == [5]
    assert not part.notes


def test_headings_in_two_rows(book, one):
    rows = [
        ["结算ID", "患者", None, "呼吸机使用时间", None, None, "医保类型"],
        [None, "姓名", "性别", "天", "小时", "分钟", None],
        ["ST1", "测试甲", "2", 1, 13, 24, "310"],
    ]

    def merge(made):
        for area in ("A1:A2", "B1:C1", "D1:F1", "G1:G2"):
            made.active.merge_cells(area)

    part = one(book({"清单": rows}, finish=merge))
    assert field(part, "vent_used_dura") == ["1/13/24"]
    assert (field(part, "psn_name"), field(part, "hi_type")) == (["测试甲"], ["310"])
    assert part.sources[0].columns["vent_used_dura"] == "D+E+F"
    assert not part.notes


@pytest.mark.parametrize("swapped", [False, True])
def test_chinese_and_official_names_in_two_rows(book, one, swapped):
    names = [list(FULL), ["setl_id", "psn_name", "gend", "hi_type", "adm_time"]]
    part = one(book({"清单": [*(names[::-1] if swapped else names), list(FULL.values())]}))
    assert (field(part, "case_id"), field(part, "_line")) == (["ST1"], [3])


def test_no_table_at_all(known, book):
    path = book({"Sheet1": [["药品", "性别"], ["阿司匹林", "x"]]})
    with pytest.raises(InputError) as error:
        list(read.partitions([path], known))
    assert "应有一行标题，如 就诊ID、结算ID" in error.value.zh
    assert "见到的标题里认识的有：性别" in error.value.zh
    assert "阿司匹林" not in error.value.zh


# ---- cells


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("入院时间", dt.datetime(2026, 7, 6, 9, 10), "2026-07-06 09:10:00"),  # noqa: DTZ001 - as Excel has them
        ("入院时间", dt.datetime(2026, 7, 6, 9, 9, 59, 700_000), "2026-07-06 09:10:00"),  # noqa: DTZ001
        ("入院时间", dt.date(2026, 7, 6), "2026-07-06 00:00:00"),
        ("入院时间", 46209.381944444444, "2026-07-06 09:10:00"),
        ("出生日期", dt.date(1975, 3, 12), "1975-03-12"),
        ("出生日期", dt.datetime(1975, 3, 12), "1975-03-12"),  # noqa: DTZ001
        ("出生日期", 27465, "1975-03-12"),
        ("出生日期", 19750312, "19750312"),
        ("姓名", dt.date(2026, 7, 6), "2026-07-06"),
        ("姓名", dt.time(9, 10), "09:10:00"),
        ("呼吸机使用时长", dt.timedelta(days=1, hours=13, minutes=24), "1/13/24"),
        ("姓名", dt.timedelta(hours=30), "30:00:00"),
        ("年龄", 51.0, "51"),
        ("个人自付", 2600.5, "2600.5"),
        ("个人自付", 0.1 + 0.2, "0.3"),
        ("个人自付", 0.00001, "0.00001"),
        ("个人自付", "2600.50", "2600.50"),
        ("病案号", "0012", "0012"),
        ("姓名", True, "true"),
        ("姓名", " 甲 ", " 甲 "),
        ("姓名", "", None),
    ],
)
def test_cells_as_people_see_them(known, book, one, name, value, text):
    part = one(book({"清单": [FULL | {name: value}]}))
    target = {row.name_zh: row.field for row in known["4101"].tables["setlinfo"].fields.values()} | {"姓名": "psn_name"}
    assert field(part, target[name]) == [text]
    assert not part.notes


def test_a_number_too_long_for_excel(book, one):
    part = one(book({"清单": [FULL | {"证件号码": 110105197503120026}]}))
    assert field(part, "certno") == ["1.10105197503120E+17"]  # a power of ten, which setlinfo.certno/damage names
    assert not part.notes


def test_a_formula_without_its_value(book, one):
    part = one(book({"清单": [FULL | {"病案号": '="M"&1'}, FULL | {"结算ID": "ST2", "病案号": "M2"}]}))
    assert field(part, "medcasno") == [None, "M2"]
    assert [(note.check, note.field, note.line) for note in part.notes] == [("read/no-cached-value", "medcasno", 2)]


def test_a_formula_with_its_value(book, one):
    path = book({"清单": [FULL | {"个人自付": "=1+1.5"}]})
    part = one(
        rewrite(
            path, lambda xml: xml.replace(b"</f><v></v>", b"</f><v>2.5</v>").replace(b"</f><v />", b"</f><v>2.5</v>")
        )
    )
    assert field(part, "psn_selfpay") == ["2.5"]
    assert not part.notes


def test_an_error_cell(book, one):
    part = one(book({"清单": [FULL | {"病案号": "#N/A"}]}))
    assert field(part, "medcasno") == [None]
    assert [(note.check, note.field, note.args) for note in part.notes] == [
        ("read/cell-error", "medcasno", {"error": "#N/A"})
    ]


def test_merged_data_cells(tables, book, one):
    rows = tables(1)
    path = book(
        {"setlinfo": rows["setlinfo"], "diseinfo": rows["diseinfo"]},
        finish=lambda made: made["diseinfo"].merge_cells("C2:C3"),
    )
    part = one(path)
    assert part.tables["diseinfo"]["diag_code"][1] is None
    assert [(note.check, note.field, note.line, note.args) for note in part.notes] == [
        ("read/merged-cells", "diag_code", 2, {"area": "C2:C3"})
    ]


def test_blank_rows_between_keep_the_line_numbers(book, one):
    rows = [list(FULL), list(FULL.values()), [], [None], ["ST2", *list(FULL.values())[1:]]]
    assert field(one(book({"清单": rows})), "_line") == [2, 5]


# ---- what cannot be read


@pytest.mark.parametrize("suffix", ["xlsx", "xls"])
def test_an_encrypted_workbook(known, book, tmp_path, suffix):
    data = io.BytesIO()
    with book({"清单": [FULL]}).open("rb") as plain:
        msoffcrypto.format.ooxml.OOXMLFile(plain).encrypt("secret", data)
    path = tmp_path / f"locked.{suffix}"
    path.write_bytes(data.getvalue())
    with pytest.raises(InputError, match="有密码"):
        list(read.partitions([path], known))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_workbook(known, book, share):
    path = book({"清单": [FULL] * 50})
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InputError, match="损坏或不完整"):
        list(read.partitions([path], known))


@pytest.mark.parametrize("data", [b"PK\x03\x04nonsense", b"\xd0\xcf\x11\xe0nonsense" * 100])
def test_a_corrupt_workbook(known, tmp_path, data):
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    with pytest.raises(InputError, match="损坏或不完整"):
        list(read.partitions([path], known))


def test_broken_xml(known, book):
    path = rewrite(book({"清单": [FULL]}), lambda xml: xml[: len(xml) // 2])
    with pytest.raises(InputError):
        list(read.partitions([path], known))


@pytest.mark.parametrize("sheets", [{"Sheet1": []}, {"清单": [list(FULL)]}])
def test_a_workbook_without_rows(known, book, sheets):
    path = book(sheets)
    with pytest.raises(InputError, match="没有病例"):
        list(read.partitions([path], known))


def test_an_empty_file(known, tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"")
    with pytest.raises(InputError, match="没有病例"):
        list(read.partitions([path], known))


def test_a_csv_that_calls_itself_xls(tmp_path, one):
    path = tmp_path / "a.xls"
    path.write_text("\t".join(FULL) + "\n" + "\t".join(FULL.values()) + "\n", encoding="gb18030")
    assert field(one(path), "psn_name") == ["测试甲"]


def test_a_sheet_with_a_stray_far_cell(known, book, monkeypatch):
    monkeypatch.setenv("ZHIKONG_LIMITS", "workbook-cells=1000")
    path = book({"清单": [FULL]}, finish=lambda made: made.active.cell(900, 900, "x"))
    with pytest.raises(InputError, match="请删去右侧和下方多余的单元格"):
        list(read.partitions([path], known))


def test_another_layout_than_the_one_named(known, tables, book):
    path = book({"setlinfo": tables(1)["setlinfo"]})
    with pytest.raises(InputError, match="应是 4101A 的数据，却只有别的接口的字段"):
        list(read.partitions([path], known, layout="4101A"))
