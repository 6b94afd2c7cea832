"""What counts: which version of a case stands, and the life of its findings through all versions.

A finding is ``open`` until a later version of its case no longer has it (``corrected``), or the hospital justifies it
(``justified``) and the bureau accepts or rejects that (``accepted``, ``rejected``); it is ``closed`` with its case or its rule.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Row, insert, select, update
from sqlalchemy.orm import Session

from validator.intake import duplicates
from validator.intake.judging import CASES_FILE, FACTS, OUTCOMES, UNJUDGED_FILE
from validator.intake.ledger.models import CaseVersion, Decision, Finding, Freeze, Submission, Waiver
from validator.intake.ledger.store import chunks, now

Key = tuple[str, str, str]  #: hospital, document, case_id
Version = CaseVersion | Row[Any]  #: of a case; or some of its columns
#: States of findings that count against a case.
UNSETTLED = ("open", "justified", "rejected")


def key(row: Any) -> Key:
    """What names the case of a version or finding."""
    return row.hospital, row.document, row.case_id


def newest(session: Session, cases: pl.DataFrame) -> dict[Key, CaseVersion]:
    """The newest version of each of the cases that was delivered before."""
    found = dict[Key, CaseVersion]()
    for some in chunks(cases["case_id"].unique()):
        wanted = select(CaseVersion).where(CaseVersion.case_id.in_(some)).order_by(CaseVersion.number)
        found |= {key(each): each for each in session.execute(wanted).scalars()}
    return found


def standing(session: Session, case_ids: Iterable[str]) -> dict[Key, CaseVersion]:
    """The versions that count."""
    found = dict[Key, CaseVersion]()
    for some in chunks(case_ids):
        wanted = select(CaseVersion).where(CaseVersion.case_id.in_(some), CaseVersion.standing == "current")
        found |= {key(each): each for each in session.execute(wanted).scalars()}
    return found


def frozen(session: Session) -> set[tuple[str, str]]:
    """Period and hospital of what is frozen; a blank hospital stands for all."""
    return {(period, hospital) for period, hospital in session.execute(select(Freeze.period, Freeze.hospital))}


def is_frozen(closed: Collection[tuple[str, str]], version: Version) -> bool:
    """Whether a version's period is closed."""
    return (version.period, "") in closed or (version.period, version.hospital) in closed


def without(checks: Collection[str]) -> ColumnElement[bool]:
    """For queries of findings: none of these checks, where the finding's submission was of several hospitals."""
    several = select(CaseVersion.id).join(Submission, CaseVersion.submission == Submission.id)
    several = several.where(Submission.hospital != CaseVersion.hospital)
    return ~(Finding.check_id.in_(checks) & Finding.last_version.in_(several))


def take(session: Session, frames: Path, submission: Submission, *, known: bool = False) -> None:
    """Let the cases of a submission count: their versions take the place of earlier ones, and findings follow.

    ``known``: whether it may have counted before, so that its findings are in the ledger.
    What is of a frozen period becomes a shadow and changes nothing; what came again since in a submission that counts stays behind.
    """
    cases = pl.read_parquet(frames / CASES_FILE, memory_map=False, glob=False)
    mine = select(*_LIGHT).where(CaseVersion.submission == submission.id, CaseVersion.standing == "not_taken")
    own: dict[Key, Any] = {key(each): each for each in session.execute(mine)}
    current, closed = standing(session, cases["case_id"].unique()), frozen(session)
    judged, gone = dict[Key, _Judged](), list[int]()
    aside = {"shadow": list[int](), "superseded": list[int]()}
    for row in cases.iter_rows(named=True):
        name = (row["hospital"], row["document"], row["case_id"])
        new, old = own.get(name), current.get(name)
        if any(is_frozen(closed, each) for each in (new, old) if each):
            aside["shadow"] += [new.id] if new else []
        elif new and old and old.number > new.number:
            aside["superseded"].append(new.id)
        elif new:
            if old:
                old.standing = "superseded"
                gone.append(old.id)
            judged[name] = _Judged(new, is_new=True, seen_before=known or new.number > 1)
        elif old and old.digest == row["digest"]:
            old.judged, old.errors, old.warnings = row["disposition"], row["errors"], row["warnings"]
            judged[name] = _Judged(old, is_new=False, seen_before=True)
    for state, ids in aside.items():
        for some in chunks(ids):
            session.execute(update(CaseVersion).where(CaseVersion.id.in_(some)).values(standing=state))
    left = update(CaseVersion).where(CaseVersion.submission == submission.id, CaseVersion.standing == "not_taken")
    session.execute(left.values(standing="current"))
    session.flush()
    _follow(session, judged, frames, submission.received[:10])
    settle(session, duplicates.release(session, gone))


#: What taking reads of versions that are new: a submission may bring 100,000, and whole objects of them take long.
_LIGHT = (
    CaseVersion.id, CaseVersion.hospital, CaseVersion.document, CaseVersion.case_id, CaseVersion.number, CaseVersion.period,
    CaseVersion.judged,
)  # fmt: skip


def follow_again(session: Session, frames: Path, versions: Collection[CaseVersion]) -> None:
    """Bring findings back to what versions had, whose submission's frames lie in a folder: they count again."""
    known = {key(each): _Judged(each, is_new=False, seen_before=True) for each in versions}
    _follow(session, known, frames, now()[:10])


@dataclass(frozen=True)
class _Judged:
    version: Version
    is_new: bool
    seen_before: bool


def _follow(session: Session, judged: Mapping[Key, _Judged], frames: Path, day: str) -> None:
    """The findings of versions that count now: new ones, those that stay, and those that are gone."""
    found = pl.read_parquet(frames / FACTS, memory_map=False, glob=False)
    outcomes = pl.read_parquet(frames / OUTCOMES, columns=["check", "status"], memory_map=False, glob=False)
    ran = frozenset(outcomes.filter(pl.col("status") == "ran")["check"])
    unjudged = _unjudged(frames)
    names = {name[2]: name for name in judged}
    known = _findings(session, [name for name, each in judged.items() if each.seen_before])
    waivers = _waivers(session, {name[0] for name in judged}, date.fromisoformat(day))
    fresh, here = list[dict[str, Any]](), set[tuple[str, str, str]]()
    decided = set[Key]()
    for row in found.iter_rows(named=True):
        name = names.get(row["case_id"])
        if name is None:
            continue
        place = (name[0], name[1], row["fingerprint"])
        here.add(place)
        facts, version = json.loads(row["facts"]), judged[name].version
        waived = any(same_facts(each.facts, facts) for each in waivers.get(place, ()))
        if old := known.get(place):
            _stays(old, facts, version, waived=waived)
        else:
            fresh.append(
                {
                    "hospital": name[0], "document": name[1], "case_id": name[2], "fingerprint": row["fingerprint"],
                    "check_id": row["check"], "level": row["level"], "table_name": row["table"] or "", "field": row["field"],
                    "facts": facts, "state": "accepted" if waived else "open",
                    "first_version": version.id, "last_version": version.id,
                }
            )  # fmt: skip
        if waived:
            decided.add(name)
    if fresh:
        session.execute(insert(Finding), fresh)
    gone = [old for place, old in known.items() if place not in here]
    doubled = duplicates.compared(session, {judged[key(old)].version.id for old in gone})
    for old in gone:
        if (old.case_id, old.check_id) in unjudged if unjudged is not None else old.check_id not in ran:
            _waits(old, judged[key(old)].version)
        else:
            _goes(old, judged[key(old)], doubled)
    session.flush()
    ids = [each.version.id for name, each in judged.items() if each.seen_before or name in decided]
    for some in chunks(ids):
        settle(session, list(session.execute(select(CaseVersion).where(CaseVersion.id.in_(some))).scalars()))


def _stays(old: Finding, facts: dict[str, Any], version: Version, *, waived: bool) -> None:
    """A finding that was known: a decision about it holds while its facts are the same."""
    if waived:
        old.state = "accepted"
    elif old.state in ("corrected", "closed", "accepted") or not same_facts(old.facts, facts):
        old.state = "open"  # it is there again, its waiver is over, or it is about something else now
    old.facts, old.last_version = facts, version.id


def _goes(old: Finding, judged: _Judged, doubled: Mapping[tuple[int, str], bool]) -> None:
    """A finding that is not there any more: corrected, but where the list still has its double in another delivery."""
    place = judged.version.id, old.check_id
    if doubled.get(place) or judged.version.judged == "cannot_be_judged":
        _waits(old, judged.version)
    elif old.state not in ("corrected", "closed"):
        same_list = not judged.is_new and place not in doubled
        old.state = "closed" if same_list else "corrected"  # the same list: the rule has changed


def _waits(old: Finding, version: Version) -> None:
    """A finding of which this version says nothing: it stays as it was, and counts for the version."""
    if old.state not in ("corrected", "closed"):
        old.last_version = version.id


def _unjudged(frames: Path) -> frozenset[tuple[str, str]] | None:
    """Case and check of what a delivery could not judge; None where an earlier release did not write it down."""
    path = frames / UNJUDGED_FILE
    if not path.is_file():
        return None
    return frozenset((case, check) for case, check in pl.read_parquet(path, memory_map=False, glob=False).iter_rows())


def same_facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a finding is about the same facts; what a changed rule names besides does not count."""
    return all(before[name] == after[name] for name in before.keys() & after.keys())


def _findings(session: Session, cases: Iterable[Key]) -> dict[tuple[str, str, str], Finding]:
    """The findings of some cases by hospital, document and fingerprint."""
    wanted, found = set(cases), dict[tuple[str, str, str], Finding]()
    for some in chunks({name[2] for name in wanted}):
        rows = session.execute(select(Finding).where(Finding.case_id.in_(some))).scalars()
        found |= {(each.hospital, each.document, each.fingerprint): each for each in rows if key(each) in wanted}
    return found


def _waivers(session: Session, hospitals: Collection[str], day: date) -> dict[tuple[str, str, str], list[Waiver]]:
    """The waivers in force on a day."""
    found = dict[tuple[str, str, str], list[Waiver]]()
    for some in chunks(hospitals):
        for each in session.execute(select(Waiver).where(Waiver.hospital.in_(some), Waiver.ended.is_(None))).scalars():
            if each.expires is None or day <= each.expires:
                found.setdefault((each.hospital, each.document, each.fingerprint), []).append(each)
    return found


def settle(session: Session, versions: Collection[CaseVersion]) -> None:
    """What becomes of cases after decisions: one whose errors are all accepted is accepted, one that a person returned is returned."""
    ids = [each.id for each in versions]
    left, returned = set[int](), dict[int, bool]()
    for some in chunks(ids):
        errors = select(Finding.last_version).where(
            Finding.last_version.in_(some), Finding.level == "error", Finding.state.in_(UNSETTLED)
        )
        left.update(session.execute(errors).scalars())
        marked = select(Decision.version, Decision.action).where(Decision.version.in_(some)).order_by(Decision.id)
        returned |= {version: action == "return" for version, action in session.execute(marked) if version is not None}
    for each in versions:
        each.disposition = each.judged
        if each.judged == "return" and each.id not in left:
            each.disposition = "accept_with_warnings"
        elif each.id in left and each.judged != "cannot_be_judged":
            each.disposition = "return"  # also for what this version did not answer
        if returned.get(each.id):
            each.disposition = "return"
    session.flush()


def leave(session: Session, submission: Submission) -> list[CaseVersion]:
    """Take back what a submission brought: the versions before its own count again; gives those."""
    own = session.execute(
        select(CaseVersion).where(CaseVersion.submission == submission.id, CaseVersion.standing == "current")
    ).scalars()
    back, gone = list[CaseVersion](), list[int]()
    for each in list(own):
        each.standing = "not_taken"
        gone.append(each.id)
        before = session.get(CaseVersion, each.supersedes) if each.supersedes else None
        while before and before.standing == "not_taken":
            before = session.get(CaseVersion, before.supersedes) if before.supersedes else None
        if before and before.standing == "superseded":
            before.standing = "current"
            back.append(before)
        else:
            _close(session, [each])
    session.flush()
    settle(session, duplicates.release(session, gone))
    return back


def withdraw(session: Session, hospital: str, case_ids: Collection[str]) -> list[CaseVersion]:
    """Close the lists whose settlements were undone (4102); gives their versions, which do not count any more."""
    versions = [each for name, each in standing(session, case_ids).items() if not hospital or name[0] == hospital]
    closed = frozen(session)
    versions = [each for each in versions if not is_frozen(closed, each)]
    for each in versions:
        each.standing = "withdrawn"
    _close(session, versions)
    session.flush()
    settle(session, duplicates.release(session, [each.id for each in versions]))
    return versions


def _close(session: Session, versions: Iterable[CaseVersion]) -> None:
    for some in chunks(each.id for each in versions):
        session.execute(update(Finding).where(Finding.last_version.in_(some)).values(state="closed"))
