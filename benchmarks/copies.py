"""Many fictional cases quickly: some are generated, the others are copies of them with keys of their own.

Generating takes a tenth of a millisecond a case, copying a hundredth. Copies have other numbers of visit, settlement, patient, record and
business, and another sequence in the ID number, so that no rule about the whole batch speaks; all else repeats.
"""

import re
import shutil
from pathlib import Path

import polars as pl

from validator.generate.people import with_last
from validator.spec.functions import resident_id_valid

MOST = {False: 200_000, True: 20_000}  #: cases that are generated; whether they have charge lines
_FILE = {False: 100_000, True: 10_000}  #: cases in a file
_KEYS = (
    "setl_id",
    "mdtrt_id",
    "hi_no",
    "medcasno",
    "biz_sn",
)  #: letters, four digits of the seed, the place of the case


def make(cases: int, to: Path, *, lines: bool) -> Path:
    """Lists with 2 % faulty ones, ``lines``: with some 30 charge lines each, as Parquet; kept for the next run.

    Where ``cases`` is beyond :data:`MOST`, it is rounded up to whole files.
    """
    if to.is_dir():
        return to
    base = to.parent / f"{to.name}.part"
    shutil.rmtree(base, ignore_errors=True)
    base.mkdir(parents=True)
    generate(min(cases, MOST[lines]), base, lines=lines)
    files = [(path, pl.read_parquet(path)) for path in sorted(base.glob("*/part-*.parquet"))]
    count = len({path.stem for path, _ in files})
    for copy in range(1, -(-cases // MOST[lines])):
        for path, frame in files:
            number = copy * count + int(re.sub(r"\D", "", path.stem))
            if number * _FILE[lines] < cases:
                other(frame, copy).write_parquet(path.with_stem(f"part-{number:05}"))
    base.rename(to)
    return to


def generate(cases: int, to: Path, *, lines: bool) -> None:
    """Write generated cases, in files of :data:`_FILE` of them."""
    from validator import generate as cases_of
    from validator.generate import fees, files

    fees.MOST = 1  # line of a category that is not charged by the day: some 30 a stay
    interface = "4101+2301" if lines else "4101"
    parts = cases_of.partitions(cases, 7, 0.02, interface=interface, size=_FILE[lines])
    for _ in files.write(parts, to, "parquet", cases, "utf-8"):
        pass


def other(frame: pl.DataFrame, copy: int) -> pl.DataFrame:
    """The rows of a table with the keys of a copy."""
    keys = [
        pl.col(name).str.replace(r"^([A-Z]+)\d{4}", f"${{1}}{copy + 1000}") for name in _KEYS if name in frame.columns
    ]
    persons = [_persons(frame["certno"], copy)] if "certno" in frame.columns else []
    return frame.with_columns(*keys, *persons)


def _persons(numbers: pl.Series, copy: int) -> pl.Series:
    """Right ID numbers with another sequence, of persons of the same sex; wrong ones as they are."""
    right = numbers.to_frame().select(resident_id_valid(pl.first()).fill_null(value=False)).to_series()
    body = numbers.str.head(17).cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    others = with_last(body - body % 1000 + (body + 2 * copy) % 1000).rename(numbers.name)
    return others.zip_with(right, numbers)
