"""Damaged files as users have them: what each value was, and what a fixed copy holds."""

from pathlib import Path

import pytest

import validator
from validator.report.common.digest import digest
from validator.report.common.steps import next_steps

HERE = Path(__file__).parent


def found(report, check):
    rows = report.findings.filter(check=check)
    return [tuple(row) for row in rows.select("value", "suggested", "applicability").rows()]


@pytest.mark.parametrize(
    ("path", "check", "values"),
    [
        ("05-lost-zeros/csv", "setlinfo.naty/value", [("1", "01", "safe")] * 3),
        ("05-lost-zeros/csv", "setlinfo.patn_cert_type/value", [("1", "01", "judge")] * 3),
        ("05-lost-zeros/csv", "oprninfo.oprn_oprt_code/category", [("51.23", "51.2300", "judge")] * 3),
        ("09-null-words/a.json", "setlinfo.poscode/damage", [("nan", "", "safe")]),
        ("09-null-words/a.json", "setlinfo.nwb_age/damage", [("NULL", "", "safe")]),
        ("09-null-words/a.json", "setlinfo.coner_addr/required", [("NaN", None, None)]),
        ("10-excel-guards/a.json", "setlinfo.bill_no/format", [('="0000012345"', "0000012345", "safe")]),
        ("10-excel-guards/a.json", "setlinfo.hi_no/format", [("'P0000000001", "P0000000001", "safe")]),
        ("11-scientific-text/csv", "setlinfo.certno/damage", [("1.10105E+17", None, None)] * 3),
        (
            "coder/身份证数字.xlsx",
            "setlinfo.certno/damage",
            [
                (f"{digits}E+17", None, None)
                for digits in ("1.13000196709070", "1.14016195205091", "1.17008198707180", "1.19012196610270")
            ],
        ),
        ("12-lost-characters/c.json", "diseinfo.diag_name/damage", [("后天性?外翻", None, None)]),
        ("21-control-characters/nul", "setlinfo.emp_name/residue", [("示例\0公司", "示例公司", "safe")]),
        ("coder/手术码数字.xlsx", "oprninfo.oprn_oprt_code/category", [("51.23", "51.2300", "judge")]),
        (
            "coder/手术码数字.xlsx",
            "oprninfo.oprn_oprt_code/pattern",
            [("1.3104", "01.3104", "judge"), ("1.2413", "01.2413", "judge")],
        ),
        ("coder/性别文字.xlsx", "setlinfo.gend/value", [("男", "1", "safe"), ("女", "2", "safe")]),
        ("coder/民族丢零.xlsx", "setlinfo.naty/value", [("1", "01", "safe"), ("3", "03", "safe")]),
    ],
)
def test_what_a_damaged_value_was(path, check, values):
    report = validator.check(HERE / path, mask=False)
    rows = found(report, check)
    assert sorted(map(str, rows if "coder" not in path else set(rows))) == sorted(map(str, values))


@pytest.mark.parametrize(
    "path", ["05-lost-zeros/csv", "09-null-words/a.json", "11-scientific-text/csv", "12-lost-characters/c.json"]
)
def test_one_fault_is_one_finding(path):
    rows = validator.check(HERE / path).findings.filter(
        ~validator.check(HERE / path).findings["check"].str.contains("^[A-Z]")
    )
    assert rows.select("case_id", "table", "row", "field").is_unique().all()


def test_lost_numbers_are_no_duplicates():
    report = validator.check(HERE / "11-scientific-text" / "csv")
    assert set(report.findings["check"]) == {"setlinfo.certno/damage", "setlinfo.coner_tel/damage"}


def test_an_id_number_stored_as_a_number_is_one_finding():
    report = validator.check(HERE / "coder" / "身份证数字.xlsx")
    assert set(report.findings["check"]) == {"setlinfo.certno/damage"}
    assert report.findings.height == report.findings["case_id"].n_unique()


def test_a_lost_character_is_no_doubt():
    assert not validator.check(HERE / "12-lost-characters" / "c.json").findings["check"].is_in(["DX106"]).any()


@pytest.mark.parametrize(
    "path", ["19-form-only-uploadable/slash.json", "10-excel-guards/a.json", "21-control-characters/nul"]
)
def test_a_list_that_must_be_put_right_first_cannot_be_uploaded_as_it_is(path):
    report = validator.check(HERE / path)
    steps = " ".join(next_steps(digest(report)))
    assert "可以上传" not in steps
    assert "加 --fix 目录 可在副本里代改" in steps


@pytest.mark.parametrize(
    ("path", "copy"),
    [
        ("19-form-only-uploadable/slash.json", "slash.json"),
        ("10-excel-guards/a.json", "a.json"),
        ("21-control-characters/nul", "nul"),
        ("09-null-words/a.json", "a.json"),
        ("coder/性别文字.xlsx", "性别文字.xlsx"),
        ("coder/民族丢零.xlsx", "民族丢零.xlsx"),
    ],
)
def test_a_fixed_copy_is_clean_of_what_was_safe_to_fix(path, copy, tmp_path):
    before = validator.check(HERE / path, fix=tmp_path / "out")
    after = validator.check(tmp_path / "out" / copy)
    assert (before.findings["applicability"] == "safe").any()
    assert not (after.findings["applicability"] == "safe").any()
    assert after.findings.height <= before.findings.height - before.fixed.made
    assert not before.fixed.left


def test_a_whole_column_names_its_cause_once():
    whole = {each.check: each.fix for each in digest(validator.check(HERE / "05-lost-zeros" / "csv")).whole}
    assert whole["iteminfo.med_chrgitm/value"].startswith("开头的 0 丢了：把整列设为文本格式并补上 0（1→01、2→02")


def test_what_keeps_a_case_from_being_grouped_says_so():
    report = validator.check(HERE / "coder" / "noage.json")
    assert digest(report).blocked == 1
