"""Who may do what: every route with every role, and two hospitals of which neither learns anything of the other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

pytest.importorskip("fastapi", reason="needs the extra service")
pytest.importorskip("validator.gate.gx", reason="needs the extra service")

from tests.intake.deliveries import a_list, as_file
from tests.intake.http.serving import CALLERS, HOSPITAL, OTHER, Served, served
from validator.intake import receive
from validator.intake.options import Options

FINGERPRINT = "0123456789abcdef"
CHOSEN = {"fingerprints": [FINGERPRINT], "reason": "核对过"}
CASES = {"cases": ["S0001"], "reason": "核对过"}
KEY = {"Idempotency-Key": "delivery-1"}
ALL = "hospital reviewer administrator auditor"
SENDERS, DECIDERS, LOG = "hospital reviewer administrator", "reviewer administrator", "administrator auditor"


@dataclass(frozen=True)
class Route:
    """Who may call a route, a request for it, and what a hospital gets that asks for another's: 404, or a page without it."""

    roles: str
    request: dict = field(default_factory=dict)
    foreign: int = 200
    path: dict = field(default_factory=dict)


#: Every route. One that is missing here fails the first test.
ROUTES = {
    "POST /v1/check": Route(ALL, {"content": b"{}"}),
    "POST /v1/submissions": Route(SENDERS, {"params": {"name": "a.json"}, "content": b"{}", "headers": KEY}, 202),
    "GET /v1/uploads/{key}": Route(SENDERS, path={"key": "delivery-0"}),
    "GET /v1/jobs/{number}": Route(ALL, path={"number": 1}, foreign=404),
    "GET /v1/submissions": Route(ALL),
    "GET /v1/submissions/{number}": Route(ALL, path={"number": 1}, foreign=404),
    "GET /v1/submissions/{number}/receipt": Route(ALL, path={"number": 1}, foreign=404),
    "POST /v1/submissions/{number}/accept": Route(DECIDERS, {"json": {"reason": "核对过"}}, 403, {"number": 99}),
    "POST /v1/submissions/{number}/return": Route(DECIDERS, {"json": {"reason": "核对过"}}, 403, {"number": 99}),
    "GET /v1/cases": Route(ALL),
    "GET /v1/cases/{case_id}": Route(ALL, path={"case_id": "S0001"}, foreign=404),
    "POST /v1/cases/accept": Route(DECIDERS, {"json": {**CASES, "cases": ["none"]}}, 403),
    "POST /v1/cases/return": Route(DECIDERS, {"json": {**CASES, "cases": ["none"]}}, 403),
    "POST /v1/cases/withdraw": Route(DECIDERS, {"json": {**CASES, "cases": ["none"]}}, 403),
    "GET /v1/findings": Route(ALL),
    "POST /v1/findings/justify": Route("hospital administrator", {"json": CHOSEN}, 404),
    "POST /v1/findings/accept": Route(DECIDERS, {"json": CHOSEN}, 403),
    "POST /v1/findings/reject": Route(DECIDERS, {"json": CHOSEN}, 403),
    "GET /v1/months": Route(ALL),
    "GET /v1/months/{period}/duplicates": Route(
        "reviewer administrator auditor", path={"period": "202607"}, foreign=403
    ),
    "GET /v1/months/{period}/notice": Route(ALL, path={"period": "202601"}, foreign=404),
    "POST /v1/months/{period}/freeze": Route("administrator", path={"period": "209901"}, foreign=403),
    "POST /v1/platform-results": Route(DECIDERS, {"params": {"name": "4104.json"}, "content": b"{}"}, 403),
    "GET /v1/platform-results": Route("reviewer administrator auditor", foreign=403),
    "GET /v1/months/{period}/rounds": Route(ALL, path={"period": "202601"}),
    "POST /v1/months/{period}/rounds": Route(DECIDERS, path={"period": "209901"}, foreign=403),
    "GET /v1/months/{period}/groups": Route(ALL, path={"period": "202607"}),
    "POST /v1/groups/answer": Route("hospital administrator", {"json": CASES}, 404),
    "POST /v1/groups/request": Route("hospital administrator", {"json": CASES}, 404),
    "POST /v1/groups/review": Route(DECIDERS, {"json": {**CASES, "cases": ["none"], "outcome": "kept"}}, 403),
    "GET /v1/codes/{code}": Route(ALL, path={"code": "K80.1"}),
    "GET /v1/rules": Route(ALL),
    "GET /v1/rules/{number}": Route(ALL, path={"number": "DX107"}),
    "GET /v1/catalogue": Route(ALL),
    "GET /v1/keys": Route(LOG, foreign=403),
    "POST /v1/keys": Route("administrator", {"json": {"name": "甲", "role": "auditor"}}, 403),
    "DELETE /v1/keys/{number}": Route("administrator", path={"number": 999}, foreign=403),
    "GET /v1/audit": Route(LOG, foreign=403),
    "GET /health": Route(f"nobody {ALL}"),
    "GET /ready": Route(f"nobody {ALL}"),
    "GET /metrics": Route(LOG, foreign=403),
}


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A delivery of one hospital, and one of the bureau with a list of each that are of one stay (AD202)."""
    folder = tmp_path_factory.mktemp("access")
    with served(folder / "ledger") as made:
        own = as_file(folder / "own.jsonl", a_list(1, gend="男"), a_list(2))
        origin = receive.Origin(HOSPITAL, "delivery-0", "")
        assert receive.write_down(made.ledger, [own], Options(hospital=HOSPITAL), origin=origin) == 1
        receive.resume(made.ledger)
        same = {"fixmedins_code": OTHER, "setl_id": "S0006", "medcasno": "B0006"}
        receive.receive(
            made.ledger, [as_file(folder / "both.jsonl", a_list(5, fixmedins_code=HOSPITAL), a_list(5, **same))]
        )
        yield made


def call(server: Served, name: str, caller: str, **params: str):
    method, path = name.split()
    route = ROUTES[name]
    request = {**route.request, "params": {**route.request.get("params", {}), **params}}
    return server[caller].request(method, path.format(**route.path), **request)


def test_the_table_has_every_route(two: Served) -> None:
    described = {
        f"{method.upper()} {path}" for path, methods in two.app.openapi()["paths"].items() for method in methods
    }
    assert described == set(ROUTES)
    assert len(list(endpoints(two.app.routes))) == len(ROUTES), "a route that is not described"


def endpoints(routes) -> Iterator[str]:
    """The functions behind the routes, but for the description itself."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from endpoints(inner.routes)
        elif getattr(route, "path", "") != "/openapi.json":
            yield route.endpoint.__name__


@pytest.mark.parametrize("role", ["nobody", *CALLERS])
def test_every_route_lets_its_roles_through_and_no_other(two: Served, role: str) -> None:
    kind = CALLERS[role][0] if role in CALLERS else "nobody"
    wrong = {}
    for name, route in ROUTES.items():
        status = call(two, name, role).status_code
        refused = 401 if role == "nobody" else 403
        if (
            status >= 500
            or (status in (401, 403)) != (kind not in route.roles.split())
            or (status in (401, 403) and status != refused)
        ):
            wrong[name] = status
    assert not wrong


def test_no_hospital_learns_anything_of_another(two: Served) -> None:
    seen = two["hospital"].get("/v1/findings").json()["items"]
    assert {row["case_id"] for row in seen} == {"S0001"}, "AD202 names a stay of the other hospital and is not shown"
    bureau = two["reviewer"].get("/v1/findings").json()["items"]
    assert {row["check_id"] for row in bureau if row["case_id"] in ("S0005", "S0006")} >= {"AD202"}
    foreign = [
        "S0001",
        "S0002",
        "S0005",
        HOSPITAL,
        "own.jsonl",
        "both.jsonl",
        "AD202",
        *(row["fingerprint"] for row in seen),
    ]
    for name, route in ROUTES.items():
        answer = call(two, name, "other")
        assert answer.status_code == route.foreign, name
        if not name.startswith("GET /v1/rules"):
            asked = [*route.path.values(), *route.request.get("json", {}).get("cases", ())]
            shown = without(answer.text, asked)  # an answer may repeat what was asked for
            assert not [text for text in foreign if text in shown], name
        if route.foreign == 404 and route.path:
            nothing = dict.fromkeys(route.path, 199912 if "period" in route.path else 987654)
            method, path = name.split()
            absent = two["other"].request(method, path.format(**nothing))
            assert same(answer.json(), route.path.values()) == same(absent.json(), nothing.values()), name
    for name in ("cases", "findings", "submissions", "months"):
        asked = two["other"].get(f"/v1/{name}", params={"hospital": HOSPITAL})
        assert asked.status_code == 404
    ours = {row["case_id"] for row in two["other"].get("/v1/cases").json()["items"]}
    assert ours == {"S0006"}
    history = two["other"].get("/v1/cases/S0006").json()
    assert history["findings"] == []
    assert two["other"].post("/v1/findings/justify", json={"cases": ["S0006"], "reason": "x"}).status_code == 404
    with_theirs = {"fingerprints": [seen[0]["fingerprint"]], "reason": "我院的"}
    assert two["other"].post("/v1/findings/justify", json=with_theirs).status_code == 404


def same(problem: dict, asked) -> str:
    """A problem without its number and what was asked for."""
    return without(json.dumps({**problem, "instance": ""}, ensure_ascii=False), asked)


def without(text: str, asked) -> str:
    for value in asked:
        text = text.replace(str(value), "…")
    return text


def test_a_job_is_its_senders_and_a_request_its_key(two: Served) -> None:
    assert two["hospital"].get("/v1/jobs/1").json()["submission"] == 1
    assert two["hospital"].get("/v1/uploads/delivery-0").json()["job"] == 1
    assert two["other"].get("/v1/uploads/delivery-0").json() == {"job": None, "received": 0}
