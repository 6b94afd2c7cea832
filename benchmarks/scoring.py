"""Scores of many hospitals: ``--hospitals`` with ``--cases`` cases each, from a folder as ``zhikong measure --to`` writes it.

Prints seconds of wall and CPU for the scores, and for all files. What measuring costs: ``measuring.py``.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def make(folder: Path, hospitals: int, cases: int) -> None:
    """Figures of every measure, and which way each case went for each share, drawn at random."""
    from validator.scoring.measures import measures

    drawn = np.random.default_rng(1)
    codes = [f"H{number:05}" for number in range(hospitals)]
    rows = [
        (code, each.id, float(round(cases * drawn.uniform(0.9, 1))), float(cases), "hospital")
        for code in codes
        for each in measures()
    ]
    pl.DataFrame(rows, schema=["hospital", "measure", "numerator", "denominator", "by"], orient="row").write_parquet(
        folder / "measures.parquet"
    )
    count = hospitals * cases
    ways = {
        each.id: pl.Series(drawn.random(count) < 0.95).replace_strict({True: "yes", False: "no"}).cast(pl.Categorical)
        for each in measures()
        if each.unit == "share"
    }
    keys = {"hospital": np.repeat(codes, cases), "case_id": [f"C{number}" for number in range(count)]}
    pl.DataFrame(keys | ways).write_parquet(folder / "cases.parquet")


def timed(figures: dict[str, dict[str, float]], title: str, work: Callable[[], Any]) -> Any:
    """Do it; print what it took and put it among the figures."""
    wall, before = time.perf_counter(), os.times()
    done = work()
    after = os.times()
    cpu = after.user + after.system - before.user - before.system
    figures[title] = {"s": time.perf_counter() - wall, "CPU s": cpu}
    print(f"{title}: {figures[title]['s']:.1f} s, CPU {cpu:.1f} s", flush=True)
    return done


def main() -> None:
    """Make the figures, score, write."""
    from benchmarks.figures import keep, options
    from validator.scoring.scheme.report import write
    from validator.scoring.scheme.run import score

    parser = options(__doc__)
    parser.add_argument("--hospitals", type=int, default=1_000)
    parser.add_argument("--cases", type=int, default=1_000)
    given, figures = parser.parse_args(), dict[str, dict[str, float]]()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        make(folder, given.hospitals, given.cases)
        found = timed(figures, "score", lambda: score(table=folder, last=folder, scheme="wuhan-dip", period="2026"))
        timed(figures, "write", lambda: write(found, folder / "out"))
    keep(given.json, {"hospitals": given.hospitals, "cases of each": given.cases, **figures})


if __name__ == "__main__":
    main()
