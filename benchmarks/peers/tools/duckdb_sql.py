"""DuckDB: one SELECT that lists the checks each row breaks."""

from pathlib import Path

from checks import KEY, Check
from tool import Find, Found

TITLE, ROWS, MESSAGES = "DuckDB SQL", True, "none"


def ready(table: Path, checks: list[Check]) -> Find:
    """Return what finds the failures."""
    import duckdb

    base = duckdb.connect()
    marks = ", ".join(f"CASE WHEN {each.sql()} THEN '{each.name}' END" for each in checks)
    any_broken = " OR ".join(f"({each.sql()})" for each in checks)
    query = f"""
        SELECT {KEY}, unnest(list_filter([{marks}], lambda name: name IS NOT NULL))
        FROM read_parquet('{table}') WHERE {any_broken}"""  # noqa: S608 - our own names
    return lambda: Found.of_rows(base.execute(query).fetchall())
