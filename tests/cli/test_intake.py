"""``zhikong intake``: a county bureau's day, by commands alone."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

pytest.importorskip("alembic", reason="needs the extra service")
pytest.importorskip("validator.gate.gx", reason="needs the extra service")

from tests.grouping import scheme as tiny
from tests.intake.deliveries import HOSPITAL, a_list, as_file
from validator.cli.app import App
from validator.codes.tables import Store

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
    assert "第 1 批：已收下；接收 1，退回 1" in done.output
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
    assert "此前" not in intake("platform", "--format", "json").output
    assert "导入过" in intake("platform", tmp_path / "4104.json").output
    assert [each["platform"] for each in json.loads(intake("status", "--format", "json").output)] == [1]
    assert json.loads(intake("show", "S0001").output)["platform"][0]["result"] == "0"

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


def test_groups_go_to_hospitals_and_their_answers_come_back(intake: Run, tmp_path: Path) -> None:
    tiny.keep(Store(tmp_path / "books"))
    (tmp_path / "city.yaml").write_text(
        "name: city\ntitle_zh: 某市\ntitle_en: City\nbase: national\nintake: {feedback: {rounds: 1, days: 10, unit: calendar}}\n",
        encoding="utf-8",
    )
    (tmp_path / "names.csv").write_text(f"机构编码,机构名称\n{HOSPITAL},燕北一院\n", encoding="utf-8")
    assert intake("hospitals", tmp_path / "names.csv").output == "已记 1 家机构的名称\n"
    assert json.loads(intake("hospitals", "--format", "json").output) == [{"hospital": HOSPITAL, "name": "燕北一院"}]
    one = a_list(1)
    one["input"]["diseinfo"][0] |= {"diag_code": "J18.900", "diag_name": "肺炎"}
    given = ["--profile", tmp_path / "city.yaml", "--codebooks", tmp_path / "books"]
    received = intake("receive", as_file(tmp_path / "a.jsonl", one, a_list(2)), *given, "--out", tmp_path / "out")
    assert received.exit_code == 0, received.output
    assert "燕北一院" in (tmp_path / "out" / HOSPITAL / "receipt.html").read_text(encoding="utf-8")
    sent = intake("round", "202607", "--on", "2026-08-10", "--out", tmp_path / "out", *given)
    assert "第 1 轮（最终）：2 例，反馈截止 2026-08-20" in sent.output
    assert (tmp_path / "out" / HOSPITAL / "groups.xlsx").is_file()
    (tmp_path / "stated.csv").write_text("结算ID,理由\nS0001,应入外科组\n", encoding="utf-8")
    assert intake("answer", tmp_path / "stated.csv", "--on", "2026-08-20").output == "已登记 1 份\n"
    assert intake("review", "kept", "--case", "S0001", "--reason", "维持").output == "已审核 1 份\n"
    assert intake("request", "--case", "S0002", "--reason", "费用极高").exit_code == 0
    assert intake("review", "refused", "--case", "S0002", "--reason", "不符条件").exit_code == 0
    shown = intake("feedback", "2026", "--format", "json", "--out", tmp_path / "out")
    assert [(each["answered"], each["grouped"], each["ungrouped"]) for each in json.loads(shown.stdout)] == [(1, 1, 1)]
    whole = json.loads((tmp_path / "out" / "feedback.json").read_text(encoding="utf-8"))
    assert (whole["requests"][0]["outcome"], whole["shares"][0]["within"]) == ("refused", False)
    assert intake("notice", "202607", "--out", tmp_path / "out", *given).exit_code == 0
    notice = (tmp_path / "out" / HOSPITAL / "notice.html").read_text(encoding="utf-8")
    for words in ("燕北一院", "100.0%（1 / 1 份）；未入组 1 份", "费用极高", "不同意"):
        assert words in notice, words
    for wrong in (
        ["answer", "--case", "S0001"],
        ["review", "kept", "--group", "A", "--case", "S0001", "--reason", "x"],
        ["feedback", "26"],
    ):
        assert intake(*wrong).exit_code == 2, wrong
