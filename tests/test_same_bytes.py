"""The same run gives the same bytes, in every output, on another day, in another zone, with another hash of texts."""

import hashlib
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from validator import report
from validator.base import clock
from validator.base.errors import InputError

ROOT = Path(__file__).parents[1]
#: What a run writes: every format, the gate's verdict and protocol, fixed copies, new workbooks.
_SCRIPT = """
from click.testing import CliRunner
from validator.cli.app import App

def run(*arguments):
    result = CliRunner().invoke(App(), arguments)
    assert result.exit_code in (0, 1), result.output

formats = [part for name in {formats} for part in ("--format", name)]
gate = ["--gate", "default", "--gate-docs", "gate"] if {gated} else []
run("check", r"{given}", *formats, *gate, "--fix", "fixed", "--out", "out")
run("template", "--to", "template.xlsx")
run("generate", "--cases", "3", "--seed", "1", "--as", "xlsx", "--to", "made")
run("generate", "--cases", "3", "--seed", "1", "--as", "wide", "--to", "wide")
"""


def _written(folder: Path, zone: str, seed: str) -> dict[str, str]:
    """File -> hash of what a process with this zone and this seed of hashes wrote."""
    folder.mkdir()
    gated = find_spec("great_expectations") is not None
    formats = [name for name in report.formats() if name != "console"]
    script = _SCRIPT.format(formats=formats, gated=gated, given=ROOT / "examples" / "workbook")
    env = {**os.environ, clock.VARIABLE: "1700000000", "TZ": zone, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", script], cwd=folder, env=env, check=True, timeout=300)
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    one = _written(tmp_path / "one", "Asia/Shanghai", "1")
    assert one == _written(tmp_path / "other", "America/New_York", "2")
    kinds = {Path(name).suffix for name in one}
    assert kinds >= {".xlsx", ".html", ".parquet", ".jsonl", ".sarif", ".xml", ".csv"}


def test_time_is_asked_for_in_one_place() -> None:
    """All else would make a second run differ from the first."""
    asks = re.compile(r"\.(?:now|today|utcnow|utcfromtimestamp)\(|\btime\.(?:time|localtime|gmtime)\(")
    places = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "validator").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if asks.search(line.replace("clock.now(", ""))
    }
    assert places == {"validator/base/clock.py"}


@pytest.mark.parametrize("text", ["soon", "-1", "1.5", "１７", "9" * 20])
def test_a_wrong_time_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(clock.VARIABLE, text)
    with pytest.raises(InputError, match=clock.VARIABLE):
        clock.now()
