"""The platform's results in the ledger: once, the last answer of a list, against the version that it is about."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("alembic", reason="needs the extra service")
pytest.importorskip("validator.gate.gx", reason="needs the extra service")

from sqlalchemy import select

from tests.intake.deliveries import HOSPITAL, a_list, as_file
from validator import api
from validator.intake import imported
from validator.intake.backup import copy
from validator.intake.ledger import Ledger, open_ledger
from validator.intake.ledger.models import PlatformFinding
from validator.intake.receive import receive
from validator.intake.verify import verify

GEND = "setlinfo.gend/required"


def results(path: Path, *lists: tuple[str, str, str]) -> Path:
    """An answer of the platform: of each list its id, its result and the field that is wrong, blank for none."""
    fault = {"qltctrl_chkrslt": "性别为空 11010519491231002X", "init_val": "赵测试"}
    data = [
        {
            "setl_id": setl_id, "fixmedins_code": HOSPITAL, "qltctrl_rslt": result,
            "detailinfo": [{"exam_data_fld": field, **fault}] if field else [],
        }
        for setl_id, result, field in lists
    ]  # fmt: skip
    failed = {"infcode": "-1", "inf_refmsgid": "2", "err_msg": "超时"}
    text = "\n".join(json.dumps(each) for each in ({"infcode": 0, "output": {"data": data}}, failed))
    path.write_text(text, encoding="utf-8")
    return path


def agreed(ledger: Ledger, page: Path | None = None) -> dict[str | None, tuple[int, int, int]]:
    rows = imported.agreement(ledger, api.load(), page)
    return {row["check"]: (row["both"], row["ours_alone"], row["theirs_alone"]) for row in rows}


def test_results_stay_and_are_compared_with_the_version_they_are_about(ledger: Ledger, tmp_path: Path) -> None:
    receive(ledger, [as_file(tmp_path / "a.jsonl", a_list(1, gend=""), a_list(2, gend=""), a_list(3))])
    first = results(
        tmp_path / "1.jsonl", ("S0001", "1", "gend"), ("S0002", "0", ""), ("S0003", "1", "sex"), ("S0099", "0", "")
    )
    assert imported.add(ledger, first, "审核员")
    assert not imported.add(ledger, first, "审核员")  # the same again
    assert agreed(ledger) == {GEND: (1, 1, 0), None: (0, 0, 1)}
    receive(ledger, [as_file(tmp_path / "b.jsonl", a_list(1), a_list(2))])
    assert agreed(ledger) == {
        GEND: (1, 1, 0),
        None: (0, 0, 1),
    }  # that ours is right now does not make theirs wrong then
    assert imported.add(ledger, results(tmp_path / "2.jsonl", ("S0001", "0", "")), "审核员")
    page = tmp_path / "agreement.html"
    assert agreed(ledger, page) == {GEND: (0, 1, 0), None: (0, 0, 1)}
    assert "超时" in page.read_text(encoding="utf-8")

    other = open_ledger(tmp_path / "copy")
    copy(ledger, other)
    for each in (ledger, other):
        assert agreed(each) == {GEND: (0, 1, 0), None: (0, 0, 1)}
        assert verify(each) == []
        with each.reading() as session:
            assert imported.of_months(session) == {("202607", HOSPITAL): 3}
            stated: list[dict[str, Any]] = imported.of_case(session, "S0001")
            assert [one["result"] for one in stated] == ["1", "0"]
            kept = [(one.text, one.value) for one in session.execute(select(PlatformFinding)).scalars()]
            assert not [pair for pair in kept if "19491231" in str(pair) or "赵测试" in str(pair)]
    next((other.folder / "platform").iterdir()).write_bytes(b"x")
    assert len(verify(other)) == 1
    other.close()
