"""Groups sent to hospitals in rounds, their answers, and requests for 特例单议."""

from typing import Any

from fastapi import APIRouter, Request

from validator.intake import feedback
from validator.intake.http import pages
from validator.intake.http.access import hospital_of, service_of
from validator.intake.http.answers import ALWAYS, MISSING, WITH_BODY, Decided, GroupsSent, RoundShown
from validator.intake.http.asked import ChosenCases, GroupReview
from validator.intake.http.cases import DECIDING, Justifier
from validator.intake.http.months import OnePeriod
from validator.intake.http.submissions import Decider, Hospital, Reader
from validator.intake.keys import Caller
from validator.intake.ledger.store import today

router = APIRouter(tags=["groups"])


@router.get("/v1/months/{period}/rounds", responses=ALWAYS, response_model=list[RoundShown])
def list_rounds(request: Request, _: Reader, period: OnePeriod) -> list[dict[str, Any]]:
    """The rounds in which groups of a month were sent."""
    with service_of(request).ledger.reading() as session:
        return [vars(each) for each in feedback.of_period(session, period)]


@router.post("/v1/months/{period}/rounds", status_code=201, responses=WITH_BODY)
def send_round(request: Request, caller: Decider, period: OnePeriod) -> RoundShown:
    """Send the groups of a month's accepted lists: its next round begins today."""
    service = service_of(request)
    made, _ = feedback.send(service.ledger, period, service.catalogue.profile.intake, caller.actor, today())
    return RoundShown(**vars(made))


@router.get("/v1/months/{period}/groups", responses={**ALWAYS, **MISSING}, response_model=GroupsSent)
def list_groups(
    request: Request,
    caller: Reader,
    period: OnePeriod,
    hospital: Hospital = "",
    after: pages.After = 0,
    limit: pages.Limit = 100,
) -> dict[str, Any]:
    """The groups that the last round of a month sent; ``after``: how many come before this page."""
    service, wanted = service_of(request), hospital_of(caller, hospital)
    with service.ledger.reading() as session:
        found = feedback.sent(service.ledger, session, period, wanted)
    end = after + limit
    return {"items": found[after:end].drop("version").to_dicts(), "next": end if found.height > end else None}


@router.post("/v1/groups/answer", responses=DECIDING)
def answer(request: Request, caller: Justifier, given: ChosenCases) -> Decided:
    """What a hospital says of the groups of cases, in the round that was sent last."""
    return _stated(request, caller, given, feedback.answer)


@router.post("/v1/groups/request", responses=DECIDING)
def ask(request: Request, caller: Justifier, given: ChosenCases) -> Decided:
    """Ask for cases to be paid by themselves (特例单议)."""
    return _stated(request, caller, given, feedback.request)


def _stated(request: Request, caller: Caller, given: ChosenCases, state: Any) -> Decided:
    stated = [(case, given.reason) for case in given.cases]
    hospital = hospital_of(caller, given.hospital)
    return Decided(done=state(service_of(request).ledger, stated, caller.actor, today(), hospital))


@router.post("/v1/groups/review", responses=DECIDING)
def review(request: Request, caller: Decider, given: GroupReview) -> Decided:
    """What the bureau makes of answers (changed, kept) or requests (granted, refused)."""
    ledger = service_of(request).ledger
    done = feedback.review(
        ledger, given.outcome, given.cases, caller.actor, given.reason, hospital=given.hospital, group=given.group
    )
    return Decided(done=done)
