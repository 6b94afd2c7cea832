"""Limits by hand, what only chance explains, and when a delivery is held."""

import math

import polars as pl
import pytest

from validator.intake import arrival
from validator.spec.intake import Expectation


def figures(rows: list[tuple[str, str, float, int, float | None]]) -> pl.DataFrame:
    return pl.DataFrame([("H1", *row) for row in rows], schema=arrival.FIGURES, orient="row")


def months(figure: str, *points: tuple[float, int, float | None]) -> pl.DataFrame:
    return figures([(f"2026{n:02d}", figure, *point) for n, point in enumerate(points, 1)])


def one(now: pl.DataFrame, before: pl.DataFrame, figure: str) -> dict[str, object]:
    return arrival.compare(now, before).row(by_predicate=pl.col("figure") == figure, named=True)


def test_counts_by_hand() -> None:
    before = months("cases", (100, 100, None), (104, 104, None), (96, 96, None), (100, 100, None))
    found = one(figures([("202605", "cases", 70, 70, None)]), before, "cases")
    # mean 100, √100 = 10; moving ranges 4, 8, 4 (in errors 0.4, 0.8, 0.4) explain less than chance: the limit stays 3 × 10
    assert (found["centre"], found["low"], found["high"], found["state"]) == (100, 70, 130, "within")
    assert one(figures([("202605", "cases", 69, 69, None)]), before, "cases")["state"] == "below"


def test_months_that_vary_more_than_chance_widen_the_limits() -> None:
    before = months("cases", (80, 80, None), (120, 120, None), (80, 80, None), (120, 120, None))
    found = one(figures([("202605", "cases", 69, 69, None)]), before, "cases")
    assert found["low"] == pytest.approx(max(0, 100 - 3 * 10 * 4 / 1.128))  # each range is 4 errors
    assert found["state"] == "within"


def test_shares_by_hand() -> None:
    before = months("blank:setlinfo.gend", (0, 100, None), (0, 100, None), (0, 100, None))
    near = 2 / 304
    limit = 3 * math.sqrt(near * (1 - near)) / 10
    found = one(figures([("202604", "blank:setlinfo.gend", 2, 100, None)]), before, "blank:setlinfo.gend")
    assert found["high"] == pytest.approx(limit)
    assert found["state"] == "within"
    assert (
        one(figures([("202604", "blank:setlinfo.gend", 3, 100, None)]), before, "blank:setlinfo.gend")["state"]
        == "above"
    )


def test_cost_by_hand() -> None:
    # each month: 90 and 110 yuan, 50 times each: spread within the months 10 (of n − months), error 10/√100 = 1 yuan
    month = (100 * 100.0, 100, 50 * 90.0**2 + 50 * 110.0**2)
    found = one(
        figures([("202604", "cost", 100 * 103.1, 100, 100 * 103.1**2)]), months("cost", month, month, month), "cost"
    )
    spread = math.sqrt(300 * 100 / 297)
    assert found["high"] == pytest.approx(100 + 3 * spread / 10)
    assert found["state"] == "above"


def test_figures_of_cases_add_up_over_deliveries() -> None:
    cases = pl.DataFrame(
        [(0, "H1", "202601", 100, "I10.x00"), (1, "H1", "202601", 300, "K80.1"), (2, "H2", "202601", None, None)],
        schema=arrival.CASES, orient="row",
    )  # fmt: skip
    table = pl.DataFrame({"_case": [0, 1, 2], "gend": ["1", None, None]}, schema_overrides={"_case": pl.UInt32})
    one_delivery = arrival.figures(cases, {"setlinfo": table})
    found = {(h, f): (t, n) for h, _, f, t, n, _ in one_delivery.iter_rows()}
    assert found["H1", "cases"] == (2, 2)
    assert found["H1", "cost"] == (400, 2)
    assert found["H1", "code:I"] == (1, 2)
    assert found["H1", "blank:setlinfo.gend"] == (1, 2)
    assert found["H2", "cost"] == (0, 0)
    parts = [arrival.figures(cases[[n]], {"setlinfo": table}) for n in range(3)]
    assert (
        arrival.add(parts)
        .filter(~pl.col("figure").str.starts_with("code"))
        .equals(one_delivery.filter(~pl.col("figure").str.starts_with("code")))
    )


def test_a_letter_that_is_new_or_gone_is_compared_with_none() -> None:
    before = pl.concat([months("code:I", *[(50, 100, None)] * 3), months("code:K", *[(50, 100, None)] * 3)])
    now = figures([("202604", "code:I", 100, 100, None), ("202604", "cases", 100, 100, None)])
    states = dict(arrival.compare(now, before).select("figure", "state").iter_rows())
    assert states["code:I"] == "above"
    assert states["code:K"] == "below"
    assert states["cases"] == "unjudged"  # no months of that figure


def cases_chart(low: float) -> pl.DataFrame:
    return pl.DataFrame(
        [("H1", "202604", "cases", 10.0, 100.0, low, 130.0, 6, "within")], schema=arrival.COMPARED, orient="row"
    )


NO_CHART = pl.DataFrame(schema=arrival.COMPARED)


@pytest.mark.parametrize(
    ("declared", "received", "expected", "low", "over", "state"),
    [
        ("whole", 50, 100, None, False, "complete"),  # exactly the least share
        ("whole", 49, 100, None, False, "held"),
        ("part", 10, 100, None, False, "waiting"),
        ("part", 10, 100, None, True, "incomplete"),
        ("part", 100, 100, None, True, "complete"),
        ("whole", 70, None, 70.0, False, "complete"),
        ("whole", 69, None, 70.0, False, "held"),
        ("whole", 69, None, None, False, "unjudged"),
        ("whole", 0, 0, None, True, "complete"),
    ],
)
def test_a_whole_delivery_that_lacks_most_is_held_and_parts_are_measured_at_the_deadline(
    declared, received, expected, low, over, state
) -> None:
    chart = NO_CHART if low is None else cases_chart(low)
    found = arrival.judge(declared, received, expected, chart, Expectation(), over=over)
    assert found.state == state
    assert found.reason
