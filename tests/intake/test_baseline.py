"""Deliveries against the months before and the roll: what is held, what is unlike, the gate's limits from the profile, status."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("alembic", reason="needs the extra service")
pytest.importorskip("validator.gate.gx", reason="needs the extra service")
from click.testing import CliRunner

from tests.intake.deliveries import HOSPITAL, a_list, as_file
from tests.intake.test_receive import findings, versions
from validator.cli.app import App
from validator.intake import baseline, decisions, status, views
from validator.intake.ledger import Ledger
from validator.intake.ledger.models import Submission
from validator.intake.options import Options
from validator.intake.receive import receive


def lists(numbers: Iterable[int], month: int, **changes: Any) -> list[dict[str, Any]]:
    """Lists that were settled in a month of 2026."""
    made = []
    for number in numbers:
        keys = {"setl_id": f"T{number:05}", "mdtrt_id": f"N{number:05}", "medcasno": f"C{number:05}"}
        text = json.dumps(a_list(number % 60, **keys, **changes), ensure_ascii=False)
        made.append(json.loads(text.replace("2026-07-", f"2026-{month:02}-")))
    return made


def verdict(ledger: Ledger, number: int) -> dict[str, Any]:
    with ledger.reading() as session:
        return session.get_one(Submission, number).verdict


def metric(ledger: Ledger, number: int, name: str) -> tuple[int, int]:
    found = next(each for each in verdict(ledger, number)["metrics"] if each["metric"] == name)
    return found["numerator"], found["denominator"]


LATER = Options(received="2026-08-13T09:00:00+08:00")
WHOLE = Options(whole=True, received="2026-08-01T09:00:00+08:00")
PROFILE = """name: mine
title_zh: 我市
title_en: Mine
base: national
intake:
  tolerance: {share: 0.25, cases: 1, passes: both}
  deadline: {anchor: settlement, day_of_next_month: 12}
"""


def test_a_whole_delivery_is_held_by_the_months_before_and_parts_are_measured_at_the_deadline(
    sqlite: Ledger, tmp_path: Path
) -> None:
    past = [each for month in (4, 5, 6) for each in lists(range(100 * month, 100 * month + 30), month)]
    receive(sqlite, [as_file(tmp_path / "past.jsonl", *past)], Options(received="2026-07-02T09:00:00+08:00"))
    few = lists(range(700, 713), 7)  # limit 30 − 3√30 = 13.6
    strange = lists([790], 6)  # a list of another month in it does not make that month the whole
    made = receive(sqlite, [as_file(tmp_path / "few.jsonl", *few, *strange)], WHOLE)
    assert (made.state, made.counts) == ("held", {"accept": 14})
    assert [(each["period"], each["state"], each["received"]) for each in made.arrival] == [("202607", "held", 13)]
    assert [each["figure"] for each in made.arrival[0]["outside"]] == ["cases"]
    assert metric(sqlite, 2, "unusual_figures")[0] == 1
    assert {each[2] for each in versions(sqlite) if each[0] in ("T00700", "T00790")} == {"not_taken"}
    with sqlite.reading() as session:
        assert status.held(session) == ["第 2 批挂起待补：H11010500001 ，14 份"]

    blank = lists(range(713, 730), 7, gend="")  # the month before lacks no sex, nor is its code of another letter
    part = receive(sqlite, [as_file(tmp_path / "part.jsonl", *blank)], replace(WHOLE, whole=False))
    assert part.state == "accepted"
    assert [(each["state"], each["received"]) for each in part.arrival] == [("waiting", 17)]
    assert [each["figure"] for each in part.arrival[0]["outside"]] == ["blank:setlinfo.gend"]
    assert "性别（setlinfo.gend）空白占比 100.0%，往月限度 0.0% 至 " in part.arrival[0]["outside"][0]["words"]

    whole = receive(sqlite, [as_file(tmp_path / "whole.jsonl", *few, lists([713], 7)[0])], WHOLE)  # 14 are enough
    assert (whole.state, whole.arrival[0]["state"]) == ("accepted", "complete")
    with sqlite.reading() as session:
        assert status.held(session) == ["第 2 批挂起待补：H11010500001 ，14 份"]  # the list of June has not come again
    decisions.accept_submission(sqlite, 2, "审核员", "6 月的一份补上")
    assert ("T00790", 1, "current", "accept") in versions(sqlite)
    twice = [each[1:3] for each in versions(sqlite) if each[0] == "T00700"]
    assert twice == [(1, "superseded"), (2, "current")]  # what came later stands
    with sqlite.reading() as session:
        assert status.held(session) == []


def test_the_roll_says_what_is_held_and_status_shows_what_is_late_and_missing(
    sqlite: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(PROFILE, encoding="utf-8")
    mine = str(path)
    counts = {baseline.key(HOSPITAL, "202607"): 4}
    by_roll = replace(WHOLE, roll=counts, convention="名册不计退费结算", profile=mine)
    one = receive(sqlite, [as_file(tmp_path / "a.jsonl", *lists([1], 7))], by_roll)
    assert (one.state, one.arrival[0]["received"], one.arrival[0]["expected"]) == ("held", 1, 4)
    assert "名册 4 份（25.0%），应不低于 50%；名册不计退费结算" in one.arrival[0]["reason"]
    assert metric(sqlite, one.submission, "arrival_share") == (1, 4)
    two = receive(sqlite, [as_file(tmp_path / "b.jsonl", *lists([2, 3], 7))], by_roll)  # exactly half
    assert (two.state, two.arrival[0]["state"]) == ("accepted", "complete")
    assert metric(sqlite, two.submission, "timely_share") == (2, 2)
    faulty = [*lists([4], 7, gend="7"), *lists([6], 7, gend="7")]  # two: more than a quarter, and more than one
    last = receive(
        sqlite, [as_file(tmp_path / "c.jsonl", *faulty)], replace(LATER, profile=mine, declared=4, refunded=1)
    )
    assert (last.state, metric(sqlite, last.submission, "timely_share")) == ("returned", (0, 2))
    assert findings(sqlite, "T00004") == {}  # a returned delivery brings no finding
    with sqlite.reading() as session:
        why = views.reasons(session.get_one(Submission, last.submission).verdict)
    assert [line.split("：")[0] for line in why[:3]] == [
        "收到的病例与申报的一样多", "出错病例的占比在方案的限度内", "出错病例的份数在方案的限度内",
    ]  # fmt: skip
    assert why[3] == "申报 4 笔结算（4105），其中已退费 1 笔没有清单，应有 3 份"
    again = receive(
        sqlite, [as_file(tmp_path / "d.jsonl", *lists([3], 7, coner_name="吴测试"))], replace(LATER, profile=mine)
    )
    assert again.state == "accepted"

    roll = tmp_path / "roll.csv"
    rows = [f"T{number:05},{HOSPITAL},2026-07-18" for number in (1, 2, 3, 4, 5)] + ["X1,H2,2026-07-18"]
    roll.write_text("\n".join(["结算ID,机构编码,结算日期", *rows, ""]), encoding="utf-8")
    command = [
        "intake",
        "status",
        "--period",
        "202607",
        "--roll",
        str(roll),
        "--profile",
        mine,
        "--ledger",
        str(sqlite.folder),
    ]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1787000000")  # 18 August 2026
    done = CliRunner().invoke(App(), [*command, "--format", "json"])
    assert done.exit_code == 0, done.output
    assert "第 1 批挂起待补" in done.stderr
    shown = {row["hospital"]: row for row in json.loads(done.stdout)}
    columns = ("expected", "cases", "arrival", "late_by_first", "late_by_accepted", "missing", "sent_again", "outside")
    # the fourth list came late and was returned, the fifth never came; the third was sent twice
    assert [shown[HOSPITAL][name] for name in columns] == [5, 2, "到期未齐", 1, 0, 1, 1, 0]
    assert [shown["H2"][name] for name in columns] == [1, 0, "到期未齐", 0, 0, 1, 0, 0]
    counted = tmp_path / "4105.csv"
    counted.write_text(f"机构编码,结算年月,病例数,退费统计标志\n{HOSPITAL},202607,4,1\n", encoding="utf-8")
    done = CliRunner().invoke(App(), [*(str(counted) if each == str(roll) else each for each in command)])
    assert "到齐" in done.output  # 2 of 4 by a count alone
    assert CliRunner().invoke(App(), [*command, "--period", "2026-07"]).exit_code == 2
