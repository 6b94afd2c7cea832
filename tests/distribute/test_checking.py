"""A run cut into units says what a run in one process says, row for row; it survives what ends a worker, and a kill."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from tests.distribute.conftest import SIZES
from validator import api
from validator.api import Report
from validator.base.errors import InputError
from validator.distribute import engines, running
from validator.distribute.checking import CheckOptions, Merging, Task
from validator.distribute.engines import Engine
from validator.distribute.pool import Pool
from validator.read.units import Unit

ROOT = Path(__file__).parents[2]


def frames(report: Report) -> list[pl.DataFrame]:
    return [report.findings.sort("check", "case_id", "row", "fingerprint"), report.outcomes.sort("check"), report.cases]


def same(report: Report, other: Report) -> bool:
    return all(one.equals(two) for one, two in zip(frames(report), frames(other), strict=True))


@pytest.fixture(scope="module")
def local(data: Path) -> Report:
    return api.check(data)


@pytest.mark.parametrize(("engine", "rows"), [(engines.Local(), 64), (Pool(2), 40)])
def test_any_engine_and_cut_says_the_same(data: Path, local: Report, engine: Engine, rows: int) -> None:
    report, ran = running.check([str(data)], CheckOptions(partition_rows=rows), engine)
    assert ran.units > len(SIZES)
    assert not ran.failed
    assert ran.cases == sum(SIZES)
    assert same(report, local)
    assert {"AD202", "AD204", "read/orphan-row", "read/mixed-scheme"} <= set(report.findings["check"])


@dataclass(frozen=True)
class Poisoned(Task):
    """A task that one file kills, as one too large for memory does."""

    def __call__(self, unit: Unit) -> bytes:
        if any(piece.path.stem == "b" for piece in unit.pieces):
            os._exit(9)
        return super().__call__(unit)


def test_what_ends_a_worker_is_named_and_can_be_made_up_for(data: Path, local: Report, tmp_path: Path) -> None:
    options = CheckOptions(partition_rows=100)
    report = options.report([str(data)])
    ran = running.run([str(data)], Merging(report), Poisoned(options), Pool(2), tmp_path / "run")
    assert [("b.parquet" in each, "被终止" in each) for each in ran.failed] == [(True, True)]
    assert ran.cases == sum(SIZES) - SIZES[1]
    unread = report.findings.filter(check="read/unreadable-file")
    assert unread["source"].struct.field("file").str.ends_with("b.parquet").all()
    assert unread.height == len(list(data.glob("*/b.parquet")))
    assert report.failed("error")
    denominator = pl.col("rows").filter(pl.col("check") == "AD202").first()
    assert report.outcomes.select(denominator).item() == ran.cases
    again, rest = running.check([str(data)], options, engines.Local(), tmp_path / "run")
    assert (rest.kept, rest.failed) == (rest.units - 1, [])
    assert same(again, local)
    with pytest.raises(InputError, match="另一次运行的结果（选项不同）"):
        running.check([str(data)], CheckOptions(partition_rows=100, mask=False), engines.Local(), tmp_path / "run")


KILLED = """
import sys
from pathlib import Path
from validator.distribute import running
from validator.distribute.checking import CheckOptions
from validator.distribute.pool import Pool
if __name__ == "__main__":
    running.check([sys.argv[1]], CheckOptions(partition_rows=40), Pool(1), Path(sys.argv[2]))
"""


def test_a_killed_run_goes_on_and_leaves_no_process(data: Path, local: Report, tmp_path: Path) -> None:
    (tmp_path / "killed.py").write_text(KILLED)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.Popen([sys.executable, tmp_path / "killed.py", data, tmp_path / "run"], env=environment)
    try:
        while not list(tmp_path.glob("run/units/*.arrow")):
            assert run.poll() is None
            time.sleep(0.01)
    finally:
        run.kill()
        run.wait()
    report, ran = running.check([str(data)], CheckOptions(partition_rows=40), engines.Local(), tmp_path / "run")
    assert 0 < ran.kept < ran.units
    assert not ran.failed
    assert same(report, local)
    assert not list(tmp_path.glob("run/units/.*"))
    marker = str(tmp_path / "run").encode()
    assert not any(marker in each.read_bytes() for each in Path("/proc").glob("[0-9]*/cmdline") if each.exists())
