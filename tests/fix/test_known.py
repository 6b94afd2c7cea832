"""Which values have a fix, and how far it can be trusted."""

import copy

import pytest

from validator import check
from validator.checks.examples import interface_message


def found(field, value, table="setlinfo"):
    """Suggested value and applicability of the finding about the field's format."""
    message = copy.deepcopy(interface_message("4101"))
    node = message["input"][table]
    (node if table == "setlinfo" else node[0])[field] = value
    rows = check(message, mask=False).findings.filter(field=field, table=table)
    return rows.filter(check=f"{table}.{field}/format").select("suggested", "applicability").rows()


@pytest.mark.parametrize(
    ("field", "value", "suggested", "applicability"),
    [
        ("psn_name", " 张三\u3000", "张三", "safe"),
        ("certno", "１１0105１957０4１80０77", "110105195704180077", "safe"),
        ("act_ipt_days", "１２", "12", "safe"),
        ("brdy", "1957/4/18", "1957-04-18", "safe"),
        ("brdy", "19570418", "1957-04-18", "safe"),
        ("brdy", "20928", "1957-04-18", "safe"),
        ("brdy", "1957-04-18T00:00:00", "1957-04-18", "safe"),
        ("brdy", "1957/4/18 0:00", "1957-04-18", "safe"),
        ("brdy", "1957-04-18 08:30", "1957-04-18", "judge"),
        ("brdy", "19570418083000", "1957-04-18", "judge"),
        ("adm_time", "2026/07/12 9:05", "2026-07-12 09:05:00", "safe"),
        ("adm_time", "20260712090500", "2026-07-12 09:05:00", "safe"),
        ("adm_time", "2026/7/12", "2026-07-12 00:00:00", "judge"),
        ("adm_time", "46215", "2026-07-12 00:00:00", "judge"),
        ("adm_time", "46215.5", "2026-07-12 12:00:00", "safe"),
    ],
)
def test_another_form_has_the_standard_one_as_its_fix(field, value, suggested, applicability):
    assert found(field, value) == [(suggested, applicability)]


def test_letter_case_of_a_code_is_form():
    assert found("diag_code", "i10.X00", "diseinfo") == [("I10.x00", "safe")]


@pytest.mark.parametrize(
    ("field", "value"), [("gend", "7"), ("brdy", "不详"), ("psn_name", ""), ("brdy", "1957-04-18")]
)
def test_what_is_wrong_or_right_gets_no_fix(field, value):
    message = copy.deepcopy(interface_message("4101"))
    message["input"]["setlinfo"][field] = value
    assert check(message).findings["suggested"].null_count() == check(message).findings.height


def test_a_fix_is_masked_as_its_value_is_and_fingerprints_do_not_tell():
    message = copy.deepcopy(interface_message("4101"))
    message["input"]["setlinfo"] |= {"psn_name": "张三丰 ", "medcasno": " 7"}
    masked, open_ = check(message).findings, check(message, mask=False).findings
    assert masked.filter(field="psn_name")["suggested"].to_list() == ["张**"]
    assert open_.filter(field="psn_name")["suggested"].to_list() == ["张三丰"]
    assert masked.filter(field="medcasno")["suggested"].to_list() == ["7"]
    assert masked["fingerprint"].to_list() == open_["fingerprint"].to_list()
