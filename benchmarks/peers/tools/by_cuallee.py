"""cuallee on Polars: one check of many rules; it counts violations and names no row."""

from pathlib import Path

import polars as pl
from checks import Check
from tool import Find, Found

TITLE, ROWS, MESSAGES = "cuallee (Polars)", False, "none"


def ready(table: Path, checks: list[Check]) -> Find:
    """Return what finds the failures."""
    from cuallee import Check as Rules
    from cuallee import CheckLevel

    rules = Rules(CheckLevel.WARNING, "lists")
    for each in checks:
        if each.kind == "required":
            rules.is_complete(each.field)
        else:  # its own rules take a field without a value for wrong
            rules.satisfies(each.field, f"NOT COALESCE({each.sql('REGEXP_LIKE')}, FALSE)")

    def find() -> Found:
        result = rules.validate(pl.read_parquet(table))
        violations = result.sort("id")["violations"]
        return Found(None, {each.name: int(count) for each, count in zip(checks, violations, strict=True) if count})

    return find
