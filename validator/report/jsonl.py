"""JSON Lines: one finding per line, for programs.

Keys, in this order: check, level, case_id, table, row, field, value, message, fix, suggested (the value to write instead, or
null), applicability (safe or judge, null without it), excess_quantity (a text, so that it stays exact) and excess_fen (how much was
charged too much, null in findings that are not about that), source (an object of file, sheet, row, column, path),
other_document, other_value, other_source (where two documents disagree: the other one), fingerprint; then whose case it is:
record_number, department, physician, coder (null where a finding belongs to no case).
"""

import json
from pathlib import Path

from validator.base import files
from validator.report.common.people import People
from validator.report.common.view import ReportView

EXTENSION = ".jsonl"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


def write(report: ReportView, path: Path) -> Path:
    with files.replacing(path) as scratch, scratch.open("w", encoding="utf-8", newline="\n") as file:
        people = People(report)
        for finding in report.finding_rows():
            file.write(_encode(people.named(finding)) + "\n")
    return path
