"""The main routes on PostgreSQL, from a delivery to its decisions; all other tests of routes run on SQLite."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("fastapi", reason="needs the extra service")
pytest.importorskip("validator.gate.gx", reason="needs the extra service")

from tests.intake.deliveries import a_list, as_file
from tests.intake.http.serving import HOSPITAL, OTHER, served
from validator.intake import receive

if TYPE_CHECKING:
    from tests.intake.conftest import Databases

#: What the bureau reads of one delivery of both hospitals.
SHOWN = (
    "/ready", "/metrics", "/v1/submissions", "/v1/submissions/1", f"/v1/submissions/1/receipt?hospital={HOSPITAL}",
    "/v1/cases", "/v1/cases/S0001",
    "/v1/findings?level=error&state=accepted", "/v1/months", f"/v1/months/202607/notice?hospital={HOSPITAL}", "/v1/platform-results",
    "/v1/months/202607/rounds", "/v1/months/202607/groups", "/v1/keys", "/v1/audit",
)  # fmt: skip


def test_from_a_delivery_to_its_decisions(databases: "Databases", tmp_path: Path) -> None:
    double = {"fixmedins_code": OTHER, "setl_id": "S0002", "medcasno": "B0002"}
    lists = (a_list(1, fixmedins_code=HOSPITAL, gend="男"), a_list(1, **double))
    content = as_file(tmp_path / "july.jsonl", *lists).read_bytes()
    with served(tmp_path / "ledger", database=databases.make("http")) as server:
        bureau, hospital, again = server["administrator"], server["hospital"], {"Idempotency-Key": "delivery-1"}
        sent = [bureau.post("/v1/submissions?name=july.jsonl", headers=again, content=content) for _ in range(2)]
        assert [each.status_code for each in sent] == [202, 202]
        assert sent[0].json() == sent[1].json()
        receive.resume(server.ledger)
        assert bureau.get(sent[0].headers["location"]).json()["state"] == "done"

        errors = hospital.get("/v1/findings?level=error&state=open").json()["items"]
        assert {each["case_id"] for each in errors} == {"S0001"}
        chosen = {"fingerprints": [errors[0]["fingerprint"]], "reason": "核对过"}
        assert hospital.post("/v1/findings/justify", json=chosen).json() == {"done": chosen["fingerprints"]}
        assert bureau.post("/v1/findings/accept", json=chosen).json() == {"done": chosen["fingerprints"]}
        answers = {path: bureau.get(path) for path in SHOWN}
        assert {path: each.text for path, each in answers.items() if each.status_code != 200} == {}
        assert len(answers["/v1/findings?level=error&state=accepted"].json()["items"]) == 1
        assert bureau.post("/v1/months/202607/freeze").json()["cases"] == 2
        doubles = bureau.get("/v1/months/202607/duplicates").json()
        assert [(each["check"], each["case_id"], each["other_hospital"]) for each in doubles] == [
            ("AD202", "S0002", HOSPITAL)
        ]

        made = bureau.post("/v1/keys", json={"name": "看", "role": "auditor"}).json()
        auditor = server.client(made["key"])
        assert auditor.get("/v1/audit").json()["items"]
        assert bureau.delete(f"/v1/keys/{made['id']}").is_success
        assert server.client(made["key"] + "x").get("/v1/audit").status_code == 401
