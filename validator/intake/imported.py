"""The platform's results (4104, 3607) in the ledger: raw, each with the version of ours that counted when it came.

A file is imported once and kept as it came; of a list that was answered several times the last answer counts.
"""

from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Select, and_, func, insert, or_, select
from sqlalchemy.orm import Session

from validator.base import files, masking
from validator.base.language import current
from validator.intake import lifecycle, platform, views
from validator.intake.ledger import Ledger, audit
from validator.intake.ledger.models import CaseVersion, PlatformFinding, PlatformImport, PlatformList
from validator.intake.ledger.store import now
from validator.intake.platform import Transport
from validator.intake.report import bureau
from validator.spec.catalogue import Catalogue

#: Columns of the ledger's tables, and what :data:`platform.COLUMNS` calls them.
_LIST = {"setl_id": "setl_id", "hospital": "hospital", "month": "month", "result": "result", "case_level": "case_level",
         "case_returned": "case_returned", "qc_version": "version", "group_state": "group_state"}  # fmt: skip
_FINDING = ("field", "text", "level", "returned", "value")


def add(ledger: Ledger, file: Path, actor: str) -> bool:
    """Import a file; False where the same was imported before."""
    transport, raw = platform.read(file)
    content = file.read_bytes()
    digest = sha256(content).hexdigest()
    kept = Path("platform") / f"{digest[:16]}{file.suffix.lower()}"
    with ledger.writing() as session:
        if session.execute(select(PlatformImport.id).where(PlatformImport.digest == digest)).first():
            return False
        with files.replacing(ledger.folder / kept) as scratch:
            scratch.write_bytes(content)
        made = PlatformImport(
            digest=digest, at=now(), actor=actor, name=file.name, file=kept.as_posix(), transport=[list(each) for each in transport],
        )  # fmt: skip
        session.add(made)
        session.flush()
        lists = raw.unique("setl_id", keep="last", maintain_order=True)
        _record(session, made.id, lists, raw)
        detail = {"sha256": digest, "lists": lists.height, "failed": sum(each.failed for each in transport)}
        audit.add(session, actor, "platform results", f"import {made.id}", detail)
    return True


def _record(session: Session, number: int, lists: pl.DataFrame, raw: pl.DataFrame) -> None:
    """The lists of an import and what was found in them, persons hidden."""
    known = _versions(session, lists["setl_id"])
    rows = [
        {name: row[column] for name, column in _LIST.items()}
        | {"imported": number, "version": known.get((row["hospital"], row["setl_id"]))}
        for row in lists.iter_rows(named=True)
    ]
    if not rows:
        return
    made = insert(PlatformList).returning(PlatformList.setl_id, PlatformList.id)
    ids = {setl_id: number for setl_id, number in session.execute(made, rows)}  # noqa: C416 (rows are no pairs to mypy)
    hidden = raw.with_columns(masking.persons(pl.col("text")), masking.misplaced(raw["value"]))
    reported = hidden.filter(pl.any_horizontal(pl.col("field", "text").is_not_null()))
    found = [
        {"of_list": ids[row["setl_id"]], **{name: row[name] for name in _FINDING}}
        for row in reported.iter_rows(named=True)
    ]
    if found:
        session.execute(insert(PlatformFinding), found)


def _versions(session: Session, ids: Collection[str]) -> Mapping[tuple[str | None, str], int]:
    """The version that counts of each list, by hospital and id; by id alone where no other hospital has one of it."""
    found = dict[tuple[str | None, str], int]()
    shared = set[str]()
    for (hospital, document, case), version in lifecycle.standing(session, ids).items():
        if document != "list":
            continue
        if (None, case) in found:
            shared.add(case)
        found[hospital, case] = found[None, case] = version.id
    return {key: version for key, version in found.items() if key[0] or key[1] not in shared}


def _last() -> Select[Any]:
    """The answers that count."""
    return select(func.max(PlatformList.id)).group_by(PlatformList.setl_id)


def agreement(ledger: Ledger, catalogue: Catalogue, page: Path | None = None) -> list[dict[str, Any]]:
    """How all results imported compare with ours, check by check (``platform.AGREEMENT``); ``page``: where to write them for people.

    Ours are the findings of the version that counted when the answer came, waived ones too: a waiver is none of the rule's doing.
    """
    words = catalogue.profile.intake.platform
    with ledger.reading() as session:
        transport, raw = _raw(session)
        answer = platform.answer(transport, raw, words, catalogue.layouts.values())
        compared = views.cases(session, versions=_answered())
        ours = views.reported(ledger, session, compared)
        standing = views.cases(session).filter(pl.col("document") == "list")
    if page:
        titles = {name: rule.text("title", current()) for name, rule in catalogue.rules.items()}
        cases = pl.concat([compared, standing.join(compared, on="case_id", how="anti")])
        bureau.write_agreement(ours, cases, answer, words, titles, page)
    return platform.agreement(ours, answer).to_dicts()


def _answered() -> Select[Any]:
    """The versions that answers are about."""
    return select(PlatformList.version).where(PlatformList.id.in_(_last()))


def _raw(session: Session) -> tuple[list[Transport], pl.DataFrame]:
    """All that was imported, as :func:`platform.read` gives it: of each list the last answer."""
    imports = session.execute(select(PlatformImport.transport).order_by(PlatformImport.id)).scalars()
    transport = [Transport(*each) for one in imports for each in one]
    columns = [getattr(PlatformList, name).label(called) for name, called in _LIST.items()]
    wanted = select(*columns, *(getattr(PlatformFinding, name) for name in _FINDING))
    wanted = wanted.outerjoin(PlatformFinding, PlatformFinding.of_list == PlatformList.id)
    wanted = wanted.where(PlatformList.id.in_(_last())).order_by(PlatformList.id, PlatformFinding.id)
    rows = [tuple(row) for row in session.execute(wanted)]
    schema = dict.fromkeys((*_LIST.values(), *_FINDING), pl.String)
    return transport, pl.DataFrame(rows, schema=schema, orient="row").select(*platform.COLUMNS)


def of_months(session: Session) -> dict[tuple[str, str], int]:
    """How many of the lists that count the platform has answered, by period and hospital."""
    wanted = select(CaseVersion.period, CaseVersion.hospital, func.count(func.distinct(CaseVersion.case_id)))
    own = or_(PlatformList.hospital.is_(None), PlatformList.hospital == CaseVersion.hospital)
    wanted = wanted.join(PlatformList, and_(PlatformList.setl_id == CaseVersion.case_id, own))
    wanted = wanted.where(CaseVersion.standing == "current", CaseVersion.document == "list")
    return {
        (period, hospital): n
        for period, hospital, n in session.execute(wanted.group_by(CaseVersion.period, CaseVersion.hospital))
    }


def of_case(session: Session, case: str) -> list[dict[str, Any]]:
    """The platform's answers on a list, oldest first, raw."""
    wanted = select(PlatformList, PlatformImport.at).join(PlatformImport).where(PlatformList.setl_id == case)
    return [
        {"imported": at, **{name: getattr(each, name) for name in _LIST if name != "setl_id"}}
        for each, at in session.execute(wanted.order_by(PlatformList.id))
    ]
