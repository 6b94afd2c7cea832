"""Opening a ledger: its folder, its database, and the migrations that bring an older one up to date."""

import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session

from validator.base import clock
from validator.base.errors import InputError

HEAD = "0004"  #: the newest migration
KEYED_BY = "secret.key"
CHINA = timezone(timedelta(hours=8))
_SOME = 900  #: values in one statement
_WAIT = 60  #: seconds that a writer waits for another one


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """The values, so many together as one statement takes."""
    given = list(values)
    return (given[start : start + _SOME] for start in range(0, len(given), _SOME))


def now() -> str:
    """The time as the ledger writes it."""
    return written(clock.now())


def written(moment: datetime) -> str:
    """A moment as the ledger writes it; without a time zone it is China's."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
    return moment.astimezone(CHINA).isoformat(timespec="seconds")


def today() -> date:
    """The day in China."""
    return clock.now().astimezone(CHINA).date()


@dataclass(frozen=True)
class Ledger:
    """An open ledger. ``folder`` holds the frames (and the database, where it is SQLite's)."""

    folder: Path
    engine: Engine

    @property
    def frames(self) -> Path:
        """The frames of every submission, a folder each."""
        return self.folder / "frames"

    @property
    def staging(self) -> Path:
        """What is being made."""
        return self.folder / "staging"

    @property
    def inbox(self) -> Path:
        """What came and is not received yet."""
        return self.folder / "inbox"

    def secret(self) -> bytes:
        """The key by which values are hashed that must not be guessed from their hashes; made when first needed."""
        path = self.folder / KEYED_BY
        if not path.is_file():
            handle, scratch = tempfile.mkstemp(dir=self.folder, prefix=".key-")
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(32))
            with suppress(FileExistsError):  # another process was quicker: its key counts
                os.link(scratch, path)
            Path(scratch).unlink()
        return path.read_bytes()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction that may write; all of it holds or nothing."""
        with Session(self.engine) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One transaction that only reads."""
        with Session(self.engine.execution_options(only_reads=True)) as session:
            yield session

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def default_folder() -> Path:
    """The ledger's folder where none is named: ``ZHIKONG_LEDGER``, else in the user's data folder."""
    if named := os.environ.get("ZHIKONG_LEDGER"):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_data_dir("zhikong", appauthor=False)) / "intake"


def open_ledger(folder: Path | None = None, url: str = "") -> Ledger:
    """The ledger in a folder, made where there is none, and brought to the newest migration.

    ``url``: the database as SQLAlchemy names it, as ``postgresql+psycopg://user@host/name``; else SQLite in the folder.
    Raises :class:`~validator.base.errors.InputError` where the database cannot be opened.
    """
    folder = (folder or default_folder()).absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = url or f"sqlite:///{folder / 'ledger.sqlite'}"
    try:
        engine = _engine(url)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise InputError("数据库地址不对（--database）", "wrong database address (--database)") from error
    ledger = Ledger(folder, engine)
    try:
        _bring_up_to_date(ledger)
    except BaseException:
        ledger.close()
        raise
    return ledger


def _bring_up_to_date(ledger: Ledger) -> None:
    try:
        with ledger.engine.connect() as connection:
            current = _version(connection)
        if current != HEAD:
            upgrade(ledger.engine, current)
    except OperationalError as error:
        raise refused(ledger, error) from error
    except DBAPIError as error:
        zh, en = f"{ledger.folder}：不是收单台账，或已损坏", f"{ledger.folder}: no ledger, or a damaged one"
        raise InputError(zh, en) from error


def refused(ledger: Ledger, error: OperationalError) -> InputError:
    """Why the database did not do what it was asked, in a sentence that names it."""
    if ledger.engine.dialect.name != "sqlite":
        name = ledger.engine.url.render_as_string(hide_password=True)
        return InputError(f"数据库连不上：{name}", f"cannot connect to the database: {name}")
    name = ledger.engine.url.database or ""
    if "locked" in str(error.orig):
        return InputError(
            f"{name}：正被另一个进程占用，请稍后再试", f"{name}: in use by another process; try again later"
        )
    zh, en = (
        "打不开或写不进：磁盘已满、只读，或没有权限",
        "cannot be opened or written: the disk is full or read-only, or no permission",
    )
    return InputError(f"{name}：{zh}", f"{name}: {en}")


def _engine(url: str) -> Engine:
    known = make_url(url)
    if known.drivername == "postgresql":
        known = known.set(drivername="postgresql+psycopg")
    engine = create_engine(known, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # or the driver would begin transactions itself, later than asked for
    for line in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"busy_timeout = {1000 * _WAIT}"):
        connection.execute(f"PRAGMA {line}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the lock of writers at once: a reader that becomes a writer later may not get it any more."""
    reads = connection.get_execution_options().get("only_reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _version(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def upgrade(engine: Engine, current: str = "", to: str = "head") -> None:
    """Bring the tables to a migration, the newest unless one is named."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current and current not in known:
        raise InputError(
            "台账由更新版本的 zhikong 建立，请先升级 zhikong", "the ledger is of a newer zhikong; upgrade zhikong first"
        )
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(410100)"))  # two processes may start together
        if current != _version(connection):
            return
        config.attributes["connection"] = connection
        command.upgrade(config, to)
