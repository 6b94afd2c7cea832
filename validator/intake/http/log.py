"""The log of every change, for those who look after it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import select

from validator.intake.http import pages
from validator.intake.http.access import Allowed, service_of
from validator.intake.http.answers import ALWAYS, AuditPage
from validator.intake.keys import Caller
from validator.intake.ledger.models import Audit

router = APIRouter(tags=["log"])


@router.get("/v1/audit", responses=ALWAYS, response_model=AuditPage)
def list_audit(
    request: Request,
    _: Annotated[Caller, Depends(Allowed("read", "administrator", "auditor"))],
    after: pages.After = 0,
    limit: pages.Limit = 100,
) -> dict[str, Any]:
    """Who changed what, oldest first; ``zhikong intake verify`` tells whether the chain is whole."""
    with service_of(request).ledger.reading() as session:
        return pages.page(
            session, select(Audit), Audit.id, after, limit, ("id", "at", "actor", "action", "subject", "detail")
        )
