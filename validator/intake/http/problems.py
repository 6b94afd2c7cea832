"""Problem details (RFC 9457): what a caller did that cannot be done, in Chinese or English, never with a value of a list."""

import json
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from validator.base.errors import InputError, MissingError
from validator.base.language import current, say
from validator.base.masking import persons_in

MEDIA = "application/problem+json"
#: The number of the request at hand, for answers and logs.
request_id: ContextVar[str] = ContextVar("request_id", default="")


class ProblemKind(NamedTuple):
    """A kind of problem: the status, and its title in both languages."""

    status: int
    zh: str
    en: str


KINDS: Mapping[str, ProblemKind] = {
    "bad-request": ProblemKind(400, "请求有误", "the request is wrong"),
    "unreadable": ProblemKind(400, "请求体读不了", "the body cannot be read"),
    "no-key": ProblemKind(401, "没有有效的密钥", "no valid key"),
    "not-allowed": ProblemKind(403, "这个密钥不能做这件事", "the key may not do this"),
    "not-found": ProblemKind(404, "没有这一项", "there is no such thing"),
    "no-method": ProblemKind(405, "这个地址不支持这种方法", "the method is not allowed here"),
    "too-slow": ProblemKind(408, "请求体传得太慢", "the body came too slowly"),
    "conflict": ProblemKind(409, "与现状冲突", "it conflicts with what there is"),
    "too-large": ProblemKind(413, "请求体太大", "the body is too large"),
    "invalid": ProblemKind(422, "不能这样处理", "it cannot be done so"),
    "too-many": ProblemKind(429, "请求太频繁", "too many requests"),
    "fault": ProblemKind(500, "服务内部出错", "the service failed"),
    "busy": ProblemKind(503, "服务正忙，请稍后再试", "the service is busy; try again later"),
}
_BY_STATUS = {kind.status: name for name, kind in reversed(list(KINDS.items()))}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "enum": [f"urn:zhikong:problem:{name}" for name in KINDS]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "urn:uuid:, the number of the request (X-Request-ID)"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["at", "detail"],
                "properties": {"at": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


class ProblemError(Exception):
    """A request that is refused."""

    def __init__(self, kind: str, zh: str, en: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(kind)
        self.kind, self.zh, self.en, self.headers = kind, zh, en, dict(headers or {})


def busy(seconds: int = 1) -> ProblemError:
    """Too much is at work."""
    return ProblemError("busy", *KINDS["busy"][1:], {"Retry-After": str(seconds)})


def documented(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """The answers that a route can give when it refuses, for its OpenAPI description."""
    found: dict[int | str, dict[str, Any]] = {}
    for name in kinds:
        status = KINDS[name].status
        content = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        found[status] = {"description": KINDS[name].zh, "content": content}
    return found


def response(
    kind: str, detail: str, headers: Mapping[str, str] | None = None, errors: Sequence[Mapping[str, str]] = ()
) -> Response:
    """The answer."""
    return Response(
        json.dumps(as_dict(kind, detail, errors), ensure_ascii=False),
        KINDS[kind].status,
        {"Content-Language": current(), **(headers or {})},
        MEDIA,
    )


def as_dict(kind: str, detail: str, errors: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """The members of a problem."""
    status, zh, en = KINDS[kind]
    found = {
        "type": f"urn:zhikong:problem:{kind}", "title": say(zh, en), "status": status, "detail": persons_in(detail),
        "instance": f"urn:uuid:{request_id.get()}",
    }  # fmt: skip
    return {**found, "errors": list(errors)} if errors else found


def install(app: FastAPI) -> None:
    """Answer every refusal with a problem."""

    @app.exception_handler(ProblemError)
    async def refused(_: Request, error: ProblemError) -> Response:
        return response(error.kind, say(error.zh, error.en), error.headers)

    @app.exception_handler(InputError)
    async def cannot(_: Request, error: InputError) -> Response:
        return response("not-found" if isinstance(error, MissingError) else "invalid", str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        found = [{"at": ".".join(map(str, each["loc"])), "detail": _words(each)} for each in error.errors()]
        return response("invalid", say("参数不对", "wrong parameters"), None, found)

    @app.exception_handler(HTTPException)
    async def other(_: Request, error: HTTPException) -> Response:
        kind = _BY_STATUS.get(error.status_code, "bad-request")
        return response(kind, say(KINDS[kind].zh, KINDS[kind].en), error.headers)

    @app.exception_handler(OperationalError)
    @app.exception_handler(PoolTimeoutError)
    async def no_database(_: Request, error: Exception) -> Response:  # noqa: ARG001 (its text may hold a value)
        return response("busy", say("台账暂时用不了", "the ledger cannot be used now"), {"Retry-After": "5"})


#: What pydantic finds, in Chinese.
_CHINESE = {
    "missing": "必填", "int_parsing": "应为整数", "bool_parsing": "应为 true 或 false", "json_invalid": "不是合法的 JSON",
    "date_from_datetime_parsing": "应为日期，如 2026-07-31", "date_parsing": "应为日期，如 2026-07-31",
    "greater_than_equal": "太小，最小 {ge}", "less_than_equal": "太大，最大 {le}", "literal_error": "应为 {expected}",
    "enum": "应为 {expected}", "string_pattern_mismatch": "格式应为 {pattern}", "string_too_long": "太长，最多 {max_length} 个字",
    "string_too_short": "太短，最少 {min_length} 个字", "too_long": "太多，最多 {max_length} 项", "extra_forbidden": "没有这一项",
    "string_type": "应为文字", "list_type": "应为数组", "model_attributes_type": "应为 JSON 对象",
}  # fmt: skip


def _words(error: Mapping[str, Any]) -> str:
    """What is wrong with one parameter; its value is not repeated."""
    zh = _CHINESE.get(error["type"], "值不对").format_map({"expected": "", **error.get("ctx", {})})
    return say(zh, str(error["msg"]))
