"""Measures of many hospitals: ``--cases`` stays in ``--hospitals`` hospitals, checked, grouped and measured by ``zhikong measure``.

Prints seconds of wall and CPU, and the most memory. The scheme is the small made-up one of the tests. Aim: a million stays of a
thousand hospitals in under two minutes on two cores, in bounded memory.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

HERE = Path(__file__).resolve()
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))
_SIZE = 100_000


def make(folder: Path, cases: int, hospitals: int) -> Path:
    """Lists in Parquet, a file a table and 100,000 stays, each stay in one of the hospitals; reused where they are there."""
    from validator import generate

    data = folder / f"lists-{cases}-{hospitals}"
    if data.is_dir():
        return data
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    for number, (part, _) in enumerate(generate.partitions(cases, 1, 0.02, size=_SIZE)):
        for name, frame in part.tables.items():
            rows = frame
            if name == part.case:
                place = (pl.int_range(pl.len()) % hospitals + 1).cast(pl.String).str.zfill(5)
                rows = frame.with_columns(fixmedins_code=pl.lit("H110105") + place)
            else:
                keys = part.tables[part.case]
                rows = frame.with_columns(setl_id=keys["setl_id"].gather(frame["_case"]))
            target = scratch / name / f"{number:03}.parquet"
            target.parent.mkdir(parents=True, exist_ok=True)
            rows.select(pl.exclude("^_.*$", "case_id")).write_parquet(target)
    scratch.rename(data)
    return data


def main() -> None:
    """Make the lists and measure them in a process of its own."""
    from benchmarks.figures import keep, options

    parser = options(__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--hospitals", type=int, default=1_000)
    parser.add_argument("--folder", type=Path, help="keep the lists here for the next run")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        data = make(folder, given.cases, given.hospitals)
        books = Path(scratch) / "books"
        run = [sys.executable, "-m", "validator"]
        settings = os.environ | {"ZHIKONG_CODEBOOKS": str(books), "PYTHONPATH": str(ROOT)}
        scheme = ROOT / "tests" / "madeup" / "scheme"
        subprocess.run([*run, "codebooks", "add", str(scheme), "--version", "made-up"], env=settings, check=True)
        begin = time.perf_counter()
        command = [
            *run,
            "measure",
            str(data),
            "--period",
            "2025-07-01..2026-06-30",
            "--to",
            str(Path(scratch) / "out"),
            "--quiet",
        ]
        subprocess.run(command, env=settings, check=True)
        wall = time.perf_counter() - begin
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6
        keep(given.json, {"stays": given.cases, "hospitals": given.hospitals, "s": wall, "CPU s": cpu, "GB": memory})
        print(
            f"{given.cases:,} stays of {given.hospitals:,} hospitals: {wall:.0f} s, {cpu:.0f} s of CPU, {memory:.1f} GB"
        )


if __name__ == "__main__":
    main()
