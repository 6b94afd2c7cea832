"""Messages judged one by one, without Polars."""

import copy
import json
import subprocess
import sys
from typing import Any

import pytest

import validator
from validator import InputError, check, judge, judge_many
from validator.checks import examples


def message(interface: str = "4101", **fields: Any) -> dict[str, Any]:
    found = copy.deepcopy(examples.interface_message(interface))
    found["input"]["setlinfo"] |= fields
    return found


def test_a_clean_message() -> None:
    judged = judge(message(setl_id="A1"))
    assert (judged.case_id, judged.layout, judged.disposition) == ("A1", "4101", "accept")
    assert judged.findings == []
    assert judged.counts() == {"error": 0, "warning": 0, "info": 0}
    assert judged.error is None


def test_a_fault_is_found_worded_and_counted() -> None:
    judged = judge(message(gend="7"))
    assert judged.disposition == "return"
    [found] = [each for each in judged.findings if each["check"] == "setlinfo.gend/value"]
    assert found["message"].startswith("“性别”填的是“7”")
    assert found["source"] == {
        "file": "message",
        "sheet": None,
        "row": None,
        "column": None,
        "path": "$.input.setlinfo.gend",
    }
    outcome = next(each for each in judged.outcomes if each["check"] == "setlinfo.gend/value")
    assert (outcome["rows"], outcome["failed"], outcome["status"]) == (1, 1, "ran")
    assert judged.case["errors"] == judged.counts()["error"]


def test_strangers_share_no_rule_about_a_batch() -> None:
    twice = [message(setl_id="A1"), message(setl_id="A1")]
    assert check(twice).failed("error")
    assert [each.disposition for each in judge_many(twice)] == ["accept", "accept"]


def test_a_bad_message_stands_in_its_place_and_spoils_none() -> None:
    bad: list[Any] = [
        5,
        {},
        {"input": 3},
        {"infno": "9999", "input": {"setlinfo": {}}},
        b"{",
        b"[]",
        b"\xff\xfe{",
        {1: 2},
        {"input": {1: {}}},
    ]
    given = [message(setl_id="A1"), *bad, message("4101A", setl_id="A2")]
    found = judge_many(given)
    assert [each.position for each in found] == list(range(len(given)))
    assert [each.case_id for each in found] == ["A1", *[None] * len(bad), "A2"]
    for each in found[1:-1]:
        assert isinstance(each.error, InputError)
        assert (each.disposition, each.findings, each.outcomes, each.case) == ("cannot_be_judged", [], [], {})
    with pytest.raises(InputError):
        judge(5)  # type: ignore[arg-type]


def test_bytes_keep_the_text_of_numbers() -> None:
    text = json.dumps(message()).replace('"age": "', '"age": "')
    assert judge(text.encode()).findings == []
    with pytest.raises(InputError, match="2"):
        judge(f"[{text},{text}]".encode())


@pytest.mark.parametrize(
    "value", [5, 1.5, True, None, {"a": 1}, [1], [], {}, "\ud800", float("nan"), 10**30, ("a",), b"1"], ids=repr
)
def test_whatever_stands_in_a_field_is_what_check_says(value: object) -> None:
    given = message(age=value, setl_id="A1")
    assert judge(given).findings == check(copy.deepcopy(given)).findings.to_dicts()


@pytest.mark.parametrize("node", [None, [], {}, 5, "x", [5], [[]], [None, {}], {"diag_code": "K80.101"}], ids=repr)
@pytest.mark.parametrize("table", ["setlinfo", "diseinfo", "iteminfo", "unknown"])
def test_whatever_stands_for_a_table_is_what_check_says(table: str, node: object) -> None:
    given = message(setl_id="A1")
    given["input"][table] = node
    judged, report = judge(given), check(copy.deepcopy(given))
    assert sorted(judged.findings, key=str) == sorted(report.findings.to_dicts(), key=str)
    assert judged.disposition == report.cases["disposition"][0]


def test_language_masking_and_choice() -> None:
    given = message(psn_name="张三丰", gend="7")
    english = judge(given, lang="en")
    assert "is no code" in english.findings[0]["message"] or english.findings[0]["message"].isascii()
    assert judge(given, select=["DX"]).findings == []
    assert judge(given, ignore=["setlinfo.gend/value"], mask=False).counts() is not None
    with pytest.raises(validator.ConfigError):
        judge(given, select=["ZZ"])


def test_neither_polars_nor_the_parser_is_imported_by_what_judges() -> None:
    """What is parsed is kept; then neither is needed at all, see the test of the cold start."""
    code = "import sys, validator.checks.rows.judging; print({'polars', 'sqlglot', 'numpy', 'rich'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def stay(**page: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The golden stay as list, record and charge lines; ``page``: what the record says instead."""
    mine, record, lines = (copy.deepcopy(examples.interface_message(name)) for name in ("4101", "4401", "2301"))
    record["input"]["baseinfo"] |= page
    lines["input"].pop("mdtrtinfo")
    for row in lines["input"]["feedetail"]:
        row["mdtrt_id"] = mine["input"]["setlinfo"]["mdtrt_id"]
    return mine, record, lines


def reversed_codes(given: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    """The stay with the record's diagnoses in another order and of another code, and a wrong line."""
    given[1]["input"]["diseinfo"][1:] = given[1]["input"]["diseinfo"][:0:-1]
    given[1]["input"]["diseinfo"][0]["diag_code"] = "C20.x00"
    given[2]["input"]["feedetail"][0]["cnt"] = "-1"
    return given


STAYS = {
    "clean": stay(),
    "contradicting": stay(psn_name="林另名", gend="2", dscg_date="2026-07-19", medfee_sumamt=57220.01),
    "codes": reversed_codes(stay()),
    "of another stay": stay(mdtrt_id="MD9", gend="7"),
    "by number and day": stay(mdtrt_id="", medcasno="00M202600101", gend="9"),
    "without keys": stay(mdtrt_id="-", medcasno="无"),
    "dirty": stay(gend={"a": 1}, brdy="\ud800", adm_date="6日", nonsense="x", baseinfo=None),
}


@pytest.mark.parametrize("given", STAYS.values(), ids=STAYS)
@pytest.mark.parametrize("edition", ["insurance", ""])
def test_the_documents_of_a_stay_say_what_check_says(given: tuple[dict[str, Any], ...], edition: str) -> None:
    mine, record, lines = map(copy.deepcopy, given)
    judged = judge(mine, record=record, fees=[lines], record_edition=edition)
    mine, record, lines = map(copy.deepcopy, given)
    report = check(list=[mine], record=[record], fees=[lines], record_edition=edition)
    assert sorted(judged.findings, key=str) == sorted(report.findings.to_dicts(), key=str)
    assert sorted(judged.outcomes, key=str) == sorted(report.outcomes.to_dicts(), key=str)
    assert judged.case == report.cases.row(0, named=True)
    assert report.joined == ({judged.joined: 1} if judged.joined else {})


def test_a_list_with_one_other_document_and_stays_in_a_row() -> None:
    mine, record, lines = stay(gend="2")
    found = judge_many(
        [mine] * 4, records=[record, None, None, b"{"], fees=[None, lines, None, None], record_edition="insurance"
    )
    assert [each.layout for each in found] == ["4101", "4101+2301", "4101", None]
    assert [[finding["check"] for finding in each.findings] for each in found] == [["ST103", "RC104"], [], [], []]
    assert found[3].error is not None
    for row in lines["input"]["feedetail"]:
        row["mdtrt_id"] = "MD9"
    with pytest.raises(InputError, match=r"费用明细不是这次住院的.*MD9"):
        judge(mine, fees=lines)
    with pytest.raises(InputError, match="有 1 份清单，另一种单据有 2 份"):
        judge_many([mine], records=[record, None])
    with pytest.raises(InputError, match="撤销"):
        judge(mine, fees={"infno": "2302", "input": {"data": [{"feedetl_sn": "0000", "mdtrt_id": "MD9"}]}})
    with pytest.raises(validator.ConfigError, match="没有“x”这一版编码"):
        judge(mine, record_edition="x")
