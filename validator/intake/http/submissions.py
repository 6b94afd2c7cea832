"""Deliveries: submitted, received by a job, shown, and taken or returned as a whole."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from validator.base import language
from validator.base.errors import InputError, MissingError
from validator.intake import decisions, receipts, receive, views
from validator.intake.http import bodies, files, pages
from validator.intake.http.access import Allowed, hospital_of, service_of
from validator.intake.http.answers import ALWAYS, MISSING, WITH_BODY, Arrived, JobShown, SubmissionPage, SubmissionShown
from validator.intake.http.asked import GivenReason
from validator.intake.http.problems import ProblemError, documented
from validator.intake.http.service import Service
from validator.intake.http.uploads import Upload
from validator.intake.keys import ROLES, Caller
from validator.intake.ledger.models import Job, Submission
from validator.intake.options import Options

router = APIRouter(tags=["submissions"])
Reader = Annotated[Caller, Depends(Allowed("read", *ROLES))]
Sender = Annotated[Caller, Depends(Allowed("write", "hospital", "reviewer", "administrator"))]
Decider = Annotated[Caller, Depends(Allowed("write", "reviewer", "administrator"))]
Number = Annotated[int, Path(ge=1, le=2**53)]
RequestKey = Annotated[str, Header(alias="Idempotency-Key", pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Period = Annotated[str, Query(pattern=r"^([0-9]{6})?$", description="年月，如 202607")]
Hospital = Annotated[str, Query(max_length=40, description="机构编号；医疗机构的密钥不用写")]
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
        },
    }
}


@router.post(
    "/v1/submissions", status_code=202, openapi_extra=BODY, responses={**WITH_BODY, **MISSING, **documented("conflict")}
)
async def submit(
    request: Request,
    response: Response,
    caller: Sender,
    key: RequestKey,
    name: Annotated[
        str, Query(pattern=r"^[^/\\\x00-\x1f]{1,100}$", description="文件名，扩展名说明怎么读，如 七月.xlsx")
    ],
    offset: Annotated[int, Header(alias="Upload-Offset", ge=0, le=2**53)] = 0,
    period: Period = "",
    declared: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    refunded: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    whole: bool = False,
    hospital: Hospital = "",
) -> Arrived:
    """Submit the lists of a file; they are received by a job. The same Idempotency-Key is the same submission.

    Where the connection broke, ``GET /v1/uploads/{key}`` says how much has come; send the rest with ``Upload-Offset``.
    """
    service, sender = service_of(request), _sender(caller)
    options = Options(
        hospital_of(caller, hospital), period, declared, refunded, whole, actor=caller.actor,
        lang=language.current(), **service.receiving,
    )  # fmt: skip
    upload = Upload(service.ledger, sender, key)
    await asyncio.to_thread(upload.begin, offset)
    try:
        with upload.own.open("ab", buffering=0) as file:
            async for chunk in bodies.chunks(request, "http-delivery-bytes", offset):
                await asyncio.to_thread(file.write, chunk)
    except BaseException as error:
        upload.keep()
        if isinstance(error, ClientDisconnect):
            raise ProblemError("bad-request", "连接中断，可以续传", "the connection broke; it can be resumed") from None
        raise
    job = await asyncio.to_thread(_written_down, service, upload, options, name, (sender, key))
    response.headers["Location"] = f"/v1/jobs/{job}"
    return Arrived(job=job)


def _sender(caller: Caller) -> str:
    return caller.hospital or f"key {caller.key}"


def _written_down(service: Service, upload: Upload, options: Options, name: str, request: tuple[str, str]) -> int:
    """Write the job down; the same request again is the job that it was."""
    digest = upload.digest()
    if upload.own.stat().st_size == 0:
        upload.drop()
        raise InputError("请求体是空的", "the body is empty")
    try:
        if (known := _known(service, request, digest)) is not None:
            upload.drop()
            return known
    except ProblemError:
        upload.drop()
        raise
    try:
        return receive.write_down(service.ledger, upload.own, options, name, receive.Origin(*request, digest))
    except IntegrityError:  # the same request came over another connection, and was quicker
        known = _known(service, request, digest)
        if known is None:
            raise
        return known


def _known(service: Service, request: tuple[str, str], digest: str) -> int | None:
    with service.ledger.reading() as session:
        found = receive.known_job(session, *request)
        if found is None:
            return None
        if found.digest != digest:
            zh, en = "这个 Idempotency-Key 已用于另一份内容", "the Idempotency-Key was used for other content"
            raise ProblemError("conflict", zh, en)
        return found.id


@router.get("/v1/uploads/{key}", responses=ALWAYS)
def show_upload(
    request: Request, caller: Sender, key: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
) -> Arrived:
    """How many bytes of a submission have come, and its job where it is whole."""
    service, sender = service_of(request), _sender(caller)
    with service.ledger.reading() as session:
        job = receive.known_job(session, sender, key)
    return Arrived(job=job.id if job else None, received=Upload(service.ledger, sender, key).size)


@router.get("/v1/jobs/{number}", responses={**ALWAYS, **MISSING}, response_model=JobShown)
def show_job(request: Request, caller: Reader, number: Number) -> dict[str, Any]:
    """How far the receiving of a submission is."""
    with service_of(request).ledger.reading() as session:
        found = session.get(Job, number)
        if found is None or (caller.role == "hospital" and found.sender != caller.hospital):
            raise MissingError(f"没有工作 {number}", f"there is no job {number}")
        made = found.submission and session.get_one(Submission, found.submission)
        return {
            "job": found.id, "state": found.state, "created": found.created, "progress": found.progress, "error": found.error,
            "submission": found.submission, "outcome": made.state if made else None,
        }  # fmt: skip


@router.get("/v1/submissions", responses={**ALWAYS, **MISSING}, response_model=SubmissionPage)
def list_submissions(
    request: Request,
    caller: Reader,
    period: Period = "",
    state: Literal["", "accepted", "returned", "held"] = "",
    hospital: Hospital = "",
    after: pages.After = 0,
    limit: pages.Limit = 100,
) -> dict[str, Any]:
    """What was delivered, oldest first."""
    wanted = pages.narrowed(
        select(Submission),
        {Submission.hospital: hospital_of(caller, hospital), Submission.period: period, Submission.state: state},
    )
    with service_of(request).ledger.reading() as session:
        return pages.page(session, wanted, Submission.id, after, limit, _COLUMNS)


_COLUMNS = ("id", "hospital", "period", "received", "names", "declared", "whole", "cases", "state")


@router.get("/v1/submissions/{number}", responses={**ALWAYS, **MISSING}, response_model=SubmissionShown)
def show_submission(request: Request, caller: Reader, number: Number) -> dict[str, Any]:
    """A submission: the gate's verdict, its cases, what they were judged by."""
    with service_of(request).ledger.reading() as session:
        _visible(session, caller, number)
        return views.delivered_as(session, number)


def _visible(session: Session, caller: Caller, number: int) -> Submission:
    """A submission that the caller may see; another hospital's is as if it were not there."""
    found = views.submission(session, number)
    if caller.role == "hospital" and found.hospital != caller.hospital:
        raise MissingError(f"没有第 {number} 批", f"there is no submission {number}")
    return found


@router.get(
    "/v1/submissions/{number}/receipt", response_class=Response, responses={**ALWAYS, **MISSING, **files.DOCUMENTED}
)
def receipt(
    request: Request, caller: Reader, number: Number,
    format: Annotated[Literal["json", "4104", "xlsx", "html"], Query()] = "json", hospital: Hospital = "",
) -> Response:  # fmt: skip
    """The receipt of a submission; of several hospitals, that of one of them."""
    service, wanted = service_of(request), hospital_of(caller, hospital)
    with service.ledger.reading() as session:
        _visible(session, caller, number)
    every: Sequence[receipts.Receipt] = receipts.receipts(views.delivery(service.ledger, number, service.catalogue))
    found = [each for each in every if wanted in ("", each.hospital)]
    if not found:
        raise MissingError(f"第 {number} 批里没有这家机构", f"submission {number} has nothing of that hospital")
    if len(found) > 1:
        raise InputError("这一批有几家机构，请写明 hospital", "several hospitals are in it: name one (hospital)")
    names = {"json": "receipt.json", "4104": "4104.json", "xlsx": "receipt.xlsx", "html": "receipt.html"}
    return files.written(lambda folder: receipts.write(found[0], folder), names[format])


@router.post("/v1/submissions/{number}/accept", status_code=204, responses={**WITH_BODY, **MISSING})
def accept_submission(request: Request, caller: Decider, number: Number, given: GivenReason) -> None:
    """Take a submission that the gate returned."""
    decisions.accept_submission(service_of(request).ledger, number, caller.actor, given.reason)


@router.post("/v1/submissions/{number}/return", status_code=204, responses={**WITH_BODY, **MISSING})
def return_submission(request: Request, caller: Decider, number: Number, given: GivenReason) -> None:
    """Return a submission as a whole."""
    decisions.return_submission(service_of(request).ledger, number, caller.actor, given.reason)
