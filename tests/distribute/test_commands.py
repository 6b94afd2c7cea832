"""``--engine`` as its users type it."""

import shutil
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from validator import api
from validator.cli.app import App


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["check", "--engine", "ray"], "没有引擎“ray”，可用：local、pool、spark、dask"),
        (["check", "--engine", "pool", "--fix", "x"], "--engine pool 不能和 --fix 一起用"),
        (["check", "--workers", "2"], "--engine local 不能和 --workers 一起用"),
        (["measure", "--period", "2025", "--engine", "pool", "--record", "x"], "--engine pool 不能和 --record 一起用"),
        (["check", "--engine", "pool", "--master", "spark://here:7077"], "引擎 pool 不用 --master"),
    ],
)
def test_what_does_not_go_is_one_sentence(data: Path, options: list[str], message: str) -> None:
    result = CliRunner().invoke(App(), [options[0], str(data), *options[1:]])
    assert (result.exit_code, result.output.strip()) == (2, message)


def test_a_check_in_a_pool_leaves_folders_of_parquet(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(data, tmp_path / "lists")
    monkeypatch.chdir(tmp_path / "lists")  # what is written lies among what is checked
    command = ["check", ".", "--engine", "pool", "--workers", "1", "--format", "parquet"]
    for _ in range(2):  # the second time everything is there
        result = CliRunner().invoke(App(), command)
        assert result.exit_code == 1, result.output
        folder = Path("lists-checked")
        alone = api.check(str(data))
        assert pl.scan_parquet(folder / "cases").collect()["case_id"].equals(alone.cases["case_id"])
        found = pl.scan_parquet(folder / "findings").collect()
        assert set(found["check"]) - set(alone.findings["check"]) <= {"read/report-file"}
        assert pl.scan_parquet(folder / "outcomes").collect().equals(alone.outcomes)
        assert "1/1 份，320 例" in result.output
