"""A kill at any moment leaves nothing or the whole, and a restart finishes what was begun."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("alembic", reason="needs the extra service")
pytest.importorskip("validator.gate.gx", reason="needs the extra service")

from tests.intake import killing
from tests.intake.deliveries import a_list, as_file

if TYPE_CHECKING:
    from tests.intake.conftest import Databases

KILLS = 10  #: on each database; ``python -m tests.intake.killing 100`` tries more


@pytest.mark.slow
def test_a_kill_leaves_nothing_or_the_whole(tmp_path: Path, empty: Path, databases: "Databases") -> None:
    file = as_file(tmp_path / "a.jsonl", a_list(1), a_list(2, gend=""))
    with killing.processes() as context:
        for database in ("sqlite", "postgresql"):
            every, right = 0, None
            for number in range(KILLS + 1):  # the first is not killed: it counts the steps
                url = databases.make(f"k{number}") if database == "postgresql" else ""
                folder = tmp_path / database / str(number)
                shutil.copytree(empty, folder)
                last = 1 + (number - 1) * every // KILLS if number else 0
                steps = killing.steps(context, folder, url, file, last)
                every = every or steps or 0
                found = killing.whole(folder, url, file)
                right = right or found
                assert found == right, last
