"""The page of a measurement, in one file. Template in ``reports/scoring``."""

from functools import cache
from pathlib import Path

import polars as pl
from jinja2 import Environment

from validator.base.language import say
from validator.report.common.templates import environment, write_page
from validator.scoring.measures import measures
from validator.scoring.report import cases, charts, view
from validator.scoring.run import Measurement

_MOST, _MOST_SIGNALS = 60, 200


def write(found: Measurement, path: Path, listed: pl.DataFrame) -> Path:
    """Write the page; gives its path. ``listed``: ``cases.looked_at``."""
    by_id = {measure.id: measure for measure in measures()}
    forms = view.of_signals(found)
    levels = {by: list(view.level(found, by)) for by in found.levels if by != "all"}
    return write_page(
        _environment(),
        "report",
        path,
        found=found,
        period=found.settings.period,
        notes=view.notes(found),
        overall=view.overall(found),
        groups={name: say(*words) for name, words in view.GROUPS.items()},
        levels={by: (say(*view.LEVELS[by]), rows) for by, rows in levels.items()},
        shown=[by_id[name] for name in view.SHOWN],
        figure=view.figure,
        dip_rules=view.of_dip_rules(found),
        charts=[] if charts.lacking() else charts.charts(found),
        lacking=charts.lacking(),
        behind=list(cases.first(listed)),
        case_heads=cases.heads()[1:],
        case_files=cases.names(found),
        signals=forms,
        rows=found.signals.head(_MOST_SIGNALS).to_dicts(),
        titles={row["id"]: row["title"] for row in forms},
        most=_MOST,
        most_signals=_MOST_SIGNALS,
    )


@cache
def _environment() -> Environment:
    return environment("scoring", "scoring/scoring.css")
