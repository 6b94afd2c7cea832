"""Facts shared by the rows of a group: what nulls, conditions and faulty values do to them."""

from decimal import Decimal

import polars as pl

from validator import api, read
from validator.checks import engine
from validator.checks.examples import interface_message
from validator.checks.plan import Plan

CATALOGUE = api.load()


def facts(rows, *names):
    message = interface_message("2301")
    base = message["input"]["feedetail"][0]
    content = {"infno": "2301", "input": {"feedetail": [{**base, **row} for row in rows]}}
    part = read.from_message(content, CATALOGUE.layouts)
    plan = Plan(CATALOGUE, "2301", part.tables)
    frame = engine.run(plan, part, plan.checks.keys(), every_fact=True).tables["feedetail"]
    scales = [plan.kind_of(name, "feedetail").scale for name in names]
    return [
        [Decimal(each).scaleb(-scale) if scale and each is not None else each for each in frame[name]]
        for name, scale in zip(names, scales, strict=True)
    ]


def test_refunds_are_netted_against_the_line_they_name():
    rows = [
        {"feedetl_sn": "1", "cnt": "3", "det_item_fee_sumamt": "30.00"},
        {"feedetl_sn": "2", "cnt": "-1", "init_feedetl_sn": "1", "det_item_fee_sumamt": "-10.00"},
        {"feedetl_sn": "3", "cnt": "1", "det_item_fee_sumamt": "10.00"},
    ]
    quantity, amount, counted = facts(rows, "net_quantity", "net_amount", "is_counted")
    assert quantity == [Decimal("2.0000"), Decimal("2.0000"), Decimal("1.0000")]
    assert amount == [Decimal("20.00"), Decimal("20.00"), Decimal("10.00")]
    assert counted == [True, False, True]


def test_an_unknown_part_makes_the_sum_unknown_for_its_group_alone():
    rows = [
        {"feedetl_sn": "1", "cnt": "3"},
        {"feedetl_sn": "2", "cnt": "", "init_feedetl_sn": "1"},
        {"feedetl_sn": "3", "cnt": "1"},
    ]
    assert facts(rows, "net_quantity") == [[None, None, Decimal("1.0000")]]


def test_a_value_that_fails_its_check_spoils_its_group_alone():
    rows = [
        {"feedetl_sn": "1", "pric": "-5", "cnt": "1"},
        {"feedetl_sn": "2", "init_feedetl_sn": "1", "pric": "5", "cnt": "-1"},
        {"feedetl_sn": "3", "pric": "5", "cnt": "1"},
    ]
    assert facts(rows, "original_price") == [[None, None, Decimal("5.000000")]]


def test_rows_without_the_key_are_in_no_group():
    rows = [{"feedetl_sn": "", "cnt": "1"}, {"feedetl_sn": "", "cnt": "1"}]
    assert facts(rows, "net_quantity", "charges_of_original") == [[None, None], [None, None]]


def test_a_refund_that_names_no_line_leaves_its_code_uncounted():
    rows = [{"feedetl_sn": "1", "cnt": "1"}, {"feedetl_sn": "2", "cnt": "-1"}]
    counted, refunds = facts(rows, "is_counted", "unlinked_refunds")
    assert counted == [False, False]
    assert refunds == [1, 1]


def test_many_rows():
    rows = [{"feedetl_sn": str(n), "cnt": "2"} for n in range(300)]
    rows += [{"feedetl_sn": f"R{n}", "init_feedetl_sn": str(n), "cnt": "-1"} for n in range(300)]
    (quantity,) = facts(rows, "net_quantity")
    assert quantity == [Decimal("1.0000")] * 600
    assert pl.Series(facts(rows[:100], "net_quantity")[0]).to_list() == [Decimal("2.0000")] * 100
