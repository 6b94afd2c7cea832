"""The coder's own workbook comes back with the bad cells marked, and nothing of it is lost."""

import re
import zipfile
from pathlib import Path
from xml.etree.ElementTree import fromstring as parse  # our own files

import polars as pl
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from tests.report.sample import CASE_COUNT, FILE, SHEETS, SampleReport
from validator.api import check
from validator.report import write, xlsx
from validator.report.common.words import LEVELS
from validator.workbook.comments import AUTHOR
from validator.workbook.package import MAIN

WILD = Path(__file__).parents[1] / "wild/coder"
EXAMPLE = Path(__file__).parents[2] / "examples/workbook/lists.xlsx"
OURS = {"质控结果 (2)", "质控汇总"}


def back(report, folder, name="back.xlsx"):
    return write(report, folder / name)


@pytest.fixture
def before(own):
    return load_workbook(own.inputs[0], rich_text=True)


@pytest.fixture
def after(own, tmp_path):
    return load_workbook(back(own, tmp_path), rich_text=True)


def marks(book):
    """Cell -> level, of the user's sheets."""
    fills = {f"FF{level.fill}": name for name, level in LEVELS.items()}
    return {
        (sheet.title, cell.coordinate): fills[cell.fill.fgColor.rgb]
        for sheet in book
        if not sheet.title.startswith("质控")
        for row in sheet.iter_rows()
        for cell in row
        if cell.fill.fill_type == "solid" and cell.fill.fgColor.rgb in fills
    }


def expected(report):
    worst = {}
    for finding in report.findings.iter_rows(named=True):
        place = finding["source"]
        key = place["sheet"] or SHEETS["setlinfo"], f"{place['column'] or 'A'}{place['row'] or 1}"
        worst[key] = min(worst.get(key, finding["level"]), finding["level"], key=list(LEVELS).index)
    return worst


def test_every_bad_cell_is_filled_by_its_gravest_level_and_no_other(own, after):
    assert marks(after) == expected(own)


def test_values_formulas_and_sheets_are_the_users(before, after):
    assert [name for name in after.sheetnames if name not in OURS] == before.sheetnames
    assert set(after.sheetnames[:2]) == OURS
    for sheet in before:
        for row in sheet.iter_rows():
            for cell in row:
                assert after[sheet.title][cell.coordinate].value == cell.value
    assert after["统计"]["B1"].value == "=AVERAGE('结算清单'!E3:E26)"
    assert after.defined_names["age_mean"].attr_text == "统计!$B$1"


def test_formats_widths_and_rules_are_the_users(own, before, after):
    changed = expected(own)
    for sheet in before:
        new = after[sheet.title]
        assert new.merged_cells.ranges == sheet.merged_cells.ranges
        assert new.freeze_panes == sheet.freeze_panes
        assert new.auto_filter.ref == sheet.auto_filter.ref
        assert new.print_title_rows == sheet.print_title_rows
        assert {k: d.width for k, d in new.column_dimensions.items()} == {
            k: d.width for k, d in sheet.column_dimensions.items()
        }
        assert {k: d.height for k, d in new.row_dimensions.items()} == {
            k: d.height for k, d in sheet.row_dimensions.items()
        }
        assert str(new.data_validations.dataValidation) == str(sheet.data_validations.dataValidation)
        assert str(list(new.conditional_formatting)) == str(list(sheet.conditional_formatting))
        assert len(new._charts) == len(sheet._charts)
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            twin = new[cell.coordinate]
            for look in ("font", "number_format", "alignment", "border"):
                assert repr(getattr(twin, look)) == repr(getattr(cell, look))
            if (sheet.title, cell.coordinate) not in changed:
                assert repr(twin.fill) == repr(cell.fill)


def test_a_missing_cell_is_put_in_and_marked(before, after):
    assert before["结算清单"]["C5"].value is None
    assert marks(after)["结算清单", "C5"] == "error"


def test_a_finding_whose_column_is_not_there_marks_its_row(own, tmp_path):
    class NoColumn(SampleReport):
        def iter_findings(self):
            for part in super().iter_findings():
                yield part.with_columns(pl.col("source").struct.with_fields(column=pl.lit(None, pl.String)))

    report = NoColumn(inputs=own.inputs)
    assert {place for _, place in marks(load_workbook(back(report, tmp_path)))} == {
        f"A{place['row'] or 1}" for place in report.findings["source"]
    }


def test_what_is_wrong_with_a_sheet_or_the_file_marks_its_first_cell(tmp_path):
    book = load_workbook(EXAMPLE)
    lists, fees = book.worksheets[0], book["基金支付信息"]
    name = next(cell for cell in lists[1] if cell.value == "人员姓名")
    name.value = "不认识的列"
    del book[fees.title]
    book.save(tmp_path / "lists.xlsx")
    report = check(tmp_path / "lists.xlsx")
    about = report.findings.filter(pl.col("source").struct.field("row").is_null())
    assert set(about["check"]) == {"read/missing-table", "read/missing-column", "read/unknown-heading"}
    after = load_workbook(back(report, tmp_path))
    comment = after[lists.title]["A1"].comment.text
    assert all(check in comment for check in set(about["check"]))
    assert marks(after)[lists.title, "A1"] == "error"


def test_the_first_sheet_says_what_is_wrong_with_whole_columns_and_what_to_do_first(tmp_path):
    book = load_workbook(back(check(WILD / "民族丢零.xlsx"), tmp_path))
    first = list(book.worksheets[0].iter_rows(values_only=True))
    assert book.sheetnames[:2] == ["质控汇总", "质控结果"]
    assert book.active.title == "质控汇总"
    at = next(n for n, row in enumerate(first) if str(row[0]).startswith("整列、整个文件的问题：改好这 1 处，5 处"))
    assert first[at + 2][1] == "setlinfo.naty/value"
    assert "→ 开头的 0 丢了" in first[at + 2][2]
    assert any(row[0] == "下一步" for row in first[at:])


def test_comments_say_title_message_and_fix(after):
    comment = after["诊断"]["D8"].comment
    assert comment.author == AUTHOR
    assert comment.text.startswith("【错误】主要诊断不应是外因编码（DX101）\n主要诊断“W01.000”是外因编码")
    assert "改：把损伤或疾病本身列为主要诊断" in comment.text
    assert "【错误】诊断与性别不符（DX107）" in comment.text, "several findings of one cell share its comment"


def test_the_users_comments_stay(after):
    assert after["结算清单"]["B4"].comment.text == "与检查无关的批注"
    both = after["结算清单"]["K3"].comment
    assert both.author == "编码员"
    assert both.text.startswith("请核对电话\n———— 质控 ————\n【警告】联系人电话：号码形式")


def test_each_comment_has_one_box(own, tmp_path):
    with zipfile.ZipFile(back(own, tmp_path)) as package:
        texts = [package.read(name) for name in package.namelist() if re.search(r"[cC]omments?\d", name)]
        boxes = [package.read(name) for name in package.namelist() if name.endswith(".vml")]
    assert sum(text.count(b" ref=") for text in texts) == sum(vml.count(b'ObjectType="Note"') for vml in boxes)
    for vml in boxes:
        ids = re.findall(rb'id="(_x0000_s\d+)"', vml)
        assert len(ids) == len(set(ids))


def test_the_findings_sheet_lists_all_with_links_to_their_cells(own, after):
    sheet = after["质控结果 (2)"]
    rows = list(sheet.iter_rows(min_row=3))
    assert sheet.freeze_panes == "A3"
    assert sheet.auto_filter.ref == f"A2:O{sheet.max_row}"
    assert len(rows) == own.findings.height
    for row in rows:
        if row[1].value:
            assert row[3].hyperlink.location == f"'{row[2].value}'!{row[3].value}"
            assert (row[2].value, row[3].value) in expected(own)
    first = [cell.value for cell in rows[0]]
    assert first == [
        "警告", "ST26070001", "结算清单", "K3", "联系人电话 coner_tel", "13*****", None, None,
        "“联系人电话”填的是“13*****”，不像电话号码", "填 11 位手机号，或区号加座机号", "setlinfo.coner_tel/pattern",
        "B00001", "外科", "王**", "钱*",
    ]  # fmt: skip


def test_within_a_case_the_gravest_comes_first(after):
    levels = [row[0] for row in after["质控结果 (2)"].iter_rows(min_row=3, values_only=True) if row[1] == "ST26070006"]
    assert levels == ["错误", "错误", "错误", "警告", "警告"]


def test_the_summary_gives_causes_with_denominators(after):
    rows = list(after["质控汇总"].iter_rows(values_only=True))
    cause, unjudged = (row for row in rows if row[1] == "DX107")
    assert cause[:4] == ("错误", "DX107", "诊断与性别不符", "一致性")
    assert cause[4:10] == (4, 4, 24, pytest.approx(4 / 24), 15, 3)
    assert unjudged[6:] == (24, None, 15, 3, "所需的值缺失或本身有误")
    assert next(row for row in rows if row[1] == "FEE101")[-1] == "没有这张表的数据"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_text_that_looks_like_a_formula_stays_text(start, own, tmp_path):
    class Sly(SampleReport):
        def iter_findings(self):
            for part in super().iter_findings():
                yield part.with_columns(value=start + part["check"], message=start + part["check"])

    book = load_workbook(back(Sly(inputs=own.inputs), tmp_path))
    for row in book["质控结果 (2)"].iter_rows(min_row=3):
        for cell in (row[5], row[8]):
            assert (cell.data_type, cell.quotePrefix) == ("s", True)
            assert cell.value[0] == start


def test_control_characters_and_long_texts_do_not_break_the_file(own, tmp_path):
    class Unusual(SampleReport):
        def iter_findings(self):
            for part in super().iter_findings():
                yield part.with_columns(
                    value=part["check"] + "\x00\x0b\uffff<&>_x0041_", message=part["message"] + "长" * 40_000
                )

    book = load_workbook(back(Unusual(inputs=own.inputs), tmp_path))
    row = next(book["质控结果 (2)"].iter_rows(min_row=3))
    assert row[5].value.endswith("<&>_x005F_x0041_"), "Excel shows _x0041_, and not A"
    assert len(row[8].value) == 32_767


def test_a_second_run_replaces_the_marks_of_the_first(own, tmp_path):
    once = back(own, tmp_path, "once.xlsx")

    class Fixed(SampleReport):
        """All is well but for the telephone numbers."""

        def iter_findings(self):
            for part in super().iter_findings():
                yield part.filter(part["check"] == "setlinfo.coner_tel/pattern")

    report = Fixed(inputs=[str(once)])
    twice = load_workbook(back(report, tmp_path, "twice.xlsx"), rich_text=True)
    first = load_workbook(own.inputs[0], rich_text=True)
    assert twice.sheetnames == ["质控汇总", "质控结果 (2)", *first.sheetnames]
    assert marks(twice) == expected(report)
    assert twice["诊断"]["D8"].comment is None
    assert twice["结算清单"]["D5"].fill.fgColor.rgb == "FFDDEEFF", "the user's own colour is back"
    assert twice["诊断"]["D8"].fill.fill_type is None
    assert twice["结算清单"]["K3"].comment.text.count("质控") == 1
    assert twice["结算清单"]["B4"].comment.text == "与检查无关的批注"
    assert sorted(twice.defined_names) == ["age_mean", "zhikong.sheet.1", "zhikong.sheet.2"]
    assert twice["结算清单"].print_title_rows == "$1:$2"


def test_too_many_comments_are_cut_and_the_sheet_says_so(own, tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "MOST_COMMENTS", 3)
    book = load_workbook(back(own, tmp_path))
    ours = [c for s in book for row in s.iter_rows() for c in row if c.comment and c.comment.author == AUTHOR]
    assert len(ours) == 3
    assert all("【错误】" in cell.comment.text for cell in ours), "errors first"
    assert len(marks(book)) == len(expected(own))
    assert f"{len(expected(own)) - 3} 个单元格只涂色、未加批注" in book["质控结果 (2)"]["A1"].value


def test_findings_beyond_the_sheet_are_cut_and_the_sheet_says_so(own, tmp_path, monkeypatch):
    monkeypatch.setattr("validator.report.common.pages.MOST_ROWS", 12)
    sheet = load_workbook(back(own, tmp_path))["质控结果 (2)"]
    assert sheet.max_row == 12
    assert "只列前 10 处" in sheet["A1"].value


def test_no_more_links_than_excel_bears(own, tmp_path, monkeypatch):
    monkeypatch.setattr("validator.workbook.sheet._MOST_LINKS", 5)
    with zipfile.ZipFile(back(own, tmp_path)) as package:
        sheet = package.read("xl/worksheets/zkSheet2.xml")
    assert sheet.count(b"<hyperlink ") == 5


def test_macros_are_kept_and_so_is_the_extension(own, tmp_path):
    source = tmp_path / "清单.xlsm"
    content = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    with zipfile.ZipFile(own.inputs[0]) as old, zipfile.ZipFile(source, "w") as new:
        for name in old.namelist():
            plain = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
            new.writestr(name, old.read(name).replace(plain.encode(), content.encode()))
        new.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 macros")
    written = back(SampleReport(inputs=[str(source)]), tmp_path)
    assert written.suffix == ".xlsm"
    with zipfile.ZipFile(written) as package:
        assert package.read("xl/vbaProject.bin") == b"\xd0\xcf\x11\xe0 macros"
        assert content.encode() in package.read("[Content_Types].xml")
    assert "诊断" in load_workbook(written, keep_vba=True).sheetnames


@pytest.mark.parametrize("inputs", [["七月.json"], ["a.csv", "b.csv"], ["gone.xlsx"], ["lists.zip/a.xlsx"]])
def test_other_inputs_get_a_new_workbook(inputs, tmp_path):
    book = load_workbook(back(SampleReport(inputs=inputs), tmp_path))
    assert book.sheetnames == ["质控汇总", "质控结果", "病例"]
    assert book["病例"].max_row == CASE_COUNT + 1
    assert book["病例"]["L2"].value == "可收，有警告"
    assert book["质控结果"]["D2"].value == "位置"


def test_a_workbook_that_cannot_be_annotated_gets_a_new_one_that_says_so(own, tmp_path):
    strict = tmp_path / "strict.xlsx"
    with zipfile.ZipFile(own.inputs[0]) as old, zipfile.ZipFile(strict, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(MAIN.encode(), b"urn:iso-strict"))
    book = load_workbook(back(SampleReport(inputs=[str(strict)]), tmp_path))
    assert book.sheetnames == ["质控汇总", "质控结果", "病例"]
    texts = [str(row[2]) for row in book["质控汇总"].iter_rows(values_only=True)]
    assert any("strict.xlsx 的格式不能批注" in text for text in texts)


def test_the_only_workbook_of_a_folder_is_annotated(own, tmp_path):
    class Folder(SampleReport):
        @property
        def cases(self):
            return super().cases.with_columns(file=pl.lit(own.inputs[0]))

    book = load_workbook(back(Folder(inputs=[str(tmp_path)]), tmp_path))
    assert marks(book) == expected(own)


def test_only_the_touched_parts_change(own, tmp_path):
    with zipfile.ZipFile(own.inputs[0]) as old, zipfile.ZipFile(back(own, tmp_path)) as new:
        same = [name for name in old.namelist() if old.read(name) == new.read(name)]
        before, after = (package.read("xl/worksheets/sheet2.xml") for package in (old, new))
    assert {"xl/theme/theme1.xml", "xl/charts/chart1.xml", "docProps/core.xml", "xl/worksheets/sheet5.xml"} <= set(same)
    untouched = before.partition(b'<c r="D8"')[0]
    assert after.startswith(untouched), "what comes before the first bad cell keeps its bytes"


def test_every_part_is_well_formed_and_declared(own, tmp_path):
    with zipfile.ZipFile(back(own, tmp_path)) as package:
        names = set(package.namelist())
        types = parse(package.read("[Content_Types].xml"))  # noqa: S314
        for name in names:
            if name.endswith((".xml", ".rels", ".vml")):
                parse(package.read(name))  # noqa: S314
        for rels in (name for name in names if name.endswith(".rels")):
            for relation in parse(package.read(rels)):  # noqa: S314
                target = relation.get("Target")
                if target.startswith("/"):
                    assert target[1:] in names
    declared = {each.get("PartName", "")[1:] for each in types}
    extensions = {each.get("Extension") for each in types if each.get("Extension")} - {"xml"}
    for name in names - {"[Content_Types].xml"}:
        assert name in declared or name.rpartition(".")[2] in extensions


def test_a_workbook_of_another_maker_is_marked_too(tmp_path):
    """Prefixed names, rows and cells without addresses, no styles of its own: as some exporters write."""
    book = Workbook()
    book.active.title = SHEETS["setlinfo"]
    book.active["A1"].comment = Comment("旧", "编码员")
    path = tmp_path / FILE
    book.save(path)
    rows = "".join("<x:row>" + "<x:c><x:v>1</x:v></x:c>" * 2 + "</x:row>" for _ in range(26))
    sheet = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}<x:row/></x:sheetData></x:worksheet>'
    strange = tmp_path / "strange" / FILE
    strange.parent.mkdir()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(strange, "w") as new:
        for name in old.namelist():
            if "omment" not in name and "sheet1.xml.rels" not in name:
                new.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else old.read(name))
    report = SampleReport(inputs=[str(strange)])
    after = load_workbook(back(report, tmp_path))
    wanted = {key: level for key, level in expected(report).items() if key[0] == SHEETS["setlinfo"]}
    assert marks(after) == wanted
