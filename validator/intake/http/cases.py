"""Cases and their findings: shown, and decided on, one or many at a time."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from sqlalchemy import select

from validator.intake import decisions, feedback, lifecycle, views
from validator.intake.decisions import Action, Chosen
from validator.intake.http import pages
from validator.intake.http.access import Allowed, hospital_of, service_of
from validator.intake.http.answers import ALWAYS, MISSING, WITH_BODY, CaseHistory, CasePage, Decided, FindingPage
from validator.intake.http.asked import Acceptance, ChosenCases, ChosenFindings
from validator.intake.http.submissions import Decider, Hospital, Period, Reader
from validator.intake.keys import Caller
from validator.intake.ledger.models import CaseVersion, Finding

router = APIRouter(tags=["cases"])
Justifier = Annotated[Caller, Depends(Allowed("write", "hospital", "administrator"))]
Text = Annotated[str, Query(max_length=100)]
DECIDING = {**WITH_BODY, **MISSING}
_CASE = (
    "id", "hospital", "document", "case_id", "number", "submission", "disposition", "errors", "warnings", "period", "group_status",
    "group_code",
)  # fmt: skip


@router.get("/v1/cases", responses={**ALWAYS, **MISSING}, response_model=CasePage)
def list_cases(
    request: Request,
    caller: Reader,
    period: Period = "",
    disposition: Literal["", "accept", "accept_with_warnings", "return", "cannot_be_judged"] = "",
    hospital: Hospital = "",
    after: pages.After = 0,
    limit: pages.Limit = 100,
) -> dict[str, Any]:
    """The cases that count."""
    values = {
        CaseVersion.hospital: hospital_of(caller, hospital), CaseVersion.period: period,
        CaseVersion.disposition: disposition, CaseVersion.standing: "current",
    }  # fmt: skip
    with service_of(request).ledger.reading() as session:
        return pages.page(session, pages.narrowed(select(CaseVersion), values), CaseVersion.id, after, limit, _CASE)


@router.get("/v1/cases/{case_id}", responses={**ALWAYS, **MISSING}, response_model=CaseHistory)
def show_case(
    request: Request, caller: Reader, case_id: Annotated[str, InPath(max_length=100)], hospital: Hospital = ""
) -> dict[str, Any]:
    """A case: its versions, findings, decisions and waivers."""
    service = service_of(request)
    hidden = views.batch_checks(service.catalogue) if caller.role == "hospital" else ()
    with service.ledger.reading() as session:
        wanted = hospital_of(caller, hospital)
        return views.history(session, case_id, wanted, hidden=hidden) | feedback.of_case(session, case_id, wanted)


@router.get("/v1/findings", responses={**ALWAYS, **MISSING}, response_model=FindingPage)
def list_findings(
    request: Request,
    caller: Reader,
    case: Text = "",
    check: Text = "",
    level: Literal["", "error", "warning", "info"] = "",
    state: Literal["", "open", "corrected", "justified", "accepted", "rejected", "closed"] = "",
    period: Period = "",
    submission: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    hospital: Hospital = "",
    after: pages.After = 0,
    limit: pages.Limit = 100,
) -> dict[str, Any]:
    """Findings with their words and states."""
    service = service_of(request)
    values = {
        Finding.case_id: case, Finding.check_id: check, Finding.level: level, Finding.state: state, CaseVersion.period: period,
        CaseVersion.submission: submission, Finding.hospital: hospital_of(caller, hospital),
    }  # fmt: skip
    wanted = select(Finding).join(CaseVersion, Finding.last_version == CaseVersion.id)
    if caller.role == "hospital":
        wanted = wanted.where(lifecycle.without(views.batch_checks(service.catalogue)))
    with service.ledger.reading() as session:
        found = pages.page(session, pages.narrowed(wanted, values), Finding.id, after, limit, _FINDING)
        words = views.worded(
            service.ledger, session, [row["last_version"] for row in found["items"]], service.catalogue
        )
    nothing = dict.fromkeys(views.WORDS)
    items = [row | words.get((row["last_version"], row["fingerprint"]), nothing) for row in found["items"]]
    return {**found, "items": items}


_FINDING = (
    "id",
    "hospital",
    "case_id",
    "fingerprint",
    "check_id",
    "level",
    "table_name",
    "field",
    "state",
    "last_version",
)


def _decide(
    request: Request, caller: Caller, action: Action, given: ChosenFindings, expires: date | None = None
) -> Decided:
    service = service_of(request)
    hidden = views.batch_checks(service.catalogue) if caller.role == "hospital" else ()
    chosen = Chosen(given.fingerprints, given.cases, given.checks, hospital_of(caller, given.hospital), hidden)
    done = decisions.decide(service.ledger, action, chosen, caller.actor, given.reason, expires)
    return Decided(done=done)


@router.post("/v1/findings/justify", responses=DECIDING)
def justify(request: Request, caller: Justifier, given: ChosenFindings) -> Decided:
    """What the hospital has to say of findings; the bureau accepts or rejects it."""
    return _decide(request, caller, "justify", given)


@router.post("/v1/findings/accept", responses=DECIDING)
def accept(request: Request, caller: Decider, given: Acceptance) -> Decided:
    """Accept findings as they are: in later deliveries too, while their facts stay."""
    return _decide(request, caller, "accept", given, given.expires)


@router.post("/v1/findings/reject", responses=DECIDING)
def reject(request: Request, caller: Decider, given: ChosenFindings) -> Decided:
    """Reject what was justified or accepted: the findings stand."""
    return _decide(request, caller, "reject", given)


@router.post("/v1/cases/accept", responses=DECIDING)
def accept_cases(request: Request, caller: Decider, given: ChosenCases) -> Decided:
    """Accept cases with all that was found in them."""
    ledger = service_of(request).ledger
    return Decided(done=decisions.accept_cases(ledger, given.cases, caller.actor, given.reason, given.hospital))


@router.post("/v1/cases/return", responses=DECIDING)
def return_cases(request: Request, caller: Decider, given: ChosenCases) -> Decided:
    """Return cases whatever the checks say of them."""
    ledger = service_of(request).ledger
    return Decided(done=decisions.return_cases(ledger, given.cases, caller.actor, given.reason, given.hospital))


@router.post("/v1/cases/withdraw", responses=DECIDING)
def withdraw_cases(request: Request, caller: Decider, given: ChosenCases) -> Decided:
    """Close lists whose settlements were undone (4102)."""
    ledger = service_of(request).ledger
    return Decided(done=decisions.withdraw(ledger, given.cases, caller.actor, given.reason, given.hospital))
