"""Parquet: findings in the file asked for; outcomes and cases beside it as ``NAME.outcomes.parquet``, ``NAME.cases.parquet``."""

from pathlib import Path

from validator import paths
from validator.report._view import Report

EXTENSION = ".parquet"


def write(report: Report, path: Path) -> Path:
    frames = {
        path.with_suffix(".outcomes.parquet"): report.outcomes,
        path.with_suffix(".cases.parquet"): report.cases,
        path: report.findings,
    }
    for target, frame in frames.items():
        with paths.replacing(target) as scratch:
            frame.write_parquet(scratch)
    return path
