"""great-expectations on pandas: one suite, validated with complete results and the key of every unexpected row."""

import os
from pathlib import Path

from checks import KEY, Check
from tool import Find, Found

TITLE, ROWS, MESSAGES = "great-expectations", True, "own sentence per check"


def ready(table: Path, checks: list[Check]) -> Find:
    """Return what finds the failures."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    import great_expectations.expectations as gxe
    import pandas as pd

    def expectation(each: Check) -> gxe.Expectation:
        match each.kind:
            case "required":
                return gxe.ExpectColumnValuesToNotBeNull(column=each.field)
            case "value":
                return gxe.ExpectColumnValuesToBeInSet(column=each.field, value_set=each.given)
            case "pattern":
                return gxe.ExpectColumnValuesToMatchRegex(column=each.field, regex=each.python_pattern)
            case "length":
                return gxe.ExpectColumnValueLengthsToBeBetween(column=each.field, max_value=each.given)
            case "not_before":
                return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                    column_A=each.field, column_B=each.other, or_equal=True, ignore_row_if="either_value_is_missing"
                )
            case "differs":
                return gxe.ExpectSelectColumnValuesToBeUniqueWithinRecord(
                    column_list=[each.field, each.other], ignore_row_if="any_value_is_missing"
                )
        needs = f"{each.field}.isin({each.given})" if each.given else f"{each.field}.notna()"
        return gxe.ExpectColumnValuesToNotBeNull(column=each.other, row_condition=needs, condition_parser="pandas")

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("lists").add_dataframe_asset("lists")
    batches = asset.add_batch_definition_whole_dataframe("all")
    suite = gx.ExpectationSuite(name="lists", expectations=[])
    for each in checks:
        made = expectation(each)
        made.meta = {"check": each.name}
        suite.add_expectation(made)
    form = {"result_format": "COMPLETE", "unexpected_index_column_names": [KEY], "return_unexpected_index_query": False}

    def find() -> Found:
        batch = batches.get_batch({"dataframe": pd.read_parquet(table)})
        rows = [
            (row[KEY], result.expectation_config.meta["check"])
            for result in batch.validate(suite, result_format=form).results
            for row in result.result.get("unexpected_index_list") or ()
        ]
        return Found.of_rows(rows)

    return find
