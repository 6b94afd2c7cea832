"""The comparison with other tools runs, and fails where they do not find the same."""

import subprocess
import sys
from pathlib import Path

from benchmarks.peers.__main__ import _agree

PEERS = Path(__file__).parents[1] / "benchmarks" / "peers"


def test_the_same_failures_are_found_by_hand() -> None:
    tools = ["--only", "polars_by_hand,by_zhikong"]
    run = subprocess.run(
        [sys.executable, PEERS, "--cases", "1000", *tools], check=False, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
    rows = [line.split(" | ") for line in run.stdout.splitlines() if line.startswith(("| Polars by hand", "| zhikong"))]
    assert len(rows) == 2
    assert rows[0][5] == rows[1][5] != "0"


def test_what_disagrees_or_names_no_row_is_refused(capsys) -> None:
    one = {"counts": {"a": 2}, "rows": True, "keyed": 2, "failures": 2}
    assert _agree({"one": one, "other": one})
    assert not _agree({"one": one, "other": {**one, "counts": {"a": 1, "b": 1}}})
    assert "other disagrees: ['a', 'b']" in capsys.readouterr().out
    assert not _agree({"one": {**one, "keyed": 1}})
