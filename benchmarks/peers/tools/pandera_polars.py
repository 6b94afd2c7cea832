"""pandera on Polars: one schema, validated lazily."""

from pathlib import Path

import polars as pl
from checks import KEY, Check
from tool import Find, Found

TITLE, ROWS, MESSAGES = "pandera (Polars)", True, "own text per check"


def ready(table: Path, checks: list[Check]) -> Find:
    """Return what finds the failures."""
    import pandera.polars as pa
    from pandera.errors import SchemaErrors

    def of_column(each: Check) -> pa.Check:
        match each.kind:
            case "value":
                return pa.Check.isin(each.given, name=each.name, error=each.name)
            case "length":
                return pa.Check.str_length(max_value=each.given, name=each.name, error=each.name)
        matches = pl.col(each.field).str.contains(each.given)
        return pa.Check(lambda data: data.lazyframe.select(matches), name=each.name, error=each.name)

    def of_row(each: Check) -> pa.Check:
        holds = (~each.broken()).fill_null(value=True)
        return pa.Check(lambda data: data.lazyframe.select(holds), name=each.name, error=each.name)

    single = [each for each in checks if not each.other]
    required = {each.field: each.name for each in checks if each.kind == "required"}
    schema = pa.DataFrameSchema(
        {
            field: pa.Column(
                pl.String,
                [of_column(each) for each in single if each.field == field and each.kind != "required"],
                nullable=field not in required,
            )
            for field in dict.fromkeys(each.field for each in single)
        },
        checks=[of_row(each) for each in checks if each.other],
    )

    def find() -> Found:
        frame = pl.read_parquet(table)
        try:
            schema.validate(frame, lazy=True)
        except SchemaErrors as errors:
            cases, keys = errors.failure_cases.select("column", "check", "index").rows(), frame[KEY]
            named = ((required[column] if check == "not_nullable" else check, row) for column, check, row in cases)
            return Found.of_rows((keys[row], name) for name, row in named)
        return Found.of_rows([])

    return find
