"""Runs over many units: cost per case as the data grow, the memory of all processes as a run goes on, what a second worker gains.

    python benchmarks/scale.py --cases 1000000 10000000 --engines local pool:1 pool:2 --folder DIR
    python benchmarks/scale.py --stays --cases 1000000 --engines pool:2 --folder DIR  # each with some 30 charge lines
    python benchmarks/scale.py --cases 10000000 --engines pool:2 --kill 300           # killed once, and started again
    python benchmarks/scale.py --cases 100000 300000 --engines local pool:1 spark:1 tables:1

``tables`` checks Spark's own tables (`validator.spark.check`), the others run `zhikong check --engine …`. Each run is a process of its own,
sampled with all that it starts (Linux only). What a case costs without start-up is the difference between two sizes.
Beyond some hundred thousand, cases are copies of others with keys of their own (`benchmarks/copies.py`).
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
_PARTS = 5  #: of a run, the most memory of each
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Watched:
    """What the processes of a run use, as it goes on."""

    first: int  #: the process that started the others
    cpu: dict[int, float] = field(default_factory=dict)  #: process -> seconds so far
    most: dict[int, int] = field(default_factory=dict)  #: process -> the most kilobytes it held
    all: list[int] = field(default_factory=list)  #: kilobytes of all processes, at each look

    def look(self) -> None:
        """Look at all processes that are there now."""
        held = 0
        for process in (self.first, *descendants(self.first)):
            status = about(process)
            if status:
                held += status["VmRSS"]
                self.most[process] = max(self.most.get(process, 0), status["VmHWM"])
                self.cpu[process] = seconds(process) or self.cpu.get(process, 0.0)
        self.all.append(held)

    def by_part(self) -> list[int]:
        """The most megabytes of all processes in each fifth of the run."""
        size = -(-len(self.all) // _PARTS)
        return [max(self.all[start : start + size]) >> 10 for start in range(0, len(self.all), size)]


def measure(data: Path, engine: str, out: Path, kill: float | None = None) -> dict[str, Any]:
    """One run: cases, wall and CPU seconds, the most memory of the first process, of any other, and of all, bytes on disk.

    ``kill``: after so many seconds everything is killed, and started again.
    """
    import polars as pl

    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    start = time.perf_counter()
    runs = [run(data, engine, out, kill)] if kill else []
    runs.append(run(data, engine, out))
    wall = time.perf_counter() - start
    cases = sum(
        pl.scan_parquet(file).select(pl.len()).collect().item() for file in sorted((data / "setlinfo").iterdir())
    )
    cpu = sum(sum(each.cpu.values()) for each in runs)
    last = runs[-1]
    others = [held for process, held in last.most.items() if process != last.first]
    disk = sum(each.stat().st_size for each in out.rglob("*") if each.is_file())
    return {
        "data": data.name, "engine": engine, "cases": cases, "wall_s": round(wall, 1), "cpu_s": round(cpu, 1),
        "cpu_us_per_case": round(cpu / cases * 1e6, 1), "driver_mb": last.most[last.first] >> 10, "worker_mb": max(others, default=0) >> 10,
        "all_mb": max(last.all) >> 10, "all_mb_by_fifth": last.by_part(), "disk_mb": disk >> 20, "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def run(data: Path, engine: str, out: Path, kill: float | None = None) -> Watched:
    """Check the data, watched; ``kill``: until so many seconds are over. What it says goes to ``run.log``."""
    name, _, workers = engine.partition(":")
    command = [sys.executable, "-m", "validator", "check", str(data), "--out", str(out), "--format", "parquet"]
    command += ["--fail-on", "never", "--engine", name, *(["--workers", workers] if workers else [])]
    if name == "tables":
        command = [sys.executable, str(Path(__file__).resolve()), "--tables", str(data), f"local[{workers or '*'}]"]
    settings = os.environ | {"PYTHONPATH": str(ROOT)}
    with (
        (out / "run.log").open("ab") as log,
        subprocess.Popen(command, env=settings, stderr=log, start_new_session=True) as process,
    ):
        watched, start = Watched(process.pid), time.perf_counter()
        while process.poll() is None:
            watched.look()
            if kill and time.perf_counter() - start > kill:
                os.killpg(process.pid, signal.SIGKILL)
                return watched
            time.sleep(0.2)
    if process.returncode:
        raise SystemExit(f"{data} {engine}: exit {process.returncode}, see {out / 'run.log'}")
    return watched


def of_tables(data: Path, master: str) -> None:
    """Check the tables as those of Spark."""
    from validator import spark as zhikong
    from validator.distribute.spark import session

    spark = session(master)
    tables = {each.name: spark.read.parquet(str(each)) for each in sorted(data.iterdir()) if each.is_dir()}
    found = zhikong.check(spark, tables)
    print(sum(found.report.counts().values()), "findings")


def descendants(process: int) -> list[int]:
    """The processes that one started, those that these started, and so on."""
    found = list[int]()
    try:
        for task in Path(f"/proc/{process}/task").iterdir():
            for each in map(int, (task / "children").read_text().split()):
                found += [each, *descendants(each)]
    except OSError:
        pass  # it has ended
    return found


def about(process: int) -> Mapping[str, int]:
    """What a process holds, in kilobytes; nothing if it has ended."""
    try:
        lines = [line.split() for line in Path(f"/proc/{process}/status").read_text().splitlines()]
    except OSError:
        return {}
    found = {words[0].rstrip(":"): int(words[1]) for words in lines if len(words) == 3 and words[2] == "kB"}
    return found if "VmRSS" in found else {}


def seconds(process: int) -> float:
    """The CPU seconds of a process so far; 0 if it has ended."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return 0.0
    user, system = text.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / _TICKS


def marginal(found: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Engine -> CPU microseconds of a further case, without start-up: the smallest run against the largest."""
    costs = {}
    for engine in dict.fromkeys(each["engine"] for each in found):
        own = sorted((each["cases"], each["cpu_s"]) for each in found if each["engine"] == engine)
        (few, less), (many, more) = own[0], own[-1]
        if many > few:
            costs[engine] = round((more - less) / (many - few) * 1e6, 1)
    return costs


def main() -> None:
    """Run each engine on each size."""
    from benchmarks import copies
    from benchmarks.figures import keep, options

    parser = options(__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=[1_000_000, 3_000_000])
    parser.add_argument("--stays", action="store_true", help="with some 30 charge lines each")
    parser.add_argument("--data", type=Path, nargs="*", help="folders of Parquet instead of generated ones")
    parser.add_argument("--engines", nargs="+", default=["local", "pool:1", "pool:2"])
    parser.add_argument("--folder", type=Path, default=Path("scale-data"), help="for data and results")
    parser.add_argument("--kill", type=float, metavar="SECONDS", help="kill each run once, and start it again")
    asked = parser.parse_args()
    kind = "stays" if asked.stays else "lists"
    data = asked.data or [
        copies.make(cases, asked.folder / f"{kind}-{cases}", lines=asked.stays) for cases in asked.cases
    ]
    found = list[dict[str, Any]]()
    for folder in data:
        for engine in asked.engines:
            found.append(measure(folder.resolve(), engine, asked.folder.resolve() / "out", asked.kill))
            print("  ".join(f"{name} {value}" for name, value in found[-1].items()), flush=True)
            keep(asked.json, {"runs": found, "CPU us of a further case": marginal(found)})
    for engine, cost in marginal(found).items():
        print(f"{engine}: {cost} CPU us of a further case")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--tables"]:
        of_tables(Path(sys.argv[2]), sys.argv[3])
    else:
        main()
