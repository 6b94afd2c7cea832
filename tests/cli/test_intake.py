"""``zhikong intake``: a county bureau's day, by commands alone."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

pytest.importorskip("alembic", reason="needs the extra service")
pytest.importorskip("great_expectations", reason="needs the extra service")

from tests.intake.deliveries import HOSPITAL, a_list, as_file
from validator.cli.app import App

Run = Callable[..., Result]


@pytest.fixture
def intake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("ZHIKONG_LEDGER", str(tmp_path / "ledger"))
    monkeypatch.setenv("ZHIKONG_ACTOR", "审核员")
    return lambda *arguments: CliRunner().invoke(App(), ["intake", *map(str, arguments)])


def test_a_day_at_the_bureau(intake: Run, tmp_path: Path) -> None:
    inbox = tmp_path / "收件"
    inbox.mkdir()
    as_file(inbox / "a.jsonl", a_list(1, gend="", psn_name="赵测试"), a_list(2))
    (inbox / "坏.json").write_text("{", encoding="utf-8")
    done = intake("watch", inbox, "--once", "--settle", 0)
    assert done.exit_code == 1
    assert "第 1 批：收下；接收 1，退回 1" in done.output
    assert (inbox / "未收" / "坏.json.txt").read_text(encoding="utf-8").startswith("坏.json")
    receipt = inbox / "已收" / "a.jsonl.回执" / HOSPITAL / "receipt.json"
    assert "赵测试" not in receipt.read_text(encoding="utf-8")
    again = intake("receive", as_file(tmp_path / "b.jsonl", a_list(2), a_list(1, gend="", psn_name="赵测试")))
    assert (again.exit_code, "此前已收过" in again.output) == (1, True)

    found = json.loads(intake("show", "S0001").output)
    fingerprint = found["findings"][0]["fingerprint"]
    assert intake("justify", fingerprint, "--reason", "本人拒填").exit_code == 0
    assert intake("accept", fingerprint, "--reason", "属实", "--expires", "2099-12-31").exit_code == 0
    rows = json.loads(intake("status", "--format", "json").output)
    assert [(each["cases"], each["accept"], each["accept_with_warnings"], each["open"]) for each in rows] == [
        (2, 1, 1, 0)
    ]
    (tmp_path / "4102.json").write_text(
        json.dumps({"infno": "4102", "input": {"stastinfo": [{"psn_no": "1", "setl_id": "S0002", "stas_type": "0"}]}})
    )
    assert intake("withdraw", tmp_path / "4102.json").output == "已关闭 1 份清单\n"
    (tmp_path / "roll.csv").write_text(
        f"定点医药机构编号,结算ID,结算日期,医疗费总额\n{HOSPITAL},S0001,2026-07-18,57220.00\n{HOSPITAL},S0009,2026-07-18,1.00\n",
        encoding="utf-8",
    )
    notice = intake("notice", "202607", "--roll", tmp_path / "roll.csv", "--out", tmp_path / "out")
    assert notice.exit_code == 0, notice.output
    assert "S0009" in (tmp_path / "out" / HOSPITAL / "notice.html").read_text(encoding="utf-8")

    answer = {
        "infcode": 0, "inf_refmsgid": "1", "output": {"result": [
            {"setl_id": "S0001", "psn_no": "1", "qltctrl_rslt": "0", "detailinfo": [
                {"exam_data_fld": "gend", "qltctrl_chkrslt": "性别为空", "err_lv": "1", "retn_flag": "1", "init_val": ""},
            ]},
        ]},
    }  # fmt: skip
    (tmp_path / "4104.json").write_text(json.dumps(answer), encoding="utf-8")
    compared = intake("platform", tmp_path / "4104.json", "--format", "json", "--out", tmp_path / "agreement.html")
    assert compared.exit_code == 0, compared.output
    assert (tmp_path / "agreement.html").is_file()

    assert intake("freeze", "202607").exit_code == 0
    assert intake("backup", tmp_path / "copy").exit_code == 0
    for ledger in ("ledger", "copy"):
        verified = intake("verify", "--ledger", tmp_path / ledger)
        assert (verified.exit_code, "台账完好" in verified.output) == (0, True)
    for wrong in (
        ["accept", "none", "--reason", "x"],
        ["return", "--case", "S0001", "--reason", "x"],
        ["show", "none"],
    ):
        refused = intake(*wrong)
        assert refused.exit_code == 2
        assert "Traceback" not in refused.output
