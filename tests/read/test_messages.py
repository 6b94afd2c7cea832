import io
import json
import sys
from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest

from validator import read
from validator.base.errors import ConfigError, InputError
from validator.read.partition import HOUSEKEEPING


def checks(part):
    return [note.check for note in part.notes]


def of(known, content, **options):
    return read.from_message(content, known, **options)


def node(message, table, rows, interface="4101"):
    content = message(interface)
    content["input"][table] = rows
    return content


# ---- what a message becomes


def test_a_message_becomes_every_table_of_its_interface(known, message):
    part = of(known, message())
    assert part.layout == "4101"
    assert set(part.tables) == set(known["4101"].tables)
    assert next(iter(part.tables)) == "setlinfo"
    for name, frame in part.tables.items():
        assert set(known["4101"].tables[name].fields) <= set(frame.columns)
        assert set(HOUSEKEEPING) <= set(frame.columns)
        assert all(frame[column].dtype == pl.UInt32 for column in HOUSEKEEPING)
    assert part.tables["setlinfo"]["case_id"].to_list() == ["ST0000000101"]
    assert part.tables["diseinfo"]["_row"].to_list() == list(range(1, part.tables["diseinfo"].height + 1))
    assert not part.notes


def test_null_empty_and_missing_nodes_are_all_empty_tables(known, message):
    content = message()
    content["input"]["diseinfo"], content["input"]["oprninfo"] = None, []
    del content["input"]["iteminfo"]
    part = of(known, content)
    assert [part.tables[name].height for name in ("diseinfo", "oprninfo", "iteminfo")] == [0, 0, 0]
    assert not part.notes


def test_money_keeps_its_text(known):
    text = b'{"infno":"4101","input":{"setlinfo":{"psn_selfpay":2600.10,"age":5,"acct_pay":1e3,"psn_ownpay":NaN}}}'
    row = read.from_json(text, known)[0].tables["setlinfo"].row(0, named=True)
    assert (row["psn_selfpay"], row["age"], row["acct_pay"], row["psn_ownpay"]) == ("2600.10", "5", "1e3", "NaN")


def test_booleans_and_python_values_become_text(known):
    content = {"infno": "4101", "input": {"setlinfo": {"setl_id": 7, "gend": True, "age": 51, "brdy": None}}}
    row = of(known, content).tables["setlinfo"].row(0, named=True)
    assert (row["setl_id"], row["gend"], row["age"], row["brdy"]) == ("7", "true", "51", None)


def test_where_a_row_came_from(known, message, tmp_path, one):
    path = tmp_path / "一.json"
    path.write_text(json.dumps(message()), encoding="utf-8")
    part = one(path)
    source = part.sources[part.tables["diseinfo"]["_source"][0]]
    assert (source.file, source.path) == (str(path), "$.input.diseinfo")
    assert part.tables["diseinfo"]["_line"].null_count() == part.tables["diseinfo"].height


@pytest.mark.parametrize("blank", ["", "-", None, " "])
def test_the_next_key_names_a_case_that_has_no_settlement(known, message, blank):
    part = of(known, message(setl_id=blank))
    assert part.tables["setlinfo"]["case_id"].to_list() == ["MD0000000101"]


def test_file_and_number_name_a_case_without_any_key(known, message, tmp_path, one):
    path = tmp_path / "a.jsonl"
    text = json.dumps(message(setl_id="", mdtrt_id=None, medcasno=""))
    path.write_text(f"\n{text}\n{text}\n", encoding="utf-8")
    assert one(path).tables["setlinfo"]["case_id"].to_list() == [f"{path}#2", f"{path}#3"]


@pytest.mark.parametrize("depth", ["envelope", "input", "nodes"])
def test_envelope_input_or_bare_nodes(known, message, depth):
    content = message("4101A")
    given = {"envelope": content, "input": {"input": content["input"]}, "nodes": content["input"]}[depth]
    part = of(known, given)
    assert part.layout == "4101A"
    assert part.tables["setlinfo"].height == 1


def test_a_batch_may_mix_interfaces(known, message):
    parts = read.from_messages([message(), message("4101A"), message()], known)
    assert [(part.layout, part.tables["setlinfo"].height) for part in parts] == [("4101", 2), ("4101A", 1)]
    assert parts[0].tables["diseinfo"]["_case"].unique().sort().to_list() == [0, 1]


def test_a_case_is_the_same_alone_and_in_a_batch(known, message):
    alone = of(known, message(setl_id="X"))
    batch = read.from_messages([message(setl_id=f"{n}") for n in range(5)] + [message(setl_id="X")], known)[0]
    for name, frame in alone.tables.items():
        own = batch.tables[name].filter(pl.col("_case") == 5).drop(HOUSEKEEPING)
        assert own.equals(frame.drop(HOUSEKEEPING))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (10**40, "1" + "0" * 40),
        (Decimal("1.50"), "1.50"),
        (date(2026, 7, 6), "2026-07-06"),
        (datetime(2026, 7, 6, 9, 10), "2026-07-06 09:10:00"),  # noqa: DTZ001 - as the interface has them
        (float("nan"), "NaN"),
    ],
)
def test_whatever_python_hands_over_is_text(known, message, value, text):
    assert of(known, message(age=value)).tables["setlinfo"]["age"].to_list() == [text]


# ---- names


def test_aliases_come_under_their_official_names(known, message):
    content = message("4101A")
    row = content["input"]["setlinfo"]
    row["nwb_admtype"] = "9"
    del row["nwb_adm_type"]
    part = of(known, content)
    assert part.tables["setlinfo"]["nwb_adm_type"].to_list() == ["9"]
    assert part.sources[0].columns["nwb_adm_type"] == "nwb_admtype"
    assert not part.notes


def test_an_official_name_wins_over_its_alias_and_says_so(known, message):
    part = of(known, message(adm_way="2", adm_way_code="1"))
    assert part.tables["setlinfo"]["adm_way"].to_list() == ["2"]
    assert checks(part) == ["read/alias-differs"]
    assert part.notes[0].args == {"alias": "adm_way_code"}
    assert not of(known, message(adm_way="2", adm_way_code="2")).notes
    assert of(known, message(adm_way="", adm_way_code="1")).tables["setlinfo"]["adm_way"].to_list() == ["1"]


@pytest.mark.parametrize(
    ("parts", "joined"),
    [
        ({"vent_used_days": "1", "vent_used_h_cnt": "13", "vent_used_m_cnt": "24"}, "1/13/24"),
        ({"vent_used_days": None, "vent_used_h_cnt": 13}, "0/13/0"),
        ({"vent_used_days": "1", "vent_used_hours": "2", "vent_used_mins": "3"}, "1/2/3"),
        ({"vent_used_days": None, "vent_used_h_cnt": ""}, None),
    ],
)
def test_a_duration_in_several_keys_is_joined(known, message, parts, joined):
    content = message(**parts)
    del content["input"]["setlinfo"]["vent_used_dura"]
    assert of(known, content).tables["setlinfo"]["vent_used_dura"].to_list() == [joined]


def test_an_unknown_field_is_noted_once_per_file(known, message, tmp_path, one):
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps(message(upload_state=n)) for n in range(3)), encoding="utf-8")
    part = one(path)
    assert [(note.check, note.table, note.field) for note in part.notes] == [
        ("read/unknown-field", "setlinfo", "upload_state")
    ]


def test_an_unknown_node_is_noted(known, message):
    part = of(known, node(message, "payinfo", [{"a": 1}], "4101A"))
    assert [(note.check, note.table) for note in part.notes] == [("read/unknown-table", "payinfo")]


# ---- unusual shapes


def test_a_node_that_should_be_a_list(known, message):
    part = of(known, node(message, "diseinfo", {"diag_code": "I10"}))
    assert part.tables["diseinfo"]["diag_code"].to_list() == ["I10"]
    assert checks(part) == ["read/not-a-list"]


def test_rows_that_are_no_objects(known, message):
    part = of(known, node(message, "diseinfo", [{"diag_code": "I10"}, None, "x", {"diag_code": "J18"}]))
    assert part.tables["diseinfo"]["_row"].to_list() == [1, 4]
    assert [(note.check, note.row) for note in part.notes] == [("read/not-an-object", 2), ("read/not-an-object", 3)]


def test_setlinfo_as_a_list(known, message):
    content = message()
    row = content["input"]["setlinfo"]
    assert checks(of(known, node(message, "setlinfo", [row]))) == ["read/is-a-list"]
    several = of(known, node(message, "setlinfo", [row, row]))
    assert checks(several) == ["read/several-cases"]
    assert several.tables["setlinfo"].height == 1


@pytest.mark.parametrize("empty", [None, [], {}, "x"])
def test_a_message_without_setlinfo_is_still_a_case(known, message, empty):
    part = of(known, node(message, "setlinfo", empty))
    assert checks(part) == ["read/missing-case-table"]
    assert part.tables["setlinfo"]["case_id"].to_list() == ["message#1"]
    assert part.tables["diseinfo"].height > 0


def test_a_nested_value_is_no_value(known, message):
    content = node(message, "diseinfo", [{"diag_code": {"a": 1}}, {"diag_code": []}, {"diag_code": "I10"}])
    part = of(known, content)
    assert part.tables["diseinfo"]["diag_code"].to_list() == [None, None, "I10"]
    assert [(n.check, n.field, n.case, n.row) for n in part.notes] == [("read/nested-value", "diag_code", 0, 1)]


def test_a_key_that_stands_twice(known):
    text = b'{"infno":"4101","input":{"setlinfo":{"setl_id":"A","gend":"1","gend":"2"},"payinfo":[],"payinfo":[]}}'
    part = read.from_json(text, known)[0]
    assert part.tables["setlinfo"]["gend"].to_list() == ["2"]
    assert [(n.check, n.table, n.field) for n in part.notes] == [
        ("read/duplicate-key", "payinfo", None),
        ("read/duplicate-key", "setlinfo", "gend"),
    ]


def test_lone_surrogates_are_replaced(known, message):
    text = json.dumps(message(psn_name="\ud800甲")).encode()
    assert read.from_json(text, known)[0].tables["setlinfo"]["psn_name"].to_list() == ["\ufffd甲"]
    assert of(known, message(psn_name="\ud800甲")).tables["setlinfo"]["psn_name"].to_list() == ["\ufffd甲"]


# ---- files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(known, message, tmp_path, one, encoding):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(message(psn_name="测试龘"), ensure_ascii=False), encoding=encoding)
    assert one(path).tables["setlinfo"]["psn_name"].to_list() == ["测试龘"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_json_lines_with_their_lines(known, message, tmp_path, one, encoding):
    path = tmp_path / "a.jsonl"
    first = json.dumps(message(setl_id="A", psn_name="甲"), ensure_ascii=False)
    path.write_text(f"{first}\n\n{json.dumps(message(setl_id='B'))}\r\n", encoding=encoding)
    part = one(path)
    assert part.tables["setlinfo"]["_line"].to_list() == [1, 3]
    assert part.tables["setlinfo"]["psn_name"][0] == "甲"


def test_a_json_file_may_hold_an_array_or_lines(known, message, tmp_path, one):
    array, lines = tmp_path / "a.json", tmp_path / "b.json"
    array.write_text(json.dumps([message(setl_id="A"), message(setl_id="B")]), encoding="utf-8")
    lines.write_text(json.dumps(message(setl_id="A")) + "\n" + json.dumps(message(setl_id="B")), encoding="utf-8")
    assert one(array).tables["setlinfo"]["case_id"].to_list() == ["A", "B"]
    assert one(lines).tables["setlinfo"]["_line"].to_list() == [1, 2]


@pytest.mark.parametrize("indent", [None, 1])
def test_standard_input(known, message, monkeypatch, one, indent):
    data = json.dumps(message(), indent=indent).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\n" + data)))
    assert one("-").tables["setlinfo"].height == 1


def test_partitions_are_cut_by_cases(known, message, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps(message(setl_id=f"{n}", helper=1)) for n in range(5)), encoding="utf-8")
    parts = list(read.partitions([path], known, partition_rows=2))
    assert [part.tables["setlinfo"]["case_id"].to_list() for part in parts] == [["0", "1"], ["2", "3"], ["4"]]
    assert [checks(part) for part in parts] == [["read/unknown-field"], [], []]
    assert parts[1].tables["diseinfo"]["_case"].unique().sort().to_list() == [0, 1]


def test_progress_within_a_long_file(known, message, tmp_path, monkeypatch):
    monkeypatch.setattr(read, "_BYTES_BETWEEN", 1)
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps(message(setl_id=f"{n}")) for n in range(3)), encoding="utf-8")
    calls = []
    list(read.partitions([path], known, progress=lambda *each: calls.append(each[1:])))
    assert len(calls) == 4
    assert calls[-1] == (path.stat().st_size,) * 2


def test_progress_counts_bytes(known, message, tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps(message()), encoding="utf-8")
    calls = []
    list(read.partitions([tmp_path], known, progress=lambda *each: calls.append(each)))
    size = (tmp_path / "a.json").stat().st_size
    assert [(done, total) for _, done, total in calls] == [(size, 2 * size), (2 * size, 2 * size)]


# ---- what cannot be read


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "没有病例"),
        (b" \n ", "没有病例"),
        (b"[]", "没有病例"),
        (b'{"input": {"setlinfo": {"a": 1', "中断"),
        (b'{"input":\n {"setlinfo": {,}}}', "第 2 行：第 16 列不是合法的 JSON"),
        (b"[1]", "应是一个 JSON 对象"),
        (b'"x"', "应是一个 JSON 对象"),
        (b'{"input": 1}', "input 不是对象"),
        (b'{"input": {"orderinfo": {}}}', "不是清单报文：应有节点"),
        (b'{"infno": "4402", "input": {"setlinfo": {"a": 1}}}', "infno 是“4402”"),
        (b'{"setlinfo": {"setl_id": "1"}}', "--layout"),
        (b'{"a": "\xff\xfe\xff"}', "第 8 个字节"),
        ('{"a": "测试'.encode() + b'\xff"}', "第 14 个字节"),
        (b"[" * 100_000, "嵌套层数过多"),
        (b'{"setlinfo":' * 100_000, "嵌套层数过多"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(known, tmp_path, data, message):
    path = tmp_path / "a.json"
    path.write_bytes(data)
    with pytest.raises(InputError) as error:
        list(read.partitions([path], known))
    assert message in error.value.zh
    assert str(path) in error.value.zh
    assert str(path) in error.value.en


@pytest.mark.parametrize("broken", [b"{", b"nonsense", b"[]", b'"a"', b"\xff\xff", b"[" * 100_000])
def test_a_broken_line_stops_with_its_number(known, message, tmp_path, broken):
    path = tmp_path / "a.jsonl"
    path.write_bytes(json.dumps(message()).encode() + b"\n\n" + broken + b"\n")
    with pytest.raises(InputError, match="第 3 行"):
        list(read.partitions([path], known))


def test_utf16_lines_are_refused(known, message, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(message()), encoding="utf-16")
    with pytest.raises(InputError, match="UTF-16"):
        list(read.partitions([path], known))


def test_layout_settles_what_the_data_do_not_say(known):
    assert read.from_message({"setlinfo": {"setl_id": "1"}}, known, "4101A").layout == "4101A"
    with pytest.raises(ConfigError, match="没有接口“9999”"):
        list(read.partitions(["-"], known, layout="9999"))


def test_infno_goes_before_layout(known, message):
    assert of(known, message("4101A"), layout="4101").layout == "4101A"


def test_no_value_of_the_data_stands_in_an_error(known, tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"infno": "4101", "input": {"setlinfo": {"psn_name": "测试甲" "x"}}}', encoding="utf-8")
    with pytest.raises(InputError) as error:
        list(read.partitions([path], known))
    assert "测试甲" not in error.value.zh + error.value.en
