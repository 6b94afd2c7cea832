"""Freezing a period: what counts then is written down, hashed and signed; what comes later is a shadow and changes nothing."""

import json
from hashlib import sha256
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from validator.base import files
from validator.base.errors import InputError
from validator.intake import views
from validator.intake.ledger import Ledger, audit
from validator.intake.ledger.models import AuditHead, Freeze, Submission
from validator.intake.ledger.store import now
from validator.intake.signing import Signed, sign

KEY = "signing.key"


def freeze(ledger: Ledger, period: str, actor: str, hospital: str = "") -> dict[str, Any]:
    """Freeze a period, of one hospital or of all; gives the manifest.

    Raises :class:`~validator.base.errors.InputError` where it is frozen already or nothing of it was received.
    """
    with ledger.writing() as session:
        made = select(Freeze).where(Freeze.period == period, Freeze.hospital.in_({"", hospital}))
        if session.execute(made).first():
            raise InputError(f"{period} 已经冻结", f"{period} is frozen already")
        cases = views.cases(session, period=period, hospital=hospital)
        if cases.is_empty():
            raise InputError(f"{period} 没有现行的病例", f"there is no case of {period}")
        manifest = _manifest(session, ledger, period, hospital, cases)
        text = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1)
        signed = sign(text, ledger.folder / KEY)
        session.add(
            Freeze(
                period=period, hospital=hospital, at=manifest["at"], manifest=text, signature=signed.signature, key=signed.key,
            )
        )  # fmt: skip
        audit.add(session, actor, "freeze", f"period {period}", {"hospital": hospital, "sha256": _sha(text.encode())})
    return manifest


def _manifest(session: Session, ledger: Ledger, period: str, hospital: str, cases: pl.DataFrame) -> dict[str, Any]:
    """What counts: a file with every case and version, the submissions that they came in, and where the log stood."""
    folder = ledger.folder / "frozen"
    folder.mkdir(exist_ok=True)
    name = f"{period}{f'-{hospital}' if hospital else ''}.parquet"
    with files.replacing(folder / name) as scratch:
        cases.sort("hospital", "document", "case_id").write_parquet(scratch)
    head = session.execute(select(AuditHead)).scalar_one()
    submissions = {
        str(each.id): {"digest": each.digest, "files": each.files}
        for each in session.execute(select(Submission).order_by(Submission.id)).scalars()
        if each.id in set(cases["submission"])
    }
    return {
        "period": period, "hospital": hospital, "at": now(), "cases": cases.height,
        "dispositions": dict(cases["disposition"].value_counts(sort=True).iter_rows()),
        "file": f"frozen/{name}", "sha256": _sha((folder / name).read_bytes()), "submissions": submissions,
        "audit": {"entry": head.entry, "hash": head.hash},
    }  # fmt: skip


def is_signed(frozen: Freeze) -> bool:
    """Whether the manifest is as it was signed."""
    return Signed(frozen.manifest, frozen.signature, frozen.key).holds


def _sha(content: bytes) -> str:
    return sha256(content).hexdigest()
