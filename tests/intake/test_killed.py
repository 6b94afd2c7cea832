"""A kill at any moment leaves nothing or the whole, and a restart finishes what was begun."""

from pathlib import Path

import pytest

pytest.importorskip("alembic", reason="needs the extra service")
pytest.importorskip("great_expectations", reason="needs the extra service")

from tests.intake import killing
from tests.intake.deliveries import a_list, as_file

KILLS = 10  #: on each database; ``python -m tests.intake.killing 100`` tries more


@pytest.mark.slow
def test_a_kill_leaves_nothing_or_the_whole(tmp_path: Path, postgres: str) -> None:
    from sqlalchemy import create_engine, text

    server = postgres.replace("postgresql://", "postgresql+psycopg://")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    file = as_file(tmp_path / "a.jsonl", a_list(1), a_list(2, gend=""))
    with killing.processes() as context, admin.connect() as connection:
        for database in ("sqlite", "postgresql"):
            every, right = 0, None
            for number in range(KILLS + 1):  # the first is not killed: it counts the steps
                url = ""
                if database == "postgresql":
                    connection.execute(text(f"CREATE DATABASE k{number}"))
                    url = server.replace("/postgres?", f"/k{number}?")
                folder = tmp_path / database / str(number)
                last = 1 + (number - 1) * every // KILLS if number else 0
                steps = killing.steps(context, folder, url, file, last)
                every = every or steps or 0
                found = killing.whole(folder, url, file)
                right = right or found
                assert found == right, last
    admin.dispose()
