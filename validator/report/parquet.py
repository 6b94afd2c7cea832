"""Parquet: findings in the file asked for; next to it ``NAME.outcomes.parquet``, ``NAME.cases.parquet`` and,
where something was charged too much, ``NAME.excess.parquet``.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from validator.base import files
from validator.checks.case_rows import CASES
from validator.checks.findings import SCHEMA
from validator.report.common.view import ReportView

EXTENSION = ".parquet"


def write(report: ReportView, path: Path) -> Path:
    excess = {"excess": report.excess} if report.excess.height else {}
    for name, frame in {"outcomes": report.outcomes, **excess}.items():
        with files.replacing(path.with_suffix(f".{name}{EXTENSION}")) as scratch:
            frame.write_parquet(scratch)
    _write(CASES, report.iter_cases(), path.with_suffix(f".cases{EXTENSION}"))
    _write(SCHEMA, report.iter_findings(), path)
    return path


def _write(schema: Mapping[str, pl.DataType], parts: Iterable[pl.DataFrame], path: Path) -> None:
    """Write the parts as one file, by way of files, since together they may not fit in memory."""
    with files.replacing(path) as scratch, files.scratch_folder() as name:
        folder = Path(name)
        pl.DataFrame(schema=schema).write_parquet(folder / "none.parquet")
        for number, part in enumerate(parts):
            part.write_parquet(folder / f"{number:06}.parquet")
        pl.scan_parquet(sorted(folder.iterdir()), glob=False).sink_parquet(scratch)
