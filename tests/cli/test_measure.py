"""``zhikong measure`` as its users type it."""

import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook

from tests.grouping import scheme as tiny
from validator import generate, measure
from validator.codes.tables import Store
from validator.scoring.measures import PEOPLE, measures


@pytest.fixture(autouse=True)
def _registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "books"
    tiny.keep(Store(folder))
    monkeypatch.setenv("ZHIKONG_CODEBOOKS", str(folder))


def test_a_year_of_lists(zhikong, tmp_path):
    generate.write(120, 5, 0.4, tmp_path / "data", "parquet", "4101")
    weights = tmp_path / "weights.csv"
    weights.write_text("病组编码,基准点数\nHC11,150\nHU15,80\n", encoding="gb18030")
    command = ("measure", "data", "--period", "2025", "--weights", weights, "--to", "out")
    result = zhikong(*command, "--by", "hospital,department,physician,coder,month")
    assert result.exit_code == 0, result.output
    assert "合格率" in result.output
    assert "不在期内" in result.output
    found = pl.read_parquet("out/measures.parquet")
    assert set(found["by"]) == {"all", "hospital", "department", "physician", "coder", "month"}
    # The stays of the parts are all stays, whatever they are parted by; so are the counts.
    sums = found.filter(measure="passed").group_by("by").agg(pl.col("stays", "numerator", "denominator").sum())
    assert sums.select("stays", "numerator", "denominator").n_unique() == 1
    ways = pl.read_parquet("out/cases.parquet")
    assert ways.columns == [*PEOPLE, *(each.id for each in measures() if each.formula.over == "stays")]
    keys = pl.read_parquet("out/measures.parquet").filter(by="physician", measure="passed")["key"]
    assert set(keys.drop_nulls()) == set(ways["physician"].drop_nulls())
    assert all("**" in name for name in keys.drop_nulls())
    every = {row["measure"]: row for row in found.filter(by="all").to_dicts()}
    for name, way, column in (("passed", "yes", "numerator"), ("grouping_rate", "excluded", "excluded")):
        assert (ways[name] == way).sum() == every[name][column]
    page = Path("out/measures.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http-equiv", "")
    book = load_workbook("out/measures.xlsx", read_only=True)
    assert book.sheetnames[:2] == ["总表", "医疗机构"]
    rows = [[cell.value for cell in row] for row in book["总表"].iter_rows()]
    row = next(row for row in rows if row[2:3] == ["passed"])
    assert row[3] == pytest.approx(every["passed"]["value"])


def test_no_scheme_leaves_grouping_unjudged(zhikong, clean, monkeypatch, tmp_path):
    monkeypatch.setenv("ZHIKONG_CODEBOOKS", str(tmp_path / "none"))
    result = zhikong("measure", clean, "--period", "2000-01-01..2099-12-31")
    assert result.exit_code == 0
    assert "没有装载分组方案" in result.output
    found = measure(clean, "2000-01-01..2099-12-31")
    assert found.measured.filter(measure="grouping_rate", by="all")["unjudged"][0] == 1


def test_roll_and_ledger_of_the_bureau(zhikong, clean, tmp_path):
    pytest.importorskip("alembic", reason="needs the extra service")
    from validator.intake.ledger import open_ledger

    Path("roll.csv").write_text(
        "结算ID,fixmedins_code,结算时间\nS1,H1,2026-01-05\nS2,H1,2026-01-06\n", encoding="gb18030"
    )
    command = ("measure", clean, "--period", "2026", "--roll", "roll.csv")
    missing = zhikong(*command, "--ledger", tmp_path / "none")
    assert (missing.exit_code, (tmp_path / "none").exists()) == (2, False)  # a ledger is not made by the way
    open_ledger(tmp_path / "ledger").close()
    found = zhikong(*command, "--ledger", tmp_path / "ledger")
    assert found.exit_code == 0, found.output
    rows = {line.split()[0]: line for line in found.output.splitlines() if " / " in line}
    assert "0 / 2" in rows["清单上报率"]
    assert "0 / 1" in rows["医疗机构覆盖率"]
    assert "没有给收单台账" not in found.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--period", "26"), "期间"),
        (("--period", "2026", "--by", "ward"), "ward"),
        (("--period", "2026", "--weights", "wrong.csv"), "权重"),
        (("--period", "2026", "--weights", "twice.csv"), "两次"),
        (("--period", "2026", "--weights", "word.csv"), "HC11"),
    ],
)
def test_what_cannot_be_measured_says_why(zhikong, clean, arguments, words):
    Path("wrong.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    Path("twice.csv").write_text("DRG,权重\nHC11,1\nHC11,2\n", encoding="utf-8")
    Path("word.csv").write_text("DRG,权重\nHC11,高\n", encoding="utf-8")
    result = zhikong("measure", clean, *arguments)
    assert result.exit_code == 2
    assert words in result.output


def test_records_make_accuracy_known(tmp_path):
    generate.write(20, 5, 0, tmp_path / "lists", "parquet", "4101")
    generate.write(10, 5, 0, tmp_path / "records", "parquet", "4401")
    found = measure(
        tmp_path / "lists", "2000-01-01..2099-12-31", record=tmp_path / "records", record_edition="insurance"
    )
    rows = {row["measure"]: row for row in found.measured.filter(by="all").to_dicts()}
    for name in ("truthful", "accurate_principal_diagnosis", "accurate_other_procedures"):
        assert (rows[name]["value"], rows[name]["denominator"], rows[name]["unjudged"]) == (1, 10, 10)


def test_money_is_that_of_the_lists(clean):
    message = json.loads(clean.read_text(encoding="utf-8"))["input"]
    (stay,) = measure(clean, "2000-01-01..2099-12-31").stays.to_dicts()
    charges = sum(Decimal(row["amt"]) for row in message["iteminfo"])
    paid = sum(Decimal(row["fund_payamt"]) for row in message["payinfo"])
    own = Decimal(message["setlinfo"]["psn_ownpay"])
    assert (stay["total"], stay["fund"], stay["own"]) == (charges * 100, paid * 100, own * 100)
