"""``python -m tests.fuzz.kills COUNT``: runs killed at a random moment; nothing half-written is left, and the next run clears what was."""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import polars as pl

ROOT = Path(__file__).parents[2]
FORMATS = ("html", "jsonl", "parquet", "sarif", "junit", "xlsx")


def command(data: Path, out: Path) -> list[str]:
    """A check of the data with every report, and with copies that are fixed."""
    formats = [part for name in FORMATS for part in ("--format", name)]
    return [
        sys.executable,
        "-m",
        "validator",
        "check",
        str(data),
        "--out",
        str(out),
        "--fix",
        str(out / "fixed"),
        "-q",
        *formats,
    ]


def prepare(folder: Path, cases: int) -> Path:
    """Lists with faults, as CSV files."""
    done = [
        sys.executable,
        "-m",
        "validator",
        "generate",
        "--cases",
        str(cases),
        "--seed",
        "5",
        "--defects",
        "0.5",
        "--as",
        "csv",
        "--to",
        str(folder / "in"),
    ]
    subprocess.run(done, check=True, cwd=ROOT, capture_output=True)
    return folder / "in"


def killed(data: Path, out: Path, after: float) -> bool:
    """Whether a run with its scratch files below ``out`` was still going after so many seconds, and was killed."""
    scratch = out / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    running = subprocess.Popen(
        command(data, out / "made"),
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(scratch)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        running.wait(after)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
        return True
    return False


def broken(folder: Path) -> list[str]:
    """The files that are there under their own names and are not whole."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name.startswith("."):
            continue
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


def faults(data: Path, folder: Path, rng: random.Random, longest: float) -> list[str]:
    """Kill one run, run again, and return what is wrong."""
    out = folder / f"run-{rng.randrange(1 << 30)}"
    killed(data, out, rng.uniform(0.2, longest))
    found = broken(out / "made")
    env = {**os.environ, "TMPDIR": str(out / "tmp")}
    done = subprocess.run(
        command(data, out / "made"), cwd=ROOT, env=env, check=False, capture_output=True, encoding="utf-8"
    )
    found += (
        [f"the next run ended with {done.returncode}: {done.stderr[-200:]}"] if done.returncode not in (0, 1) else []
    )
    found += broken(out / "made") + [f"left: {name}" for name in left(out)]
    return found


@click.command()
@click.argument("count", type=int)
@click.option("--seed", default=1)
@click.option("--cases", default=300)
def main(count: int, seed: int, cases: int) -> None:
    """Kill COUNT runs, each at a moment of its own, and print what they left."""
    rng, wrong = random.Random(seed), 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        data = prepare(folder, cases)
        before = time.monotonic()
        killed(data, folder / "first", 600)
        longest = time.monotonic() - before
        for number in range(count):
            found = faults(data, folder, rng, longest)
            wrong += bool(found)
            for fault in found:
                click.echo(f"{number}: {fault}")
    click.echo(f"{wrong} of {count} wrong (seed {seed})")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
