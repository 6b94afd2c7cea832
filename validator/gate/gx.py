"""great-expectations, held at arm's length: imported here and in ``docs`` only, in silence, and it sends nothing."""

import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from validator.base import yaml_csv
from validator.base.language import say
from validator.gate.metrics import Metric
from validator.gate.verdict import Demand, Judgement, Severity, Suite, Verdict


@contextmanager
def quiet() -> Iterator[None]:
    """Silence great-expectations' warnings, which are about its own code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _without_spark() -> Iterator[None]:
    """Hide PySpark: great-expectations would load it, for seconds; and PySpark ends a process whose main module has no file."""
    loaded = sys.modules.pop("pyspark", None)
    sys.modules["pyspark"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["pyspark"]
        if loaded:
            sys.modules["pyspark"] = loaded


os.environ["GX_ANALYTICS_ENABLED"] = "false"
with quiet(), _without_spark():
    import great_expectations
    import pandas as pd  # type: ignore[import-untyped]
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.exceptions.exceptions import GreatExpectationsError
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

VERSION = great_expectations.__version__
WRONG = (GreatExpectationsError, TypeError, ValueError)  #: what building an expectation may raise


def build(entry: Mapping[str, Any]) -> Any:
    """The expectation of one entry; raises one of :data:`WRONG`, where a suite as a whole would drop it silently."""
    with quiet():
        return ExpectationConfiguration(**entry).to_domain_obj()


def severity(expectation: Any) -> Severity:
    """``critical`` where the suite says nothing."""
    level: Severity = expectation.severity.value
    return level


def judge(suite: Suite, metrics: Mapping[str, Metric]) -> Verdict:
    """Judge the metrics by every expectation that can be judged."""
    with quiet():
        batch = _batch({name: metric.value for name, metric in metrics.items()})
        judgements = tuple(_judge(demand, suite, metrics, batch) for demand in suite.demands)
    return Verdict(suite, judgements, metrics)


def _batch(row: Mapping[str, float | None]) -> Any:
    """The metrics as a table of one row: great-expectations reads no Polars."""
    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("zhikong").add_dataframe_asset("metrics")
    definition = asset.add_batch_definition_whole_dataframe("batch")
    return definition.get_batch(batch_parameters={"dataframe": pd.DataFrame([row], dtype=float)})


def _judge(demand: Demand, suite: Suite, metrics: Mapping[str, Metric], batch: Any) -> Judgement:
    looked_at = [metrics[name] for name in demand.metrics]
    observed = say("；", "; ").join(map(str, looked_at))
    blank = [metric for metric in looked_at if metric.value is None]
    if blank and demand.needs_values:
        return Judgement(demand, "not_judged", observed, blank[0].missing)
    result = batch.validate(demand.expectation)
    if fault := _fault(result.exception_info):
        raise yaml_csv.fault(
            suite.path, demand.line, f"期望 {demand.type}：{fault}", f"expectation {demand.type}: {fault}"
        )
    if result.result.get("element_count") == 0 or result.result.get("observed_value", 0) is None:
        return Judgement(demand, "not_judged", observed, say("row_condition 不成立", "row_condition does not hold"))
    return Judgement(demand, "passed" if result.success else "failed", observed)


def _fault(info: Mapping[str, Any]) -> str:
    """Return the exception that was raised; the mapping holds one, or one for each computed figure."""
    infos = [info] if "raised_exception" in info else list(info.values())
    return next((" ".join(str(each["exception_message"]).split()) for each in infos if each["raised_exception"]), "")
