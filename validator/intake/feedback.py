"""Groups sent to hospitals in rounds, what hospitals say of them, and requests for 特例单议: in the ledger and its log.

The figures are of :mod:`validator.intake.rounds`. What is of a frozen period stays as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any, Literal

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from validator.base import files
from validator.base.errors import InputError, MissingError
from validator.base.masking import masked_text
from validator.intake import lifecycle, rounds
from validator.intake.calendar import Calendar, UnknownYearError
from validator.intake.judging import GROUPS_FILE
from validator.intake.ledger import Ledger, audit
from validator.intake.ledger.models import CaseVersion, GroupAnswer, Round, SpecialRequest, Submission
from validator.intake.ledger.store import now
from validator.read.place import quoted, some
from validator.spec.intake import Intake

Outcome = Literal["changed", "kept", "granted", "refused"]
#: What the bureau makes of an answer, and of a request.
OF_ANSWERS, OF_REQUESTS = ("changed", "kept"), ("granted", "refused")
#: What a round sends of each case; ``moved``: by the bureau, after an answer.
GROUPS = pl.Schema(
    {"hospital": pl.String, "case_id": pl.String, "version": pl.Int64, "group": pl.String, "status": pl.String, "moved": pl.Boolean}
)  # fmt: skip
_ACCEPTED = ("accept", "accept_with_warnings")


def send(
    ledger: Ledger, period: str, intake: Intake, actor: str, day: date
) -> tuple[rounds.FeedbackRound, pl.DataFrame]:
    """Send the groups of a period's accepted lists: gives its next round, and what was sent (:data:`GROUPS`).

    Raises :class:`~validator.base.errors.InputError` where the profile has no rounds, all were sent, the window of the last one
    is open, nothing was grouped, or the period is frozen.
    """
    if intake.feedback is None:
        raise InputError(
            "方案没有写反馈轮次（intake.feedback）", "the profile has no rounds of feedback (intake.feedback)"
        )
    with ledger.writing() as session:
        sent = _rounds(session, period)
        made = _next(intake, period, sent, day)
        frame = _groups(session, period)
        path = ledger.folder / "rounds" / f"{period}-{made.number}.parquet"
        path.parent.mkdir(exist_ok=True)
        with files.replacing(path) as scratch:
            frame.write_parquet(scratch)
        row = Round(
            period=period, number=made.number, sent=made.sent, until=made.until, is_final=made.is_final, at=now(), actor=actor,
            cases=frame.height, file=path.relative_to(ledger.folder).as_posix(), sha256=sha256(path.read_bytes()).hexdigest(),
        )  # fmt: skip
        session.add(row)
        detail = {
            "number": row.number,
            "sent": str(day),
            "until": str(row.until),
            "cases": row.cases,
            "sha256": row.sha256,
        }
        audit.add(session, actor, "round", f"period {period}", detail)
    return made, frame


def _next(intake: Intake, period: str, sent: Sequence[Round], day: date) -> rounds.FeedbackRound:
    """The round that follows those that were sent."""
    assert intake.feedback
    if len(sent) >= intake.feedback.rounds:
        raise InputError(f"{period} 的最终分组已下发", f"the final groups of {period} were sent already")
    if sent and day <= sent[-1].until:
        raise InputError(
            f"{period} 第 {sent[-1].number} 轮的反馈期限到 {sent[-1].until}，之后才能下发下一轮",
            f"hospitals may answer round {sent[-1].number} of {period} until {sent[-1].until}; the next one is sent after it",
        )
    try:
        return rounds.plan(intake.feedback, period, [*(each.sent for each in sent), day], Calendar(intake.calendar))[-1]
    except UnknownYearError as error:
        zh = f"不知道 {error.year} 年的工作日，请写在方案的 intake.calendar 里"
        raise InputError(
            zh, f"the working days of {error.year} are not known; write them in intake.calendar"
        ) from error


def _groups(session: Session, period: str) -> pl.DataFrame:
    """The groups of the accepted lists that count; where the bureau moved a case and its list is the same, that group."""
    wanted = select(
        CaseVersion.hospital, CaseVersion.case_id, CaseVersion.id, CaseVersion.group_code, CaseVersion.group_status
    ).where(
        CaseVersion.period == period, CaseVersion.standing == "current", CaseVersion.document == "list",
        CaseVersion.disposition.in_(_ACCEPTED), CaseVersion.group_status.is_not(None),
    )  # fmt: skip
    if any(closed == period for closed, hospital in lifecycle.frozen(session) if not hospital):
        raise InputError(f"{period} 已冻结，不能再改", f"{period} is frozen: nothing changes any more")
    moved = select(GroupAnswer.version, GroupAnswer.group_code).where(GroupAnswer.outcome == "changed")
    moves = {version: group for version, group in session.execute(moved.order_by(GroupAnswer.id)) if group}
    rows = [
        (
            hospital,
            case,
            version,
            moves.get(version, group),
            "grouped" if version in moves else status,
            version in moves,
        )
        for hospital, case, version, group, status in session.execute(wanted)
    ]
    if not rows:
        raise InputError(
            f"{period} 没有已收下、已分组的清单（分组要先装分组方案：zhikong codebooks）",
            f"no list of {period} was accepted and grouped (grouping needs a scheme: zhikong codebooks)",
        )
    return pl.DataFrame(rows, schema=GROUPS, orient="row").sort("hospital", "case_id")


def answer(ledger: Ledger, stated: Iterable[tuple[str, str]], actor: str, day: date, hospital: str = "") -> list[str]:
    """Record what a hospital says of the groups of cases (id, words), in the round that was sent last; gives the ids."""
    with ledger.writing() as session:
        found = _versions(session, stated, hospital)
        for version, words in found:
            sent = [each for each in _rounds(session, version.period) if each.sent <= day]
            if not sent:
                raise InputError(
                    f"{version.period} 的分组结果到 {day} 还没有下发（zhikong intake round）",
                    f"by {day} no groups of {version.period} were sent (zhikong intake round)",
                )
            session.add(
                GroupAnswer(
                    round=sent[-1].id, version=version.id, hospital=version.hospital, case_id=version.case_id, answered=day,
                    actor=actor, words=words,
                )
            )  # fmt: skip
        return _logged(session, "answer", found, actor, {"on": str(day)})


def request(ledger: Ledger, stated: Iterable[tuple[str, str]], actor: str, day: date, hospital: str = "") -> list[str]:
    """Record that a hospital asks for cases (id, words) to be paid by themselves; gives the ids."""
    with ledger.writing() as session:
        found = _versions(session, stated, hospital)
        for version, words in found:
            if _request(session, version):
                raise InputError(f"{version.case_id} 已申请过特例单议", f"{version.case_id} was asked for already")
            session.add(
                SpecialRequest(
                    version=version.id, hospital=version.hospital, case_id=version.case_id, period=version.period, asked=day,
                    actor=actor, words=words,
                )
            )  # fmt: skip
        return _logged(session, "request", found, actor, {"on": str(day)})


def review(
    ledger: Ledger, outcome: Outcome, cases: Sequence[str], actor: str, reason: str, *, hospital: str = "", group: str = "",
) -> list[str]:  # fmt: skip
    """What the bureau makes of the last answers on cases (changed, kept) or of requests (granted, refused); gives the ids.

    ``group``: that a changed case is moved to. A later review takes the place of an earlier one; the log keeps both.
    """
    with ledger.writing() as session:
        found = _versions(session, [(case, reason) for case in cases], hospital)
        for version, _ in found:
            about = _answer(session, version) if outcome in OF_ANSWERS else _request(session, version)
            if about is None:
                raise InputError(
                    f"{_named(version.case_id)} 没有{'反馈' if outcome in OF_ANSWERS else '申请'}",
                    f"there is no {'answer' if outcome in OF_ANSWERS else 'request'} on {_named(version.case_id)}",
                )
            about.outcome, about.reviewed, about.reviewer, about.reason = outcome, now(), actor, reason
            if isinstance(about, GroupAnswer):
                about.group_code = group or None
        return _logged(session, f"review {outcome}", found, actor, {"reason": reason, "group": group})


def _named(case: str) -> str:
    """A case's number for a message; of what has no digit, and so is words from another column, the first character."""
    return quoted(case) if any(char.isdigit() for char in case) else masked_text(case, "name")


def _versions(session: Session, stated: Iterable[tuple[str, str]], hospital: str) -> list[tuple[CaseVersion, str]]:
    """The lists that count, with the words on each; :class:`~validator.base.errors.InputError` where one is not to be had."""
    words = dict(stated)
    if blank := next((case for case, text in words.items() if not (text or "").strip()), None):
        raise InputError(f"{_named(blank)}：请写明理由（--reason）", f"{_named(blank)}: say why (--reason)")
    found = dict[str, CaseVersion]()
    closed = lifecycle.frozen(session)
    for (who, document, case), version in lifecycle.standing(session, words).items():
        if document != "list" or (hospital and who != hospital):
            continue
        if case in found:
            raise InputError(
                f"几家机构有病例 {_named(case)}，请用 --hospital 指明",
                f"several hospitals have {_named(case)}; use --hospital",
            )
        if lifecycle.is_frozen(closed, version):
            raise InputError(
                f"{version.period} 已冻结，不能再改", f"{version.period} is frozen: nothing changes any more"
            )
        found[case] = version
    if missing := sorted(words.keys() - found.keys()):
        names = some([_named(each) for each in missing])
        raise MissingError(f"没有现行的清单 {names}", f"there is no list {names} that counts")
    return [(found[case], text) for case, text in words.items()]


def _logged(
    session: Session, action: str, found: Sequence[tuple[CaseVersion, str]], actor: str, detail: Mapping[str, Any]
) -> list[str]:
    names = [version.case_id for version, _ in found]
    audit.add(session, actor, action, f"{len(names)} cases", {"cases": names, **detail})
    return names


def _answer(session: Session, version: CaseVersion) -> GroupAnswer | None:
    """The last answer on a case."""
    own = select(GroupAnswer).where(GroupAnswer.hospital == version.hospital, GroupAnswer.case_id == version.case_id)
    return session.execute(own.order_by(GroupAnswer.id.desc()).limit(1)).scalar_one_or_none()


def _request(session: Session, version: CaseVersion) -> SpecialRequest | None:
    own = select(SpecialRequest).where(
        SpecialRequest.hospital == version.hospital, SpecialRequest.case_id == version.case_id
    )
    return session.execute(own).scalar_one_or_none()


def _rounds(session: Session, period: str) -> list[Round]:
    """The rounds of a period, or of the periods of a year, in their order."""
    wanted = select(Round).where(Round.period.startswith(period)).order_by(Round.period, Round.number)
    return list(session.execute(wanted).scalars())


def of_period(session: Session, period: str) -> list[rounds.FeedbackRound]:
    """The rounds that were sent of a period (``202603``) or of a year (``2026``)."""
    return [
        rounds.FeedbackRound(each.period, each.number, each.sent, each.until, each.is_final)
        for each in _rounds(session, period)
    ]


def sent(ledger: Ledger, session: Session, period: str, hospital: str = "") -> pl.DataFrame:
    """What the last round of a period sent (:data:`GROUPS`), to one hospital or all."""
    made = _rounds(session, period)
    if not made:
        return pl.DataFrame(schema=GROUPS)
    frame = pl.read_parquet(ledger.folder / made[-1].file, memory_map=False, glob=False)
    return frame.filter(pl.col("hospital") == hospital) if hospital else frame


def answers(session: Session, year: str) -> pl.DataFrame:
    """The answers of a year's periods (``rounds.ANSWERS``), oldest first."""
    wanted = select(
        GroupAnswer.hospital, GroupAnswer.case_id, Round.period, Round.number, GroupAnswer.answered, GroupAnswer.actor,
        GroupAnswer.words, GroupAnswer.outcome,
    ).join(Round, GroupAnswer.round == Round.id)  # fmt: skip
    rows = session.execute(wanted.where(Round.period.startswith(year)).order_by(GroupAnswer.id))
    return pl.DataFrame([tuple(row) for row in rows], schema=rounds.ANSWERS, orient="row")


def rates(ledger: Ledger, session: Session, year: str) -> pl.DataFrame:
    """The share of grouped cases of a year that hospitals answered in time (``rounds.RATES``)."""
    return rounds.answer_rates(_sent(ledger, session, year), answers(session, year), of_period(session, year))


def answered(ledger: Ledger, session: Session, year: str) -> pl.DataFrame:
    """The cases of :func:`rates`, one by one (``rounds.answered``)."""
    return rounds.answered(_sent(ledger, session, year), answers(session, year), of_period(session, year))


def _sent(ledger: Ledger, session: Session, year: str) -> pl.DataFrame:
    """What the rounds of a year sent (``rounds.SENT``)."""
    parts = [pl.DataFrame(schema=rounds.SENT)]
    for each in _rounds(session, year):
        frame = pl.read_parquet(ledger.folder / each.file, memory_map=False, glob=False)
        group = pl.when(pl.col("status") == "grouped").then("group")
        parts.append(
            frame.select("hospital", "case_id", period=pl.lit(each.period), group=group, closed=pl.lit(value=False))
        )
    sent = pl.concat(parts)
    gone = select(CaseVersion.hospital, CaseVersion.case_id).where(
        CaseVersion.standing == "withdrawn", CaseVersion.document == "list"
    )
    closed = pl.DataFrame([tuple(row) for row in session.execute(gone)], schema=["hospital", "case_id"], orient="row")
    if closed.height:
        keys = ["hospital", "case_id"]
        back = lifecycle.standing(session, closed["case_id"])
        stands = pl.DataFrame(
            [key[::2] for key in back if key[1] == "list"], schema=dict.fromkeys(keys, pl.String), orient="row"
        )
        closed = closed.unique().join(stands, on=keys, how="anti").with_columns(gone=pl.lit(value=True))
        sent = sent.join(closed, on=keys, how="left", maintain_order="left")
        sent = sent.with_columns(closed=pl.col("gone").fill_null(value=False)).drop("gone")
    return sent


def requests(session: Session, period: str) -> pl.DataFrame:
    """The requests of a period or of a year's periods (``rounds.REQUESTS``), oldest first."""
    wanted = select(
        SpecialRequest.hospital,
        SpecialRequest.case_id,
        SpecialRequest.words,
        SpecialRequest.asked,
        SpecialRequest.outcome,
    ).where(SpecialRequest.period.startswith(period))
    rows = session.execute(wanted.order_by(SpecialRequest.id))
    return pl.DataFrame([tuple(row) for row in rows], schema=rounds.REQUESTS, orient="row")


def shares(ledger: Ledger, session: Session, year: str) -> pl.DataFrame | None:
    """Requests of a year against what the country allows (``rounds.SHARES``); None where nothing was grouped.

    Discharges are the lists that count, as the ledger has them.
    """
    lists = [CaseVersion.period.startswith(year), CaseVersion.standing == "current", CaseVersion.document == "list"]
    counted = select(CaseVersion.hospital, func.count()).where(*lists).group_by(CaseVersion.hospital)
    grouped = select(func.max(CaseVersion.submission)).where(*lists, CaseVersion.group_status.is_not(None))
    last = session.get(Submission, session.execute(grouped).scalar_one() or 0)
    if last is None:
        return None
    kind = (
        "drg"
        if "drg" in pl.scan_parquet(ledger.frames / last.folder / GROUPS_FILE, glob=False).collect_schema()
        else "dip"
    )
    rows = [tuple(row) for row in session.execute(counted)]
    discharges = pl.DataFrame(rows, schema={"hospital": pl.String, "cases": pl.UInt32}, orient="row")
    return rounds.requests(requests(session, year), discharges, kind)


def of_case(session: Session, case: str, hospital: str = "") -> dict[str, Any]:
    """What a hospital states of a case's group, and asks for: ``answers`` and ``requests``, oldest first."""
    named: dict[str, tuple[type[GroupAnswer | SpecialRequest], tuple[str, ...]]] = {
        "answers": (GroupAnswer, _ANSWER), "requests": (SpecialRequest, _REQUEST),
    }  # fmt: skip
    found = dict[str, Any]()
    for name, (model, columns) in named.items():
        wanted = select(model).where(model.case_id == case).order_by(model.id)
        if hospital:
            wanted = wanted.where(model.hospital == hospital)
        found[name] = [
            {column: _shown(getattr(each, column)) for column in columns} for each in session.execute(wanted).scalars()
        ]
    return found


_ANSWER = ("hospital", "answered", "actor", "words", "outcome", "group_code", "reviewed", "reviewer", "reason")
_REQUEST = ("hospital", "asked", "actor", "words", "outcome", "reviewed", "reviewer", "reason")


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
