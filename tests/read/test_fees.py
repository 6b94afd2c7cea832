"""Charge lines: stays are made of them, messages are taken back, columns tell the interface, lists and lines are joined."""

import copy
import json

import polars as pl
import pytest

from validator import api, generate, read
from validator.checks import examples


def lines(interface="2301", stay="MD0000000101"):
    content = copy.deepcopy(examples.interface_message(interface))
    content["input"].pop("mdtrtinfo")
    for row in content["input"]["feedetail"]:
        row["mdtrt_id"] = stay
    return content


def withdrawal(number, stay="MD0000000101"):
    return {"infno": "2302", "input": {"data": {"feedetl_sn": number, "mdtrt_id": stay, "psn_no": "1"}}}


def heights(parts):
    return [{name: frame.height for name, frame in part.tables.items()} for part in parts]


def test_a_stay_is_made_of_its_lines_whatever_messages_they_come_in(known):
    whole = lines()
    first, second = copy.deepcopy(whole), copy.deepcopy(whole)
    first["input"]["feedetail"], second["input"]["feedetail"] = (
        whole["input"]["feedetail"][:50],
        whole["input"]["feedetail"][50:],
    )
    other = lines(stay="MD2")
    (part,) = read.from_messages([first, other, second], known)
    assert part.tables["mdtrtinfo"]["case_id"].to_list() == ["MD0000000101", "MD2"]
    assert part.tables["mdtrtinfo"]["psn_no"][0] == "11010500000000000101"
    counts = part.tables["feedetail"].group_by("_case", maintain_order=True).len()["len"].to_list()
    assert counts == [83, 83]
    assert part.tables["feedetail"]["_row"].to_list() == [*range(1, 84), *range(1, 84)]


def test_a_withdrawal_takes_back_what_was_sent_before_it(known):
    part = read.from_messages([lines(), withdrawal("0000"), lines()], known)[0]
    assert part.tables["feedetail"].height == 83
    assert [note.check for note in part.notes] == ["read/cancelled-rows"]
    number = lines()["input"]["feedetail"][0]["feedetl_sn"]
    part = read.from_messages([lines(), lines(stay="MD2"), withdrawal(number)], known)[0]
    assert part.tables["feedetail"].height == 2 * 83 - 1
    report = api.run(api.load(), [part])
    assert report.findings["message"].to_list() == ["一条撤销报文撤掉了就诊 MD0000000101 的 1 行，没有检查它们"]


def test_fields_sent_in_an_object_inside_the_row_are_the_rows_own(known):
    content = lines()
    row = content["input"]["feedetail"][0]
    del row["er_flag"]
    row["exp_content"] = {"er_flag": "7"}
    part = read.from_message(content, known)
    assert not part.notes
    assert part.tables["feedetail"]["er_flag"][0] == "7"


@pytest.mark.parametrize("interface", ["2301", "2204", "FEE_LIST_D"])
def test_columns_tell_the_interface(known, interface, tmp_path):
    frame = pl.DataFrame(lines(interface)["input"]["feedetail"], infer_schema_length=None)
    frame.write_csv(tmp_path / "费用.csv")
    (part,) = read.partitions([tmp_path / "费用.csv"], known)
    assert part.layout == interface
    assert not part.bare
    assert part.tables["mdtrtinfo"].height == 1


def test_a_hospitals_own_headings_are_understood(known, tmp_path):
    text = "住院号,费用明细流水号,收费时间,国家医保编码,院内编码,数量,单价,金额,开单科室,开单医生,医疗类别\n"
    rows = ["M1,1,2026-07-01 08:00:00,002501010150000,F1,1,20,20,普外科,医师甲,21"] * 2
    rows += ["M2,1,2026-07-01 08:00:00,002501010150000,F1,1,20,20,普外科,医师甲,21"]
    (tmp_path / "费用明细.csv").write_text(text + "\n".join(rows), encoding="utf-8")
    (part,) = read.partitions([tmp_path], known)
    assert part.layout == "2301"
    assert part.tables["mdtrtinfo"]["case_id"].to_list() == ["M1", "M2"]
    assert part.tables["feedetail"].select("med_list_codg", "bilg_dr_name").row(0) == ("002501010150000", "医师甲")


def test_lines_next_to_the_lists_are_a_table_of_their_cases(known, tmp_path):
    message = examples.interface_message("4101+2301")
    for table, node in message["input"].items():
        rows = node if isinstance(node, list) else [node]
        keyed = [{"mdtrt_id": "MD0000000101", **row} for row in rows]
        if keyed:
            pl.DataFrame(keyed, infer_schema_length=None).cast(pl.String).write_csv(tmp_path / f"{table}.csv")
    (part,) = read.partitions([tmp_path], known)
    assert part.layout == "4101+2301"
    assert heights([part])[0]["feedetail"] == 83
    assert api.run(api.load(), [part]).findings.is_empty()


def test_lines_as_messages_and_json_lines(known, tmp_path):
    path = tmp_path / "fees.jsonl"
    path.write_text("\n".join(json.dumps(lines(stay=f"MD{n}"), ensure_ascii=False) for n in range(3)), encoding="utf-8")
    parts = list(read.partitions([path], known, partition_rows=2))
    assert [part.tables["mdtrtinfo"]["case_id"].to_list() for part in parts] == [["MD0", "MD1"], ["MD2"]]
    assert sum(part.tables["feedetail"].height for part in parts) == 3 * 83


@pytest.mark.parametrize("order", [["mdtrt_id"], ["fee_ocur_time", "feedetl_sn"]])
def test_partitions_of_parquet_hold_whole_stays_whatever_the_order_of_the_lines(known, tmp_path, monkeypatch, order):
    part, _ = next(generate.partitions(40, 7, interface="2301"))
    lines = part.tables["feedetail"].select(known["2301"].tables["feedetail"].fields.keys()).sort(order)
    (tmp_path / "feedetail").mkdir()
    for number, some in enumerate([lines.head(500), lines.tail(-500)]):  # a stay lies in two files
        some.write_parquet(tmp_path / "feedetail" / f"part-{number}.parquet")
    monkeypatch.setattr("validator.read.assemble.rows_fitting", lambda _: 300)
    parts = list(read.partitions([tmp_path], known))
    assert len(parts) > 4
    assert max(each.tables["feedetail"].height for each in parts) <= 300
    stays = [stay for each in parts for stay in each.tables["mdtrtinfo"]["case_id"]]
    assert sorted(stays) == sorted(set(lines["mdtrt_id"]))
    assert sum(each.tables["feedetail"].height for each in parts) == lines.height
    assert sum(source.rows.read for each in parts for source in each.sources if source.rows) == lines.height
