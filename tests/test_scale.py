"""The page on the whole country says what its model computes, and the model behaves as clusters do; copies of cases are other cases."""

from pathlib import Path

import polars as pl
import pytest
from stdnum.cn import ric

from benchmarks import copies, scale_model
from benchmarks.scale_model import Cluster, Country, Rates, simulate

PAGE = Path(__file__).parents[1] / "docs" / "scale.md"


def test_the_page_has_the_figures_of_the_model() -> None:
    assert scale_model.tables() in PAGE.read_text(encoding="utf-8"), "python benchmarks/scale_model.py"


def test_every_unit_is_done_whatever_fails() -> None:
    run = simulate([10.0] * 500, Cluster(8, slow=0.25, fail=0.2))
    assert run.done == 500
    assert run.attempts > 550
    assert run.seconds > run.ideal


@pytest.mark.parametrize("cores", [1, 4, 16])
def test_equal_units_on_equal_cores_come_near_the_ideal(cores: int) -> None:
    run = simulate([10.0] * 480, Cluster(cores, slow=0, fail=0))
    assert run.stretch == pytest.approx(1, abs=0.06)
    assert run.attempts == run.done == 480


def test_slow_cores_and_large_units_take_longer() -> None:
    small, rates = Country(stays=300_000, hospitals=400, unit_stays=500), Rates()
    quick, slow = (simulate(scale_model.by_case(small, rates), Cluster(8, slow=share, fail=0)) for share in (0, 0.5))
    assert slow.stretch > quick.stretch * 1.2
    even, skewed = (
        simulate(cut(small, rates), Cluster(40, fail=0)) for cut in (scale_model.by_case, scale_model.by_hospital)
    )
    assert skewed.seconds > even.seconds
    assert sum(scale_model.hospitals(small)) == pytest.approx(small.stays, rel=0.001)
    assert sum(scale_model.by_hospital(small, rates)) == pytest.approx(skewed.ideal * 40)


def test_copies_are_other_cases_of_other_persons_of_the_same_sex_and_birthday() -> None:
    numbers = ["110105195704180077", "115004198207030162", "110105195704180078", None]  # the third ends wrongly
    cases = pl.DataFrame({"setl_id": [f"ST00070000000{place}" for place in range(4)], "certno": numbers, "amt": "1.00"})
    found = pl.concat([cases, *(copies.other(cases, copy) for copy in range(1, 51))])
    assert found["setl_id"].n_unique() == 4 * 51
    right = found.filter(pl.col("certno") != numbers[2])["certno"]
    assert right.n_unique() == right.len() == 2 * 51
    assert all(ric.calc_check_digit(number) == number[-1] for number in right)
    assert set(right.str.slice(6, 8)) == {"19570418", "19820703"}
    assert set(found["certno"].str.slice(16, 1).cast(pl.Int8) % 2) == {1, 0, None}
