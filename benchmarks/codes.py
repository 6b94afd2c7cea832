"""How fast code tables are: reading them, finding codes in a batch and alone, searching by name.

    python benchmarks/codes.py

Made-up tables of the national sizes (33,304 diagnoses, 13,686 procedures, 250,000 drugs) are kept in a temporary folder
and read in a process of its own. Measure on a quiet machine; the best of several runs counts.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent))

SIZES = {"icd10": 33_304, "icd9cm3": 13_686, "drug": 250_000}
BATCH, UNKNOWN, FEW, REPEATS = 5_000_000, 0.1, 8, 5


def main() -> int:
    """Print the figures."""
    from benchmarks.figures import keep, options

    parser = options(__doc__)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(measured(asked.child)))
        return 0
    with tempfile.TemporaryDirectory(prefix="zhikong-codes-") as folder:
        make(Path(folder))
        command = [sys.executable, str(HERE), "--child", folder]
        done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
    figures = json.loads(done.stdout)
    keep(asked.json, {name: figure for name, (figure, _) in figures.items()})
    for name, (figure, aim) in figures.items():
        print(f"{name:<48}{figure:>16}   {aim}")
    return 0


def make(folder: Path) -> None:
    """The tables, with names and further columns about as long as the real ones."""
    from validator.codes.tables import Store, Version

    store, blank = Store(folder), {"since": pl.Date, "until": pl.Date, "grey": pl.Boolean}
    for table, size in SIZES.items():
        number = pl.int_range(size, dtype=pl.UInt32)
        if table == "drug":
            code = pl.format("X{}{}BD{}{}A0010101{}", _letter(number), _padded(number % 97, 2), _letter(number // 26),
                             _padded(number % 1000, 3), _padded(number * 7919 % 100_000, 5))  # fmt: skip
        elif table == "icd10":
            code = pl.format("{}{}.{}", _letter(number), _padded(number // 26 % 100, 2), _padded(number // 2600, 3))
        else:
            code = pl.format("{}.{}", _padded(number % 100, 2), _padded(number // 100, 4))
        name = pl.format("{}的名称第{}号、多余的字", pl.col("code").str.head(6), number % 9_000)
        frame = pl.select(code=code).with_columns(
            name=name, 企业=pl.format("某某制药有限公司{}", number % 4_000), 规格=pl.format("{}mg×24片", number % 700)
        )
        frame = frame.with_columns(pl.lit(None, dtype).alias(column) for column, dtype in blank.items())
        assert frame["code"].n_unique() == size, table
        store.put(Version(table, "1.0", None, None, 0, "", "", "", Path()), frame)


def _padded(number: pl.Expr, width: int) -> pl.Expr:
    return number.cast(pl.String).str.zfill(width)


def _letter(number: pl.Expr) -> pl.Expr:
    letters = pl.Series(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return pl.lit(letters).gather(number % 26)


def measured(folder: Path) -> dict[str, tuple[str, str]]:
    """Everything, in the order in which a run meets it: the first reading is cold."""
    from validator.codes.tables import Store

    store, before = Store(folder), resident()
    start = time.perf_counter()
    books = {table: store.book(version) for table in SIZES if (version := store.at(table, None))}
    seconds, grown = time.perf_counter() - start, resident() - before
    figures = {
        "reading the three tables, s": (f"{seconds:.3f}", "aim: under 0.5"),
        "… memory they add, MB": (f"{grown:.0f}" if before else "?", "aim: under 200"),
    }
    for table in ("icd10", "drug"):
        book = books[table]
        codes, few = drawn(book.codes, BATCH), drawn(book.codes, FEW)
        batch = best(lambda: book.find(codes))  # noqa: B023 - called here
        figures[f"{table}, {SIZES[table]:,} codes: found a second"] = (f"{BATCH / batch:,.0f}", "aim: 5,000,000")
        alone = statistics.median(timed(lambda: book.find(few)) for _ in range(200))  # noqa: B023
        figures[f"… {FEW} codes, ms"] = (f"{alone * 1000:.3f}", "aim: under 1")
    for words in (["名称第77号"], ["XA", "第88"], ["没有这个"]):
        figures[f"searching 250,000 names for {' '.join(words)}, ms"] = (
            f"{best(lambda: books['drug'].search(words)) * 1000:.1f}", "aim: milliseconds"  # noqa: B023
        )  # fmt: skip
    return figures


def drawn(codes: pl.Series, count: int) -> pl.Series:
    """Codes at random, some of them unknown."""
    unknown = max(1, int(count * UNKNOWN))
    known = codes.sample(count - unknown, with_replacement=True, seed=1)
    return pl.concat([known, "Q" + codes.sample(unknown, with_replacement=True, seed=2)]).shuffle(3)


def best(work: Callable[[], object]) -> float:
    """The least of several times, the first left out."""
    work()
    return min(timed(work) for _ in range(REPEATS))


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def resident() -> float:
    """Megabytes of memory in use; 0 where the system does not tell."""
    status = Path("/proc/self/statm")
    return int(status.read_text(encoding="ascii").split()[1]) * 4096 / (1 << 20) if status.exists() else 0.0


if __name__ == "__main__":
    sys.exit(main())
