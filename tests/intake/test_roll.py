"""A roll of settlements against lists: every state once, by every kind of file and of key."""

import json
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from validator.base.errors import InputError
from validator.intake import roll

HEAD = "结算ID,就诊ID,定点医药机构编号,结算时间,出院日期,医疗费总额,退费结算标志\n"
ROWS = [
    ("S1", "M1", "H1", "2026-03-05 10:00:00", "20260304", "1,234.50", "0"),  # matches
    ("S2", "M2", "H1", "2026-03-06", "2026/3/5", "100", "0"),  # the list says 99.99
    ("S3", "M3", "H1", "2026-03-07", "", "10.00", "0"),  # no list
    ("S4", "M4", "H1", "2026-03-08", "", "10", "0"),  # refunded by the next row
    ("S4", "M4", "H1", "2026-03-09", "", "-10", "1"),
    ("S5", "M5", "H1", "2026-03-09", "", "10", "1"),  # refunded, no list
    ("S6", "M6", "H1", "2026-03-10", "", "10", "0"),  # the list has no setl_id
    ("S7", "M7", "H1", "2026-03-11", "", "10", "0"),
    ("S7", "M7", "H1", "2026-03-11", "", "10", "0"),  # twice in the roll
    ("S8", "M8", "H2", "2026-03-11", "", "10", "0"),  # H1 sent a list of that number: it is not H2's
]
LISTS = [
    ("H1", "S1", 123450), ("H1", "S2", 9999), ("H1", "S4", 1000), ("H1", "M6", 1000), ("H1", "S7", 1000), ("H1", "S8", 1000),
    ("H1", "S9", 1000),
]  # fmt: skip
RECEIVED = pl.DataFrame([(h, c, "202603", fen) for h, c, fen in LISTS], schema=roll.RECEIVED, orient="row")


def write(folder: Path, kind: str) -> Path:
    path = folder / f"roll.{kind}"
    names = ["setl_id", "mdtrt_id", "fixmedins_code", "setl_time", "dscg_time", "medfee_sumamt", "refd_setl_flag"]
    match kind:
        case "csv":
            quoted = (",".join(f'"{cell}"' for cell in row) for row in ROWS)
            path.write_text(HEAD + "\n".join(quoted), encoding="gb18030")
        case "xlsx":
            book = openpyxl.Workbook()
            for row in ([*HEAD.strip().split(",")], *ROWS):
                book.active.append(row)
            book.save(path)
        case "json":
            found = [dict(zip(names, row, strict=True)) for row in ROWS]
            path.write_text(json.dumps({"infcode": "0", "output": {"data": found}}), encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_every_settlement_and_list_is_accounted_for(tmp_path: Path, kind: str) -> None:
    read = roll.load(write(tmp_path, kind))
    assert read.refunds == "counted"
    assert "refd_setl_flag = 1" in read.convention
    cases = roll.reconcile(read, RECEIVED)
    found = {
        (hospital, case): state
        for hospital, case, state in cases.select("hospital", "case_id", "state").iter_rows()
        if state != "repeated"
    }
    assert found == {
        ("H1", "S1"): "matched", ("H1", "S2"): "differs", ("H1", "S3"): "missing", ("H1", "S4"): "withdrawn",
        ("H1", "S5"): "refunded", ("H1", "M6"): "matched", ("H1", "S7"): "matched", ("H2", "S8"): "missing",
        ("H1", "S8"): "extra", ("H1", "S9"): "extra",
    }  # fmt: skip
    assert cases.filter(state="repeated")["case_id"].to_list() == ["S7"]
    differing = cases.row(by_predicate=pl.col("state") == "differs", named=True)
    assert (differing["roll_fen"], differing["list_fen"], str(differing["discharged"])) == (10000, 9999, "2026-03-05")
    months = roll.by_month(read, RECEIVED, cases)
    first = months.row(0, named=True)
    assert (first["hospital"], first["month"], first["expected"], first["received"]) == ("H1", "202603", 5, 7)
    assert (first["matched"], first["differs"], first["missing"], first["extra"], first["withdrawn"]) == (3, 1, 1, 2, 1)
    assert first["share"] == 0.8
    assert roll.expected(cases)["case_id"].to_list() == ["S1", "S2", "S3", "M6", "S7", "S8"]


def test_withdrawals_by_4102_close_lists(tmp_path: Path) -> None:
    cases = roll.reconcile(roll.load(write(tmp_path, "csv")), RECEIVED, pl.Series(["S1", "S9"]))
    assert cases.filter(state="withdrawn")["case_id"].sort().to_list() == ["S1", "S4", "S9"]


def test_counts_by_month_state_their_refund_convention(tmp_path: Path) -> None:
    path = tmp_path / "4105.csv"
    path.write_text("机构编码,结算年月,病例数,退费统计标志\nH1,2026年3月,10,0\n", encoding="utf-8")
    read = roll.load(path)
    assert read.refunds == "left_out"
    months = roll.by_month(read, RECEIVED)
    assert months.row(0, named=True)["share"] == 0.7
    with pytest.raises(InputError):
        roll.reconcile(read, RECEIVED)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("姓名,电话\n张三,1\n", "结算ID"),
        ("结算ID,总费用\nS1,10\n", "医疗机构编码"),
        ("结算ID,机构编码,总费用\nS1,H1,10\nS2,H1,ten\n", "第 2 行数据的 total：“ten”不是金额"),
        ("结算ID,机构编码,结算日期\nS1,H1,2026-02-30\n", "2026-02-30”不是日期"),
        ("结算ID,机构编码,退费标志\nS1,H1,perhaps\n", "perhaps"),
        ("结算年月,机构编码,病例数\n2026-13,H1,3\n", "202613"),
        ("结算ID,机构编码\n", "没有一行数据"),
    ],
)
def test_what_is_no_roll_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "roll.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        roll.load(path)
    assert str(path) in str(error.value)
    assert words in str(error.value)
