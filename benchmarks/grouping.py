"""How many cases a second the DRG grouper does, where the time goes, and how many a naive version by sets does.

It needs tables: python benchmarks/grouping.py ../shared/chs_drg
"""

import cProfile
import os
import pstats
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent))

T = TypeVar("T")
REPEATS = 5
NAIVE = 20_000  #: so many of the cases are grouped by the naive version too


def main() -> int:
    from benchmarks.figures import keep, options

    parser = options(__doc__)
    parser.add_argument("tables", type=Path, help="the folder of the scheme's tables")
    parser.add_argument("--cases", type=int, default=300_000, help="how many (default: 300,000)")
    parser.add_argument("--profile", action="store_true", help="the functions that take longest")
    asked = parser.parse_args()
    from tests.grouping.naive import Naive
    from validator.generate import flat
    from validator.grouping import cases, drg
    from validator.grouping.encoded import encode
    from validator.grouping.scheme import DrgScheme
    from validator.loaders.schemes import folder

    scheme = DrgScheme(folder.read(asked.tables), asked.tables.name)
    table = flat.drawn(scheme, asked.cases, seed=1)
    some = cases.from_flat(table)
    _, first = timed(lambda: drg.group(scheme, some))
    result, whole = best(lambda: drg.group(scheme, some))
    _, encoding = best(lambda: encode(scheme, some))
    _, reading = best(lambda: cases.from_flat(table))
    alone = cases.from_flat(table.head(1))
    _, one = best(lambda: drg.group(scheme, alone))
    naive, few = Naive(asked.tables), table.head(NAIVE).rows(named=True)
    _, slow = timed(lambda: [naive.group(case) for case in few])
    speeds = {
        "group": asked.cases / whole, "encoding": asked.cases / encoding, "read flat": asked.cases / reading,
        "naive": len(few) / slow,
    }  # fmt: skip
    print(f"{asked.cases:,} cases, {os.cpu_count()} cores; {(result['status'] == 'grouped').mean():.1%} grouped")
    print(f"group       {asked.cases / whole:12,.0f} cases/s  {whole:6.2f} s (the first time {first:.2f} s)")
    print(f"  encoding  {asked.cases / encoding:12,.0f} cases/s  {encoding:6.2f} s of it")
    print(f"read flat   {asked.cases / reading:12,.0f} cases/s  {reading:6.2f} s")
    print(f"one case    {one * 1000:12.1f} ms")
    print(
        f"naive       {speeds['naive']:12,.0f} cases/s, by sets in plain Python: {speeds['group'] / speeds['naive']:.0f} × slower"
    )
    keep(asked.json, {"cases": asked.cases, "cases per s": {name: round(speed) for name, speed in speeds.items()}})
    if asked.profile:
        profile = cProfile.Profile()
        profile.runcall(drg.group, scheme, some)
        pstats.Stats(profile).sort_stats("tottime").print_stats(12)
    return 0


def timed(call: Callable[[], T]) -> tuple[T, float]:
    start = time.perf_counter()
    return call(), time.perf_counter() - start


def best(call: Callable[[], T]) -> tuple[T, float]:
    runs = [timed(call) for _ in range(REPEATS)]
    return min(runs, key=lambda run: run[1])


if __name__ == "__main__":
    sys.exit(main())
