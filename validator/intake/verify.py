"""Whether the ledger is as it was written: its log, its frames, its frozen periods."""

import json
from collections.abc import Iterator
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from validator.base.language import say
from validator.intake import freeze, judging, views
from validator.intake.ledger import Ledger, audit
from validator.intake.ledger.models import Freeze, PlatformImport, Round, Submission


def verify(ledger: Ledger) -> list[str]:
    """Everything that is not as it was written, in words; empty where all is."""
    with ledger.reading() as session:
        return [*_log(session), *_frames(ledger, session), *_kept(ledger, session), *_frozen(ledger, session)]


def _log(session: Session) -> Iterator[str]:
    if entry := audit.broken(session):
        yield say(f"日志第 {entry} 条被改动或缺失", f"entry {entry} of the log was changed or is missing")


def _frames(ledger: Ledger, session: Session) -> Iterator[str]:
    for each in session.execute(select(Submission).order_by(Submission.id)).scalars():
        found = judging.hashes(ledger.frames / each.folder)
        for name in sorted(found.keys() | each.files.keys()):
            if found.get(name) != each.files.get(name):
                yield say(
                    f"第 {each.id} 批的文件 {name} 被改动或缺失",
                    f"{name} of submission {each.id} was changed or is missing",
                )


def _kept(ledger: Ledger, session: Session) -> Iterator[str]:
    """The platform's results as they came, and the groups as they were sent."""
    imports = session.execute(select(PlatformImport.file, PlatformImport.digest).order_by(PlatformImport.id))
    rounds = session.execute(select(Round.file, Round.sha256).order_by(Round.id))
    for name, digest in (*imports, *rounds):
        path = ledger.folder / name
        if not path.is_file() or sha256(path.read_bytes()).hexdigest() != digest:
            yield say(f"文件 {name} 被改动或缺失", f"{name} was changed or is missing")


def _frozen(ledger: Ledger, session: Session) -> Iterator[str]:
    for each in session.execute(select(Freeze).order_by(Freeze.id)).scalars():
        where = say(f"{each.period} 的冻结清册", f"the manifest of {each.period}")
        if not freeze.is_signed(each):
            yield say(f"{where}与签名不符", f"{where} is not as it was signed")
            continue
        manifest = json.loads(each.manifest)
        path = ledger.folder / manifest["file"]
        if not path.is_file() or sha256(path.read_bytes()).hexdigest() != manifest["sha256"]:
            yield say(f"{where}：文件 {path.name} 被改动或缺失", f"{where}: {path.name} was changed or is missing")
            continue
        if not views.cases(session, period=each.period, hospital=each.hospital).equals(views.read(path)):
            yield say(f"{where}与台账不符：冻结后病例有变动", f"{where}: cases were changed after it was frozen")
