"""What a damaged text was before, and how sure that is."""

import copy

import pytest

from validator import api, check
from validator.checks import damage
from validator.checks.examples import interface_message

CATALOGUE = api.load()
ROWS = CATALOGUE.layouts["4101"].tables


@pytest.mark.parametrize(
    ("domain", "text", "suggested", "applicability"),
    [
        ("naty", "1", "01", "safe"),
        ("naty", "汉", "01", "safe"),
        ("naty", "汉族", "01", "safe"),
        ("naty", "01汉族", "01", "safe"),
        ("naty", "01-汉族", "01", "safe"),
        ("naty", "1.0", "01", "safe"),
        ("psn_cert_type", "1", "01", "judge"),  # regions add codes of their own
        ("psn_cert_type", "身份证", "01", "safe"),
        ("med_chrgitm_type", "1", "01", "judge"),
        ("med_chrgitm_type", "801", "0801", "judge"),
        ("med_chrgitm_type", "西药费", "09", "safe"),
        ("gend", "男", "1", "safe"),
        ("gend", "1男", "1", "safe"),
        ("gend", "Ｆ", "2", "safe"),
        ("gend", "2.0", "2", "safe"),
        ("dscg_way", "医嘱离院", "1", "safe"),
        ("patn_rlts", "本人", "01", "safe"),
        ("patn_rlts", "子", "20", "judge"),  # 2 on the front page
        ("maindiag_flag", "是", "1", "safe"),
        ("maindiag_flag", "false", "0", "safe"),
        ("ntly", "中国", "CHN", "safe"),
        ("ntly", "CN", "CHN", "safe"),
        ("ntly", "156", "CHN", "safe"),
        ("ntly", "chn", "CHN", "safe"),
        ("days_rinp_flag_31", "是", "2", "judge"),  # nobody has confirmed the numbers
        ("hi_paymtd", "DRG", "4", "safe"),
    ],
)
def test_the_code_that_a_text_stands_for(domain, text, suggested, applicability):
    found = damage.of_value(CATALOGUE.domains[domain], text)
    assert found
    assert (found.suggested, found.applicability) == (suggested, applicability)


@pytest.mark.parametrize(
    ("domain", "text"),
    [("gend", "7"), ("gend", "男女"), ("gend", "1女"), ("naty", "0"), ("naty", "1.5"), ("dscg_way", "好转")],
)
def test_a_text_that_may_be_anything_stands_for_no_code(domain, text):
    assert damage.of_value(CATALOGUE.domains[domain], text) is None


@pytest.mark.parametrize(
    ("text", "listed", "suggested"),
    [
        ("51.23", None, "51.2300"),
        ("1.3104", None, "01.3104"),
        ("3.9", None, "03.9000"),
        ("51.23", {"51.2300"}, "51.2300"),
        ("51.24", {"51.2300"}, None),
        ("51.2300", None, None),
        ("K80.1", None, None),
    ],
)
def test_zeros_of_a_code_are_found_where_one_code_fits(text, listed, suggested):
    forms = CATALOGUE.patterns[ROWS["oprninfo"].fields["oprn_oprt_code"].pattern].forms
    found = damage.of_code(forms, text, lambda _, code: None if listed is None else code in listed)
    assert (found and found.suggested) == suggested
    assert found is None or found.applicability == "judge"


@pytest.mark.parametrize(
    "text", ["1.10105E+17", "1.3E+10", "1.1E17", "3E+5", "测\ufffd甲", "锟斤拷", "张?三", "张?", "??"]
)
def test_what_is_lost_has_no_value_and_no_suggestion(text):
    row = ROWS["setlinfo"].fields["psn_name"]
    found = damage.of_text(row, text)
    assert found
    assert found.suggested is None


@pytest.mark.parametrize("text", ["3E05", "2E1", "E10.900", "肺炎?", "?肺炎", "Nan", "张三", "W12E3"])
def test_what_is_only_unusual_is_not_lost(text):
    assert damage.of_text(ROWS["diseinfo"].fields["diag_name"], text) is None


@pytest.mark.parametrize(
    ("text", "left"),
    [('="0012"', "0012"), ("'0012", "0012"), ("'0012'", "0012"), ("a\0b", "ab"), ("a_x000D_", "a"), ("it's", "it's")],
)
def test_residue_is_taken_off(text, left):
    assert damage.bare(text) == left


def test_thousands_separators():
    assert damage.of_number("1,820.00") == ("1820.00", "safe", "；带着千分位", "; with thousands separators")
    assert damage.of_number("18,20") is None


def findings(field, value):
    message = copy.deepcopy(interface_message("4101"))
    message["input"]["setlinfo"][field] = value
    return check(message, mask=False).findings.filter(field=field, table="setlinfo")


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("poscode", "nan", ("damage", "warning", "", "safe")),
        ("gend", "NULL", ("required", "error", None, None)),
        ("certno", "1.10105E+17", ("damage", "error", None, None)),
        ("psn_name", '="张三"', ("residue", "warning", "张三", "safe")),
        ("psn_name", "张三 ", ("format", "info", "张三", "safe")),
        ("medcasno", '="0012"', ("format", "warning", "0012", "safe")),
        ("medcasno", "'0012", ("format", "warning", "0012", "safe")),
        ("gend", "男", ("value", "error", "1", "safe")),
        ("psn_selfpay", "1,820.00", ("type", "error", "1820.00", "safe")),
    ],
)
def test_one_fault_is_one_finding(field, value, found):
    [row] = [row for row in findings(field, value).iter_rows(named=True) if row["check"].startswith("setlinfo.")]
    assert (row["check"].partition("/")[2], row["level"], row["suggested"], row["applicability"]) == found


def test_no_is_a_name_of_a_code_and_no_placeholder():
    message = copy.deepcopy(interface_message("4101"))
    message["input"]["diseinfo"][0]["adm_cond_type"] = "无"
    [row] = check(message).findings.filter(field="adm_cond_type").iter_rows(named=True)
    assert (row["check"], row["suggested"]) == ("diseinfo.adm_cond_type/value", "4")


def test_a_code_cut_short_is_explained_by_a_code_of_its_own_standard():
    message = copy.deepcopy(interface_message("4101"))
    message["input"]["oprninfo"][0]["oprn_oprt_code"] = "51.2"
    message["input"]["diseinfo"][0]["diag_code"] = "K80.1"
    found = {row["check"]: row["fix"] for row in check(message).findings.iter_rows(named=True)}
    assert "如 51.23 下的 51.2300" in found["oprninfo.oprn_oprt_code/category"]
    assert "如 K80.1 下的 K80.1" in found["diseinfo.diag_code/category"]
