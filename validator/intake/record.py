"""Recording a submission: its run and the versions of its cases; :mod:`.lifecycle` then says what counts."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from validator import __version__
from validator.intake import duplicates, lifecycle
from validator.intake.judging import KEYS_FILE, JudgedDelivery
from validator.intake.ledger import audit
from validator.intake.ledger.models import CaseVersion, Run, Submission
from validator.intake.ledger.store import now
from validator.intake.options import Options


def submission(session: Session, options: Options, judged: JudgedDelivery, frames: Path) -> Submission:
    """Record a delivery whose frames lie in a folder; where its batch is accepted, its cases count from now on."""
    run = Run(at=now(), zhikong=__version__, **judged.run)
    session.add(run)
    session.flush()
    cases = judged.cases
    made = Submission(
        digest=judged.digest, hospital=options.hospital or _only(cases["hospital"]), period=_only(cases["period"]),
        received=options.received, names=judged.names, declared=options.declared, whole=options.whole,
        cases=cases.height, state=judged.state, verdict=judged.verdict, run=run.id,
        folder=frames.name, files=judged.files,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _versions(session, made, cases, frames)
    counts = dict(Counter(cases["disposition"]))
    detail = {"digest": made.digest, "files": made.files, "cases": counts, "run": run.id, "state": made.state}
    audit.add(session, options.actor, "received", f"submission {made.id}", detail)
    if judged.state == "accepted":
        lifecycle.take(session, frames, made)
    return made


def _only(texts: pl.Series) -> str:
    """The one text of a column; blank where there are several."""
    different = texts.unique().to_list()
    return str(different[0]) if len(different) == 1 else ""


def _versions(session: Session, made: Submission, cases: pl.DataFrame, frames: Path) -> None:
    """A version for each case whose content is new, with what must not stand on two lists; none counts yet."""
    rows = list[dict[str, Any]]()
    last = lifecycle.newest(session, cases)
    for row in cases.iter_rows(named=True):
        before = last.get((row["hospital"], row["document"], row["case_id"]))
        if before and before.digest == row["digest"] and before.standing in ("current", "shadow"):
            continue
        rows.append(
            {
                **{name: row[name] for name in _COPIED},
                "number": before.number + 1 if before else 1,
                "submission": made.id,
                "supersedes": before.id if before else None,
                "changed": changed(before.parts, row["parts"]) if before else [],
                "standing": "not_taken",
                "judged": row["disposition"],
            }
        )
    if not rows:
        return
    made_ids = insert(CaseVersion).returning(CaseVersion.document, CaseVersion.case_id, CaseVersion.id)
    versions = {(document, case): number for document, case, number in session.execute(made_ids, rows)}
    keys = pl.read_parquet(frames / KEYS_FILE, memory_map=False, glob=False)
    known = keys.select("document", "case_id", "check", "digest").iter_rows()
    new = (
        (number, check, digest)
        for document, case, check, digest in known
        if (number := versions.get((document, case))) is not None
    )
    duplicates.record(session, new)


_COPIED = (
    "hospital", "document", "case_id", "digest", "parts", "disposition", "errors", "warnings", "period", "discharged",
    "settled", "total_fen", "group_status", "group_code",
)  # fmt: skip


def changed(before: str, after: str) -> list[str]:
    """The tables that differ between two versions."""
    return sorted({each.partition(":")[0] for each in set(before.split()) ^ set(after.split())})


def counts(session: Session, made: Submission) -> dict[str, int]:
    """What became of the cases of a submission; ``unchanged``: those that had been delivered just so before."""
    wanted = select(CaseVersion.disposition, func.count()).where(CaseVersion.submission == made.id)
    found: Sequence[tuple[str, int]] = [
        (what, number) for what, number in session.execute(wanted.group_by(CaseVersion.disposition))
    ]
    unchanged = made.cases - sum(number for _, number in found)
    return {**dict(found), **({"unchanged": unchanged} if unchanged else {})}
