"""The service against its own description: requests that nobody thinks of get no 5xx and no answer that is not described."""

import warnings
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="needs the extra service")
pytest.importorskip("validator.gate.gx", reason="needs the extra service")
pytest.importorskip("schemathesis", reason="needs the extra dev")

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.intake.deliveries import HOSPITAL, a_list, as_file
from tests.intake.http.serving import Served
from validator.intake import receive
from validator.intake.options import Options

EXAMPLES = 5  #: requests for each route that fit the description, and as many that do not
USUAL = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: With what a ledger of one delivery has, for answers that are not refusals.
FOUND = {
    "number": "1", "case_id": "S0001", "period": "202607", "code": "K80.1", "key": "delivery-1",
}  # fmt: skip


@pytest.fixture(scope="module")
def filled(server: Served, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """The server with a delivery."""
    file: Path = as_file(tmp_path_factory.mktemp("lists") / "a.jsonl", a_list(1, gend="男"), a_list(2))
    origin = receive.Origin(HOSPITAL, "delivery-1", "")
    receive.write_down(server.ledger, [file], Options(hospital=HOSPITAL), origin=origin)
    receive.resume(server.ledger)
    return server


def operations(filled: Served) -> list:
    schema = schemathesis.openapi.from_dict(filled.app.openapi())
    return [result.ok() for result in schema.get_all_operations()]


def test_what_is_there_is_answered_as_described(filled: Served) -> None:
    client, good = filled["administrator"], 0
    for operation in operations(filled):
        if operation.method.upper() == "GET":
            path = operation.path.format(**{**FOUND, **({"number": "DX107"} if "rules" in operation.path else {})})
            answer = client.get(path, params={"hospital": HOSPITAL} if "notice" in path else {})
            assert answer.status_code == 200, (path, answer.text)
            operation.validate_response(answer)
            good += 1
    assert good > 15


def test_no_answer_is_a_fault_or_not_described(filled: Served) -> None:
    client, seen = filled["administrator"], set[int]()
    wrong = list[str]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of schemathesis' own making
        for operation in operations(filled):
            for mode in schemathesis.GenerationMode:
                seen |= tried(operation, mode, client, wrong)
    assert not wrong
    assert {200, 202, 400, 404, 422} <= seen


def tried(operation, mode, client, wrong: list[str]) -> set[int]:
    """The statuses that generated requests of a route led to."""
    seen = set[int]()
    name = f"{operation.method.upper()} {operation.path}"

    @USUAL
    @given(case=operation.as_strategy(generation_mode=mode))
    def request(case) -> None:
        answer = case.call(base_url=str(client.base_url), headers={"Authorization": client.headers["authorization"]})
        seen.add(answer.status_code)
        try:
            case.validate_response(answer, checks=CHECKS)
        except schemathesis.core.failures.FailureGroup as error:
            wrong.append(f"{name}: {error}")

    try:
        request()
    except Unsatisfiable:  # nothing can be wrong with a request without parameters
        assert mode == schemathesis.GenerationMode.NEGATIVE
    return seen
