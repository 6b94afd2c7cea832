"""Months: how each stands, the notices of hospitals, the platform's results, freezing."""

from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from validator.base import files as base_files
from validator.base.errors import InputError, MissingError
from validator.intake import duplicates, freeze, imported, months, notice, views
from validator.intake.http import bodies, files
from validator.intake.http.access import Allowed, hospital_of, service_of
from validator.intake.http.answers import ALWAYS, MISSING, WITH_BODY, Agreement, Double, Frozen, Imported, MonthShown
from validator.intake.http.submissions import BODY, Decider, Hospital, Period, Reader
from validator.intake.keys import Caller
from validator.intake.ledger.store import today

router = APIRouter(tags=["months"])
Bureau = Annotated[Caller, Depends(Allowed("read", "reviewer", "administrator", "auditor"))]
OnePeriod = Annotated[str, InPath(pattern=r"^[0-9]{6}$")]


@router.get("/v1/months", responses={**ALWAYS, **MISSING}, response_model=list[MonthShown])
def list_months(request: Request, caller: Reader, period: Period = "", hospital: Hospital = "") -> list[dict[str, Any]]:
    """The figures of each month and hospital."""
    with service_of(request).ledger.reading() as session:
        rows = views.months(session, period, hospital_of(caller, hospital))
    return [{**row, "returned": row["return"], "frozen": bool(row["frozen"])} for row in rows]


@router.get("/v1/months/{period}/duplicates", responses=ALWAYS, response_model=list[Double])
def list_duplicates(request: Request, _: Bureau, period: OnePeriod, hospital: Hospital = "") -> list[dict[str, Any]]:
    """The settlements and stays of a month that are on two lists, whichever deliveries and hospitals these came in."""
    with service_of(request).ledger.reading() as session:
        return duplicates.pairs(session, period=period, hospital=hospital)


@router.get("/v1/months/{period}/notice", response_class=Response, responses={**ALWAYS, **MISSING, **files.DOCUMENTED})
def month_notice(
    request: Request, caller: Reader, period: OnePeriod,
    format: Annotated[Literal["html", "xlsx"], Query()] = "html", hospital: Hospital = "",
) -> Response:  # fmt: skip
    """The notice of one hospital on a month."""
    service, wanted = service_of(request), hospital_of(caller, hospital)
    if not wanted:
        raise InputError("请写明机构 hospital", "name the hospital")
    month = months.month(service.ledger, period, service.catalogue, today=today(), hospital=wanted)
    if month.delivery.cases.is_empty():
        raise MissingError(f"{period} 没有这家机构的病例", f"there is no case of that hospital in {period}")
    made = notice.of_month(month, wanted)
    return files.written(lambda folder: notice.write(made, folder), f"notice.{format}")


@router.post("/v1/months/{period}/freeze", responses={**ALWAYS, **MISSING})
def freeze_month(
    request: Request, caller: Annotated[Caller, Depends(Allowed("write", "administrator"))], period: OnePeriod,
    hospital: Hospital = "",
) -> Frozen:  # fmt: skip
    """Freeze a month: what counts then is signed, and what comes later changes nothing."""
    manifest = freeze.freeze(service_of(request).ledger, period, caller.actor, hospital)
    return Frozen(
        period=period, hospital=hospital, at=manifest["at"], cases=manifest["cases"], sha256=manifest["sha256"]
    )


@router.post("/v1/platform-results", openapi_extra=BODY, responses=WITH_BODY)
async def import_results(
    request: Request,
    caller: Decider,
    name: Annotated[str, Query(pattern=r"^[^/\\\x00-\x1f]{1,100}$", description="文件名，如 4104.json")],
) -> Imported:
    """Import the platform's results (4104, 3607); the same file again changes nothing."""
    content, ledger = await bodies.whole(request), service_of(request).ledger

    def add() -> bool:
        with base_files.scratch_folder() as folder:
            file = Path(folder) / name
            file.write_bytes(content)
            return imported.add(ledger, file, caller.actor)

    return Imported(imported=await run_in_threadpool(add))


@router.get("/v1/platform-results", responses=ALWAYS, response_model=list[Agreement])
def compare_results(request: Request, _: Bureau) -> list[dict[str, Any]]:
    """The platform's results against ours, check by check."""
    service = service_of(request)
    return imported.agreement(service.ledger, service.catalogue)
