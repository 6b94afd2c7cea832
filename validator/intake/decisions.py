"""What people decide: hospitals justify findings; the bureau accepts or rejects them, returns cases, takes or returns a delivery.

Everything is kept with the words and the name of who decided, in the ledger and in its log. What is frozen stays as it is.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from validator.base.errors import InputError, MissingError
from validator.intake import lifecycle
from validator.intake.ledger import Ledger, audit
from validator.intake.ledger.models import CaseVersion, Decision, Finding, Submission, Waiver
from validator.intake.ledger.store import chunks, now
from validator.read.place import quoted, some

Action = Literal["justify", "accept", "reject"]
_STATES = {"justify": "justified", "accept": "accepted", "reject": "rejected"}
#: From which states an action leads; ``open`` findings may be accepted without words of the hospital.
_FROM = {
    "justify": ("open", "rejected", "justified"),
    "accept": ("open", "justified", "rejected"),
    "reject": ("open", "justified", "accepted"),
}


@dataclass(frozen=True)
class Chosen:
    """Which findings a decision is about: all that fit every part that is given."""

    fingerprints: Sequence[str] = ()
    cases: Sequence[str] = ()
    checks: Sequence[str] = ()
    hospital: str = ""
    hidden: Collection[str] = ()  #: checks that compare lists: a hospital does not decide on what it does not see

    @property
    def wanted(self) -> bool:
        """Whether anything but the hospital is named."""
        return bool(self.fingerprints or self.cases or self.checks)


def decide(
    ledger: Ledger, action: Action, chosen: Chosen, actor: str, reason: str, expires: date | None = None
) -> list[str]:
    """Justify, accept or reject findings; gives their fingerprints.

    ``expires``: the last day on which an acceptance holds for later deliveries. Raises
    :class:`~validator.base.errors.InputError` where nothing fits, the words are missing, or the period is frozen.
    """
    if not reason.strip():
        raise InputError("请写明理由（--reason）", "say why (--reason)")
    if not chosen.wanted:
        raise InputError("请指明发现、病例或检查", "name findings, cases or checks")
    with ledger.writing() as session:
        found = [each for each in _findings(session, chosen) if each.state in _FROM[action]]
        if not found:
            raise MissingError("没有可以这样处理的发现", "there is no finding that this can be done with")
        versions = _open_versions(session, {each.last_version for each in found})
        for each in found:
            each.state = _STATES[action]
            session.add(Decision(at=now(), actor=actor, action=action, reason=reason, finding=each.id))
            if action == "accept":
                session.add(_waiver(each, actor, reason, expires))
            elif action == "reject":
                _end_waivers(session, each)
        session.flush()
        lifecycle.settle(session, versions)
        names = [each.fingerprint for each in found]
        detail = {"findings": names, "reason": reason, "expires": expires and expires.isoformat()}
        audit.add(session, actor, action, f"{len(names)} findings", detail)
        return names


def _findings(session: Session, chosen: Chosen) -> list[Finding]:
    """The findings of versions that count, in the order in which they came."""
    wanted = select(Finding).join(CaseVersion, Finding.last_version == CaseVersion.id)
    wanted = wanted.where(CaseVersion.standing == "current", lifecycle.without(chosen.hidden)).order_by(Finding.id)
    if chosen.hospital:
        wanted = wanted.where(Finding.hospital == chosen.hospital)
    for column, values in (
        (Finding.fingerprint, chosen.fingerprints), (Finding.case_id, chosen.cases), (Finding.check_id, chosen.checks),
    ):  # fmt: skip
        if values:
            wanted = wanted.where(column.in_(values))
    found = list(session.execute(wanted).scalars())
    if chosen.fingerprints and len({each.hospital for each in found}) > 1:
        raise InputError("几家机构有同一指纹的发现，请用 --hospital 指明", "several hospitals have it; use --hospital")
    return found


def _open_versions(session: Session, ids: Collection[int]) -> list[CaseVersion]:
    """The versions, none of them of a frozen period."""
    closed, found = lifecycle.frozen(session), list[CaseVersion]()
    for chunk in chunks(ids):
        found += session.execute(select(CaseVersion).where(CaseVersion.id.in_(chunk))).scalars()
    if frozen := next((each for each in found if lifecycle.is_frozen(closed, each)), None):
        raise InputError(f"{frozen.period} 已冻结，不能再改", f"{frozen.period} is frozen: nothing changes any more")
    return found


def _waiver(finding: Finding, actor: str, reason: str, expires: date | None) -> Waiver:
    return Waiver(
        hospital=finding.hospital, document=finding.document, fingerprint=finding.fingerprint,
        check_id=finding.check_id, facts=finding.facts, reason=reason, approver=actor, at=now(), expires=expires,
    )  # fmt: skip


def _end_waivers(session: Session, finding: Finding) -> None:
    wanted = select(Waiver).where(Waiver.hospital == finding.hospital, Waiver.fingerprint == finding.fingerprint)
    for each in session.execute(wanted.where(Waiver.document == finding.document, Waiver.ended.is_(None))).scalars():
        each.ended = now()


def return_cases(ledger: Ledger, cases: Sequence[str], actor: str, reason: str, hospital: str = "") -> list[str]:
    """Return cases whatever the checks say of them; gives their ids."""
    return _mark(ledger, "return", cases, actor, reason, hospital)


def accept_cases(ledger: Ledger, cases: Sequence[str], actor: str, reason: str, hospital: str = "") -> list[str]:
    """Take back that a person returned cases, and accept all that was found in them."""
    found = _mark(ledger, "accept", cases, actor, reason, hospital)
    with ledger.reading() as session:
        some = any(each.state in _FROM["accept"] for each in _findings(session, Chosen(cases=found, hospital=hospital)))
    if some:
        decide(ledger, "accept", Chosen(cases=found, hospital=hospital), actor, reason)
    return found


def _mark(ledger: Ledger, action: str, cases: Sequence[str], actor: str, reason: str, hospital: str) -> list[str]:
    if not reason.strip():
        raise InputError("请写明理由（--reason）", "say why (--reason)")
    with ledger.writing() as session:
        versions = [each for each in lifecycle.standing(session, cases).values() if hospital in ("", each.hospital)]
        missing = set(cases) - {each.case_id for each in versions}
        if missing:
            raise MissingError(f"没有现行的病例 {quoted(min(missing))}", f"no such case: {quoted(min(missing))}")
        versions = _open_versions(session, {each.id for each in versions})
        for each in versions:
            session.add(Decision(at=now(), actor=actor, action=action, reason=reason, version=each.id))
        session.flush()
        lifecycle.settle(session, versions)
        names = [each.case_id for each in versions]
        audit.add(session, actor, f"{action} cases", f"{len(names)} cases", {"cases": names, "reason": reason})
        return names


def withdraw(ledger: Ledger, cases: Sequence[str], actor: str, reason: str, hospital: str = "") -> list[str]:
    """Close lists whose settlements were undone (4102): they do not count any more, their history stays."""
    with ledger.writing() as session:
        versions = lifecycle.withdraw(session, hospital, cases)
        for each in versions:
            session.add(Decision(at=now(), actor=actor, action="withdraw", reason=reason, version=each.id))
        names = sorted(each.case_id for each in versions)
        if not names:
            named = some([quoted(each) for each in cases])
            zh, en = f"没有可撤回的现行清单：{named}", f"there is no such list that could be withdrawn: {named}"
            raise MissingError(zh, en)
        audit.add(session, actor, "withdraw", f"{len(names)} cases", {"cases": names, "reason": reason})
        return names


def return_submission(ledger: Ledger, number: int, actor: str, reason: str) -> None:
    """Return a delivery as a whole: the versions before it count again."""
    with ledger.writing() as session:
        found = _submission(session, number, ("accepted", "held"), reason)
        own = select(CaseVersion.id).where(CaseVersion.submission == number, CaseVersion.standing == "current")
        _open_versions(session, list(session.execute(own).scalars()))
        back = lifecycle.leave(session, found)
        found.state = "returned"
        for earlier in {each.submission for each in back}:
            before = session.get(Submission, earlier)
            assert before
            lifecycle.follow_again(session, ledger.frames / before.folder, [e for e in back if e.submission == earlier])
        _settled(session, found, "return", actor, reason)


def accept_submission(ledger: Ledger, number: int, actor: str, reason: str) -> None:
    """Take a delivery that the gate returned, or that was held."""
    with ledger.writing() as session:
        found = _submission(session, number, ("returned", "held"), reason)
        found.state = "accepted"
        lifecycle.take(session, ledger.frames / found.folder, found, known=True)
        _settled(session, found, "accept", actor, reason)


def _submission(session: Session, number: int, states: Collection[str], reason: str) -> Submission:
    if not reason.strip():
        raise InputError("请写明理由（--reason）", "say why (--reason)")
    found = session.get(Submission, number)
    if found is None:
        raise MissingError(f"没有第 {number} 批", f"there is no submission {number}")
    if found.state not in states:
        raise InputError(f"第 {number} 批已是这个状态", f"submission {number} is in that state already")
    return found


def _settled(session: Session, submission: Submission, action: str, actor: str, reason: str) -> None:
    session.add(Decision(at=now(), actor=actor, action=action, reason=reason, submission=submission.id))
    audit.add(session, actor, f"{action} submission", f"submission {submission.id}", {"reason": reason})
