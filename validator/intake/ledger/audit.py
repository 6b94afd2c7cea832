"""The audit log: an entry for each change, chained by hash, so that nobody can change or drop one unseen."""

import hashlib
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from validator.intake.ledger.models import Audit, AuditHead
from validator.intake.ledger.store import now


def add(session: Session, actor: str, action: str, subject: str, detail: dict[str, Any] | None = None) -> None:
    """Append an entry, in the transaction of the change that it tells of."""
    head = session.execute(select(AuditHead).with_for_update()).scalar_one()
    entry = Audit(
        id=head.entry + 1,
        at=now(),
        actor=actor,
        action=action,
        subject=subject,
        detail=detail or {},
        previous=head.hash,
    )
    entry.hash = digest(entry)
    session.add(entry)
    head.entry, head.hash = entry.id, entry.hash
    session.flush()


def digest(entry: Audit) -> str:
    """The hash of an entry and of all before it."""
    known = [entry.id, entry.at, entry.actor, entry.action, entry.subject, entry.detail, entry.previous]
    return hashlib.sha256(json.dumps(known, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def broken(session: Session) -> int | None:
    """The first entry that was changed or is missing; None where the chain is whole."""
    previous, number = "", 0
    for entry in session.execute(select(Audit).order_by(Audit.id)).scalars():
        number += 1
        if entry.id != number or entry.previous != previous or entry.hash != digest(entry):
            return number
        previous = entry.hash
    head = session.execute(select(AuditHead)).scalar_one()
    return None if (head.entry, head.hash) == (number, previous) else number + 1
