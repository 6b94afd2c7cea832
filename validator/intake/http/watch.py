"""What surrounds every request: its number, its language, the bound on what is at work, one line of log, and figures.

A line of the log holds no address, no parameter and no part of a body, so that no patient's data can be in it.
"""

import asyncio
import json
import logging
import time
import traceback
import uuid

from prometheus_client import Counter, Gauge, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from validator.base import clock, language, limits
from validator.base.language import say
from validator.intake.http import problems

LOG = logging.getLogger("zhikong.http")
#: A worker with more requests at once than ``_CROWDED`` over its last ``_LATELY`` gives up a connection, once in ``_PAUSE`` seconds.
_LATELY, _CROWDED, _PAUSE = 50, 1.5, 0.25
PROBES = ("/health", "/ready", "/metrics")  #: answered however busy the process is
REQUESTS = Histogram(
    "zhikong_request_seconds",
    "Time of requests by route, method and status",
    ["route", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30),
)
AT_WORK = Gauge("zhikong_requests_at_work", "Requests that are being answered", multiprocess_mode="livesum")
REFUSED = Counter("zhikong_refused_busy", "Requests refused because too many were at work")


class Watch:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, *, alone: bool) -> None:
        """``alone``: there is no other worker that could take a connection."""
        self._app, self._alone, self._at_work = app, alone, 0
        self._usual, self._moved = 0.0, 0.0  #: requests at work lately; when a connection was last given up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        problems.request_id.set(str(uuid.uuid4()))
        language.use(_language(Headers(scope=scope).get("accept-language", "")))
        AT_WORK.inc()
        self._at_work += 1
        answer, began = _Answer(send, close=self._gives_up()), time.perf_counter()
        try:
            await self._bounded(scope, receive, answer)
        finally:
            self._at_work -= 1
            AT_WORK.dec()
            _record(scope, answer.status, time.perf_counter() - began)

    def _gives_up(self) -> bool:
        """Whether the client is to open a new connection, which a worker with less to do will take.

        Connections stay open and workers take what comes at random: one could have all of them.
        """
        self._usual += (self._at_work - self._usual) / _LATELY
        now = time.monotonic()
        if self._alone or self._usual < _CROWDED or now - self._moved < _PAUSE:
            return False
        self._moved = now
        return True

    async def _bounded(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        await asyncio.sleep(0)  # all that came at once are counted before the first is worked on
        if self._at_work > limits.most("http-waiting") and scope["path"] not in PROBES:
            REFUSED.inc()
            refusal = problems.busy()
            await problems.response("busy", say(refusal.zh, refusal.en), refusal.headers)(scope, receive, answer)
            return
        try:
            await self._app(scope, receive, answer)
        except Exception as error:  # noqa: BLE001 (the last net: its own text may hold a patient's data and goes nowhere)
            LOG.error(  # noqa: TRY400 (not the exception itself)
                _line(event="fault", error=type(error).__name__, at=traceback.format_tb(error.__traceback__)[-3:])
            )
            if not answer.status:
                words = problems.KINDS["fault"]
                await problems.response("fault", say(words.zh, words.en))(scope, receive, answer)


class _Answer:
    """Sends an answer with the number of its request, and keeps the status."""

    def __init__(self, send: Send, *, close: bool) -> None:
        self._send, self._close, self.status = send, close, 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = problems.request_id.get()
            if self._close:
                headers["Connection"] = "close"
            headers["Cache-Control"] = "no-store"
            headers["X-Content-Type-Options"] = "nosniff"
        await self._send(message)


def _language(wanted: str) -> language.Lang:
    """English where it is asked for before Chinese."""
    for part in wanted.lower().split(","):
        if (tag := part.strip()[:2]) in ("zh", "en"):
            return "en" if tag == "en" else "zh"
    return "zh"


def _record(scope: Scope, status: int, seconds: float) -> None:
    """Count a request and log it under its route, never its path: that may name a case."""
    route = getattr(scope.get("route"), "path", "none")
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    REQUESTS.labels(route, method, status).observe(seconds)
    caller = scope.get("caller")
    LOG.info(
        _line(
            request=problems.request_id.get(), method=method, route=route, status=status, ms=round(seconds * 1e3, 1),
            key=caller.key if caller else None,
        )
    )  # fmt: skip


_METHODS = ("GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH")


def _line(**values: object) -> str:
    return json.dumps({"at": clock.now().isoformat(timespec="milliseconds"), **values}, ensure_ascii=False)
