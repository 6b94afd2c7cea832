"""What does not matter to a group: who else is there, in which order, in what letter case, in how many parts."""

import polars as pl
import pytest

from tests.grouping import scheme as tiny
from validator.generate import flat
from validator.grouping import cases, drg

COUNT = 600


@pytest.fixture(scope="module", params=[{}, {"qy": "any"}, {"qy": ""}, {"skip_medical": "1", "qy": ""}], ids=str)
def scheme(request):
    return tiny.scheme(**request.param)


@pytest.fixture(scope="module")
def frame(scheme):
    return flat.drawn(scheme, COUNT, seed=3)


@pytest.fixture(scope="module")
def result(scheme, frame):
    return group(scheme, frame)


def group(scheme, frame):
    return drg.group(scheme, cases.from_flat(frame))


def test_there_is_something_to_see(result, scheme):
    assert result["drg"].n_unique() > 15
    expected = {"grouped", "failed"} | ({"ambiguous"} if scheme.options["qy"] else set())
    assert set(result["status"]) == expected


def test_the_order_of_cases(scheme, frame, result):
    mixed = frame.sample(fraction=1, shuffle=True, seed=1)
    assert group(scheme, mixed).sort("case_id").equals(result)


def test_one_by_one(scheme, frame, result):
    some = range(0, COUNT, 7)
    alone = pl.concat(group(scheme, frame[n]) for n in some)
    assert alone.equals(result[list(some)])


@pytest.mark.parametrize("size", [1, 50, 599])
def test_in_parts(scheme, frame, result, size):
    parts = frame.iter_slices(size) if size > 1 else [frame[:1], frame[1:]]
    assert pl.concat(group(scheme, part) for part in parts).equals(result)


def test_some_of_them_taken(scheme, frame, result):
    rows = pl.Series([5, 3, 400, 0])
    assert drg.group(scheme, cases.from_flat(frame).take(rows)).equals(result[rows])


def test_none_at_all(scheme, frame):
    assert group(scheme, frame.clear()).to_dict(as_series=False) == {name: [] for name in drg.RESULT}


@pytest.mark.parametrize("column", ["diagnoses", "procedures"])
def test_the_order_of_other_codes(scheme, frame, result, column):
    codes = pl.col(column).str.split("|")
    others = pl.concat_list(codes.list.head(1), codes.list.slice(1).list.reverse()).list.join("|")
    assert group(scheme, frame.with_columns(others.alias(column))).equals(result)


def test_other_codes_given_twice(scheme, frame, result):
    """Unless operations are counted: the tiny scheme has one rule that does."""
    codes = pl.col("diagnoses").str.split("|")
    twice = pl.concat_list(codes, codes.list.slice(1)).list.join("|")
    assert group(scheme, frame.with_columns(diagnoses=twice)).equals(result)


@pytest.mark.parametrize("written", ["lower", "upper"])
def test_letter_case(scheme, frame, result, written):
    codes = pl.col("diagnoses", "procedures").str
    other = codes.to_lowercase() if written == "lower" else codes.to_uppercase()
    assert group(scheme, frame.with_columns(other)).equals(result)


def test_letter_case_of_codes_given_as_they_are(scheme, frame, result):
    plain = cases.from_flat(frame)
    lower = pl.col("code").str.to_lowercase()
    some = cases.Cases(
        plain.frame.with_columns(pl.col("principal", "procedure").str.to_lowercase()),
        plain.diagnoses.with_columns(lower),
        plain.procedures.with_columns(lower),
    )
    assert drg.group(scheme, some).equals(result)


def test_codes_that_the_scheme_does_not_know(scheme, frame, result):
    """As other codes they change nothing."""
    operated = pl.col("procedures") != ""
    more = frame.with_columns(
        diagnoses=pl.format("{}|Q99.999x999", "diagnoses"),
        procedures=pl.when(operated).then(pl.format("{}|99.9999x9", "procedures")).otherwise("procedures"),
    )
    assert group(scheme, more).equals(result)
