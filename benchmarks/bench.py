"""How fast zhikong is: makes fictional cases, measures everything in one run, prints ratios and keeps them as JSON.

    python benchmarks/bench.py                      # all parts, a million cases (about half an hour)
    python benchmarks/bench.py --cases 100000 --only a,c

Parts: a whole check against a bare scan of the same Parquet · c a case alone and a hundred
together · d start-up · e a workbook in and annotated out. Measure on a quiet machine.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent))

Figures = dict[str, Any]
REPEATS = 3
CODEBOOKS = os.environ.get("ZHIKONG_BENCH_CODEBOOKS")  #: a folder of code tables, to check with them too


def main() -> int:
    """Run the parts asked for."""
    from benchmarks.figures import keep, options

    parser = options(__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000, help="cases of part a (default: a million)")
    parser.add_argument("--only", default=",".join(PARTS), help="parts to run, such as a,c")
    parser.add_argument("--folder", type=Path, help="where the cases are made and kept (default: a temporary folder)")
    parser.add_argument("--child", nargs=2, metavar=("WHAT", "PATH"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(child(asked.child[0], Path(asked.child[1]))))
        return 0
    with tempfile.TemporaryDirectory(prefix="zhikong-bench-", ignore_cleanup_errors=True) as scratch:
        folder = asked.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        figures: Figures = {"cases": asked.cases}
        for part in asked.only.split(","):
            figures[part] = PARTS[part](folder, asked.cases)
            print(table(part, figures[part]), flush=True)
        target = asked.json or (Path("results.json") if asked.folder is None else folder / "results.json")
        keep(target, figures)
    return 0


def against_scan(folder: Path, cases: int) -> Figures:
    """Part a: reading and checking everything against counting the nulls of every column."""
    figures: Figures = {}
    for kind, defects in (("usual", 0.02), ("faulty", 0.3)):
        data = made(folder / f"{kind}-{cases}", cases, defects, "parquet")
        scan, runs = best("scan", data), {kind: best("check", data)}
        if CODEBOOKS and kind == "usual":
            runs["with code tables"] = best("coded", data)
        for name, check in runs.items():
            figures |= {
                f"{name}: scan CPU s": scan["CPU s"],
                f"{name}: check CPU s": check["CPU s"],
                f"{name}: ratio of CPU": round(check["CPU s"] / scan["CPU s"], 1),
                f"{name}: ratio of time": round(check["seconds"] / scan["seconds"], 1),
                f"{name}: cases per s": round(cases / check["seconds"]),
                f"{name}: peak GB": check["peak GB"],
                f"{name}: findings": check["findings"],
            }
    return figures


def alone(folder: Path, _: int) -> Figures:
    """Part c: one case at a time, warm; a hundred in one call."""
    del folder
    return run_child("alone", Path())


def start_up(folder: Path, _: int) -> Figures:
    """Part d: ``zhikong --version`` in a process of its own."""
    del folder
    command = [sys.executable, "-m", "validator", "--version"]
    seconds = [timed(lambda: run_command(command)) for _ in range(10)]
    return {"median s": round(statistics.median(seconds), 3), "best s": round(min(seconds), 3)}


def workbook(folder: Path, _: int) -> Figures:
    """Part e: a workbook of 10,000 cases in, the annotated one out, by the command line."""
    data = made(folder / "workbook-10000", 10_000, 0.05, "xlsx")
    out = folder / "annotated"
    command = [sys.executable, "-m", "validator", "check", str(data / "lists.xlsx"), "--format", "xlsx"]
    command += ["--fail-on", "never", "--out", str(out)]
    seconds = timed(lambda: run_command(command))
    return {"seconds": round(seconds, 1), "peak GB": peak(children=True)}


PARTS: dict[str, Callable[[Path, int], Figures]] = {
    "a": against_scan, "c": alone, "d": start_up, "e": workbook,
}  # fmt: skip


def made(folder: Path, cases: int, defects: float, fmt: str) -> Path:
    """A folder of generated cases, made once."""
    from validator import generate

    if not (folder / "done").exists():
        print(f"making {cases:,} cases in {folder} …", file=sys.stderr, flush=True)
        start = time.perf_counter()
        generate.write(cases, 1, defects, folder / "data", fmt)
        print(f"made in {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
        (folder / "done").write_text("", encoding="utf-8")
    return folder / "data"


def best(what: str, data: Path) -> Figures:
    """The quickest of several runs, each in a process of its own, and the highest peak of memory."""
    runs = [run_child(what, data) for _ in range(REPEATS)]
    quickest = min(runs, key=lambda run: float(run["seconds"]))
    return {**quickest, "peak GB": max(run["peak GB"] for run in runs)}


def run_command(command: list[str]) -> None:
    """Run zhikong from this checkout."""
    subprocess.run(command, check=True, cwd=HERE.parent.parent, capture_output=True)


def run_child(what: str, data: Path) -> Figures:
    """Measure in a fresh process, so that memory is its own."""
    done = subprocess.run(
        [sys.executable, str(HERE), "--child", what, str(data)], check=True, capture_output=True, encoding="utf-8"
    )
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def child(what: str, data: Path) -> Figures:
    """What a fresh process measures; starting up and loading rules is not counted."""
    if what == "alone":
        return one_case()
    prepared = {"scan": scan, "check": check, "coded": partial(check, codebooks=CODEBOOKS)}[what](data)
    figures: Figures = {}
    before = os.times()
    seconds = timed(lambda: figures.update(prepared()))
    after = os.times()
    cpu = after.user + after.system - before.user - before.system
    return {"seconds": round(seconds, 3), "CPU s": round(cpu, 2), "peak GB": peak(), **figures}


Work = Callable[[], Figures]


def scan(data: Path) -> Work:
    """Count the nulls of every column of every table, streaming."""

    def work() -> Figures:
        for folder in sorted(path for path in data.iterdir() if path.is_dir()):
            table = pl.scan_parquet(folder / "*.parquet")
            table.select(pl.all().null_count()).collect(engine="streaming")
        return {}

    return work


def check(data: Path, codebooks: str | None = None) -> Work:
    """Every check on everything, to the point where each report could be written."""
    from validator import api

    api.load(codebooks=codebooks)

    def work() -> Figures:
        report = api.check(data, codebooks=codebooks)
        found = sum(report.counts().values())
        return {"findings": found, "checks": report.outcomes.height, "cases": report.cases.height}

    return work


def one_case() -> Figures:
    """A case alone, a hundred together: from parsed messages to findings."""
    from validator import api, generate, read
    from validator.generate import files

    catalogue = api.load()
    part, _ = next(generate.partitions(500, 1, 0.2))
    texts = files.messages(part).to_list()

    def run(several: list[str]) -> None:
        parts = read.from_messages([json.loads(text) for text in several], catalogue.layouts)
        _ = api.run(catalogue, parts).findings

    for text in texts[:20]:
        run([text])
    seconds = sorted(timed(partial(run, [text])) for text in texts)
    run(texts[:100])
    together = min(timed(partial(run, texts[start : start + 100])) for start in range(0, 500, 100))
    return {
        "alone p50 ms": round(1000 * seconds[250], 2), "alone p99 ms": round(1000 * seconds[495], 2),
        "100 together ms": round(1000 * together, 1), "cases per s": round(100 / together),
    }  # fmt: skip


def timed(work: Callable[[], Any]) -> float:
    """Seconds that ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak(*, children: bool = False) -> float | None:
    """The most memory this process (or its children) held, in GB; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    who = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(who).ru_maxrss * unit / 1e9, 2)


def table(part: str, figures: Figures) -> str:
    """A part's figures as lines for people."""
    lines = [f"  {name:<34}{value:>14,}" for name, value in figures.items() if value is not None]
    return "\n".join([(PARTS[part].__doc__ or "").strip(), *lines])


if __name__ == "__main__":
    sys.exit(main())
