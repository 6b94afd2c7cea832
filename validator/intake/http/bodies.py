"""Bodies of requests: read within the limits of :mod:`validator.base.limits`, and taken apart into messages."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request
from starlette.requests import ClientDisconnect

from validator.base import limits
from validator.base.errors import InputError
from validator.intake.http.problems import ProblemError
from validator.read import parse
from validator.read.place import Place

_LINES = ("application/x-ndjson", "application/jsonl", "application/jsonlines")


async def chunks(request: Request, limit: str, seen: int = 0) -> AsyncIterator[bytes]:
    """The parts of a body as they come; raises where there are more bytes than ``limit``, or none come for long.

    ``seen``: how many came before, in another request.
    """
    stream, wait = request.stream(), limits.most("http-seconds")
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit():
        _refuse(limit, seen + int(declared[:15]))
    while True:
        try:
            async with asyncio.timeout(wait):
                chunk = await anext(stream, None)
        except TimeoutError:
            zh, en = f"{wait} 秒没有收到请求体的下一段", f"no more of the body came for {wait} seconds"
            raise ProblemError("too-slow", zh, en, {"Connection": "close"}) from None
        if chunk is None:
            return
        seen += len(chunk)
        _refuse(limit, seen)
        yield chunk


def _refuse(limit: str, seen: int) -> None:
    if words := limits.exceeded(limit, seen):
        raise ProblemError("too-large", *words, {"Connection": "close"})


async def whole(request: Request) -> bytes:
    """A body that is held in memory."""
    try:
        return b"".join([chunk async for chunk in chunks(request, "http-bytes")])
    except ClientDisconnect:
        raise ProblemError("bad-request", "连接中断", "the connection broke") from None


def messages(body: bytes, media: str) -> list[Any]:
    """The messages of a body: one, an array of them, or one a line; each is parsed already, or bytes that are still to be.

    A line that is no JSON spoils no other; what is no JSON at all is refused.
    """
    lines = body.splitlines()
    several = media.partition(";")[0].strip() in _LINES or (len(lines) > 1 and parse.is_object(lines[0]))
    try:
        found = (
            [line for line in lines if line.strip()]
            if several
            else [each for each, _ in parse.whole(body, Place("body"))]
        )
    except InputError as error:
        raise ProblemError("unreadable", error.zh, error.en) from None
    if not found:
        raise ProblemError("unreadable", "请求体里没有清单", "there is no list in the body")
    if words := limits.exceeded("http-lists", len(found)):
        raise ProblemError("too-large", *words)
    return found
