"""Rounds of feedback in the ledger: groups out, answers, reviews, requests; every figure by hand."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

pytest.importorskip("alembic", reason="needs the extra service")
pytest.importorskip("validator.gate.gx", reason="needs the extra service")

from tests.grouping import scheme as tiny
from tests.intake.deliveries import HOSPITAL, a_list, as_file
from validator.base.errors import InputError
from validator.codes.tables import Store
from validator.intake import decisions, feedback
from validator.intake.backup import copy
from validator.intake.freeze import freeze
from validator.intake.ledger import Ledger, audit, open_ledger
from validator.intake.options import Options
from validator.intake.receive import receive
from validator.intake.report import groups
from validator.intake.verify import verify
from validator.scoring import deliveries as scored
from validator.scoring import measures
from validator.scoring.period import period
from validator.spec.intake import Feedback, Intake

OTHER = "H11010500002"
RULE = Intake(feedback=Feedback(2, 5, "calendar"))


def grouped(number: int, **changes: Any) -> dict[str, Any]:
    """A list that the tiny scheme has a group for."""
    message = a_list(number, **changes)
    message["input"]["diseinfo"][0] |= {"diag_code": "J18.900", "diag_name": "肺炎"}
    return message


def august(day: int) -> date:
    return date(2026, 8, day)


def test_a_month_goes_out_is_answered_reviewed_and_final(ledger: Ledger, tmp_path: Path) -> None:
    tiny.keep(Store(tmp_path / "books"))
    with pytest.raises(InputError, match=r"intake\.feedback"):
        feedback.send(ledger, "202607", Intake(), "审核员", august(10))
    with pytest.raises(InputError, match="没有已收下、已分组的清单"):
        feedback.send(ledger, "202607", RULE, "审核员", august(10))
    lists = [grouped(1), a_list(2), grouped(3, age=300), grouped(4), grouped(5), grouped(6, fixmedins_code=OTHER)]
    receive(ledger, [as_file(tmp_path / "a.jsonl", *lists)], Options(codebooks=str(tmp_path / "books")))
    with pytest.raises(InputError, match="还没有下发"):
        feedback.answer(ledger, [("S0001", "应入外科组")], "医院", august(9))

    first, sent = feedback.send(ledger, "202607", RULE, "审核员", august(10))
    assert (first.number, first.until, first.is_final) == (1, august(15), False)
    assert sent.select("hospital", "case_id", "group", "status").rows() == [  # S0003 was returned
        (HOSPITAL, "S0001", "ER23", "grouped"), (HOSPITAL, "S0002", "0000", "failed"), (HOSPITAL, "S0004", "ER23", "grouped"),
        (HOSPITAL, "S0005", "ER23", "grouped"), (OTHER, "S0006", "ER23", "grouped"),
    ]  # fmt: skip
    groups.write_round(first, sent, {HOSPITAL: "第一医院"}, tmp_path / "out")
    written = (tmp_path / "out" / HOSPITAL / "groups.json").read_text(encoding="utf-8")
    assert (json.loads(written)["name"], "S0006" in written) == ("第一医院", False)

    feedback.answer(ledger, [("S0001", "应入外科组"), ("S0002", "应当入组")], "医院", august(12))
    with pytest.raises(InputError, match="到 2026-08-15"):
        feedback.send(ledger, "202607", RULE, "审核员", august(15))
    feedback.answer(ledger, [("S0004", "晚了")], "医院", august(16))
    feedback.review(ledger, "changed", ["S0001"], "审核员", "主要诊断属实", group="ES11")
    feedback.review(ledger, "kept", ["S0004"], "审核员", "逾期")
    with pytest.raises(InputError, match="S0005 没有反馈"):
        feedback.review(ledger, "kept", ["S0005"], "审核员", "x")
    final, sent = feedback.send(ledger, "202607", RULE, "审核员", august(20))
    assert (final.number, final.is_final) == (2, True)
    assert sent.filter(moved=True).select("case_id", "group", "status").rows() == [("S0001", "ES11", "grouped")]
    with pytest.raises(InputError, match="最终分组已下发"):
        feedback.send(ledger, "202607", RULE, "审核员", august(30))

    decisions.withdraw(ledger, ["S0005"], "医院", "结算已撤销")
    with ledger.reading() as session:
        first, second = feedback.rates(ledger, session, "2026").to_dicts()
        assert [each["outcome"] for each in feedback.of_case(session, "S0001")["answers"]] == ["changed"]
    assert first == {  # S0001 and S0004 are grouped, S0004 came too late, S0002 has no group
        "hospital": HOSPITAL, "year": "2026", "answered": 1, "grouped": 2, "share": 0.5, "late": 1, "ungrouped": 1, "closed": 1,
        "unknown": 1,
    }  # fmt: skip
    assert (second["answered"], second["grouped"], second["share"]) == (0, 1, 0.0)
    came = scored.read(None, ledger, pl.DataFrame(), period("2026-07"), RULE, august(30)).counted
    rate = measures.measured(came, ["all"]).row(by_predicate=pl.col("measure") == "feedback_rate", named=True)
    assert (rate["numerator"], rate["denominator"], rate["excluded"]) == (1, 3, 2)  # both hospitals together
    assert scored.read(None, ledger, pl.DataFrame(), period("2026-08"), RULE, august(30)).counted["answers"].is_empty()
    requests_and_what_is_kept(ledger, tmp_path)


def requests_and_what_is_kept(ledger: Ledger, tmp_path: Path) -> None:
    feedback.request(ledger, [("S0001", "费用极高")], "医院", august(21), HOSPITAL)
    with pytest.raises(InputError, match="已申请过"):
        feedback.request(ledger, [("S0001", "再申请")], "医院", august(22))
    with pytest.raises(InputError, match="没有现行的清单 S0006"):
        feedback.request(ledger, [("S0006", "别家的")], "医院", august(22), HOSPITAL)
    with pytest.raises(InputError, match="写明理由"):
        feedback.request(ledger, [("S0002", " ")], "医院", august(22))
    feedback.review(ledger, "granted", ["S0001"], "审核员", "同意")
    with ledger.reading() as session:
        shares = feedback.shares(ledger, session, "2026")
        rows = feedback.requests(session, "202607").rows()
    assert rows == [(HOSPITAL, "S0001", "费用极高", august(21), "granted")]
    assert shares is not None
    assert shares.rows() == [(HOSPITAL, 1, 1, 4, 0.25, 0.05, False), (OTHER, 0, 0, 1, 0.0, 0.05, True)]

    freeze(ledger, "202607", "审核员")
    with pytest.raises(InputError, match="已冻结"):
        feedback.answer(ledger, [("S0004", "晚了")], "医院", august(23))
    other = open_ledger(tmp_path / "copy")
    copy(ledger, other)
    for each in (ledger, other):
        assert verify(each) == []
        with each.reading() as session:
            assert feedback.answers(session, "2026").height == 3
            assert audit.broken(session) is None
    (other.folder / "rounds" / "202607-2.parquet").write_bytes(b"x")
    assert verify(other) == ["文件 rounds/202607-2.parquet 被改动或缺失"]
    other.close()
