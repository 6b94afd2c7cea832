"""Receiving: what a hospital delivers becomes one submission, whole or not at all, and the same delivered again stays one.

What came is kept in the inbox and written down as a job; the job reads, checks and judges it into a staging folder, which is
renamed; one transaction then links the folder and records every case. A crash leaves the job, and the next run does it again.
"""

import re
import shutil
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from validator.base import clock, files, language
from validator.base.errors import InputError, ZhikongError
from validator.intake import duplicates, judging, record
from validator.intake.calendar import MONTH
from validator.intake.ledger import Ledger, audit, jobs
from validator.intake.ledger.models import Job, Submission
from validator.intake.ledger.store import now, written
from validator.intake.options import Options
from validator.intake.reading import shown

KIND = "receive"
_LEFT = timedelta(hours=1)  #: how long what no job needs is left alone: it may be on its way
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Received:
    """The answer to a delivery."""

    submission: int
    again: bool  #: the same had been received before: nothing changed
    state: str  #: accepted, returned, held
    counts: dict[str, int]  #: what became of its cases
    arrival: Sequence[
        dict[str, Any]
    ] = ()  #: its months against the roll and the months before (``baseline.MonthArrived``)
    doubled: int = 0  #: lists of it that another delivery holds too (:mod:`validator.intake.duplicates`)


def receive(
    ledger: Ledger, data: Sequence[Path] | bytes, options: Options | None = None, *, name: str = "data",
    progress: Progress | None = None,
) -> Received:  # fmt: skip
    """Receive files, or the bytes of one called ``name``.

    Raises :class:`~validator.base.errors.InputError` where they cannot be read: then nothing is recorded but that they came.
    """
    job = write_down(ledger, data, options or Options(), name)
    taken = _take(ledger, job)
    if taken is None:  # another process that resumes jobs was quicker
        raise InputError("另一个进程正在收这份清单，请稍后查看", "another process is receiving this; look again later")
    return _work(ledger, *taken, progress)


def resume(ledger: Ledger, progress: Progress | None = None) -> list[Received]:
    """Finish what a crash left behind; deliveries that cannot be read are left out, their jobs say why."""
    done = list[Received]()
    while taken := _take(ledger):
        try:
            done.append(_work(ledger, *taken, progress))
        except InputError:
            continue
    sweep(ledger)
    return done


@dataclass(frozen=True)
class Origin:
    """Which request of whom brought a delivery over HTTP."""

    sender: str
    request: str
    digest: str  #: SHA-256 of its bytes


def write_down(
    ledger: Ledger, data: Sequence[Path] | Path | bytes, options: Options, name: str = "data", origin: Origin | None = None
) -> int:  # fmt: skip
    """Keep what came and write the job down; from here on nothing of it is lost. A single path is moved, and called ``name``."""
    options = replace(options, received=options.received or now())
    folder = uuid.uuid4().hex
    scratch, target = ledger.inbox / f".{folder}", ledger.inbox / folder
    scratch.mkdir(parents=True)
    try:
        with files.naming(target):
            if isinstance(data, bytes):
                (scratch / Path(name).name).write_bytes(data)
            elif isinstance(data, Path):
                data.rename(scratch / Path(name).name)
            else:
                _copy(data, scratch)
            scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    names = [name] if isinstance(data, bytes | Path) else [str(path) for path in data]
    with ledger.writing() as session:
        about = {"names": names, "options": {**vars(options), "rules": list(options.rules)}}
        return jobs.add(session, KIND, folder, about, **vars(origin) if origin else {}).id


def known_job(session: Session, sender: str, request: str) -> Job | None:
    """The job that a request over HTTP became."""
    return session.execute(select(Job).where(Job.sender == sender, Job.request == request)).scalar_one_or_none()


def _copy(paths: Sequence[Path], target: Path) -> None:
    for number, path in enumerate(paths):
        place = target / path.name if len(paths) == 1 else target / f"{number:03}" / path.name
        if path.is_dir():
            shutil.copytree(path, place)
        elif path.is_file():
            place.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, place)
        else:
            raise InputError(f"{path}：没有这个文件或文件夹", f"{path}: no such file or folder")


@dataclass(frozen=True)
class _Lease:
    job: int
    token: int
    folder: str
    about: dict[str, Any]

    @property
    def own(self) -> str:
        """The folder of what this worker makes: another one that takes the job over has its own."""
        return f"{self.folder}-{self.token}"


def _take(ledger: Ledger, job: int | None = None) -> tuple[_Lease] | None:
    with ledger.writing() as session:
        found = jobs.take(session, KIND, job)
        return (_Lease(found.id, found.token, found.folder, found.about),) if found else None


def _work(ledger: Ledger, lease: _Lease, progress: Progress | None) -> Received:
    """Do one job to its end."""
    given = lease.about["options"]
    options = Options(**{**given, "rules": tuple(given["rules"])})

    def renew() -> None:
        with ledger.writing() as session:
            jobs.renew(session, lease.job, lease.token)

    staging = ledger.staging / lease.own
    try:
        with language.speaking(options.lang), files.naming(ledger.folder):
            tell = progress or _noting(ledger, lease)
            judged = judging.judge(
                ledger, ledger.inbox / lease.folder, staging, options, lease.about["names"], renew, tell
            )
            result = _link(ledger, lease, options, judged)
    except jobs.LeaseLostError:
        raise
    except (KeyboardInterrupt, SystemExit):
        with ledger.writing() as session:
            jobs.release(session, lease.job, lease.token)
        raise
    except ZhikongError as error:
        inbox = ledger.inbox / lease.folder
        error.zh, error.en = shown(error.zh, inbox), shown(error.en, inbox)
        _refuse(ledger, lease, options, error)
        raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    _clear(ledger, lease)
    return result


def _noting(ledger: Ledger, lease: _Lease) -> Progress:
    """Keeps with the job how far it is, at most once a second."""
    last = 0.0

    def note(what: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last < 1:
            return
        last = time.monotonic()
        with ledger.writing() as session:
            jobs.note(session, lease.job, lease.token, shown(what, ledger.inbox / lease.folder), done, total)

    return note


def _link(ledger: Ledger, lease: _Lease, options: Options, judged: "judging.JudgedDelivery") -> Received:
    """Move the frames to their place and record the submission, if its content is new."""
    staging, target = ledger.staging / lease.own, ledger.frames / lease.own
    if _known(ledger, judged.digest) is None:
        ledger.frames.mkdir(exist_ok=True)
        staging.rename(target)
    with ledger.writing() as session:
        known = session.execute(select(Submission).where(Submission.digest == judged.digest)).scalar_one_or_none()
        again = known is not None
        submission = known or record.submission(session, options, judged, target)
        if again:
            audit.add(session, options.actor, "received again", f"submission {submission.id}", {"names": judged.names})
        jobs.finish(session, lease.job, lease.token, submission=submission.id)
        counts = record.counts(session, submission)
        doubled = len({each["case_id"] for each in duplicates.pairs(session, submission=submission.id)})
        result = Received(
            submission.id, again, submission.state, counts, submission.verdict.get("arrival", ()), doubled
        )
    if again:
        shutil.rmtree(target, ignore_errors=True)
    return result


def _known(ledger: Ledger, digest: str) -> int | None:
    with ledger.reading() as session:
        return session.execute(select(Submission.id).where(Submission.digest == digest)).scalar_one_or_none()


def _refuse(ledger: Ledger, lease: _Lease, options: Options, error: ZhikongError) -> None:
    """End the job of a delivery that cannot be read; the log keeps that it came."""
    with ledger.writing() as session:
        jobs.finish(session, lease.job, lease.token, error=str(error))
        audit.add(session, options.actor, "refused", f"job {lease.job}", {"names": lease.about["names"]})
    _clear(ledger, lease)


def _clear(ledger: Ledger, lease: _Lease) -> None:
    """Remove what only the work needed, also of workers that crashed before."""
    shutil.rmtree(ledger.inbox / lease.folder, ignore_errors=True)
    with ledger.reading() as session:
        linked = session.execute(
            select(Submission.folder).where(Submission.folder.startswith(f"{lease.folder}-"))
        ).scalar_one_or_none()
    for folder in (ledger.staging, ledger.frames):
        for left in folder.glob(f"{lease.folder}-*"):
            if left.name != linked:
                shutil.rmtree(left, ignore_errors=True)


def sweep(ledger: Ledger, age: timedelta = _LEFT) -> None:
    """Remove what crashes left that no waiting job needs; what is younger may be at work."""
    with ledger.reading() as session:
        waiting = set(session.execute(select(Job.folder).where(Job.state == "waiting")).scalars())
        linked = set(session.execute(select(Submission.folder)).scalars())
    newest = (clock.now() - age).timestamp()
    for folder in (ledger.inbox, ledger.staging, ledger.frames):
        for left in folder.iterdir() if folder.is_dir() else ():
            name = left.name.lstrip(".")
            if name.partition("-")[0] not in waiting and name not in linked and left.stat().st_mtime < newest:
                shutil.rmtree(left, ignore_errors=True)


def month(text: str) -> str:
    """A month as a person writes it, ``202607``; blank where none is named."""
    if text and not re.fullmatch(MONTH, text):
        raise InputError(f"“{text}”不是月份，应如 202607", f"'{text}' is no month, such as 202607")
    return text


def moment(text: str) -> str:
    """A time as a person writes it (``2026-07-03`` or ``2026-07-03 09:15``), as the ledger keeps it."""
    try:
        return written(datetime.fromisoformat(text))
    except ValueError:
        raise InputError(
            f"“{text}”不是日期时间，应如 2026-07-03 09:15", f"'{text}' is no time, such as 2026-07-03 09:15"
        ) from None
