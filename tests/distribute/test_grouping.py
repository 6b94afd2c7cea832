"""Groups of a run cut into units are those of one process."""

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from tests.grouping import scheme as tiny
from validator.cli import groups
from validator.cli.app import App
from validator.cli.group_units import GroupTask, MergedGroups
from validator.codes.tables import Store
from validator.distribute import engines, running
from validator.distribute.checking import CheckOptions
from validator.grouping.grouper import Grouper


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("books")
    tiny.keep(Store(folder))
    return folder


def test_groups_are_those_of_one_process(data: Path, books: Path, tmp_path: Path) -> None:
    found = list[groups.Results]()
    for name in ("alone", "units"):
        (tmp_path / name).mkdir()
        found.append(groups.Results(Grouper("", "national", books), tmp_path / name))
    alone, units = found
    for batch in alone.grouper.batches([str(data)]):
        alone.add(batch)
    options = CheckOptions(codebooks=books, partition_rows=100)
    ran = running.run(
        [str(data)], MergedGroups(units, [str(data)]), GroupTask(options, ""), engines.Local(), tmp_path / "run"
    )
    assert ran.units > 2
    assert units.rows.collect().equals(alone.rows.collect())
    for name in ("cases", "statuses", "reasons", "unread", "payments"):
        assert getattr(units, name) == getattr(alone, name)


def test_a_file_that_cannot_be_read_is_named(data: Path, books: Path, tmp_path: Path) -> None:
    for table in data.iterdir():
        (tmp_path / "lists" / table.name).mkdir(parents=True)
        for file in table.iterdir():
            (tmp_path / "lists" / table.name / file.name).symlink_to(file)
    broken = tmp_path / "lists" / "diseinfo" / "b.parquet"
    broken.unlink()
    broken.write_bytes(b"PAR1")
    out = tmp_path / "groups.parquet"
    command = ["group", str(tmp_path / "lists"), "--codebooks", str(books), "--engine", "pool", "--workers", "1"]
    result = CliRunner().invoke(App(), [*command, "--out", str(out)])
    assert result.exit_code in (1, 2), result.output
    assert "diseinfo/b.parquet" in result.output
    assert not out.exists() or pl.read_parquet(out).height < 320
