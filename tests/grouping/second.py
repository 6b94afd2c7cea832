"""Group random cases by a folder of tables and by the naive second reading of it; print where they differ.

``python -m tests.grouping.second ../shared/chs_drg_20 --cases 30000``
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import polars as pl

from tests.grouping.naive import Naive
from validator.generate import flat
from validator.grouping import cases, drg
from validator.grouping.scheme import DrgScheme
from validator.loaders.schemes import folder


def compared(tables: Path, count: int, seed: int) -> tuple[pl.DataFrame, list[tuple[Any, ...]]]:
    """Our results for cases drawn from the scheme, and the cases that the naive reading groups otherwise, with both results."""
    scheme = DrgScheme(folder.read(tables), tables.name)
    drawn = flat.drawn(scheme, count, seed)
    result = drg.group(scheme, cases.from_flat(drawn))
    naive = Naive(tables)
    found = result.select("mdc", "adrg", "drg", grouped=pl.col("status") == "grouped").rows()
    expected = [naive.group(case) for case in drawn.iter_rows(named=True)]
    pairs = zip(drawn.rows(named=True), found, expected, strict=True)
    return result, [(case, ours, theirs) for case, ours, theirs in pairs if ours != theirs]


def main() -> int:
    """Compare and count; 1 where a case differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path)
    parser.add_argument("--cases", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=20260901)
    asked = parser.parse_args()
    result, differing = compared(asked.tables, asked.cases, asked.seed)
    counts = dict(result["status"].value_counts(sort=True).iter_rows())
    head = f"{asked.tables.name}: {result.height:,} cases, {counts}, {result['drg'].n_unique()} results"
    lines = [
        f"{head}; {len(differing)} differ",
        *(f"{case}\n  {ours}\n  {theirs}" for case, ours, theirs in differing[:5]),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(bool(differing))


if __name__ == "__main__":
    sys.exit(main())
