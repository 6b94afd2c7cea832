"""Fictional cases by the million: clean, or with planted defects that a truth table lists.

>>> from validator import generate
>>> generate.write(1000, seed=1, defects=0.2, to=Path("data"), fmt="xlsx")
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl

from validator.base.errors import ConfigError
from validator.checks import catalogue
from validator.generate import cases as clean
from validator.generate import dbf, files, plant
from validator.generate.conduct import add as add_conduct
from validator.generate.contradictions import contradict
from validator.generate.draw import Draw
from validator.read.partition import Partition, Source
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import Layout

__all__ = ["partitions", "write"]

Progress = Callable[[str, int, int], None]


def partitions(
    cases: int,
    seed: int,
    defects: float = 0.0,
    interface: str = "4101",
    size: int = 100_000,
    known: Catalogue | None = None,
    contradictions: float = 0.0,
    conduct: float = 0.0,
) -> Iterator[tuple[Partition, pl.DataFrame]]:
    """Partitions of at most ``size`` cases (an even number), each with its truth (columns: ``plant.TRUTH``).

    The same seed gives the same cases, whatever their number and the size of the partitions. ``known``: by whose rules
    and fields defects are planted; the national ones unless given. ``contradictions``: share of case records that contradict
    the list of the same seed in one point. ``conduct``: share of lists that raise a signal of conduct, some with a second stay.
    """
    known = known or catalogue.load()
    layout = known.layouts[interface]
    for first in range(0, cases, size + size % 2):
        count = min(size + size % 2, cases - first)
        numbers = np.arange(first, first + count, dtype=np.uint64)
        tables, truth = clean.tables(layout, seed, first, count), pl.DataFrame(schema=plant.TRUTH)
        if defects:
            tables, truth = plant.plant(known, interface, Draw(seed, numbers), numbers, defects, tables)
        if conduct and layout.interface.document == "list":
            tables, signals = add_conduct(layout, Draw(seed, numbers), conduct, tables)
            truth = pl.concat([truth, signals])
        if contradictions and layout.interface.document == "record":
            lists = known.layouts["4101"]
            ids = plant.case_ids(lists, clean.tables(lists, seed, first, count)[lists.case])
            tables, truth = contradict(layout, Draw(seed, numbers), contradictions, tables, ids.to_list())
        yield _partition(layout, tables), truth


def _partition(layout: Layout, tables: dict[str, pl.DataFrame]) -> Partition:
    places = {"_source": pl.lit(0, pl.UInt32), "_line": pl.lit(None, pl.UInt32)}
    placed = {name: frame.with_columns(**places) for name, frame in tables.items()}
    placed[layout.case] = placed[layout.case].with_columns(plant.case_ids(layout, tables[layout.case]))
    return Partition(layout.name, layout.case, placed, [Source("generated")])


def write(
    cases: int,
    seed: int,
    defects: float,
    to: Path,
    fmt: str,
    interface: str = "4101",
    encoding: str = "gb18030",
    progress: Progress | None = None,
    contradictions: float = 0.0,
    conduct: float = 0.0,
) -> None:
    """Write cases below ``to`` as ``parquet``, ``csv`` (in ``encoding``), ``xlsx``, ``4101`` (messages), or with a row
    a case as ``wide`` (a workbook), ``wide-csv`` or ``dbf`` (WT4 alone).

    With defects, ``_truth.parquet`` (next to Parquet) or ``_truth.csv`` lists what was planted.
    """
    layout = catalogue.load().layouts[interface]
    if fmt.startswith("wide") and (layout.parts or layout.interface.made_of):
        zh, en = (
            f"{interface} 的费用明细不能写在一行里",
            f"the charge lines of {interface} do not fit into a row a case",
        )
        raise ConfigError(f"{zh}，请用 xlsx 或 csv", f"{en}; use xlsx or csv")
    if fmt == "dbf" and interface != dbf.INTERFACE:
        zh, en = f"{interface} 没有 DBF，只有 {dbf.INTERFACE} 有", f"{interface} has no DBF; {dbf.INTERFACE} has"
        raise ConfigError(zh, en)
    for done in files.write(
        partitions(cases, seed, defects, interface, contradictions=contradictions, conduct=conduct),
        to,
        fmt,
        cases,
        encoding,
    ):
        if progress:
            progress(str(to), done, cases)
