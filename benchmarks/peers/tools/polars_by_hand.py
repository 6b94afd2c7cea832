"""Polars by hand: one streaming query of all rows that break a check."""

from pathlib import Path

import polars as pl
from checks import KEY, Check
from tool import Find, Found

TITLE, ROWS, MESSAGES = "Polars by hand", True, "none"


def ready(table: Path, checks: list[Check]) -> Find:
    """Return what finds the failures."""
    broken = [each.broken().fill_null(value=False).alias(each.name) for each in checks]
    names = [each.name for each in checks]
    query = pl.scan_parquet(table).select(KEY, *broken).filter(pl.any_horizontal(names))

    def find() -> Found:
        marks = query.collect(engine="streaming").unpivot(index=KEY, variable_name="check")
        return Found.of_rows(marks.filter("value").select(KEY, "check").rows())

    return find
