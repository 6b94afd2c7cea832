"""A bureau officer's month of twelve hospitals: the commands of its page, one after the other, against the truth table."""

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

pytest.importorskip("alembic", reason="needs the extra service")
pytest.importorskip("validator.gate.gx", reason="needs the extra service")

from validator import api
from validator.cli.app import App
from validator.generate import month as made
from validator.intake import arrival, months
from validator.intake.ledger import open_ledger

PAGE = Path(__file__).parents[2] / "docs/zh/经办一个月.md"
COMMANDS = [
    line.removeprefix("zhikong ")
    for block in re.findall(r"```shell\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
]


def test_the_commands_of_the_page_lead_to_what_the_truth_table_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZHIKONG_LEDGER", str(tmp_path / "ledger"))
    monkeypatch.setenv("ZHIKONG_ACTOR", "审核员")
    outputs = []
    for command in COMMANDS:
        done = CliRunner().invoke(App(), command.split())
        assert done.exit_code in (0, 1), f"{command}\n{done.output}"
        outputs.append(done.output)
    assert "与前一版相同" in "".join(outputs)
    assert "台账完好" in outputs[-1]
    status = next(output for command, output in zip(COMMANDS, outputs, strict=True) if "status" in command)
    rows = {row[1][-2:]: row for line in status.splitlines() if len(row := line.split()) > 9}
    assert [rows[number][7:13] for number in ("01", "04", "05", "09", "11")] == [
        ["6", "到齐", "0", "0", "0", "0"], ["6", "到齐", "6", "6", "0", "0"], ["6", "到期未齐", "0", "0", "6", "0"],
        ["6", "到齐", "0", "2", "0", "2"], ["5", "到齐", "0", "0", "0", "0"],
    ]  # fmt: skip

    truth = pl.read_csv("三月/_truth.csv", schema=made.TRUTH)
    catalogue = api.load("三月/profile.yaml")
    ledger = open_ledger(tmp_path / "ledger")
    try:
        month = months.month(ledger, made.PERIOD, catalogue, today=date(2026, 5, 1), roll_file=Path("三月/roll.csv"))
    finally:
        ledger.close()
    assert month.reconciled is not None
    closed = {"withdrawn": "refunded"}  # its list is closed: it is none of those that count
    wanted = truth.select("hospital", "case_id", state=pl.col("roll").replace(closed)).sort("case_id")
    assert month.reconciled.select("hospital", "case_id", "state").sort("case_id").equals(wanted)
    assert month.timeliness is not None
    accepted = {"not_accepted": "on_time"}  # the bureau accepted what the hospital justified, delivered in time
    columns = ["hospital", "case_id", "by_first", "by_accepted", "versions"]
    expected = truth.drop_nulls("by_first").with_columns(pl.col("by_accepted").replace(accepted))
    assert month.timeliness.select(columns).sort("case_id").equals(expected.select(columns).sort("case_id"))

    rule = catalogue.profile.intake.expectation
    nothing = pl.DataFrame(schema=arrival.COMPARED)
    sixth = month.timeliness.filter(hospital="H11010501006").height
    assert arrival.judge("whole", 3, sixth, nothing, rule, over=False).state == "held"

    text = {path.parent.name: path.read_text(encoding="utf-8") for path in Path("通知书").glob("*/notice.html")}
    assert text.keys() == {each.code for each in made.hospitals()}
    for hospital, page in text.items():  # nothing of another hospital
        foreign = truth.filter(pl.col("hospital") != hospital)["case_id"]
        assert not [case for case in foreign if case in page]
    assert "FUND_PAY_KEY" not in Path("对照.html").read_text(encoding="utf-8")  # their own name of a field stays raw
    assert "基金校验不通过" in Path("对照.html").read_text(encoding="utf-8")
