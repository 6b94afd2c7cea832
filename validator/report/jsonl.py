"""JSON Lines: one finding per line, for programs."""

from pathlib import Path

from validator import paths
from validator.report._view import Report

EXTENSION = ".jsonl"
#: The keys of a line, in this order; ``source`` is an object of file, sheet, row, column, path.
KEYS = (
    "check", "level", "case_id", "table", "row", "field", "value", "message", "fix", "source", "fingerprint",
)  # fmt: skip


def write(report: Report, path: Path) -> Path:
    with paths.replacing(path) as scratch:
        report.findings.lazy().select(KEYS).sink_ndjson(scratch)
    return path
