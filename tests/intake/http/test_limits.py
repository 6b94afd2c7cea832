"""Too much at once is refused politely; a delivery that broke off is resumed."""

import asyncio
import socket
from contextlib import suppress
from hashlib import sha256

import pytest

pytest.importorskip("fastapi", reason="needs the extra service")

from sqlalchemy import select
from starlette.responses import PlainTextResponse

from tests.intake.http.serving import Served, wait
from validator.base import limits
from validator.intake.http import connection
from validator.intake.http.watch import Watch
from validator.intake.ledger.models import Job


def answers(watch: Watch, count: int, path: str = "/v1/check") -> list[dict]:
    """The beginnings of the answers to so many requests at once."""
    scope = {"type": "http", "method": "POST", "path": path, "headers": []}
    found: list[dict] = []

    async def send(message: dict) -> None:
        found.append(message)

    async def all_at_once() -> None:
        await asyncio.gather(*(watch(dict(scope), None, send) for _ in range(count)))

    asyncio.run(all_at_once())
    return [each for each in found if each["type"] == "http.response.start"]


def test_too_many_at_once_are_refused_with_a_time_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(limits.VARIABLE, "http-waiting=3")
    watch = Watch(PlainTextResponse("ok"), alone=True)
    found = answers(watch, 10)
    assert sorted(each["status"] for each in found) == [200] * 3 + [503] * 7
    assert all((b"retry-after", b"1") in each["headers"] for each in found if each["status"] == 503)
    assert {each["status"] for each in answers(watch, 10, "/health")} == {200}, "probes are always answered"


@pytest.mark.parametrize("alone", [True, False])
def test_a_crowded_worker_gives_up_a_connection_where_another_can_take_it(alone: bool) -> None:
    watch = Watch(PlainTextResponse("ok"), alone=alone)
    quiet = [each for _ in range(20) for each in answers(watch, 1)]
    crowded = [each for _ in range(20) for each in answers(watch, 8)]
    assert not any(closes(each) for each in quiet)
    assert any(closes(each) for each in crowded) != alone
    assert sum(closes(each) for each in crowded) <= 2, "one in a quarter of a second"


def closes(answer: dict) -> bool:
    return (b"connection", b"close") in answer["headers"]


def test_a_head_without_end_is_refused(server: Served) -> None:
    where = server["hospital"].base_url
    with socket.create_connection((where.host, where.port), timeout=20) as endless:
        endless.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * connection.MOST)
        with suppress(ConnectionError):  # it may be closed with bytes still on their way
            assert endless.recv(100).startswith(b"HTTP/1.1 400")


def test_a_delivery_that_broke_off_is_resumed_and_the_same_again_is_the_same_job(server: Served) -> None:
    client, content = server["hospital"], b'{"infno": "4101"}\n' * 100
    uploads = server.ledger.folder / "uploads"
    key, where = {"Idempotency-Key": "broken-off-1"}, "/v1/submissions?name=a.jsonl"
    with socket.create_connection((client.base_url.host, client.base_url.port)) as broken:
        head = f"POST {where} HTTP/1.1\r\nHost: x\r\nAuthorization: {client.headers['authorization']}\r\nIdempotency-Key: broken-off-1\r\n"
        broken.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content[:1000])
        wait(lambda: [each.stat().st_size for each in uploads.glob("*")] == [1000])
    wait(lambda: list(uploads.glob("*.part")))
    assert client.get("/v1/uploads/broken-off-1").json() == {"job": None, "received": 1000}
    assert client.post(where, headers={**key, "Upload-Offset": "1200"}, content=content[1200:]).status_code == 409
    made = client.post(where, headers={**key, "Upload-Offset": "1000"}, content=content[1000:])
    assert made.status_code == 202
    assert client.post(where, headers=key, content=content).json() == made.json()
    assert client.post(where, headers=key, content=content + b"\n").status_code == 409
    other = server["other"].post(where, headers=key, content=content)
    assert other.json() != made.json(), "each sender has keys of its own"
    assert client.post(where, headers={"Idempotency-Key": "nothing-in-it"}, content=b"").status_code == 422
    with server.ledger.reading() as session:
        jobs = list(session.execute(select(Job).order_by(Job.id)).scalars())
    assert [each.digest for each in jobs] == [sha256(content).hexdigest()] * 2
    assert (server.ledger.inbox / jobs[0].folder / "a.jsonl").read_bytes() == content
    assert list(uploads.iterdir()) == []
