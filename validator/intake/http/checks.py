"""Lists checked without being kept: each by itself, as ``zhikong check`` judges it, in about a millisecond.

Lists of one request never meet: no rule about a whole batch is applied, and a list that cannot be read spoils no other.
"""

import asyncio
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from prometheus_client import Counter
from starlette.responses import Response

from validator import __version__
from validator.checks.rows.judging import JudgedMessage, StayMessages
from validator.intake import receipts
from validator.intake.http import bodies
from validator.intake.http.access import Allowed, service_of
from validator.intake.http.answers import WITH_BODY, Checked, CheckedFinding, PlatformAnswer
from validator.intake.http.grouping import ListGrouping
from validator.intake.http.problems import documented
from validator.intake.keys import ROLES, Caller

router = APIRouter(tags=["check"])
CHECKED = Counter("zhikong_checked_lists", "Lists checked without being kept", ["disposition"])
_FINDING = tuple(CheckedFinding.model_fields)
_BODY = {
    "requestBody": {
        "required": True,
        "description": "一份清单的报文（4101、4101A，整个报文、input 或各节点），或它们的数组，或一行一份",
        "content": {
            "application/json": {
                "schema": {"anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]}
            },
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    }
}


@router.post(
    "/v1/check",
    openapi_extra=_BODY,
    response_class=Response,
    responses={
        200: {"model": Checked | PlatformAnswer, "description": "每份清单的问题"},
        **WITH_BODY,
        **documented("unreadable", "conflict"),
    },
)
async def check(
    request: Request,
    _: Annotated[Caller, Depends(Allowed("check", *ROLES))],
    group: Annotated[bool, Query(description="也按装载的方案分组")] = False,
    corrections: Annotated[bool, Query(description="没入组的，哪一处改了能入组")] = False,
    shape: Annotated[Literal["zhikong", "4104"], Query(description="应答的形式")] = "zhikong",
) -> Response:
    """Check one list or some; nothing of them is kept."""
    service = service_of(request)
    body = await bodies.whole(request)
    given = bodies.messages(body, request.headers.get("content-type", ""))
    grouping: ListGrouping | None = None
    if group or corrections:
        grouping = await asyncio.to_thread(service.grouping)
    judged = list[JudgedMessage]()
    for each in given:
        judged.append(service.one_by_one.read(StayMessages(each), len(judged)))
        CHECKED.labels(judged[-1].disposition).inc()
        await asyncio.sleep(0)  # other requests go on between two lists
    if shape == "4104":
        return _answer(_as_platform(judged, service.catalogue.profile.intake.platform, service.settings.profile))
    lists = [_checked(number, each) for number, each in enumerate(judged)]
    if grouping:
        for number, message in enumerate(given):
            if lists[number]["unread"] is None:
                lists[number] |= await asyncio.to_thread(grouping.of, message, corrections=corrections)
    return _answer({"profile": service.settings.profile, "zhikong": __version__, "lists": lists})


def _answer(content: dict[str, Any]) -> Response:
    return Response(json.dumps(content, ensure_ascii=False), media_type="application/json")


def _checked(position: int, judged: JudgedMessage) -> dict[str, Any]:
    counts = {f"{level}s": number for level, number in judged.counts().items()}
    return {
        "position": position, "case_id": judged.case_id, "interface": judged.layout, "disposition": judged.disposition, **counts,
        "findings": [{name: each[name] for name in _FINDING} for each in judged.findings],
        "unread": str(judged.error) if judged.error else None, "group": None, "ungrouped": None, "corrections": None,
    }  # fmt: skip


def _as_platform(judged: list[JudgedMessage], words: Any, profile: str) -> dict[str, Any]:
    """The findings in the shape of an answer to 4104; a list that could not be read has its reason as the one finding."""
    cases = [(each.case_id or "", each.disposition, each.findings or _unread(each)) for each in judged]
    return {"infcode": "0", "err_msg": "", "output": {"data": receipts.platform_rows(cases, words, profile)}}


def _unread(judged: JudgedMessage) -> list[dict[str, Any]]:
    if not judged.error:
        return []
    return [{"table": "", "field": "", "message": str(judged.error), "level": "error", "value": None}]
