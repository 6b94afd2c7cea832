"""Lists checked over HTTP without being kept."""

import json
import logging
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="needs the extra service")

from tests.grouping import scheme as mini
from tests.intake.deliveries import a_list
from tests.intake.http.serving import EXPIRED, HOSPITAL, Served, served
from validator import check, group
from validator.base import limits
from validator.base.language import speaking
from validator.codes.tables import Store

SHOWN = ("check", "level", "case_id", "table", "row", "field", "value", "message", "fix", "suggested", "fingerprint")


def test_findings_are_those_of_zhikong_check_and_one_bad_list_spoils_no_other(server: Served) -> None:
    found = server["hospital"].post("/v1/check", content=b"[" + body(FAULTY) + b", 3, " + body(a_list(2)) + b"]").json()
    faulty, unread, clean = found["lists"]
    expected = list(check(FAULTY).finding_rows())
    assert len(expected) > 1
    assert [{name: each[name] for name in SHOWN} for each in faulty["findings"]] == [
        {name: each[name] for name in SHOWN} for each in expected
    ]
    assert (faulty["disposition"], clean["disposition"], clean["findings"]) == ("return", "accept", [])
    assert (unread["disposition"], unread["case_id"]) == ("cannot_be_judged", None)
    assert "JSON 对象" in unread["unread"]
    with server.ledger.reading() as session:
        assert not session.connection().exec_driver_sql("SELECT count(*) FROM submission").scalar()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(lambda one: json.dumps({"data": json.dumps(one)}).encode(), id="text in an envelope"),
        pytest.param(lambda one: body(one["input"]), id="nodes alone"),
        pytest.param(lambda one: b"2026-07-18 10:00:00 INFO sent " + body(one), id="log"),
        pytest.param(lambda one: json.dumps(one, ensure_ascii=False).encode("gb18030"), id="GB18030"),
        pytest.param(lambda one: b"\xef\xbb\xbf" + body(one), id="BOM"),
    ],
)
def test_a_list_may_be_wrapped_as_in_files(server: Served, sent) -> None:
    [found] = server["hospital"].post("/v1/check", content=sent(FAULTY)).json()["lists"]
    assert found["disposition"] == "return"


def test_lines_are_lists_of_strangers(server: Served) -> None:
    lines = b"\n".join([body(a_list(1)), b'{"broken', body(a_list(1)), body(FAULTY)])
    found = server["hospital"].post("/v1/check", content=lines).json()["lists"]
    # The same list twice is no duplicate: no rule compares lists of one request.
    assert [each["disposition"] for each in found] == ["accept", "cannot_be_judged", "accept", "return"]


def test_answers_come_in_the_shape_of_the_platform_and_in_english(server: Served) -> None:
    lists = b"[" + body(FAULTY) + b", 3]"
    found = server["hospital"].post("/v1/check", params={"shape": "4104"}, content=lists).json()
    faulty, unread = found["output"]["data"]
    assert (found["infcode"], faulty["setl_id"], faulty["retn_flag"]) == ("0", "S0001", "1")
    assert "gend" in {each["exam_data_fld"] for each in faulty["detailinfo"]}
    assert unread["detailinfo"][0]["qltctrl_chkrslt"]
    english = {"Accept-Language": "en-GB, zh;q=0.5"}
    [again] = server["hospital"].post("/v1/check", headers=english, content=body(FAULTY)).json()["lists"]
    with speaking("en"):
        assert again["findings"][0]["message"] == next(iter(check(FAULTY).finding_rows()))["message"]
    refused = server["nobody"].post("/v1/check", headers=english, content=b"{}")
    assert refused.json()["title"] == "no valid key"


def test_groups_and_corrections_are_those_of_the_grouper(tmp_path: Path) -> None:
    mini.keep(Store(tmp_path / "codebooks"))
    lists = [a_list(number) for number in (1, 2, 3)]
    for each, code in zip(lists, ("K80.101", "N40.x00", "C61.x00"), strict=True):
        each["input"]["diseinfo"][0]["diag_code"] = code
    lists[2]["input"]["setlinfo"]["gend"] = "2"  # a man's disease
    expected = group(lists, codebooks=tmp_path / "codebooks").rows(named=True)
    sent = b"[" + b",".join(map(body, lists)) + b",3]"
    with served(tmp_path / "ledger", codebooks=str(tmp_path / "codebooks")) as grouping:
        options = {"group": "true", "corrections": "true"}
        *found, unread = grouping["hospital"].post("/v1/check", params=options, content=sent).json()["lists"]
    for ours, theirs in zip(found, expected, strict=True):
        names = ("status", "group", "reason")
        assert [ours["group"][name] for name in names] == [theirs["status"], theirs["drg"], theirs["reason"]]
    assert [each["group"]["status"] for each in found] == ["grouped", "failed", "failed"]
    assert found[0]["corrections"] == []
    assert "M" in {each["group"][0] for each in found[2]["corrections"]}
    assert unread["group"] is None


def test_what_is_refused_is_a_problem_in_chinese(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    client = server["hospital"]
    no_scheme = client.post("/v1/check", params={"group": "true"}, content=body(FAULTY))
    monkeypatch.setenv(limits.VARIABLE, "http-bytes=5000,http-lists=1")
    refused = {
        400: client.post("/v1/check", content=b"{"),
        401: server["nobody"].post("/v1/check", content=b"{}"),
        404: client.get("/v1/nothing"),
        405: client.get("/v1/check"),
        409: no_scheme,
        413: client.post("/v1/check", content=b" " * 5001),
        422: client.post("/v1/check", params={"shape": "xml"}, content=b"{}"),
    }
    for status, answer in refused.items():
        problem = answer.json()
        assert (answer.status_code, problem["status"]) == (status, status)
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
        assert any("一" <= letter <= "鿿" for letter in problem["title"])
    assert client.post("/v1/check", content=b"[{}, {}]").status_code == 413
    assert refused[401].headers["www-authenticate"] == "Bearer"
    assert refused[422].json()["errors"][0]["at"] == "query.shape"


def test_keys_expire_are_revoked_and_hold_for_their_scope(server: Served) -> None:
    expired = server.client(server.key("hospital", HOSPITAL, life=EXPIRED))
    narrow = server.client(server.key("reviewer", scopes=["read"]))
    assert expired.post("/v1/check", content=b"{}").status_code == 401
    assert server.client("zk_1_wrong").post("/v1/check", content=b"{}").status_code == 401
    assert narrow.post("/v1/check", content=b"{}").status_code == 403
    admin = server["administrator"]
    made = admin.post("/v1/keys", json={"name": "市一院HIS", "role": "hospital", "hospital": HOSPITAL}).json()
    assert server.client(made["key"]).post("/v1/check", content=body(FAULTY)).status_code == 200
    assert admin.delete(f"/v1/keys/{made['id']}").status_code == 204
    assert admin.delete(f"/v1/keys/{made['id']}").status_code == 404
    server.app.state.callers._known.clear()  # five seconds later
    assert server.client(made["key"]).post("/v1/check", content=b"{}").status_code == 401
    assert admin.post("/v1/keys", json={"name": "无", "role": "hospital"}).status_code == 422
    shown = admin.get("/v1/keys").text
    assert made["key"].split("_", 2)[2] not in shown
    with server.ledger.reading() as session:
        log = session.connection().exec_driver_sql("SELECT action FROM audit ORDER BY id DESC LIMIT 2").scalars().all()
        kept = session.connection().exec_driver_sql("SELECT * FROM api_key").all()
    assert log == ["revoke key", "add key"]
    assert made["key"].split("_", 2)[2] not in str(kept)


def test_a_key_has_so_many_requests_in_a_minute(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(limits.VARIABLE, "http-requests=3")
    client = server.client(server.key("auditor"))
    answers = [client.get("/v1/keys") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert server["auditor"].get("/v1/keys").status_code == 200


def test_the_log_and_the_figures_hold_no_part_of_a_list(server: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "zhikong.http"):
        answer = server["hospital"].post("/v1/check", content=body(a_list(1, psn_name="欧阳测试")))
        server["hospital"].get("/v1/S0001/110101199001011234")
    lines = [json.loads(each) for each in caplog.messages]
    assert lines[0].keys() == {"at", "request", "method", "route", "status", "ms", "key"}
    assert (lines[0]["route"], lines[0]["request"]) == ("/v1/check", answer.headers["x-request-id"])
    figures = server["auditor"].get("/metrics").text
    assert 'zhikong_checked_lists_total{disposition="accept"}' in figures
    for text in ("S0001", "110101199001011234", "欧阳", HOSPITAL):
        assert text not in caplog.text + figures
    assert server["hospital"].get("/metrics").status_code == 403
    assert server["nobody"].get("/health").json() == server["nobody"].get("/ready").json() == {"status": "ok"}


def body(message: dict) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode()


FAULTY = a_list(1, gend="男", psn_name="", ntly="XXX")
