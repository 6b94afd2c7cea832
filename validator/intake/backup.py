"""Copying a ledger as a whole: a backup, its restoration, and the move from SQLite to PostgreSQL or back."""

import shutil
from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from validator.base.errors import InputError
from validator.intake.ledger import Ledger
from validator.intake.ledger.models import AuditHead, Base, Submission
from validator.intake.ledger.store import KEYED_BY

_SOME = 5_000  #: rows at a time
_FOLDERS = ("frames", "frozen", "inbox", "platform", "rounds")


def copy(source: Ledger, target: Ledger) -> None:
    """Copy all rows and frames to an empty ledger; whoever receives meanwhile finds his delivery in one of them whole.

    Raises :class:`~validator.base.errors.InputError` where the target holds something.
    """
    with target.reading() as session:
        if session.execute(select(func.count()).select_from(Submission)).scalar():
            raise InputError(
                f"{target.folder} 已有内容，请另选目录", f"{target.folder} holds something; choose another folder"
            )
    with source.reading() as session, target.writing() as other:
        other.execute(delete(AuditHead))
        for table in Base.metadata.sorted_tables:
            for rows in _rows(session, table):
                other.execute(table.insert(), rows)
            if target.engine.dialect.name == "postgresql":
                number_on(other, table.name)
        for name in _FOLDERS:
            if (source.folder / name).is_dir():
                shutil.copytree(source.folder / name, target.folder / name, dirs_exist_ok=True)
        for name in ("signing.key", KEYED_BY):
            if (source.folder / name).is_file():
                shutil.copy2(source.folder / name, target.folder / name)


def _rows(session: Session, table: Any) -> Iterator[list[dict[str, Any]]]:
    found = session.execute(select(table).order_by(table.c.id)).mappings()
    while rows := found.fetchmany(_SOME):
        yield [dict(row) for row in rows]


def number_on(session: Session, table: str) -> None:
    """Let PostgreSQL number new rows after those that were copied with their numbers."""
    if session.execute(text(f"SELECT pg_get_serial_sequence('{table}', 'id')")).scalar():
        highest = f"(SELECT COALESCE(MAX(id), 0) + 1 FROM {table})"  # noqa: S608
        session.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {highest}, false)"))
