"""Jobs: work is written down before it begins, leased to one worker at a time, and taken up by another after a crash."""

import os
import platform
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from validator.base import clock
from validator.base.errors import ZhikongError
from validator.intake.ledger.models import Job
from validator.intake.ledger.store import now, written

LEASE = timedelta(minutes=5)  #: renewed for every partition; after a crash of another host one waits so long


def _host() -> str:
    """The name of this host, and where processes are numbered apart (containers of one name), the space of its numbers."""
    space = Path("/proc/self/ns/pid")
    return f"{platform.node()}/{space.readlink() if space.is_symlink() else ''}"


_HOST = _host()


class LeaseLostError(ZhikongError):
    """Another worker has taken over the job."""

    def __init__(self) -> None:
        super().__init__("这项工作已由另一个进程接手", "another process has taken over this job")


def add(session: Session, kind: str, folder: str, about: dict[str, Any], **origin: str) -> Job:
    """Write a job down; it is leased by :func:`take`. ``origin``: its sender, request and digest, where it came over HTTP."""
    job = Job(kind=kind, folder=folder, about=about, state="waiting", created=now(), token=0, **origin)
    session.add(job)
    session.flush()
    return job


def take(session: Session, kind: str, job: int | None = None) -> Job | None:
    """Lease the oldest job of a kind that nobody works on, or that one; None where there is none.

    The lease of a process of this host that is dead is over at once.
    """
    dead = [each for each in _holders(session, kind) if _is_dead(each)]
    free = or_(Job.leased_until.is_(None), Job.leased_until < now(), Job.holder.in_(dead))
    wanted = select(Job).where(Job.kind == kind, Job.state == "waiting", free).order_by(Job.id).limit(1)
    if job is not None:
        wanted = wanted.where(Job.id == job)
    found = session.execute(wanted.with_for_update(skip_locked=True)).scalar_one_or_none()
    if found:
        found.token += 1
        found.leased_until, found.holder = _later(), f"{_HOST}:{os.getpid()}"
        session.flush()
    return found


def _holders(session: Session, kind: str) -> list[str]:
    """The processes of this host that hold leases."""
    held = select(Job.holder).where(Job.kind == kind, Job.state == "waiting", Job.holder.startswith(f"{_HOST}:"))
    return [each for each in session.execute(held.distinct()).scalars() if each]


def _is_dead(holder: str) -> bool:
    """Whether a process of this host has ended; where that cannot be asked, its lease runs out."""
    if os.name == "nt":  # there a signal 0 would end the process
        return False
    try:
        os.kill(int(holder.rpartition(":")[2]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def renew(session: Session, job: int, token: int) -> None:
    """Keep a lease; :class:`LeaseLostError` where another worker holds the job."""
    _change(session, job, token, leased_until=_later())


def release(session: Session, job: int, token: int) -> None:
    """Give a lease back: the work was interrupted, and another worker need not wait."""
    _change(session, job, token, leased_until=None)


def note(session: Session, job: int, token: int, step: str, done: int, total: int) -> None:
    """Keep how far a job is."""
    _change(session, job, token, progress={"step": step, "done": done, "total": total})


def finish(session: Session, job: int, token: int, *, submission: int | None = None, error: str | None = None) -> None:
    """End a job in the transaction that links its result; :class:`LeaseLostError` where another worker holds it."""
    state = "failed" if error else "done"
    _change(session, job, token, state=state, leased_until=None, holder=None, submission=submission, error=error)


def _change(session: Session, job: int, token: int, **values: Any) -> None:
    wanted = update(Job).where(Job.id == job, Job.token == token, Job.state == "waiting").values(**values)
    if not session.execute(wanted).rowcount:  # type: ignore[attr-defined]
        raise LeaseLostError


def _later() -> str:
    return written(clock.now() + LEASE)
