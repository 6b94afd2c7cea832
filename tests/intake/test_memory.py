"""What the ledger remembers over deliveries: lists that are doubled, checks that gave no answer, whose facts a waiver is about."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("alembic", reason="needs the extra service")
pytest.importorskip("validator.gate.gx", reason="needs the extra service")

from tests.intake.deliveries import HOSPITAL, a_list, as_file
from tests.intake.test_receive import findings, folder_of, versions
from validator import api
from validator.intake import decisions, duplicates, receipts, views
from validator.intake.backup import copy
from validator.intake.ledger import Ledger, open_ledger
from validator.intake.receive import Received, receive

OTHER = "H11010500002"
ONE, TWO = "AD202", "AD204"  #: one admission of a person, of a record of the hospital


def delivered(ledger: Ledger, folder: Path, *lists: dict[str, Any]) -> Received:
    return receive(ledger, [as_file(folder / f"{len(list(folder.iterdir()))}.jsonl", *lists)])


def doubled(ledger: Ledger, **chosen: Any) -> list[tuple[str, str, str, str, str]]:
    with ledger.reading() as session:
        rows = duplicates.pairs(session, **chosen)
    return [
        (each["check"], each["hospital"], each["case_id"], each["other_hospital"], each["other_case"]) for each in rows
    ]


def test_a_settlement_of_another_delivery_is_found_and_the_bureau_alone_hears_of_it(
    ledger: Ledger, tmp_path: Path
) -> None:
    delivered(ledger, tmp_path, a_list(1), a_list(2))
    second = delivered(ledger, tmp_path, a_list(1, fixmedins_code=OTHER), a_list(3, fixmedins_code=OTHER))
    pairs = [(check, OTHER, "S0001", HOSPITAL, "S0001") for check in ("AD201", ONE)]
    assert second.doubled == 1
    assert doubled(ledger) == doubled(ledger, submission=second.submission) == pairs
    assert doubled(ledger, period="202607", hospital=HOSPITAL) == pairs
    assert doubled(ledger, period="202608") == []
    receipt = receipts.receipts(views.delivery(ledger, second.submission, api.load()))[0]
    text = json.dumps([receipts.as_dict(receipt), receipts.as_platform(receipt)], ensure_ascii=False)
    assert not [word for word in ("AD2", HOSPITAL) if word in text]
    assert findings(ledger, "S0001") == {}
    keys = (folder_of(ledger, second.submission) / "keys.parquet").read_bytes()
    assert b"110105194912310" not in keys

    other = open_ledger(tmp_path / "copy")
    copy(ledger, other)
    assert doubled(other) == pairs
    third = receive(other, [as_file(tmp_path / "c.jsonl", a_list(9, setl_id="S0002", fixmedins_code=OTHER))])
    assert third.doubled == 1  # the copy hashes alike
    other.close()

    again = delivered(
        ledger, tmp_path, a_list(1, fixmedins_code=OTHER, setl_id="S0011", adm_time="2026-07-05 09:59:00")
    )
    assert (again.doubled, doubled(ledger)) == (0, pairs)
    decisions.withdraw(ledger, ["S0001"], "审核员", "结算已撤销", HOSPITAL)
    assert doubled(ledger) == []


def test_a_smaller_delivery_does_not_close_what_is_still_doubled(ledger: Ledger, tmp_path: Path) -> None:
    same = {name: a_list(5)["input"]["setlinfo"][name] for name in ("adm_time", "medcasno")}
    delivered(ledger, tmp_path, a_list(1, **same), a_list(2, **same))
    assert findings(ledger, "S0001") == findings(ledger, "S0002") == {ONE: "open", TWO: "open"}
    smaller = delivered(ledger, tmp_path, a_list(1, **same, coner_name="吴测试"))
    assert (smaller.doubled, smaller.counts) == (1, {"accept": 1})
    assert findings(ledger, "S0001") == {ONE: "open", TWO: "open"}
    delivered(ledger, tmp_path, a_list(2, **same))  # the same content alone
    assert findings(ledger, "S0002") == {ONE: "open", TWO: "open"}
    delivered(ledger, tmp_path, a_list(1))  # now it is another stay: what came earlier counts no more
    assert findings(ledger, "S0001") == findings(ledger, "S0002") == {ONE: "corrected", TWO: "corrected"}
    assert doubled(ledger) == []

    last = delivered(ledger, tmp_path, a_list(3, **same))  # doubled again, by another list and delivery
    assert (last.doubled, {each[2] for each in doubled(ledger)}) == (1, {"S0003"})
    decisions.return_submission(ledger, last.submission, "审核员", "重复")
    assert doubled(ledger) == []


def test_what_could_not_be_judged_is_not_corrected(ledger: Ledger, tmp_path: Path) -> None:
    delivered(ledger, tmp_path, a_list(1, dscg_time="2026-06-01 10:00:00"), a_list(2, dscg_time="2026-06-01 10:00:00"))
    assert findings(ledger, "S0001") == {"AD101": "open"}  # discharged before admission
    delivered(ledger, tmp_path, a_list(1, dscg_time="2026-13-01 10:00:00"), a_list(2))
    assert findings(ledger, "S0001") == {"AD101": "open", "setlinfo.dscg_time/type": "open"}
    assert findings(ledger, "S0002") == {"AD101": "corrected"}
    type_error = decisions.Chosen(cases=["S0001"], checks=["setlinfo.dscg_time/type"])
    decisions.decide(ledger, "accept", type_error, "审核员", "系统只能这样报")
    assert ("S0001", 2, "current", "return") in versions(ledger)  # the other error waits for an answer
    delivered(ledger, tmp_path, a_list(1))
    assert set(findings(ledger, "S0001").values()) == {"corrected"}
    assert ("S0001", 3, "current", "accept") in versions(ledger)


def test_a_waiver_is_of_one_person_though_another_is_shown_alike(sqlite: Ledger, tmp_path: Path) -> None:
    one, other = ({"certno": number} for number in ("110105194912310020", "110105194812310020"))
    delivered(sqlite, tmp_path, a_list(1, **one))
    wrong = decisions.Chosen(cases=["S0001"], checks=["ID101"])
    decisions.decide(sqlite, "accept", wrong, "审核员", "公安已核")
    delivered(sqlite, tmp_path, a_list(1, **one, coner_name="吴测试"))
    assert findings(sqlite, "S0001")["ID101"] == "accepted"
    delivered(sqlite, tmp_path, a_list(1, **other))
    assert findings(sqlite, "S0001")["ID101"] == "open"
    delivered(sqlite, tmp_path, a_list(1, **one), a_list(2))
    assert findings(sqlite, "S0001")["ID101"] == "accepted"
