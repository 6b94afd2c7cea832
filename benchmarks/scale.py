"""Runs over many units: cost per case as the data grow, the most memory that any process holds, and what a second worker gains.

    python benchmarks/scale.py --cases 1000000 10000000 --engines local pool:1 pool:2 --folder DIR

Each run is a process of its own (`zhikong check --engine …`), sampled with the processes that it starts; JSON goes next to the text.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def generate(cases: int, to: Path) -> Path:
    """Lists with 2 % faulty ones, as Parquet; kept for the next run."""
    if not (to / "setlinfo").is_dir():
        command = [
            "generate",
            "--cases",
            str(cases),
            "--seed",
            "7",
            "--defects",
            "0.02",
            "--as",
            "parquet",
            "--to",
            str(to),
        ]
        subprocess.run([sys.executable, "-m", "validator", *command], check=True, cwd=ROOT)
    return to


def measure(data: Path, engine: str, out: Path) -> dict[str, Any]:
    """One run: cases, wall and CPU seconds, the most memory of the first process and of any other, bytes on disk."""
    import polars as pl

    name, _, workers = engine.partition(":")
    shutil.rmtree(out, ignore_errors=True)
    command = [
        sys.executable,
        "-m",
        "validator",
        "check",
        str(data),
        "--out",
        str(out),
        "--format",
        "parquet",
        "--fail-on",
        "never",
    ]
    command += ["--engine", name, *(["--workers", workers] if workers else [])]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as run:
        most: dict[int, int] = {}
        while run.poll() is None:
            for process in (run.pid, *children(run.pid)):
                most[process] = max(most.get(process, 0), peak(process))
            time.sleep(0.2)
    if run.returncode:
        raise SystemExit(f"{data} {engine}: exit {run.returncode}")
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cases = sum(
        pl.scan_parquet(file).select(pl.len()).collect().item() for file in sorted((data / "setlinfo").iterdir())
    )
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    others = [held for process, held in most.items() if process != run.pid]
    disk = sum(each.stat().st_size for each in out.rglob("*") if each.is_file())
    return {
        "data": data.name, "engine": engine, "cases": cases, "wall_s": round(wall, 1), "cpu_s": round(cpu, 1),
        "cpu_us_per_case": round(cpu / cases * 1e6, 1), "driver_mb": most[run.pid] >> 10, "worker_mb": max(others, default=0) >> 10,
        "disk_mb": disk >> 20, "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def children(process: int) -> list[int]:
    """The processes that one started."""
    try:
        return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def peak(process: int) -> int:
    """The most kilobytes that a process held so far."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, nargs="+", default=[1_000_000, 3_000_000])
    options.add_argument("--data", type=Path, nargs="*", help="folders of Parquet instead of generated ones")
    options.add_argument("--engines", nargs="+", default=["local", "pool:1", "pool:2"])
    options.add_argument("--folder", type=Path, default=Path("scale-data"), help="for data and results")
    asked = options.parse_args()
    data = asked.data or [generate(cases, asked.folder / str(cases)) for cases in asked.cases]
    found = list[dict[str, Any]]()
    for folder in data:
        for engine in asked.engines:
            found.append(measure(folder.resolve(), engine, asked.folder / "out"))
            print("  ".join(f"{name} {value}" for name, value in found[-1].items()), flush=True)
            machine = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
            about = {"when": f"{datetime.now().astimezone():%Y-%m-%d %H:%M}", **machine, "runs": found}
            (asked.folder / "scale.json").write_text(json.dumps(about, indent=1))


if __name__ == "__main__":
    main()
