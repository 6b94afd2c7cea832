"""What --fix will not do, and that it then leaves nothing behind."""

import zipfile

import pytest
from openpyxl import Workbook

from validator import api, check, read
from validator.base import files
from validator.base.errors import InputError
from validator.fix import Copies

LIST = "setl_id,psn_name,gend\nS1,张三 ,1\n"


@pytest.fixture
def lists(tmp_path):
    path = tmp_path / "in" / "lists.csv"
    path.parent.mkdir()
    path.write_text(LIST, encoding="utf-8")
    return path


def refused(data, folder, message):
    before = sorted(folder.parent.rglob("*"))
    with pytest.raises(InputError, match=message):
        check(data, fix=folder)
    assert sorted(folder.parent.rglob("*")) == before


def test_the_originals_are_never_overwritten(lists):
    refused(lists, lists.parent, "被检查的文件")
    refused(lists.parent, lists.parent.parent, "被检查的文件")
    assert lists.read_text(encoding="utf-8") == LIST


def test_copies_do_not_go_among_what_is_checked(lists):
    refused(lists.parent, lists.parent / "out", "在被检查的文件夹")


def test_only_earlier_copies_are_overwritten(lists, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "lists.csv").write_text("mine", encoding="utf-8")
    refused(lists, out, "已存在")
    assert (out / "lists.csv").read_text(encoding="utf-8") == "mine"
    check(lists, fix=tmp_path / "new")
    check(lists, fix=tmp_path / "new")


def test_two_copies_never_take_one_name(lists, tmp_path):
    twin = tmp_path / "twin" / "lists.csv"
    twin.parent.mkdir()
    twin.write_text(LIST.replace("S1", "S2"), encoding="utf-8")
    refused([lists, twin], tmp_path / "out", "两个输入")
    fixed = check([lists.parent, twin.parent], fix=tmp_path / "out").fixed
    assert sorted(path.relative_to(tmp_path / "out").as_posix() for path in fixed.files) == [
        "in/lists.csv",
        "twin/lists.csv",
    ]


def test_standard_input_and_tables_in_memory_have_no_file(tmp_path):
    refused("-", tmp_path / "out", "标准输入")
    refused({"setlinfo": {}}, tmp_path / "out", "内存")


@pytest.mark.parametrize("suffix", [".xls", ".xlsb", ".ods"])
def test_other_workbooks_are_named(suffix, tmp_path):
    path = tmp_path / f"七月{suffix}"
    if suffix == ".xls":
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    else:
        with zipfile.ZipFile(path, "w") as book:
            book.writestr("xl/workbook.bin" if suffix == ".xlsb" else "content.xml", b"\x83\x01")
            if suffix == ".xlsb":
                book.writestr(
                    "_rels/.rels",
                    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
                    'Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
                    'Target="xl/workbook.bin"/></Relationships>',
                )
    refused(path, tmp_path / "out", f"七月{suffix}：--fix 写不了这种文件；请先 check --format xlsx")
    with zipfile.ZipFile(tmp_path / "七月.zip", "w") as archive:
        archive.write(path, path.name)
    refused(tmp_path / "七月.zip", tmp_path / "out", "写不了这种文件")


def test_a_csv_called_xls_is_written(lists, tmp_path):
    lists = lists.rename(lists.with_suffix(".xls"))
    check(lists, fix=tmp_path / "out")
    assert (tmp_path / "out" / "lists.xls").read_text(encoding="utf-8") == LIST.replace("三 ", "三")


def test_a_run_that_breaks_off_leaves_the_copies_as_they_were(lists, tmp_path):
    details = lists.parent / "setlinfo2.csv"
    details.write_text(LIST.replace("S1", "S2"), encoding="utf-8")
    check(lists.parent, fix=tmp_path / "out")
    old = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    lists.write_text(LIST.replace(",1", ",１"), encoding="utf-8")
    known, copies = api.load(), Copies([lists.parent], tmp_path / "out")
    report = api.run(known, read.partitions([lists.parent], known.layouts), fixes=copies.fixes)
    details.write_bytes(b"\xff\xff")
    with pytest.raises(InputError, match=r"setlinfo2\.csv"):
        copies.write(report, known.layouts)
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == old
    assert not list((tmp_path / "out").rglob(".*"))


def test_unreadable_data_leaves_no_folder(tmp_path):
    path = tmp_path / "broken.json"
    path.write_text('{"input": ', encoding="utf-8")
    refused(path, tmp_path / "out", "broken.json")


def test_a_folder_of_copies_can_be_checked_as_it_is(lists, tmp_path):
    check(lists.parent, fix=tmp_path / "out")
    assert check(tmp_path / "out").findings.filter(check="setlinfo.psn_name/format").is_empty()


def test_a_list_that_needs_no_fix_is_copied_as_it_is(tmp_path):
    clean = files.data("schemas") / "layouts" / "4101" / "golden.json"
    report = check(clean, fix=tmp_path / "out")
    assert (tmp_path / "out" / clean.name).read_bytes() == clean.read_bytes()
    assert report.fixed.made == report.fixed.judged == 0


def test_sheets_of_an_earlier_report_are_no_obstacle(tmp_path):
    book = Workbook()
    book.active.append(["结算ID", "姓名", "性别"])
    book.active.append(["S1", "张三 ", "7"])
    path = tmp_path / "七月.xlsx"
    book.save(path)
    check(path).write(tmp_path / "annotated.xlsx")
    report = check(tmp_path / "annotated.xlsx", fix=tmp_path / "out")
    assert report.fixed.made == 1
    assert check(tmp_path / "out" / "annotated.xlsx").fixes().is_empty()
