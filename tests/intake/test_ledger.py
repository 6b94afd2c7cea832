"""The ledger by itself: its tables, its log, its jobs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("alembic", reason="needs the extra service")
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from validator.base.errors import InputError
from validator.intake.ledger import Ledger, audit, jobs, open_ledger, store
from validator.intake.ledger.models import Base, Job


def test_migrations_make_the_tables_that_the_code_uses(ledger: Ledger) -> None:
    with ledger.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    assert ScriptDirectory(str(Path(store.__file__).parent / "migrations")).get_current_head() == store.HEAD


def test_a_ledger_opens_again_and_one_of_a_newer_zhikong_is_refused(ledger: Ledger, database: str) -> None:
    open_ledger(ledger.folder, database).close()
    with ledger.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(InputError, match="更新版本"):
        open_ledger(ledger.folder, database)


def test_what_is_no_database_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"no database" * 99)
    with pytest.raises(InputError, match="不是收单台账"):
        open_ledger(tmp_path)
    with pytest.raises(InputError, match="地址不对"):
        open_ledger(tmp_path / "a", "no address")
    with pytest.raises(InputError, match="连不上"):
        open_ledger(tmp_path / "a", "postgresql+psycopg://user:secret@127.0.0.1:1/none")


def test_the_log_is_append_only_and_a_change_shows(ledger: Ledger) -> None:
    for number in range(3):
        with ledger.writing() as session:
            audit.add(session, "officer", "test", f"case {number}", {"n": number, "words": "情况属实"})
    with ledger.reading() as session:
        assert audit.broken(session) is None
    for change in ("UPDATE audit SET actor = 'x' WHERE id = 2", "DELETE FROM audit WHERE id = 2"):
        with pytest.raises(DBAPIError, match="append-only"), ledger.writing() as session:
            session.execute(text(change))
    drop = (
        "DROP TRIGGER audit_kept ON audit"
        if ledger.engine.dialect.name == "postgresql"
        else "DROP TRIGGER audit_update"
    )
    with ledger.writing() as session:
        session.execute(text(drop))
        session.execute(text("UPDATE audit SET actor = 'x' WHERE id = 2"))
    with ledger.reading() as session:
        assert audit.broken(session) == 2


def test_the_log_shows_when_its_end_is_cut_off(ledger: Ledger) -> None:
    with ledger.writing() as session:
        audit.add(session, "officer", "test", "case 1")
        session.execute(text("UPDATE audit_head SET entry = 2, hash = 'x'"))
    with ledger.reading() as session:
        assert audit.broken(session) == 2


def test_a_job_is_leased_to_one_and_an_older_lease_may_not_write(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ledger.writing() as session:
        first = jobs.add(session, "receive", "a", {}).id
        second = jobs.add(session, "receive", "b", {}).id
    with ledger.writing() as session:
        job = jobs.take(session, "receive")
        assert job
        assert (job.id, job.token) == (first, 1)
        if ledger.engine.dialect.name == "postgresql":  # SQLite has one writer at a time: another one waits
            with ledger.writing() as other:
                assert (taken := jobs.take(other, "receive"))
                assert taken.id == second
    with ledger.writing() as session:
        assert jobs.take(session, "receive", first) is None
        session.execute(text("UPDATE job SET leased_until = '2020-01-01T00:00:00+08:00'"))
        again = jobs.take(session, "receive", first)
        assert again
        assert again.token == 2
        assert jobs.take(session, "receive", first) is None  # held by this process, which lives
    with pytest.raises(jobs.LeaseLostError), ledger.writing() as session:
        jobs.finish(session, first, 1)
    with ledger.writing() as session:
        jobs.renew(session, first, 2)
        jobs.finish(session, first, 2)
    with pytest.raises(jobs.LeaseLostError), ledger.writing() as session:
        jobs.renew(session, first, 2)


@pytest.mark.skipif(os.name == "nt", reason="Windows does not say whether a process lives without ending it")
def test_the_lease_of_a_process_that_is_dead_is_over_at_once(ledger: Ledger) -> None:
    with ledger.writing() as session:
        job = jobs.add(session, "receive", "a", {}).id
        assert jobs.take(session, "receive")
        ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
        holder = session.get_one(Job, job).holder
        assert holder
        session.get_one(Job, job).holder = f"elsewhere:{int(ended.stdout)}"  # of another host nobody knows
        assert jobs.take(session, "receive") is None
        session.get_one(Job, job).holder = f"{holder.rpartition(':')[0]}:{int(ended.stdout)}"
        again = jobs.take(session, "receive")
        assert again
        assert (again.token, again.holder) == (2, holder)
    with pytest.raises(jobs.LeaseLostError), ledger.writing() as session:
        jobs.renew(session, job, 1)  # and should it live after all, it may not write
