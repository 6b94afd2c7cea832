"""The platform's answers read, and set against our findings; the observed texts of refusals among them."""

import json
from pathlib import Path

import polars as pl
import pytest

from validator.base.errors import InputError
from validator.intake import platform
from validator.intake.report import bureau
from validator.spec import layouts
from validator.spec.intake import PlatformWords

LISTS = [each for each in layouts.load().values() if each.interface.document == "list"]
WORDS = PlatformWords({"1": "error"}, {"0": True, "1": False}, ("1",), ("1",), {"主诊编码": "diseinfo.diag_code"})


def answer(setl_id: str, result: str, *details: tuple[str, str]) -> dict[str, object]:
    found = [
        {
            "exam_data_fld": field,
            "qltctrl_chkrslt": text,
            "err_lv": "1",
            "retn_flag": "1",
            "init_val": "320106199001011234",
        }
        for field, text in details
    ]
    return {
        "setl_id": setl_id, "fixmedins_code": "H1", "setl_ym": "202603", "qltctrl_rslt": result, "err_lv": "2",
        "retn_flag": result, "qltctrl_ver": "V1", "grp_stas": "9", "psn_name": "张三", "detl_list": found,
    }  # fmt: skip


MESSAGES = [
    {"infcode": 0, "inf_refmsgid": "110000202604010000000000000001", "output": {"data": [
        answer("S1", "1", ("gend", "性别：字典项校验错误")),
        answer("S2", "0"),
        answer("S3", "1", ("JSQD_PATIENT_INFO", "BILL_CODE：必填项校验错误；BILL_NO：必填项校验错误")),
        answer("S4", "1", ("主诊编码", "诊断编码I10.x00不在疾病表中")),
        answer("S5", "1", ("JSQD_PATIENT_INFO.NATY", "字典项校验错误")),
        answer("S6", "1", ("未知项", "新的规则")),
        answer("S7", "1", ("gend", "性别：字典项校验错误")),
    ]}},
    {"infcode": "-1", "inf_refmsgid": "x", "err_msg": "人员 320106199001011234 查询超时"},
]  # fmt: skip


@pytest.fixture
def answer_read(tmp_path: Path) -> platform.Answer:
    path = tmp_path / "3607.jsonl"
    path.write_text("\n".join(json.dumps(each, ensure_ascii=False) for each in MESSAGES), encoding="utf-8")
    return platform.answer(*platform.read(path), WORDS, LISTS)


def test_raw_values_are_kept_and_mapped_by_the_profile(answer_read: platform.Answer) -> None:
    first = answer_read.lists.row(0, named=True)
    raw = {name: first[name] for name in ("result", "case_level", "case_returned", "version", "group_state")}
    assert raw == {"result": "1", "case_level": "2", "case_returned": "1", "version": "V1", "group_state": "9"}
    assert (first["passed"], first["sent_back"], first["grouped"]) == (False, True, False)
    fields = answer_read.findings.select("setl_id", "ours", "sentence").rows()
    assert fields == [
        ("S1", "setlinfo.gend", "性别：字典项校验错误"),
        ("S3", "setlinfo.bill_code", "必填项校验错误"),
        ("S3", "setlinfo.bill_no", "必填项校验错误"),
        ("S4", "diseinfo.diag_code", "诊断编码…不在疾病表中"),
        ("S5", "setlinfo.naty", "字典项校验错误"),
        ("S6", None, "新的规则"),
        ("S7", "setlinfo.gend", "性别：字典项校验错误"),
    ]
    assert set(answer_read.findings["our_level"]) == {"error"}
    assert "19900101" not in answer_read.findings.write_json()


def test_a_failed_query_is_no_verdict(answer_read: platform.Answer) -> None:
    assert [(each.code, each.failed) for each in answer_read.transport] == [("0", False), ("-1", True)]
    assert "19900101" not in answer_read.transport[1].error
    assert answer_read.lists.height == 7


OURS = pl.DataFrame(
    [
        ("S1", "setlinfo.gend/value", "setlinfo", "gend"),  # both
        ("S2", "setlinfo.gend/value", "setlinfo", "gend"),  # ours alone
        ("S3", "setlinfo.bill_code/required", "setlinfo", "bill_code"),  # both; bill_no theirs alone
        ("S4", "oprninfo.x", "oprninfo", "diag_code"),  # another table: not the same
        ("S6", "PY101", "setlinfo", "age"),
        ("S9", "PY101", "setlinfo", "age"),  # not answered
    ],
    schema=["case_id", "check", "table", "field"], orient="row",
)  # fmt: skip


def test_agreement_per_rule(answer_read: platform.Answer) -> None:
    found = {(c, f): (b, o, t) for c, f, b, o, t, *_ in platform.agreement(OURS, answer_read).iter_rows()}
    assert found == {
        ("setlinfo.gend/value", "gend"): (1, 1, 1),  # S7 is theirs alone, by the same sentence
        ("setlinfo.bill_code/required", "bill_code"): (1, 0, 0),
        ("oprninfo.x", "diag_code"): (0, 1, 0),
        (None, "diag_code"): (0, 0, 1),
        ("PY101", "age"): (0, 1, 0),
        (None, "bill_no"): (0, 0, 1),
        (None, "naty"): (0, 0, 1),
        (None, None): (0, 0, 1),
    }
    confirmed = platform.agreement(OURS, answer_read).filter(check="setlinfo.gend/value")["confirmed"].item()
    assert confirmed == 0.5


def test_verdicts_on_whole_lists(answer_read: platform.Answer) -> None:
    mine = {
        "S1": "return",
        "S2": "return",
        "S3": "accept",
        "S4": "return",
        "S5": "return",
        "S6": "accept",
        "S8": "accept",
    }
    cases = pl.DataFrame({"case_id": list(mine), "disposition": list(mine.values())})
    assert platform.verdicts(cases, answer_read) == {
        "both_return": 3, "both_accept": 0, "ours_alone": 1, "theirs_alone": 2, "raw": 0, "unanswered": 1, "unknown": 1,
    }  # fmt: skip


def test_a_table_of_results_and_what_is_none(tmp_path: Path) -> None:
    table = tmp_path / "results.csv"
    table.write_text("结算ID,质控结果,检查数据字段,质控校验结果\nS1,7,性别,不对\nS2,0,,\n", encoding="utf-8")
    found = platform.answer(*platform.read(table), PlatformWords(), LISTS)
    assert found.lists["result"].to_list() == ["7", "0"]
    assert found.lists["passed"].to_list() == [None, None]
    assert found.findings["ours"].to_list() == ["setlinfo.gend"]
    for name, text in (("a.csv", "姓名,电话\n张三,1\n"), ("b.json", '{"infcode": 0, "output": {}}'), ("c.json", "{")):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError) as error:
            platform.read(path)
        assert name in str(error.value)


def test_the_page_of_agreement_shows_raw_values_what_is_unmapped_and_failed_queries(
    answer_read: platform.Answer, tmp_path: Path
) -> None:
    cases = pl.DataFrame({"case_id": ["S1", "S2"], "disposition": ["return", "return"]})
    path = bureau.write_agreement(OURS, cases, answer_read, WORDS, {"PY101": "年龄"}, tmp_path / "a.html")
    text = path.read_text(encoding="utf-8")
    for words in ("年龄 PY101", "50.0%", "（对不上的字段）", "新的规则", "qltctrl_rslt", "方案没有写", "查询超时"):
        assert words in text
    assert "19900101" not in text
