"""Every figure of a batch, with its numerator and denominator."""

import polars as pl
import pytest

import validator
from tests.gate.batch import batch, message, report
from validator.gate.metrics import Metric, figure, known, measure
from validator.spec import layouts

PARTS = {name: row["item"] for name, row in known().items() if row["item"] not in ("", "*")}


def test_every_listed_metric_is_measured():
    metrics = measure(batch(3), declared=4)
    assert list(metrics) == list(known())
    for metric in metrics.values():
        assert metric.title
        assert metric.over
        assert metric.unit == known()[metric.name]["unit"]
        if metric.unit == "share" and metric.denominator:
            assert metric.value == metric.numerator / metric.denominator
        else:
            assert metric.value == (metric.numerator if metric.unit == "count" else None)


def test_cases_are_counted():
    metrics = measure(batch(8, faulty=2), declared=10)
    figures = {name: (metric.numerator, metric.denominator) for name, metric in metrics.items()}
    assert figures["cases"] == figures["received_share"] == (8, 10)
    assert figures["declared"] == (10, None)
    assert figures["faulty_cases"] == figures["faulty_share"] == (2, 8)
    assert figures["pass_rate"] == (6, 8)
    assert figures["duplicate_cases"] == (0, 8)
    assert figures["layouts"] == (1, None)
    assert figures["stray_errors"] == (0, figures["errors"][0])


def test_levels_are_those_of_the_report():
    checked = batch(5, faulty=1)
    metrics, counts = measure(checked), checked.counts()
    assert [metrics[f"{level}s"].numerator for level in ("error", "warning", "info")] == list(counts.values())


def test_a_list_that_comes_twice_is_a_duplicate():
    assert measure(report(message(1), message(2), message(1), message(1)))["duplicate_cases"].numerator == 2


def test_interfaces_may_be_mixed():
    assert measure(report(message(1), message(2, "4101A")))["layouts"].value == 2


def test_without_declaration_there_is_nothing_to_compare():
    metrics = measure(batch(1))
    assert metrics["declared"].value is metrics["received_share"].value is None
    assert str(metrics["received_share"]) == "—"
    assert "--declared" in metrics["received_share"].missing


def test_an_empty_batch_has_no_shares():
    empty = report(message(1))
    empty.cases = empty.cases.clear()
    metrics = measure(empty)
    assert metrics["cases"].value == 0
    assert metrics["faulty_share"].value is None
    assert metrics["faulty_share"].missing == "分母为 0"


@pytest.mark.parametrize(("part", "item"), PARTS.items())
@pytest.mark.parametrize("layout", ["4101", "4101A"])
def test_every_part_of_the_form_has_fields(part, item, layout):
    tables = layouts.load()[layout].tables.values()
    rows = [row for table in tables for row in table.fields.values() if row.item.startswith(item)]
    assert [row for row in rows if row.required or row.required_when], part


def test_every_item_is_in_one_part():
    items = {
        row.item for each in layouts.load().values() for table in each.tables.values() for row in table.fields.values()
    }
    for item in items - {""}:
        assert sum(item.startswith(part) for part in PARTS.values()) == 1, item


@pytest.mark.parametrize(
    ("part", "field"),
    [("basic_completeness", "ntly"), ("stay_completeness", "adm_caty"), ("charges_completeness", "bill_code")],
)
def test_a_blank_lowers_the_completeness_of_its_part(part, field):
    full, lacking = measure(batch(2)), measure(report(message(1), message(2, **{field: None})))
    changed = [name for name in PARTS if full[name] != lacking[name]]
    assert changed == [part]
    assert lacking[part].numerator == full[part].numerator - 1
    assert lacking["completeness"].numerator == full["completeness"].numerator - 1
    assert lacking[part].denominator == full[part].denominator


def test_a_placeholder_is_not_filled_in():
    full, lacking = measure(batch(1)), measure(report(message(0, ntly="—")))
    assert lacking["basic_completeness"].numerator == full["basic_completeness"].numerator - 1


def test_checks_left_out_are_counted():
    checked = validator.check(message(1), select=["setlinfo.gend"])
    metrics = measure(checked)
    run = checked.outcomes.filter(pl.col("status") == "ran").height
    assert metrics["checks_not_run"].numerator == metrics["checks_not_run"].denominator - run
    assert metrics["charges_completeness"].missing == "分母为 0"


def test_an_unreadable_value_leaves_checks_without_an_answer():
    metrics = measure(report(message(1, brdy="昨天")))
    assert metrics["unjudged_errors"].numerator > 0
    assert measure(batch(1))["unjudged_errors"].numerator == 0


def test_errors_that_belong_to_no_case_are_counted():
    diseases = pl.DataFrame(message(1)["input"]["diseinfo"])
    lists = pl.DataFrame([message(1)["input"]["setlinfo"]])
    rows = pl.concat([diseases.with_columns(setl_id=pl.lit("S1")), diseases.with_columns(setl_id=pl.lit("谁的"))])
    others = {
        name: pl.DataFrame(message(1)["input"][name]).with_columns(setl_id=pl.lit("S1"))
        for name in ("oprninfo", "iteminfo", "payinfo")
    }
    metrics = measure(validator.check({"setlinfo": lists, "diseinfo": rows, **others}))
    assert metrics["stray_errors"].numerator == diseases.height
    assert metrics["faulty_cases"].denominator == 1


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.01, "share", "1%"),
        (0.29, "share", "29%"),
        (1, "share", "100%"),
        (0.99999, "share", "99.999%"),
        (1200, "count", "1,200"),
    ],
)
def test_limits_are_reported_exactly(value, unit, shown):
    assert figure(value, unit) == shown


def test_a_metric_shows_what_it_is_made_of():
    assert str(Metric("faulty_share", "share", "", "", 11, 1000)) == "1.1% (11 / 1,000)"
    assert str(Metric("pass_rate", "share", "", "", 999_999, 1_000_000)) == "99.99% (999,999 / 1,000,000)"
    assert str(Metric("pass_rate", "share", "", "", 7, 7)) == "100% (7 / 7)"
    assert str(Metric("faulty_cases", "count", "", "", 11, 1000)) == "11 / 1,000"
