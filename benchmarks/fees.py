"""What reading and checking stays with some 200 charge lines each takes, from Parquet: CPU time, memory, findings.

python benchmarks/fees.py                       # 10,000 stays next to their lists, then lines alone
python benchmarks/fees.py --stays 100000        # the aim: under 2 GB
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent))

INTERFACES = ("4101+2301", "2301")


def main() -> int:
    """Make stays of both kinds and check each in a process of its own."""
    from benchmarks.figures import keep, options

    parser = options(__doc__)
    parser.add_argument("--stays", type=int, default=10_000, help="how many (default: 10,000)")
    parser.add_argument("--folder", type=Path, help="where they are made and kept (default: a temporary folder)")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(check(asked.child)))
        return 0
    every = {}
    with tempfile.TemporaryDirectory(prefix="zhikong-bench-", ignore_cleanup_errors=True) as scratch:
        for interface in INTERFACES:
            data = (asked.folder or Path(scratch)) / f"{interface}-{asked.stays}"
            if not data.exists():
                make(data, interface, asked.stays)
            command = [sys.executable, str(HERE), "--child", str(data)]
            done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
            figures = every[interface] = json.loads(done.stdout.splitlines()[-1])
            print("  ".join([interface, *(f"{name} {value:,}" for name, value in figures.items())]), flush=True)
    keep(asked.json, {"stays": asked.stays, **every})
    return 0


def make(data: Path, interface: str, stays: int) -> None:
    """Write the stays, in files of 3,500 of them."""
    from validator import generate
    from validator.generate import fees, files

    fees.MOST, fees.ABOUT = 90, 6_500  # lines of a category at most, fen of each: some 200 lines a stay
    parts = generate.partitions(stays, 1, interface=interface, size=3_500)
    for done in files.write(parts, data, "parquet", stays, "utf-8"):
        print(f"made {done:,} of {stays:,}", file=sys.stderr, flush=True)


def check(data: Path) -> dict[str, float]:
    """Check everything; starting up and loading rules is not counted as time."""
    from validator import api

    api.load()
    before = os.times()
    report = api.check(data)
    findings = sum(report.counts().values())
    after = os.times()
    cpu = after.user + after.system - before.user - before.system
    outcome = report.outcomes.filter(check="FL105").row(0, named=True)
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "stays": report.cases.height, "lines": outcome["passed"] + outcome["failed"], "findings": findings,
        "cpu s": round(cpu, 1), "stays a cpu s": round(report.cases.height / cpu),
        "peak GB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9, 2),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
