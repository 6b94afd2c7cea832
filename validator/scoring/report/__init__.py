"""The report of a measurement: Parquet for other programs, a workbook and a page for people."""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from validator.base import files, language
from validator.base.errors import InputError
from validator.base.language import Lang
from validator.scoring.run import Measurement

PAGE, WORKBOOK = "measures.html", "measures.xlsx"


def _measures(found: Measurement) -> pl.DataFrame:
    rows = found.measured
    for kind, shown in found.people.items():
        named = pl.when(by=kind).then(pl.col("key").replace(shown)).otherwise("key")
        rows = rows.with_columns(key=named)
    return rows


#: Parquet files -> their frame; staff are named as the reports show them.
FRAMES: dict[str, Callable[[Measurement], pl.DataFrame]] = {
    "measures.parquet": _measures,
    "cases.parquet": lambda found: found.ways.with_columns(
        pl.col(kind).replace(found.people[kind]) for kind in found.people
    ),
    "settlements.parquet": lambda found: found.deliveries.counted["settlements"],
    "faults.parquet": lambda found: found.deliveries.counted["faults"],
    "answers.parquet": lambda found: found.deliveries.counted["answers"],
    "signals.parquet": lambda found: found.signals,
    "dispersion.parquet": lambda found: found.dispersion,
}


def write(found: Measurement, folder: Path, lang: Lang = "zh") -> list[Path]:
    """Write all files into ``folder``; gives their paths, the page first."""
    from validator.scoring.report import cases, html, xlsx

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with language.speaking(lang):
            listed = cases.looked_at(found)
            written = [html.write(found, folder / PAGE, listed), xlsx.write(found, folder / WORKBOOK, listed)]
            cases.write(listed, folder, cases.names(found))
        for name, frame in FRAMES.items():
            with files.replacing(folder / name) as scratch:
                frame(found).write_parquet(scratch)
            written.append(folder / name)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        where = error.filename or folder
        raise InputError(
            f"写不了 {where}：它正被别的程序打开，或不许写", f"cannot write {where}: open elsewhere?"
        ) from error
    return written
