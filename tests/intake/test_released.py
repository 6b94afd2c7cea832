"""A ledger of each release opens in this zhikong and shows what it showed."""

import contextlib
import json
import re
import sqlite3
from pathlib import Path

import pytest

pytest.importorskip("alembic", reason="needs the extra service")
pytest.importorskip("validator.gate.gx", reason="needs the extra service")
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from tests.intake import released
from tests.intake.deliveries import HOSPITAL, a_list, as_file
from validator.intake import decisions, freeze
from validator.intake.backup import number_on
from validator.intake.ledger import audit, open_ledger, store
from validator.intake.ledger.models import Freeze
from validator.intake.options import Options
from validator.intake.receive import receive

RELEASED = sorted(released.FOLDER.glob("*.sql"))


def load(dump: Path, folder: Path, url: str) -> None:
    """Make the ledger of a dump: as it is in SQLite, its rows in the tables of that migration in PostgreSQL."""
    folder.mkdir()
    content = dump.read_text(encoding="utf-8")
    if not url:
        with contextlib.closing(sqlite3.connect(folder / "ledger.sqlite")) as database:
            database.executescript(content)
        return
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    store.upgrade(engine, to=dump.stem)
    rows = content.partition("-- rows\n")[2].partition("-- triggers\n")[0]
    with Session(engine) as session, session.begin():
        session.execute(text("DELETE FROM alembic_version"))
        session.execute(text("DELETE FROM audit_head"))
        session.connection().connection.cursor().execute(rows)  # as it stands: nothing in it is a parameter
        for table in re.findall(r"^CREATE TABLE (\w+) \(\s+id ", content, re.MULTILINE):
            number_on(session, table)
    engine.dispose()


@pytest.mark.parametrize("dump", RELEASED, ids=lambda path: path.stem)
def test_a_ledger_of_an_earlier_release_opens_and_tells_the_same(dump: Path, database: str, tmp_path: Path) -> None:
    load(dump, tmp_path / "ledger", database)
    ledger = open_ledger(tmp_path / "ledger", database)
    try:
        with ledger.reading() as session:
            assert session.execute(text("SELECT version_num FROM alembic_version")).scalar() == store.HEAD
            assert audit.broken(session) is None
            assert freeze.is_signed(session.get_one(Freeze, 1))
        before = json.loads(dump.with_suffix(".json").read_text(encoding="utf-8"))
        assert kept(before, released.shown(ledger)) == before
        june = as_file(tmp_path / "june.jsonl", a_list(5, setl_end_date="2026-06-30"))
        assert receive(ledger, [june], Options(hospital=HOSPITAL)).again
        assert receive(ledger, [as_file(tmp_path / "new.jsonl", a_list(6, gend=""))]).counts == {"return": 1}
        assert decisions.accept_cases(ledger, ["S0006"], "审核员", "属实") == ["S0006"]
        with ledger.reading() as session:
            assert audit.broken(session) is None
    finally:
        ledger.close()


def kept(before: object, after: object) -> object:
    """What a later answer has of an earlier one: it may tell more."""
    if isinstance(before, dict) and isinstance(after, dict):
        return {key: kept(value, after.get(key)) for key, value in before.items()}
    if isinstance(before, list) and isinstance(after, list):
        return [kept(*each) for each in zip(before, after, strict=True)]
    return after


@pytest.mark.parametrize("dump", RELEASED, ids=lambda path: path.stem)
def test_migrations_that_went_out_stay_as_they_were(dump: Path, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    store.upgrade(engine, to=dump.stem)
    engine.dispose()
    tables = released.text(tmp_path / "ledger.sqlite").partition("-- rows")[0]
    assert tables == dump.read_text(encoding="utf-8").partition("-- rows")[0]
