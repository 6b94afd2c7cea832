"""Broken requests to the service over HTTP, each answered by its application in this process."""

import asyncio
import gzip
import json
import random
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fuzz import texts
from tests.fuzz.judge import SHOWN
from tests.fuzz.lists import a_message

if TYPE_CHECKING:
    import httpx

_SECONDS = 5  #: of CPU
_CHINESE, _QUOTED = re.compile("[一-鿿]"), re.compile("“[^”]*”|'[^']*'")
_MEDIA = (
    "application/json",
    "application/x-ndjson",
    "text/plain",
    "application/json; charset=gbk",
    "multipart/form-data",
    "",
    "\xff",
)
#: Where bodies go: the address, with a share of how often.
_ADDRESSES = {
    "/v1/check": 8, "/v1/check?shape=4104": 2, "/v1/check?group=true": 1, "/v1/submissions?name=a.json": 2, "/v1/keys": 1,
    "/v1/platform-results?name=4104.json": 1, "/v1/findings/justify": 1, "/v1/cases/accept": 1, "/v1/groups/review": 1,
    "/v1/submissions/1/return": 1,
}  # fmt: skip
_NODES: tuple[Any, ...] = (
    {"fingerprints": ["0123456789abcdef"], "reason": "核对过"}, {"cases": ["S0001"], "reason": "核对过", "outcome": "kept"},
    {"name": "甲", "role": "hospital", "hospital": "H11010500001", "scopes": ["check"]},
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """What is sent."""

    method: str
    address: str
    headers: dict[str, str]
    body: bytes

    def faults(self) -> list[str]:
        """What is wrong with how it was answered."""
        ask, before = _asking(), time.process_time()
        answer = ask(
            self.method,
            self.address,
            [(name, value.encode("latin-1")) for name, value in self.headers.items()],
            self.body,
        )
        seconds, shown = time.process_time() - before, answer.text
        found = [f"took {seconds:.0f} s"] if seconds > _SECONDS else []
        if SHOWN.search(shown + repr(answer.headers)):
            found.append("shows a person")
        if answer.status_code >= 500:
            found.append(f"status {answer.status_code}")
        if answer.status_code >= 400:
            found += self._of_problem(answer.headers["content-type"], shown)
        return found

    def _of_problem(self, media: str, shown: str) -> list[str]:
        if media != "application/problem+json":
            return [f"refused as {media}: {shown[:200]}"]
        about = json.loads(shown)
        words = _QUOTED.sub("", about["title"] + about["detail"])
        found = [f"{len(shown)} characters long"] if len(shown) > 2_000 else []
        chinese = self.headers.get("Accept-Language") != "en"
        return found if bool(_CHINESE.search(words)) == chinese else [*found, f"in another language: {words[:200]}"]


@cache
def _asking() -> Callable[..., "httpx.Response"]:
    """What sends a request with an administrator's key; the application lives as long as the process."""
    import httpx

    from validator.intake import keys
    from validator.intake.http.app import create
    from validator.intake.http.settings import ServeSettings
    from validator.intake.ledger import open_ledger

    folder = tempfile.mkdtemp()
    ledger = open_ledger(Path(folder))
    key = keys.add(ledger, "fuzz", "administrator", "tests")[1]
    ledger.close()
    loop, app = asyncio.new_event_loop(), create(ServeSettings(folder))
    loop.run_until_complete(app.router.lifespan_context(app).__aenter__())
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://zhikong", headers={"Authorization": f"Bearer {key}"}
    )

    def ask(method: str, address: str, headers: list[tuple[str, bytes]], body: bytes) -> httpx.Response:
        return loop.run_until_complete(client.request(method, address, headers=headers, content=body))

    return ask


def request(rng: random.Random, _: Path) -> Request:
    """A request whose body, headers, parameters or method are wrong, or all of them."""
    address = rng.choices([*_ADDRESSES], [*_ADDRESSES.values()])[0]
    headers = {
        "Content-Type": rng.choices(_MEDIA, [9, 2, 1, 1, 1, 1, 1])[0],
        "Idempotency-Key": f"key-{rng.randrange(10**9)}",
    }
    if rng.random() < 0.1:
        headers["Accept-Language"] = "en"
    if rng.random() < 0.15:
        address += ("&" if "?" in address else "?") + rng.choice(
            ("group=x", "shape=1", "name=../../x", "limit=-1", "%ff=%00", "a" * 9_000)
        )
    if rng.random() < 0.1:
        name = rng.choice(
            ("Authorization", "Content-Encoding", "Content-Length", "Upload-Offset", "Accept", "Cookie", "X-Request-ID")
        )
        headers[name] = rng.choice(
            ("", "gzip", "-1", "9" * 40, "Bearer zk_1_x", "Bearer zk_9" * 99, "\xe5\xff", "*/*;q=x")
        )
    method = "POST" if rng.random() < 0.95 else rng.choice(("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"))
    return Request(method, address, headers, _body(rng, plain="check" in address or "name=" in address))


def _body(rng: random.Random, *, plain: bool) -> bytes:
    """The bytes of a message, or of what decides on something, changed; or none of both."""
    made = a_message(rng) if plain else rng.choice(_NODES)
    if rng.random() < 0.6:
        made = texts.tree(made, rng)
    if rng.random() < 0.1:
        made = [made, rng.choice(texts.HOSTILE)] * rng.choice((1, 150))
    body = json.dumps(made, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    match rng.randrange(12):
        case 0:
            return gzip.compress(body)[: rng.choice((-20, 10_000_000))]
        case 1:
            return body.decode("utf-8", "ignore").encode(
                rng.choice(("utf-16", "gb18030", "utf-8-sig", "utf-32")), "ignore"
            )
        case 2:
            opened = rng.choice((b'{"a":', b"[", b'{"input":{"setlinfo":['))
            return opened * rng.choice((500, 100_000))
        case 3:
            return rng.choice(
                (
                    b"",
                    b" ",
                    b"null",
                    b"NaN",
                    b"1e999",
                    b"9" * 5_000,
                    b"\x00",
                    b'"\\ud800"',
                    b"infno=4101&input=",
                    b"<a/>",
                )
            )
        case 4:
            return b"\n".join([body, body[: rng.randrange(len(body))], b"", body])
        case 5 | 6:
            return texts.spoiled(body, rng)
    return body
