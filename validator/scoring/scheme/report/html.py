"""The page of a scoring, in one file. Template in ``reports/scoring``."""

from functools import cache
from pathlib import Path

from jinja2 import Environment

from validator.report.common.templates import environment, write_page
from validator.scoring.scheme.improvement import improvements
from validator.scoring.scheme.numbers import percent, shown
from validator.scoring.scheme.report import view
from validator.scoring.scheme.report.table import improvement_words
from validator.scoring.scheme.run import Scoring

_MOST = 60  #: hospitals whose sheets the page has; the workbook has all


def write(found: Scoring, path: Path) -> Path:
    """Write the page; gives its path."""
    return write_page(
        _environment(),
        "score",
        path,
        found=found,
        scheme=found.scheme,
        notes=view.notes(found),
        shown=shown,
        percent=percent,
        sheets=found.sheets[:_MOST],
        improvements=lambda sheet: improvements(found.scheme, sheet),
        improvement_words=improvement_words,
        ranked=[row for row in view.ranked(found) if row["outside"]],
        changes=list(view.changes(found)),
    )


@cache
def _environment() -> Environment:
    return environment("scoring", "scoring/scoring.css")
