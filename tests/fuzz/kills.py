"""``python -m tests.fuzz.kills COUNT``: runs killed at a random moment; nothing half-written is left, and the next run clears what was."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import polars as pl

ROOT = Path(__file__).parents[2]
FORMATS = ("html", "jsonl", "parquet", "sarif", "junit", "xlsx")
_OF_WORKERS = 0.4  #: share of the runs of a pool that lose a worker, not the process that started it


def command(data: Path, out: Path, engine: str) -> list[str]:
    """A check of the data with every report, and with copies that are fixed or, by a pool, in two processes."""
    formats = [part for name in FORMATS for part in ("--format", name)]
    more = ["--engine", "pool", "--workers", "2"] if engine == "pool" else ["--fix", str(out / "fixed")]
    return [sys.executable, "-m", "validator", "check", str(data), "--out", str(out), "-q", *formats, *more]


def prepare(folder: Path, cases: int) -> Path:
    """Lists with faults, as four folders of CSV files: four units."""
    for seed in range(5, 9):
        made = ["--cases", str(cases // 4), "--seed", str(seed), "--defects", "0.5", "--as", "csv"]
        done = [sys.executable, "-m", "validator", "generate", *made, "--to", str(folder / "in" / str(seed))]
        subprocess.run(done, check=True, cwd=ROOT, capture_output=True)
    return folder / "in"


def killed(data: Path, out: Path, after: float, engine: str = "", *, worker: bool = False) -> bool:
    """Whether a run was still going after so many seconds, and it or one of its processes was killed.

    Its scratch files are below ``out``. A run that loses a worker goes on to its end.
    """
    running = subprocess.Popen(
        command(data, out / "made", engine),
        cwd=ROOT,
        env=environment(out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        running.wait(after)
    except subprocess.TimeoutExpired:
        started = workers(running.pid) if worker else []
        os.kill(started[-1] if started else running.pid, signal.SIGKILL)
        running.wait()
        return True
    return False


def workers(pid: int) -> list[int]:
    """The processes that a process started, the last one last."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def environment(out: Path) -> dict[str, str]:
    """Scratch files below ``out``, and a clock that stands still: the same run gives the same bytes."""
    (out / "tmp").mkdir(parents=True, exist_ok=True)
    return {**os.environ, "TMPDIR": str(out / "tmp"), "SOURCE_DATE_EPOCH": "1767225600"}


def results(folder: Path) -> dict[str, bytes]:
    """The findings and cases as run after run gives them, if it went to its end."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("made/*.jsonl"))}


def broken(folder: Path) -> list[str]:
    """The files that are there under their own names and are not whole."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue  # scratch files, which the next run clears
        try:
            match path.suffix:
                case ".parquet":
                    pl.read_parquet(path)
                case ".jsonl":
                    whole = path.read_text(encoding="utf-8")
                    [json.loads(line) for line in whole.split("\n")[:-1]]
                    assert whole.endswith("\n")
                case ".sarif":
                    json.loads(path.read_text(encoding="utf-8"))
                case ".html":
                    assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
                case ".xml":
                    assert path.read_text(encoding="utf-8").rstrip().endswith("</testsuites>")
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it
            found.append(f"{path.name}: {error!r}"[:200])
    return found


def left(folder: Path) -> list[str]:
    """Scratch files and folders."""
    names = [path.name for path in folder.rglob("*")]
    return [name for name in names if name.startswith((".", "zhikong-"))]


def faults(data: Path, folder: Path, rng: random.Random, longest: float, engine: str = "") -> list[str]:
    """Kill one run (by a pool: or a worker of it), run again, and return what is wrong; ``folder/first`` is an undisturbed run."""
    out = folder / f"run-{rng.randrange(1 << 30)}"
    killed(data, out, rng.uniform(0.2, longest), engine, worker=engine == "pool" and rng.random() < _OF_WORKERS)
    found = broken(out / "made")
    again = command(data, out / "made", engine)
    done = subprocess.run(again, cwd=ROOT, env=environment(out), check=False, capture_output=True, encoding="utf-8")
    if done.returncode not in (0, 1):
        found.append(f"the next run ended with {done.returncode}: {done.stderr[-200:]}")
    elif not results(out) or results(out) != results(folder / "first"):
        found.append(f"other results than those of an undisturbed run: {done.stderr[-200:]}")
    return found + broken(out / "made") + [f"left: {name}" for name in left(out)]


@click.command()
@click.argument("count", type=int)
@click.option("--seed", default=1)
@click.option("--cases", default=300)
@click.option("--engine", default="", type=click.Choice(["", "pool"]))
def main(count: int, seed: int, cases: int, engine: str) -> None:
    """Kill COUNT runs, each at a moment of its own, and print what they left."""
    rng, wrong = random.Random(seed), 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        data = prepare(folder, cases)
        before = time.monotonic()
        killed(data, folder / "first", 600, engine)
        longest = time.monotonic() - before
        for number in range(count):
            found = faults(data, folder, rng, longest, engine)
            wrong += bool(found)
            for fault in found:
                click.echo(f"{number}: {fault}")
    click.echo(f"{wrong} of {count} wrong (seed {seed})")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
