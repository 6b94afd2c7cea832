"""What hospitals get: receipts and notices that hold nothing of another hospital and no person, and the platform's shape."""

import dataclasses
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from validator.intake import arrival, notice, receipts, roll, rounds, timeliness
from validator.intake.calendar import Calendar
from validator.intake.report import bureau
from validator.spec.intake import Feedback, PlatformWords

DAY = date(2026, 3, 12)
ID = "320106199001011237"


def finding(case: str, check: str, level: str, field: str, value: str | None, message: str) -> dict[str, object]:
    return {
        "case_id": case, "check": check, "level": level, "table": "setlinfo", "field": field, "value": value,
        "message": message, "fix": "对照病历改", "suggested": None, "applicability": None,
    }  # fmt: skip


def arrived(hospital: str, state: str, reason: str, unlike: str) -> dict[str, object]:
    outside = [{"figure": "cost", "words": unlike}]
    return {"hospital": hospital, "period": "202603", "state": state, "reason": reason, "outside": outside}


@pytest.fixture
def delivery() -> receipts.Delivery:
    cases = [
        ("H1", "C1", "return", 2, 0, 120000, date(2026, 3, 1), DAY),
        ("H1", "C2", "accept", 0, 0, 5000, date(2026, 3, 1), DAY),
        ("H1", "C3", "accept_with_warnings", 0, 1, None, None, None),
        ("H1", "C4", "return", 1, 0, 100, date(2026, 3, 2), date(2026, 3, 13)),
        ("H2", "D1", "return", 1, 0, 7777700, date(2026, 3, 1), DAY),
        ("H2", "C2", "return", 1, 0, 8888800, date(2026, 3, 1), DAY),
    ]
    long = "性别" * 80
    found = [
        finding("C1", "setlinfo.gend/value", "error", "gend", "9", long),
        finding("C1", "setlinfo.certno/format", "error", "certno", ID, f"证件号码 {ID} 不对"),
        finding("C3", "PY203", "warning", "psn_name", "张三丰", "姓名后面有数字"),
        finding("C4", "AD201", "error", "setl_id", "C4", "结算 ID 出现不止一次"),
        finding("D1", "AD201", "error", "setl_id", "C4", "结算 ID 出现不止一次"),
        finding("C2", "setlinfo.age/range", "error", "age", "777", "年龄太大"),
    ]
    return receipts.Delivery(
        "12", datetime(2026, 3, 5, 9, 30, tzinfo=UTC), "accepted", ["出错病例 4 份"], "202603", "national",
        pl.DataFrame(cases, schema=receipts.CASES, orient="row"),
        pl.DataFrame(found, schema_overrides={"suggested": pl.String, "applicability": pl.String}),
        {"H1": "第一医院", "H2": "第二医院"}, ("AD201",), {"setlinfo.psn_name": "name", "setlinfo.certno": "id"},
        arrival=[arrived("H1", "waiting", "收到 4 份", "例均费用 9 元"), arrived("H2", "held", "别家只来了 1 份", "别家的费用")],
    )  # fmt: skip


def all_text(folder: Path) -> str:
    """Everything that the files of a folder say."""
    texts = [path.read_text(encoding="utf-8") for path in folder.iterdir() if path.suffix in (".html", ".json")]
    for path in folder.glob("*.xlsx"):
        book = openpyxl.load_workbook(path)
        texts += [
            str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
        ]
    return "\n".join(texts)


def test_a_receipt_holds_nothing_of_another_hospital_and_no_person(delivery: receipts.Delivery, tmp_path: Path) -> None:
    mine = receipts.of_hospital(delivery, "H1")
    written = receipts.write(mine, tmp_path)
    assert all(path.is_file() for path in written)
    text = all_text(tmp_path)
    for foreign in (
        "H2",
        "第二医院",
        "D1",
        "77777",
        "88888",
        "年龄太大",
        "AD201",
        "出现不止一次",
        "出错病例 4 份",
        "别家",
    ):
        assert foreign not in text, foreign
    assert ID not in text
    assert "张三丰" not in text
    assert "另有事项由医保经办机构核实" in text  # C4 is returned for a reason that stays with the bureau
    for own in ("C1", "C3", "第一医院", "2026-03-12", "对照病历改", "分批，还在收", "收到 4 份", "例均费用 9 元"):
        assert own in text
    assert mine.counts == {"cannot_be_judged": 0, "return": 2, "accept_with_warnings": 1, "accept": 1}
    assert mine.until == (DAY, date(2026, 3, 13))
    content = json.loads((tmp_path / "receipt.json").read_text(encoding="utf-8"))
    assert content["accepted"] == ["C2", "C3"]
    assert [case["case_id"] for case in content["faulty"]] == ["C1", "C4", "C3"]


def test_a_hospital_alone_sees_what_repeats_in_its_own_batch(delivery: receipts.Delivery) -> None:
    alone = dataclasses.replace(delivery, cases=delivery.cases.filter(pl.col("hospital") == "H1"))
    mine = receipts.of_hospital(alone, "H1")
    assert "AD201" in mine.delivery.findings["check"]
    assert mine.delivery.reasons


def test_the_shape_of_the_platform(delivery: receipts.Delivery) -> None:
    answer = receipts.as_platform(receipts.of_hospital(delivery, "H1"))["output"]
    assert answer["fixmedins_code"] == "H1"
    first = answer["data"][0]
    assert (first["setl_id"], first["qltctrl_rslt"], first["err_lv"], first["retn_flag"]) == ("C1", "1", "1", "1")
    gend, certno = first["detailinfo"]
    assert (len(gend["qltctrl_chkrslt"]), gend["exam_data_fld"], gend["init_val"]) == (100, "gend", "9")
    assert re.fullmatch(r"320\*+37", certno["init_val"])
    words = PlatformWords({"E": "error"}, {"P": True, "F": False}, ("Y",), (), {"性别代码": "setlinfo.gend"})
    mapped = receipts.as_platform(receipts.of_hospital(dataclasses.replace(delivery, words=words), "H1"))["output"][
        "data"
    ]
    assert (mapped[0]["qltctrl_rslt"], mapped[0]["err_lv"], mapped[0]["retn_flag"]) == ("F", "E", "Y")
    assert mapped[0]["detailinfo"][0]["exam_data_fld"] == "性别代码"
    assert mapped[1]["qltctrl_rslt"] == "P"


def month(delivery: receipts.Delivery) -> notice.MonthOfIntake:
    settled = date(2026, 3, 1)
    states = [("H1", "C1", "matched"), ("H1", "X1", "missing"), ("H2", "Y1", "missing")]
    reconciled = pl.DataFrame(
        [(h, "202603", c, s, settled, None, 4321, None) for h, c, s in states], schema=roll.CASES, orient="row"
    )
    timely = pl.DataFrame(
        [
            (h, c, "202603", DAY, DAY, None, None, 0, state, state, state, False, False, None)
            for h, c, state in (("H1", "C1", "on_time"), ("H1", "X1", "missing"), ("H2", "Y1", "late"))
        ],
        schema=timeliness.CASES, orient="row",
    )  # fmt: skip
    groups = pl.DataFrame(
        [("H1", "C2", "GB25", "手术", "入组"), ("H2", "D1", "ZZ99", "别家的组", "入组")],
        schema=["hospital", "case_id", "group", "group_name", "status"], orient="row",
    )  # fmt: skip
    windows = rounds.plan(Feedback(2, 2, "working"), "202603", [date(2026, 4, 3), date(2026, 4, 15)], Calendar())
    grouped = pl.DataFrame(
        [("H1", "C2", "202603", "GB25", False), ("H1", "C3", "202603", "GB25", False)], schema=rounds.SENT, orient="row"
    )
    answers = pl.DataFrame(
        [("H1", "C2", "202603", 1, date(2026, 4, 8), "李", "", None), ("H1", "C3", "202603", 1, date(2026, 4, 9), "李", "", None),
         ("H1", "C2", "202603", 2, date(2026, 4, 16), "李", "", None), ("H1", "Z", "202603", 1, date(2026, 4, 8), "李", "", None)],
        schema=rounds.ANSWERS, orient="row",
    )  # fmt: skip
    asked = pl.DataFrame(
        [("H1", "C3", "费用极高", DAY, None), ("H2", "D1", "别家理由", DAY, None)], schema=rounds.REQUESTS, orient="row"
    )
    return notice.MonthOfIntake(
        "202603", date(2026, 4, 1), delivery, "市医保中心", "〔2026〕8号", reconciled, "名册不计退费结算", timely, groups, windows,
        rounds.answer_rates(grouped, answers, windows), asked,
    )  # fmt: skip


def test_a_notice_for_every_hospital_holds_its_own_alone(delivery: receipts.Delivery, tmp_path: Path) -> None:
    notices = notice.of_all(month(delivery))
    assert [each.hospital for each in notices] == ["H1", "H2"]
    assert notices[0].returned_fen == 120100
    notice.write(notices[0], tmp_path)
    text = all_text(tmp_path)
    for foreign in ("H2", "第二医院", "D1", "Y1", "ZZ99", "别家", "88888"):
        assert foreign not in text, foreign
    for own in (
        "X1",
        "第一医院",
        "1,201.00",
        "50.0%",
        "1 / 2",
        "〔2026〕8号",
        "费用极高",
        "反馈率",
        "名册不计退费结算",
    ):
        assert own in text, own


def test_rounds_and_the_share_of_answers_by_hand(delivery: receipts.Delivery) -> None:
    first, last = month(delivery).rounds
    # 清明 2026: 4 to 6 April are off; Friday 3 April + 2 working days = Wednesday 8 April
    assert (first.until, first.is_final) == (date(2026, 4, 8), False)
    assert (last.until, last.is_final) == (date(2026, 4, 17), True)
    assert first.is_open(date(2026, 4, 8))
    assert not first.is_open(date(2026, 4, 9))
    rate = month(delivery).rates
    assert rate is not None
    assert rate.row(0, named=True) == {
        "hospital": "H1", "year": "2026", "answered": 1, "grouped": 2, "share": 0.5, "late": 1, "ungrouped": 0, "closed": 0,
        "unknown": 1,
    }  # fmt: skip


def test_requests_against_the_limit() -> None:
    asked = pl.DataFrame([("H1", f"C{n}", "", DAY, None) for n in range(5)], schema=rounds.REQUESTS, orient="row")
    discharges = pl.DataFrame({"hospital": ["H1", "H2"], "cases": [100, 0]})
    found = rounds.requests(asked, discharges, "drg").rows()
    assert found == [("H1", 5, 0, 100, 0.05, 0.05, True), ("H2", 0, 0, 0, None, 0.05, True)]
    assert not rounds.requests(asked, discharges, "dip")["within"][0]


def test_the_bureau_sees_all_hospitals_of_a_month(delivery: receipts.Delivery, tmp_path: Path) -> None:
    rows = {row["hospital"]: row for row in bureau.of_hospitals(month(delivery)).to_dicts()}
    first = rows["H1"]
    assert {name: first[name] for name in ("expected", "received", "accepted", "returned", "missing", "late")} == {
        "expected": 2, "received": 4, "accepted": 2, "returned": 2, "missing": 1, "late": 0,
    }  # fmt: skip
    assert (first["by_first"], rows["H2"]["late"], rows["H2"]["by_first"]) == (0.5, 1, 0.0)
    compared = pl.DataFrame(
        [("H1", "202603", "cost", 310000.0, 200000.0, 100000.0, 300000.0, 6, "above")],
        schema=arrival.COMPARED,
        orient="row",
    )
    text = bureau.write_month(month(delivery), tmp_path / "month.html", compared).read_text(encoding="utf-8")
    for words in ("第一医院", "第二医院", "例均费用", "3,100.00 元", "名册不计退费结算"):
        assert words in text
