"""Parquet: findings in the file asked for; next to it ``NAME.outcomes.parquet``, ``NAME.cases.parquet`` and,
where something was charged too much, ``NAME.excess.parquet``.
"""

from pathlib import Path

import polars as pl

from validator.base import files
from validator.checks.findings import SCHEMA
from validator.report.common.view import ReportView

EXTENSION = ".parquet"


def write(report: ReportView, path: Path) -> Path:
    excess = {"excess": report.excess} if report.excess.height else {}
    for name, frame in {"outcomes": report.outcomes, "cases": report.cases, **excess}.items():
        with files.replacing(path.with_suffix(f".{name}{EXTENSION}")) as scratch:
            frame.write_parquet(scratch)
    with files.replacing(path) as scratch, files.scratch_folder() as folder:
        _findings(report, Path(folder)).sink_parquet(scratch)
    return path


def _findings(report: ReportView, folder: Path) -> pl.LazyFrame:
    """All findings, by way of files, since they may not fit in memory."""
    pl.DataFrame(schema=SCHEMA).write_parquet(folder / "none.parquet")
    for number, part in enumerate(report.iter_findings()):
        part.write_parquet(folder / f"{number:06}.parquet")
    return pl.scan_parquet(sorted(folder.iterdir()), glob=False)
