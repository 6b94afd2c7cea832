"""pandera on pandas: one schema, validated lazily."""

from pathlib import Path

from checks import KEY, Check
from tool import Find, Found

TITLE, ROWS, MESSAGES = "pandera (pandas)", True, "own text per check"


def ready(table: Path, checks: list[Check]) -> Find:
    """Return what finds the failures."""
    import pandas as pd
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    def of_column(each: Check) -> pa.Check:
        match each.kind:
            case "value":
                return pa.Check.isin(each.given, name=each.name, error=each.name)
            case "length":
                return pa.Check.str_length(max_value=each.given, name=each.name, error=each.name)
        return pa.Check.str_matches(each.python_pattern, name=each.name, error=each.name)

    def holds(frame: pd.DataFrame, each: Check) -> pd.Series:
        match each.kind:
            case "not_before":
                return ~(frame[each.field] < frame[each.other])
            case "differs":
                return frame[each.field] != frame[each.other]
        needs = frame[each.field].isin(each.given) if each.given else frame[each.field].notna()
        return ~needs | frame[each.other].notna()

    def of_row(each: Check) -> pa.Check:
        return pa.Check(lambda frame: holds(frame, each), name=each.name, error=each.name, ignore_na=False)

    single = [each for each in checks if not each.other]
    required = {each.field: each.name for each in checks if each.kind == "required"}
    schema = pa.DataFrameSchema(
        {
            field: pa.Column(
                checks=[of_column(each) for each in single if each.field == field and each.kind != "required"],
                nullable=field not in required,
            )
            for field in dict.fromkeys(each.field for each in single)
        },
        checks=[of_row(each) for each in checks if each.other],
    )

    def find() -> Found:
        frame = pd.read_parquet(table)
        try:
            schema.validate(frame, lazy=True)
        except SchemaErrors as errors:
            cases = errors.failure_cases[["column", "check", "index"]].itertuples(index=False)
            named = ((required[column] if check == "not_nullable" else check, row) for column, check, row in cases)
            keys = frame[KEY]
            return Found.of_rows(
                (keys[row], name) for name, row in dict.fromkeys(named)
            )  # of two columns: once for each column
        return Found.of_rows([])

    return find
