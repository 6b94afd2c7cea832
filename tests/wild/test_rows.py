"""Rows that are no cases, and keys of rows written in other ways."""

from pathlib import Path

import pytest

import validator
from validator import read
from validator.spec import layouts

HERE = Path(__file__).parent


def noted(path):
    """What was noted of the reading alone: check, table, line."""
    (part,) = read.partitions([path], layouts.load())
    return part, [(note.check, note.table, note.line) for note in part.notes]


@pytest.mark.parametrize(
    ("name", "cases", "line", "footers"), [("06-footers/book.xlsx", 3, 8, 2), ("coder/合计行.xlsx", 5, 7, 1)]
)
def test_totals_and_names_below_a_sheet_are_no_cases(name, cases, line, footers):
    report = validator.check(HERE / name)
    assert report.cases.height == cases
    assert not report.failed("error")
    (row,) = report.findings.filter(check="read/footer").rows(named=True)
    assert (row["level"], row["source"]["row"]) == ("info", line)
    assert next(each.rows.aside["footer"] for each in report.sources if each.table == "setlinfo") == footers


@pytest.mark.parametrize("text", ["合计", "本页小计：", "合 计", "制表人：测试", "共 3 条", "第1页 共2页", "以下空白"])
def test_footers_as_exports_write_them(text, tmp_path):
    path = tmp_path / "清单.csv"
    path.write_text(f"结算ID,姓名,性别,个人自付\nST1,测试甲,2,5\n{text},,,5\n", encoding="utf-8")
    part, notes = noted(path)
    assert part.tables["setlinfo"]["setl_id"].to_list() == ["ST1"]
    assert notes[0] == ("read/footer", "setlinfo", 3)


@pytest.mark.parametrize("key", ["共济001", "第1", "完001", "合计001"])
def test_a_key_that_only_begins_like_a_footer_is_a_case(key, tmp_path):
    path = tmp_path / "清单.csv"
    path.write_text(f"结算ID,姓名,性别\n{key},测试甲,2\n", encoding="utf-8")
    assert noted(path)[0].tables["setlinfo"].height == 1


@pytest.mark.parametrize(("name", "rows"), [("07-merged-key/book.xlsx", 9), ("coder/合并病案号.xlsx", 14)])
def test_a_key_merged_over_rows_is_the_key_of_each(name, rows):
    report = validator.check(HERE / name)
    (row,) = report.findings.filter(check="read/merged-key").rows(named=True)
    assert (row["table"], row["level"]) == ("diseinfo", "info")
    assert not set(report.findings["check"]) & {"read/orphan-row", "read/merged-cells", "read/blank-key", "DX109"}
    assert dict(report.outcomes.select("check", "rows").rows())["diseinfo.diag_code/required"] == rows


def test_keys_that_differ_in_leading_zeros_alone_are_one_finding_and_find_their_cases():
    report = validator.check(HERE / "08-keys-differ-by-form" / "zeros")
    (row,) = report.findings.filter(check="read/key-form").rows(named=True)
    assert (row["table"], row["level"]) == ("diseinfo", "warning")
    assert not set(report.findings["check"]) & {"read/orphan-row", "DX101", "DX109"}


def folder(tmp_path, cases, rows):
    (tmp_path / "setlinfo.csv").write_text("setl_id,psn_name,gend\n" + cases, encoding="utf-8")
    (tmp_path / "diseinfo.csv").write_text("setl_id,diag_code,diag_name\n" + rows, encoding="utf-8")
    return noted(tmp_path)


def test_a_key_like_those_of_two_cases_belongs_to_neither(tmp_path):
    part, notes = folder(tmp_path, "001,测试甲,1\n01,测试乙,1\n5,测试丙,1\n", "1,I10,高血压\n5,I10,高血压\n")
    assert part.tables["diseinfo"]["_case"].to_list() == [2]
    assert ("read/orphan-row", "diseinfo", 2) in notes


def test_rows_without_a_key_are_called_so_once(tmp_path):
    part, notes = folder(tmp_path, "1,测试甲,1\n", "1,I10,高血压\n,E11,糖尿病\n,K80,结石\n9,K81,胆囊炎\n")
    assert part.tables["diseinfo"]["diag_code"].to_list() == ["I10"]
    lost = [note for note in notes if note[0] in ("read/blank-key", "read/orphan-row")]
    assert lost == [("read/orphan-row", "diseinfo", 5), ("read/blank-key", "diseinfo", 3)]


def test_nodes_without_a_value_are_no_rows():
    path = HERE / "15-blank-rows" / "a.json"
    report = validator.check(path)
    blank = report.findings.filter(check="read/blank-node")
    assert set(blank["level"]) == {"info"}
    assert sorted(blank["table"]) == ["icuinfo", "oprninfo", "opspdiseinfo"]
    errors = report.findings.filter(level="error")  # a diagnosis that has a type and no code is one
    assert errors["check"].to_list() == ["diseinfo.diag_code/required", "diseinfo.diag_name/required"]
