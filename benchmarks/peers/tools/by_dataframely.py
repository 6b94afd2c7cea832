"""dataframely: one schema, filtered; its failure information row by row."""

from pathlib import Path
from typing import Any

import polars as pl
from checks import KEY, Check
from tool import Find, Found

TITLE, ROWS, MESSAGES = "dataframely", True, "none"


def ready(table: Path, checks: list[Check]) -> Find:
    """Return what finds the failures."""
    import dataframely as dy

    required = {each.field for each in checks if each.kind == "required"}
    longest = {each.field: each.given for each in checks if each.kind == "length"}
    pattern = {each.field: each.given for each in checks if each.kind == "pattern"}
    of_rows = [each for each in checks if each.kind in ("value", "not_before", "differs", "needs")]

    def column(field: str, kind: Any) -> Any:
        nullable = field not in required
        if kind != pl.String:
            return dy.Datetime(nullable=nullable)
        return dy.String(nullable=nullable, max_length=longest.get(field), regex=pattern.get(field))

    def rule(each: Check) -> Any:
        return dy.rule()(lambda _: ~each.broken())

    content = pl.read_parquet_schema(table)
    body = {field: column(field, kind) for field, kind in content.items()}
    body |= {f"rule_{number}": rule(each) for number, each in enumerate(of_rows)}
    schema: Any = type("Lists", (dy.Schema,), body)
    names = {f"rule_{number}": each.name for number, each in enumerate(of_rows)}
    own = {"required": "nullability", "length": "max_length", "pattern": "regex"}
    names |= {f"{each.field}|{own[each.kind]}": each.name for each in checks if each.kind in own}

    def find() -> Found:
        failure = schema.filter(pl.read_parquet(table))[1]
        details = failure.details().select(KEY, *names).unpivot(index=KEY, variable_name="rule")
        broken = details.filter(pl.col("value") == "invalid").select(KEY, pl.col("rule"))
        return Found.of_rows((key, names[rule]) for key, rule in broken.rows())

    return find
