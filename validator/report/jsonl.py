"""JSON Lines: one finding per line, for programs.

Keys, in this order: check, level, case_id, table, row, field, value, message, fix, mend (the value to write instead, or
null), grade (safe or judge, null without a mend), source (an object of file, sheet, row, column, path), fingerprint.
"""

from pathlib import Path

from validator.base import files
from validator.report.common.view import Report

EXTENSION = ".jsonl"


def write(report: Report, path: Path) -> Path:
    with files.replacing(path) as scratch, scratch.open("wb") as file:
        for part in report.iter_findings():
            part.write_ndjson(file)
    return path
