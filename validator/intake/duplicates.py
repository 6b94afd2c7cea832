"""Settlements and stays on two lists, whichever deliveries and hospitals they came in: for the bureau alone.

Rules of shape ``unique`` compare the lists of one delivery; the ledger keeps what they compare of every version, hashed. Only
versions that count are doubled: neither earlier ones nor lists that were withdrawn.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import and_, insert, or_, select
from sqlalchemy.orm import Session, aliased

from validator.intake.ledger.models import CaseKey, CaseVersion, Finding
from validator.intake.ledger.store import chunks

#: States of findings that wait for somebody.
_WAITING = ("open", "justified", "rejected")


def record(session: Session, rows: Iterable[tuple[int, str, str]]) -> None:
    """Keep the hashes (version, check, digest) of new versions."""
    for some in chunks(rows):
        session.execute(
            insert(CaseKey), [{"version": each[0], "check_id": each[1], "digest": each[2]} for each in some]
        )


def pairs(
    session: Session, *, submission: int | None = None, period: str = "", hospital: str = ""
) -> list[dict[str, Any]]:
    """The lists that count and have a double, each with it: once for each pair, or where a delivery is named for each of its lists.

    ``period`` and ``hospital`` are those of either.
    """
    mine, other, key, same = aliased(CaseVersion), aliased(CaseVersion), aliased(CaseKey), aliased(CaseKey)
    wanted = (
        select(key.check_id, mine, other)
        .join(mine, key.version == mine.id)
        .join(same, and_(same.digest == key.digest, same.version != key.version))
        .join(other, same.version == other.id)
        .where(mine.standing == "current", other.standing == "current", _another(mine, other))
    )
    if submission is None:
        wanted = wanted.where(mine.id > other.id)
    else:
        wanted = wanted.where(mine.submission == submission, other.submission != submission)
    for name, value in (("period", period), ("hospital", hospital)):
        if value:
            wanted = wanted.where(or_(getattr(mine, name) == value, getattr(other, name) == value))
    return [
        {
            "check": check, "hospital": one.hospital, "case_id": one.case_id, "submission": one.submission,
            "other_hospital": two.hospital, "other_case": two.case_id, "other_submission": two.submission,
        }
        for check, one, two in session.execute(wanted.order_by(mine.id, other.id, key.check_id))
    ]  # fmt: skip


def _another(mine: Any, other: Any) -> Any:
    """Whether two versions are of different cases."""
    return or_(mine.hospital != other.hospital, mine.document != other.document, mine.case_id != other.case_id)


def compared(session: Session, versions: Collection[int]) -> dict[tuple[int, str], bool]:
    """Version and check -> whether it is doubled, for what the ledger can compare of some versions."""
    found = dict[tuple[int, str], bool]()
    mine, other, same = aliased(CaseVersion), aliased(CaseVersion), aliased(CaseKey)
    for some in chunks(versions):
        known = select(CaseKey.version, CaseKey.check_id).where(CaseKey.version.in_(some))
        found |= dict.fromkeys(session.execute(known), False)
        double = (
            select(CaseKey.version, CaseKey.check_id)
            .join(mine, CaseKey.version == mine.id)
            .join(same, and_(same.digest == CaseKey.digest, same.version != CaseKey.version))
            .join(other, same.version == other.id)
            .where(CaseKey.version.in_(some), other.standing == "current", _another(mine, other))
        )
        found |= dict.fromkeys(session.execute(double), True)
    return found


def release(session: Session, gone: Collection[int]) -> list[CaseVersion]:
    """Correct the findings of lists that were doubled by versions that count no more, and by no other; gives those lists."""
    lists, same = aliased(CaseVersion), aliased(CaseKey)
    partners = set[int]()
    for some in chunks(gone):
        wanted = (
            select(same.version)
            .join(CaseKey, and_(same.digest == CaseKey.digest, same.version != CaseKey.version))
            .join(lists, same.version == lists.id)
            .where(CaseKey.version.in_(some), lists.standing == "current")
        )
        partners.update(session.execute(wanted).scalars())
    free = {each for each, doubled in compared(session, partners).items() if not doubled}
    changed = dict[int, CaseVersion]()
    for some in chunks(sorted({version for version, _ in free})):
        left = select(Finding).where(Finding.last_version.in_(some), Finding.state.in_(_WAITING))
        for each in session.execute(left).scalars():
            if (each.last_version, each.check_id) in free:
                each.state = "corrected"
                changed[each.last_version] = session.get_one(CaseVersion, each.last_version)
    session.flush()
    return list(changed.values())
