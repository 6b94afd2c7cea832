"""The life of findings: justified, accepted, rejected, corrected; waivers; cases and deliveries returned."""

from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("alembic", reason="needs the extra service")
pytest.importorskip("validator.gate.gx", reason="needs the extra service")
from sqlalchemy import select

from tests.intake.deliveries import HOSPITAL, a_list, as_file
from tests.intake.test_receive import findings, versions
from validator.base.errors import InputError
from validator.intake import decisions
from validator.intake.decisions import Chosen
from validator.intake.ledger import Ledger, audit
from validator.intake.ledger.models import Finding, Submission
from validator.intake.options import Options
from validator.intake.receive import receive

GEND = "setlinfo.gend/required"


def fingerprint(ledger: Ledger, case: str, check: str) -> str:
    with ledger.reading() as session:
        wanted = select(Finding.fingerprint).where(Finding.case_id == case, Finding.check_id == check)
        return session.execute(wanted).scalar_one()


def test_justified_accepted_and_so_in_later_deliveries_until_the_facts_change(ledger: Ledger, tmp_path: Path) -> None:
    old = {"age": 300, "gend": ""}
    receive(ledger, [as_file(tmp_path / "a.jsonl", a_list(1, **old), a_list(2))])
    checks = findings(ledger, "S0001")
    age = next(check for check in checks if check.startswith("setlinfo.age"))
    assert set(checks.values()) == {"open"}
    one = Chosen([fingerprint(ledger, "S0001", age)])
    with pytest.raises(InputError, match="理由"):
        decisions.decide(ledger, "justify", one, "医院", " ")
    decisions.decide(ledger, "justify", one, "医院", "系统换算，已核对")
    decisions.decide(ledger, "accept", one, "审核员", "情况属实", date(2099, 1, 1))
    assert findings(ledger, "S0001")[age] == "accepted"
    assert ("S0001", 1, "current", "return") in versions(ledger)  # another error is left

    receive(ledger, [as_file(tmp_path / "b.jsonl", a_list(3), a_list(1, **old, coner_name="吴测试"))])
    assert findings(ledger, "S0001") == {**dict.fromkeys(checks, "open"), age: "accepted"}
    receive(ledger, [as_file(tmp_path / "c.jsonl", a_list(1, age=300))])
    assert findings(ledger, "S0001")[age] == "accepted"
    assert versions(ledger)[2] == ("S0001", 3, "current", "accept_with_warnings")
    receive(ledger, [as_file(tmp_path / "d.jsonl", a_list(1, age=301))])  # the same fault of another value
    with ledger.reading() as session:
        ages = session.execute(select(Finding).where(Finding.check_id == age)).scalars()
        assert {each.facts["value"]: each.state for each in ages} == {"300": "corrected", "301": "open"}

    decisions.decide(ledger, "reject", Chosen(checks=[age]), "审核员", "请更正")
    assert versions(ledger)[3] == ("S0001", 4, "current", "return")
    receive(ledger, [as_file(tmp_path / "e.jsonl", a_list(1))])
    assert "open" not in findings(ledger, "S0001").values()
    assert versions(ledger)[4] == ("S0001", 5, "current", "accept")
    with ledger.reading() as session:
        assert audit.broken(session) is None


def test_cases_and_deliveries_are_returned_taken_and_withdrawn(ledger: Ledger, tmp_path: Path) -> None:
    receive(ledger, [as_file(tmp_path / "a.jsonl", a_list(1, gend=""), a_list(2))], Options(hospital=HOSPITAL))
    second = receive(ledger, [as_file(tmp_path / "b.jsonl", a_list(1), a_list(3))], Options(declared=3))
    assert second.state == "returned"
    assert findings(ledger, "S0001") == {GEND: "open"}
    decisions.accept_submission(ledger, second.submission, "审核员", "另一份随后补")
    assert findings(ledger, "S0001") == {GEND: "corrected"}
    assert versions(ledger)[:2] == [("S0001", 1, "superseded", "return"), ("S0001", 2, "current", "accept")]
    with pytest.raises(InputError, match="已是这个状态"):
        decisions.accept_submission(ledger, second.submission, "审核员", "再收一次")
    decisions.return_submission(ledger, second.submission, "审核员", "收错了")
    assert findings(ledger, "S0001") == {GEND: "open"}
    assert versions(ledger)[:2] == [("S0001", 1, "current", "return"), ("S0001", 2, "not_taken", "accept")]
    assert ("S0003", 1, "not_taken", "accept") in versions(ledger)

    decisions.return_submission(ledger, 1, "审核员", "收错了")
    assert findings(ledger, "S0001") == {GEND: "closed"}
    decisions.accept_submission(ledger, 1, "审核员", "没有收错")
    assert findings(ledger, "S0001") == {GEND: "open"}
    decisions.return_cases(ledger, ["S0002"], "审核员", "与病历不符")
    assert ("S0002", 1, "current", "return") in versions(ledger)
    decisions.accept_cases(ledger, ["S0002", "S0001"], "审核员", "复核无误")
    assert {each[3] for each in versions(ledger) if each[2] == "current"} == {"accept", "accept_with_warnings"}
    decisions.withdraw(ledger, ["S0001"], "医院", "结算已撤销")
    assert findings(ledger, "S0001") == {GEND: "closed"}
    assert ("S0001", 1, "withdrawn", "accept_with_warnings") in versions(ledger)
    with pytest.raises(InputError, match="没有现行的病例 S0001"):
        decisions.return_cases(ledger, ["S0001"], "审核员", "晚了")
    with ledger.reading() as session:
        assert session.get(Submission, 1).hospital == HOSPITAL  # type: ignore[union-attr]
        assert audit.broken(session) is None
