"""Messages as exports and logs hold them: each kind of envelope gives the list that is in it, or is named as what it is."""

import json
from pathlib import Path

import pytest

import validator
from validator.base.errors import InputError

HERE = Path(__file__).parent / "coder" / "envelopes"
FULL = json.loads((HERE / "full.json").read_text(encoding="utf-8"))
FOUND = [("PY109", "9820.00"), ("CH101", "1080.01")]  #: what is wrong with the list in each envelope
ANSWER = {"infcode": "0", "output": {"setl_list_id": "L1"}}


def found(data):
    findings = validator.check(data, mask=False).findings
    return list(findings.filter(findings["check"] != "read/no-list").select("check", "value").iter_rows())


def change(content, **fields):
    return {**content, "input": {**content["input"], "setlinfo": {**content["input"]["setlinfo"], **fields}}}


def upper(node):
    if isinstance(node, list):
        return [upper(each) for each in node]
    return {key.upper(): upper(value) for key, value in node.items()} if isinstance(node, dict) else node


@pytest.mark.parametrize(
    "name",
    ["bom.json", "data_key.json", "gbk.json", "input_only.json", "input_wrapped.json", "log.txt", "numeric.json",
     "reqresp.json", "strinput.json"],
)  # fmt: skip
def test_the_list_in_an_envelope(name):
    assert found(HERE / name) == FOUND


@pytest.mark.parametrize("name", ["data_key.json", "input_wrapped.json", "reqresp.json", "strinput.json"])
def test_a_single_list_is_judged_in_the_same_envelopes(name):
    data = (HERE / name).read_bytes()
    for message in (data, json.loads(data)):
        assert {each["check"] for each in validator.judge(message).findings} == {check for check, _ in FOUND}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"infcode": "-1", "err_msg": "x"}, "是平台的应答（infcode -1），不是上报的清单"),
        ({"err_msg": "x"}, "是平台的应答（err_msg）"),
        ({"response": ANSWER}, "见到的是 response"),
        ({"data": {"encData": "QUJD", "signData": "x"}}, "是加密后的报文（encData，SM4）"),
        ({"infno": "4102", "input": {"data": {"stastinfo": []}}}, "接口 4102（医疗保障基金结算清单状态修改）的报文，还不能检查"),
        ({"infno": "4402", "input": {"orders": []}}, "接口 4402（住院医嘱记录）的报文，还不能检查"),
        ({"infno": "4103", "input": FULL["input"]}, "infno 是“4103”（医疗保障基金结算清单信息查询），能读的是"),
        ({"infno": "4101", "input": '{"setlinfo": {'}, "报文的 input 是一段文字，其中的 JSON 不完整或不合法"),
        ({"infno": "4101", "input": "QUJD"}, "报文的 input 不是对象"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_named(tmp_path, content, words):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        validator.check(path)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [("trail.json", "第 5079 列不是合法的 JSON"), ("trunc.json", "JSON 到此中断，文件可能不完整")],
)
def test_broken_json_is_refused(name, words):
    with pytest.raises(InputError) as refused:
        validator.check(HERE / name)
    assert words in str(refused.value)


def test_a_log_names_the_answers_in_it():
    [note] = validator.check(HERE / "log.txt").findings.filter(check="read/no-list").iter_rows(named=True)
    assert "1 条是平台的应答（infcode 0）" in note["message"]


@pytest.mark.parametrize(
    "between", ["", "\n", ",\n", "\n2026-07-01 12:00:01 INFO [4101] started\n2026-07-01 request: "]
)
def test_messages_one_behind_another(tmp_path, between):
    path = tmp_path / "a.log"
    second = change(FULL, setl_id="ST9", mdtrt_id="MD9", medcasno="M9", certno="110105197503120026")
    path.write_text(between.join(map(json.dumps, (FULL, second, ANSWER))), encoding="utf-8")
    report = validator.check(path)
    assert report.findings.filter(check="CH101")["case_id"].to_list() == ["ST000300000001", "ST9"]


@pytest.mark.parametrize("rest", ["}", "]", '"setl_id": "1"}', '\n{"infno": "4101", "input": {', ': {"a": 1}'])
def test_what_is_left_over_between_messages_is_not_passed_over(tmp_path, rest):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(FULL) + rest, encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.json"):
        validator.check(path)


@pytest.mark.parametrize("cut", ["[", "[\n"])
def test_an_array_that_breaks_off_behind_a_message_is_refused(tmp_path, cut):
    path = tmp_path / "a.json"
    path.write_text(f"{cut}{json.dumps(FULL)},\n", encoding="utf-8")
    with pytest.raises(InputError, match="不完整"):
        validator.check(path)


@pytest.mark.parametrize("words", ["[INFO] ", "[2026-07-01 10:00:00] [4101] ", "2026-07-01 入参：", "\n\nrequest="])
def test_words_before_a_message(tmp_path, words):
    path = tmp_path / "a.log"
    path.write_text(words + json.dumps(FULL) + "\n" + words.strip() + "\n", encoding="utf-8")
    assert found(path) == FOUND


def test_words_before_the_messages_of_json_lines(tmp_path):
    path, spoiled = tmp_path / "a.jsonl", change(FULL, hi_no=" P000300000001")
    line = f"2026-07-01 10:00:01 [4101] request: {json.dumps(spoiled)}\n"
    path.write_text(line, encoding="utf-8")
    assert [each for each in found(path) if each in FOUND] == FOUND
    assert validator.check(path, fix=tmp_path / "out").fixed.made == 1
    fixed = (tmp_path / "out" / "a.jsonl").read_text(encoding="utf-8")
    assert fixed == line.replace('" P000300000001', '"P000300000001')
    assert found(tmp_path / "out" / "a.jsonl") == FOUND
    path.write_text(f'{line}2026-07-01 [4101] {{"infno": \n', encoding="utf-8")
    with pytest.raises(InputError, match="第 2 行"):
        validator.check(path)


@pytest.mark.parametrize(
    ("name", "cases", "errors"),
    [
        ("array.json", 2, [*FOUND, *FOUND]),
        ("lines.jsonl", 3, [*FOUND, ("setlinfo.adm_time/type", "1767225600000"), *FOUND, *FOUND]),
        ("batch.zip", 2, [*FOUND, *FOUND]),
        ("epoch.json", 1, [("setlinfo.adm_time/type", "1767225600000"), *FOUND]),
        ("nodx.json", 1, [("DX101", "M000300000001"), ("DX109", "5"), *FOUND]),
        ("emptydx.json", 1, [("DX101", "M000300000001"), ("DX109", "5"), *FOUND]),
    ],
)
def test_other_files_of_messages(name, cases, errors):
    report = validator.check(HERE / name, mask=False)
    assert report.cases.height == cases
    own = report.findings.filter(~report.findings["check"].str.contains("^(AD20|read/foreign-file)"))
    assert sorted(own.select("check", "value").rows()) == sorted(errors)
    assert not report.findings["message"].str.contains("（空）").any()


def test_a_number_of_another_interface_is_named():
    with pytest.raises(InputError, match="infno 是“4103”（医疗保障基金结算清单信息查询）"):
        validator.check(HERE / "wronginfno.json")


def test_a_log_without_messages_is_left_out(tmp_path):
    (tmp_path / "app.log").write_text("2026-07-01 INFO started\n", encoding="utf-8")
    (tmp_path / "a.json").write_text(json.dumps(FULL), encoding="utf-8")
    assert "read/skipped-file" in validator.check(tmp_path).findings["check"].to_list()


@pytest.mark.parametrize("escaped", [True, False])
def test_a_fix_changes_only_the_value_inside_an_escaped_text(tmp_path, escaped):
    path = tmp_path / "a.json"
    own = change(FULL, naty="1", emp_name="示例😀公司\\一")
    inner = json.dumps(own["input"], ensure_ascii=escaped)
    before = json.dumps({**own, "input": inner}, ensure_ascii=escaped)
    path.write_text(before, encoding="utf-8")
    report = validator.check(path, fix=tmp_path / "out")
    assert not report.fixed.left
    after = (tmp_path / "out" / "a.json").read_text(encoding="utf-8")
    assert after == before.replace(r"\"naty\": \"1\"", r"\"naty\": \"01\"")
    assert after != before


@pytest.mark.parametrize("between", ["", "\n2026-07-01 INFO request: "])
def test_a_fix_of_messages_one_behind_another(tmp_path, between):
    path = tmp_path / "a.log"
    second = change(FULL, setl_id="ST9", mdtrt_id="MD9", medcasno="M9", naty="1")
    parts = [json.dumps(each) for each in (ANSWER, FULL, {"request": second, "response": ANSWER})]
    path.write_text("INFO " + between.join(parts), encoding="utf-8")
    validator.check(path, fix=tmp_path / "out")
    after = (tmp_path / "out" / "a.log").read_text(encoding="utf-8")
    assert after == path.read_text(encoding="utf-8").replace('"naty": "1"', '"naty": "01"')
    assert '"naty": "1"' not in after


def test_keys_in_another_style_are_read_and_named_once():
    rows = validator.check(HERE.parent.parent / "14-key-style").findings
    assert rows["check"].to_list() == ["read/key-style"]
    assert "“mdtrtId”，接口文档是“mdtrt_id”" in rows["message"][0]


def test_keys_in_capitals_are_read_and_fixed(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(upper(change(FULL, naty="1"))), encoding="utf-8")
    report = validator.check(path, fix=tmp_path / "out")
    assert set(report.findings["check"]) == {"PY109", "CH101", "setlinfo.naty/value", "read/key-style"}
    assert '"NATY": "01"' in (tmp_path / "out" / "a.json").read_text(encoding="utf-8")


def test_an_answer_next_to_a_list_is_a_note(tmp_path):
    (tmp_path / "answer.json").write_text(json.dumps(ANSWER), encoding="utf-8")
    (tmp_path / "list.json").write_text(json.dumps(FULL), encoding="utf-8")
    assert found(tmp_path) == FOUND
    [note] = validator.check(tmp_path).findings.filter(check="read/no-list")["message"]
    assert "1 条是平台的应答（infcode 0），不是上报的清单" in note


def test_an_answer_among_messages_in_memory_is_a_note():
    assert "read/no-list" in validator.check([FULL, ANSWER]).findings["check"].to_list()
