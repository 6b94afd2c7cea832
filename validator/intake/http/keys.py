"""Keys, for administrators."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from validator.intake import keys
from validator.intake.http.access import Allowed, service_of
from validator.intake.http.answers import ALWAYS, MISSING, WITH_BODY, KeyShown, MadeKey
from validator.intake.http.asked import NewKey
from validator.intake.keys import Caller

router = APIRouter(tags=["keys"])
Number = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/v1/keys", responses=ALWAYS, response_model=list[KeyShown])
def list_keys(
    request: Request, _: Annotated[Caller, Depends(Allowed("read", "administrator", "auditor"))]
) -> list[dict[str, Any]]:
    """Every key, without its secret."""
    with service_of(request).ledger.reading() as session:
        return keys.rows(session)


@router.post("/v1/keys", status_code=201, responses=WITH_BODY)
def add_key(
    request: Request, given: NewKey, caller: Annotated[Caller, Depends(Allowed("write", "administrator"))]
) -> MadeKey:
    """Make a key; its text is in this answer and nowhere else."""
    number, text = keys.add(
        service_of(request).ledger, given.name, given.role, caller.actor, hospital=given.hospital, scopes=given.scopes,
        life=timedelta(days=given.days),
    )  # fmt: skip
    return MadeKey(id=number, key=text)


@router.delete("/v1/keys/{number}", status_code=204, responses={**ALWAYS, **MISSING})
def revoke_key(
    request: Request, number: Number, caller: Annotated[Caller, Depends(Allowed("write", "administrator"))]
) -> None:
    """End a key; it may work for one more second."""
    keys.revoke(service_of(request).ledger, number, caller.actor)
