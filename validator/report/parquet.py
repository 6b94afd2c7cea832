"""Parquet: findings in the file asked for; next to it ``NAME.outcomes.parquet``, ``NAME.cases.parquet`` and,
where something was charged too much, ``NAME.excess.parquet``. A path that does not end in ``.parquet`` is a folder: in it each
of these is a folder of files.
"""

import shutil
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import polars as pl

from validator.base import files
from validator.checks.case_rows import CASES
from validator.checks.findings import SCHEMA
from validator.report.common.view import ReportView

EXTENSION = ".parquet"


def write(report: ReportView, path: Path) -> Path:
    tables: dict[str, Iterable[pl.DataFrame]] = {"outcomes": [report.outcomes]}
    tables |= {"excess": [report.excess]} if report.excess.height else {}
    tables["cases"] = chain([pl.DataFrame(schema=CASES)], report.iter_cases())
    tables["findings"] = chain([pl.DataFrame(schema=SCHEMA)], report.iter_findings())
    for name, parts in tables.items():
        if path.suffix == EXTENSION:
            _as_file(parts, path if name == "findings" else path.with_suffix(f".{name}{EXTENSION}"))
        else:
            _as_folder(parts, path / name)
    return path


def _as_file(parts: Iterable[pl.DataFrame], path: Path) -> None:
    """Write the parts as one file, by way of files, since together they may not fit in memory."""
    with files.replacing(path) as scratch:
        folder = scratch.with_suffix("")
        folder.mkdir()
        try:
            pl.scan_parquet(_as_files(parts, folder), glob=False).sink_parquet(scratch)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _as_folder(parts: Iterable[pl.DataFrame], path: Path) -> None:
    """Write the parts as files of a folder, which is there when all of them are."""
    scratch = path.with_name(f".{path.name}")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    with files.naming(path):
        _as_files(parts, scratch)
        shutil.rmtree(path, ignore_errors=True)
        scratch.rename(path)


def _as_files(parts: Iterable[pl.DataFrame], folder: Path) -> list[Path]:
    written = list[Path]()
    for number, part in enumerate(parts):
        written.append(folder / f"part-{number:06}{EXTENSION}")
        part.write_parquet(written[-1])
    return written
