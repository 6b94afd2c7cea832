"""pointblank: one validation plan, interrogated; the extracts of its steps."""

from pathlib import Path

import polars as pl
from checks import KEY, Check
from tool import Find, Found

TITLE, ROWS, MESSAGES = "pointblank", True, "own sentence per check"


def ready(table: Path, checks: list[Check]) -> Find:
    """Return what finds the failures."""
    import pointblank as pb

    def find() -> Found:
        plan = pb.Validate(pl.read_parquet(table))
        for each in checks:
            match each.kind:
                case "required":
                    plan = plan.col_vals_not_null(each.field)
                case "value":
                    plan = plan.col_vals_in_set(each.field, [*each.given, None])
                case "pattern":
                    plan = plan.col_vals_regex(each.field, each.given, na_pass=True)
                case "not_before":
                    plan = plan.col_vals_ge(each.field, pb.col(each.other), na_pass=True)
                case _:
                    plan = plan.col_vals_expr((~each.broken()).fill_null(value=True))
        plan = plan.interrogate(extract_limit=1_000_000)
        failed = [number for number, count in plan.n_failed().items() if count]
        rows = [
            (key, checks[number - 1].name)
            for number in failed
            for key in plan.get_data_extracts(i=number, frame=True)[KEY]
        ]
        return Found.of_rows(rows)

    return find
