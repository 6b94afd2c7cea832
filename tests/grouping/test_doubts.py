"""Doubts about cases that group: complications without effect, costs far from the group's mean, another diagnosis first."""

import polars as pl
import pytest

from tests.grouping import scheme as tiny
from validator.grouping import cases, doubts, drg
from validator.grouping.doubts import Ratios

SCHEME = tiny.scheme()
USUAL = 10  #: cases that make the mean of a group


def found(*unusual: tuple[str, str, float], **ratios: float) -> list[tuple[str, str, str | None, str | None]]:
    """The doubts about some cases (id, diagnoses, cost) next to the usual ones of two groups, at 1000 and 3000 yuan."""
    rows = [(f"E{n}", "J18.900", 1000.0) for n in range(USUAL)] + [(f"H{n}", "K80.101", 3000.0) for n in range(USUAL)]
    frame = pl.DataFrame([*rows, *unusual], schema=["case_id", "diagnoses", "cost"], orient="row")
    some = cases.from_flat(frame.with_columns(sex=pl.lit("2"), age=pl.lit("60")))
    result = drg.group(SCHEME, some)
    doubted = doubts.find(SCHEME, some, result, Ratios(**ratios) if ratios else None)
    return doubted.select("case_id", "kind", "code", "other").rows()


def test_usual_cases_raise_none():
    assert found(("x", "J18.900", 1000.0)) == []


def test_a_complication_without_effect():
    assert found(("x", "J18.900|J96.000", 1000.0)) == [("x", "complication_excluded", "J96.000", None)]
    assert found(("x", "K80.101|J96.000", 3000.0)) == []  # there it counts


@pytest.mark.parametrize(
    ("cost", "kinds"),
    [(2199.0, []), (2600.0, ["cost_high"]), (480.0, []), (470.0, ["cost_low"])],
)
def test_costs_far_from_the_mean(cost: float, kinds: list[str]):
    assert [kind for _, kind, _, _ in found(("x", "J18.900", cost))] == kinds


def test_the_limits_are_the_profiles():
    assert [kind for _, kind, _, _ in found(("x", "J18.900", 1600.0), high=1.5)] == ["cost_high"]
    assert found(("x", "J18.900", 9000.0), least=USUAL + 2) == []  # too few cases for a mean


def test_another_diagnosis_first():
    doubted = found(("x", "J18.900|K80.101", 3000.0))
    assert ("x", "order_by_cost", "K80.101", "HU15") in doubted
    assert all(kind != "order_by_cost" for _, kind, _, _ in found(("x", "J18.900|K80.101", 1000.0)))
    assert all(kind != "order_by_cost" for _, kind, _, _ in found(("x", "J18.900|I10.x00x002", 3000.0)))


def test_every_kind_has_its_words():
    assert set(doubts.KINDS) == {"complication_excluded", "cost_high", "cost_low", "order_by_cost"}
    assert all(all(each.title + each.ask + each.basis) for each in doubts.KINDS.values())
