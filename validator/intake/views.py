"""What the ledger holds, as frames and rows for reports and commands."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

import polars as pl
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from validator.base import clock
from validator.base.errors import MissingError
from validator.base.language import say
from validator.intake import lifecycle, timeliness
from validator.intake import names as hospitals
from validator.intake.ledger import Ledger
from validator.intake.ledger.models import CaseVersion, Decision, Finding, Job, Run, Submission, Waiver
from validator.intake.receipts import FINDINGS, Delivery, State, hidden
from validator.spec.catalogue import Catalogue

_CASES = pl.Schema(
    {
        "hospital": pl.String, "document": pl.String, "case_id": pl.String, "number": pl.Int64, "submission": pl.Int64,
        "digest": pl.String, "disposition": pl.String, "errors": pl.UInt32, "warnings": pl.UInt32, "period": pl.String,
        "discharged": pl.Date, "settled": pl.Date, "total_fen": pl.Int64, "group_status": pl.String, "group_code": pl.String,
    }
)  # fmt: skip


def cases(
    session: Session, *, period: str = "", hospital: str = "", submission: int | None = None,
    versions: Select[Any] | None = None,
) -> pl.DataFrame:  # fmt: skip
    """The cases that count, of a period or hospital; or those that a submission brought, or some versions, count they or not."""
    wanted = select(*(getattr(CaseVersion, name) for name in _CASES))
    if versions is not None:
        wanted = wanted.where(CaseVersion.id.in_(versions))
    elif submission is not None:
        wanted = wanted.where(CaseVersion.submission == submission)
    else:
        wanted = wanted.where(CaseVersion.standing == "current")
    if period:
        wanted = wanted.where(CaseVersion.period == period)
    if hospital:
        wanted = wanted.where(CaseVersion.hospital == hospital)
    rows = [tuple(row) for row in session.execute(wanted)]
    return pl.DataFrame(rows, schema=_CASES, orient="row").sort("hospital", "document", "case_id")


def read(path: Path) -> pl.DataFrame:
    """A frame of :func:`cases` that was kept."""
    return pl.read_parquet(path, memory_map=False, glob=False)


def submission(session: Session, number: int) -> Submission:
    """A submission; :class:`~validator.base.errors.InputError` where there is none."""
    found = session.get(Submission, number)
    if found is None:
        raise MissingError(f"没有第 {number} 批", f"there is no submission {number}")
    return found


def reported(ledger: Ledger, session: Session, chosen: pl.DataFrame) -> pl.DataFrame:
    """The findings of cases (:func:`cases`) as their submissions' reports word them."""
    parts = [pl.DataFrame(schema=dict.fromkeys((*FINDINGS, "fingerprint"), pl.String))]
    for number in chosen["submission"].unique().sort():
        folder = ledger.frames / submission(session, number).folder
        own = chosen.filter(pl.col("submission") == number)["case_id"]
        found = pl.scan_parquet(folder / "findings.parquet", glob=False).filter(pl.col("case_id").is_in(own.implode()))
        parts.append(found.select(*FINDINGS, "fingerprint").collect())
    return pl.concat(parts)


def findings(ledger: Ledger, session: Session, chosen: pl.DataFrame) -> pl.DataFrame:
    """The same but for those of these hospitals' cases that are accepted."""
    keys = ("hospital", "document", "case_id")
    named = select(*(getattr(Finding, name) for name in (*keys, "fingerprint"))).where(Finding.state == "accepted")
    schema = dict.fromkeys((*keys, "fingerprint"), pl.String)
    accepted = pl.DataFrame([tuple(row) for row in session.execute(named)], schema=schema, orient="row")
    settled = accepted.join(chosen, on=keys, how="semi")["fingerprint"]
    return reported(ledger, session, chosen).filter(~pl.col("fingerprint").is_in(settled.implode())).select(FINDINGS)


def delivery(ledger: Ledger, number: int, catalogue: Catalogue) -> Delivery:
    """A submission as receipts take it."""
    with ledger.reading() as session:
        found = submission(session, number)
        brought = cases(session, submission=number)
        received = datetime.fromisoformat(found.received)
        made = _delivery(
            ledger, session, brought, catalogue, str(number), received, found.state, reasons(found.verdict), found.period
        )  # fmt: skip
        return replace(made, arrival=found.verdict.get("arrival", ()))


def reasons(verdict: Mapping[str, Any]) -> list[str]:
    """Why a delivery as a whole was returned, in words."""
    failed = [
        each for each in verdict["expectations"] if each["outcome"] == "failed" and each["severity"] == "critical"
    ]
    found = [
        each["note"]
        + say(f"：要求 {each['limit']}，实际 {each['observed']}", f": wanted {each['limit']}, is {each['observed']}")
        for each in failed
    ]
    if any("received_share" in each["metrics"] for each in failed):
        found.append(verdict["declared"])
    return found


def month(ledger: Ledger, session: Session, period: str, catalogue: Catalogue, hospital: str = "") -> Delivery:
    """The cases of a month as they stand, from all submissions."""
    standing = cases(session, period=period, hospital=hospital)
    return _delivery(ledger, session, standing, catalogue, period, clock.now(), "accepted", [], period)


def _delivery(
    ledger: Ledger, session: Session, chosen: pl.DataFrame, catalogue: Catalogue, number: str, received: datetime,
    state: str, why: list[str], period: str,
) -> Delivery:  # fmt: skip
    columns = ("hospital", "case_id", "disposition", "errors", "warnings", "total_fen", "settled")
    return Delivery(
        number, received, cast("State", state), why, period, catalogue.profile.name,
        chosen.select(*columns).with_columns(until=timeliness.deadlines(chosen, catalogue.profile.intake)),
        findings(ledger, session, chosen),
        names=hospitals.of_all(session),
        batch_checks=batch_checks(catalogue),
        personal=_personal(catalogue),
        words=catalogue.profile.intake.platform,
    )  # fmt: skip


def batch_checks(catalogue: Catalogue) -> list[str]:
    """The checks that compare lists with each other."""
    rules = catalogue.rules.values()
    return [rule.id for rule in rules if rule.shape == "unique" and rule.spec.get("within") != "case"]


#: What :func:`worded` gives of a finding.
WORDS = ("value", "message", "fix", "suggested")


def worded(
    ledger: Ledger, session: Session, versions: Collection[int], catalogue: Catalogue
) -> dict[tuple[int, str], dict[str, Any]]:
    """The words of the findings of some versions, as their submissions' reports have them: (version, fingerprint) -> words."""
    wanted = select(CaseVersion.id, CaseVersion.case_id, Submission.folder)
    wanted = wanted.join(Submission, CaseVersion.submission == Submission.id).where(CaseVersion.id.in_(set(versions)))
    folders = dict[str, dict[str, int]]()
    for version, case, folder in session.execute(wanted):
        folders.setdefault(folder, {})[case] = version
    found = dict[tuple[int, str], dict[str, Any]]()
    for folder, of_case in folders.items():
        read = pl.scan_parquet(ledger.frames / folder / "findings.parquet", glob=False).filter(
            pl.col("case_id").is_in(list(of_case))
        )
        rows = hidden(read.select("fingerprint", *FINDINGS).collect(), _personal(catalogue))
        found |= {
            (of_case[row["case_id"]], row["fingerprint"]): {name: row[name] for name in WORDS}
            for row in rows.iter_rows(named=True)
        }
    return found


def _personal(catalogue: Catalogue) -> Mapping[str, str]:
    return {
        f"{table}.{name}": row.personal
        for layout in catalogue.layouts.values()
        for table, each in layout.tables.items()
        for name, row in each.fields.items()
        if row.personal
    }


def delivered(session: Session, hospital: str = "") -> pl.DataFrame:
    """Every version of a list with when it came and when it was accepted, as timeliness takes them."""
    wanted = select(
        CaseVersion.hospital, CaseVersion.case_id, Submission.received, CaseVersion.disposition, Submission.state
    )
    wanted = wanted.join(Submission, CaseVersion.submission == Submission.id).where(CaseVersion.document == "list")
    wanted = wanted.where(CaseVersion.standing != "withdrawn")
    if hospital:
        wanted = wanted.where(CaseVersion.hospital == hospital)
    rows = list[tuple[str, str, datetime, datetime | None]]()
    for who, case, received, disposition, state in session.execute(wanted):
        moment = datetime.fromisoformat(received).replace(tzinfo=None)
        good = state == "accepted" and disposition in ("accept", "accept_with_warnings")
        rows.append((who, case, moment, moment if good else None))
    return pl.DataFrame(rows, schema=timeliness.DELIVERED, orient="row")


def withdrawn(session: Session) -> pl.Series:
    """The cases that hospitals withdrew (4102)."""
    gone = select(CaseVersion.case_id).where(CaseVersion.standing == "withdrawn")
    return pl.Series(session.execute(gone).scalars().all(), dtype=pl.String)


_FAULTS = pl.Schema(
    {
        "hospital": pl.String, "case_id": pl.String, "check": pl.String, "state": pl.String, "discharged": pl.Date,
        "first": pl.Int64, "last": pl.Int64, "newest": pl.Int64,
    }
)  # fmt: skip


def faults(session: Session, begin: date, end: date) -> pl.DataFrame:
    """The errors of lists discharged from ``begin`` to ``end``: their state, and the numbers of the case's first version that had
    them, of the last one, and of its newest.
    """
    first, last, newest = aliased(CaseVersion), aliased(CaseVersion), aliased(CaseVersion)
    latest = select(func.max(newest.number)).where(
        newest.hospital == Finding.hospital, newest.document == Finding.document, newest.case_id == Finding.case_id
    )
    wanted = (
        select(
            Finding.hospital, Finding.case_id, Finding.check_id, Finding.state, last.discharged, first.number, last.number,
            latest.scalar_subquery(),
        )
        .join(first, Finding.first_version == first.id)
        .join(last, Finding.last_version == last.id)
        .where(Finding.document == "list", Finding.level == "error", last.discharged.between(begin, end))
        .order_by(Finding.id)
    )  # fmt: skip
    return pl.DataFrame([tuple(row) for row in session.execute(wanted)], schema=_FAULTS, orient="row")


def count(session: Session, wanted: Select[Any]) -> int:
    """How many rows a query has."""
    return int(session.execute(select(func.count()).select_from(wanted.subquery())).scalar_one())


def history(session: Session, case: str, hospital: str = "", *, hidden: Collection[str] = ()) -> dict[str, Any]:
    """All that the ledger knows of a case: versions, findings, decisions, waivers. No value of a list is in it.

    ``hidden``: checks that compare lists, whose findings a hospital does not see where another's list may be in them.
    """
    wanted = select(CaseVersion).where(CaseVersion.case_id == case).order_by(CaseVersion.hospital, CaseVersion.number)
    if hospital:
        wanted = wanted.where(CaseVersion.hospital == hospital)
    versions = list(session.execute(wanted).scalars())
    if not versions:
        raise MissingError(f"没有病例 {case}", f"there is no case {case}")
    ids = [each.id for each in versions]
    own = select(Finding).where(Finding.first_version.in_(ids), lifecycle.without(hidden)).order_by(Finding.id)
    found = list(session.execute(own).scalars())
    about = select(Decision).where(Decision.version.in_(ids) | Decision.finding.in_([each.id for each in found]))
    waived = select(Waiver).where(
        Waiver.fingerprint.in_([each.fingerprint for each in found]),
        Waiver.hospital.in_({each.hospital for each in found}),
    )
    return {
        "case_id": case,
        "versions": [_row(each, _VERSION) for each in versions],
        "findings": [_row(each, _FINDING) for each in found],
        "decisions": [_row(each, _DECISION) for each in session.execute(about.order_by(Decision.id)).scalars()],
        "waivers": [_row(each, _WAIVER) for each in session.execute(waived.order_by(Waiver.id)).scalars()],
    }


_VERSION = (
    "hospital",
    "document",
    "number",
    "standing",
    "disposition",
    "judged",
    "submission",
    "changed",
    "errors",
    "warnings",
    "period",
)
_FINDING = ("fingerprint", "check_id", "level", "table_name", "field", "state")
_DECISION = ("at", "actor", "action", "reason")
_WAIVER = ("fingerprint", "check_id", "approver", "reason", "expires", "ended")


def _row(thing: Any, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: getattr(thing, name) for name in names}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def months(session: Session, period: str = "", hospital: str = "") -> list[dict[str, Any]]:
    """The figures of each period and hospital: cases by what becomes of them, findings that are open."""
    wanted = select(CaseVersion.period, CaseVersion.hospital, CaseVersion.disposition, func.count())
    wanted = wanted.where(CaseVersion.standing == "current")
    for column, value in ((CaseVersion.period, period), (CaseVersion.hospital, hospital)):
        if value:
            wanted = wanted.where(column == value)
    rows = dict[tuple[str, str], dict[str, Any]]()
    for when, who, disposition, number in session.execute(
        wanted.group_by(CaseVersion.period, CaseVersion.hospital, CaseVersion.disposition)
    ):
        row = rows.setdefault(
            (when, who),
            {"period": when, "hospital": who, "cases": 0, **dict.fromkeys((*COUNTED, "open", "justified"), 0)},
        )
        row[disposition] += number
        row["cases"] += number
    _findings_of_months(session, rows)
    closed = lifecycle.frozen(session)
    for (when, who), row in rows.items():
        row["frozen"] = say("是", "yes") if {(when, ""), (when, who)} & closed else ""
    return [row for _, row in sorted(rows.items())]


def _findings_of_months(session: Session, rows: Mapping[tuple[str, str], dict[str, Any]]) -> None:
    """Count the errors that wait for a hospital, and the words of hospitals that wait for the bureau."""
    wanted = select(CaseVersion.period, CaseVersion.hospital, Finding.state, func.count())
    wanted = wanted.join(CaseVersion, Finding.last_version == CaseVersion.id).where(CaseVersion.standing == "current")
    wanted = wanted.where(Finding.state.in_(("open", "justified")), Finding.level == "error")
    for when, who, state, number in session.execute(
        wanted.group_by(CaseVersion.period, CaseVersion.hospital, Finding.state)
    ):
        if (when, who) in rows:
            rows[when, who][state] = number


def waiting(session: Session) -> list[str]:
    """What waits for somebody, in words: deliveries that a crash interrupted."""
    left = session.execute(select(func.count()).select_from(Job).where(Job.state == "waiting")).scalar_one()
    zh, en = (
        f"{left} 批还没收完（中断后用 zhikong intake watch --once 接着收）",
        f"{left} deliveries are not received to the end",
    )
    return [say(zh, en)] if left else []


def delivered_as(session: Session, number: int) -> dict[str, Any]:
    """A submission: who sent it, the gate's verdict, its cases, what they were judged by."""
    found = submission(session, number)
    names = (
        "id",
        "hospital",
        "period",
        "received",
        "names",
        "declared",
        "whole",
        "cases",
        "state",
        "verdict",
        "digest",
    )
    run = session.get_one(Run, found.run)
    judged_by = {name: getattr(run, name) for name in ("zhikong", "profile", "catalogue", "codebooks", "schemes")}
    own = cases(session, submission=number).select("hospital", "case_id", "number", "disposition", "errors", "warnings")
    return {**_row(found, names), "judged_by": judged_by, "new_versions": own.to_dicts()}


COUNTED = ("accept", "accept_with_warnings", "return", "cannot_be_judged")
