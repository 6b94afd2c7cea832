"""Excel: the user's own workbook back, bad cells filled and commented, with the findings and a summary in front.

If the input was not one workbook (JSON, CSV, Parquet, several files), a new workbook with summary, findings and cases.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any

import polars as pl

from validator import paths
from validator.errors import InputError
from validator.report import _pages
from validator.report._pages import Looks
from validator.report._view import Report
from validator.report._words import LEVELS
from validator.report.ooxml import comments, marks, workbook
from validator.report.ooxml.package import Package
from validator.report.ooxml.sheet import Sheet
from validator.report.ooxml.styles import Styles
from validator.text import say

EXTENSION = ".xlsx"
#: Comments in one workbook; with many more, Excel takes minutes to open it.
MOST_COMMENTS = 20_000
_MOST_LINES = 8  #: findings told in one comment
_COLUMNS = re.compile(r"[A-Z]{1,3}(?:\+[A-Z]{1,3})*")
_MACROS = ".xlsm"

Notes = dict[tuple[int, int], list[comments.Line]]


def write(report: Report, path: Path) -> Path:
    """A workbook with macros keeps them, and so its extension, whatever ``path`` says."""
    source = own_workbook(report)
    package = Package(source)
    try:
        path = path.with_suffix(_MACROS if source and source.suffix.lower() == _MACROS else EXTENSION)
        styles = Styles(package)
        workbook.drop_ours(package)
        looks = Looks(styles)
        names = [tab.name for tab in workbook.tabs(package)]
        hidden = _mark_sheets(package, styles, report) if source else 0
        workbook.put_in_front(package, list(_sheets(report, looks, names, hidden, annotated=bool(source))))
        with paths.replacing(path) as scratch:
            package.save(scratch)
    finally:
        package.close()
    return path


def own_workbook(report: Report) -> Path | None:
    """The workbook to annotate: the only file of the input, if it is one and is still there."""
    files = set(report.cases["file"].unique()) | set(report.inputs)
    path = Path(next(iter(files), ""))
    if len(files) != 1 or path.suffix.lower() not in (EXTENSION, _MACROS) or not path.is_file():
        return None
    return path


def _sheets(report: Report, looks: Looks, taken: list[str], hidden: int, *, annotated: bool) -> Iterator[Sheet]:
    """Findings first where the coder mends in the same workbook, else the summary first."""
    findings = _pages.findings(report, looks, workbook.free_name(say("质控结果", "Findings"), taken), taken)
    summary = _pages.summary(report, looks, workbook.free_name(say("质控汇总", "Summary"), taken), hidden)
    if annotated:
        yield from (findings, summary)
    else:
        yield from (summary, findings, _pages.cases(report, looks, say("病例", "Cases")))


def _mark_sheets(package: Package, styles: Styles, report: Report) -> int:
    """Fill and comment the bad cells; gives the number of cells that got no comment."""
    before = styles.unmarked()
    places = _places(report.findings)
    commented = _commented(places)
    for tab in workbook.tabs(package):
        if not tab.part.startswith("xl/worksheets/"):
            continue
        levels, notes = places.get(tab.name, {}), {}
        ...
    return 0
