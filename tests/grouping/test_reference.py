"""Thousands of cases of the project's own generator group as a second, naive grouper groups them."""

import polars as pl
import pytest

from tests.grouping.naive import Naive
from tests.shared import Tables
from validator.generate import flat as generated
from validator.grouping import cases, drg
from validator.grouping.scheme import DrgScheme
from validator.loaders.schemes import folder

CASES = {"made-up": 10_000, "national": 30_000}


@pytest.fixture(scope="module")
def scheme(published: Tables) -> DrgScheme:
    return DrgScheme(folder.read(published.scheme), "chs-drg-1.1")


@pytest.fixture(scope="module")
def flat(published, scheme):
    return generated.drawn(scheme, CASES[published.name], seed=20260901)


@pytest.fixture(scope="module")
def result(scheme, flat):
    return drg.group(scheme, cases.from_flat(flat))


def test_the_same_groups_as_the_reference(published, flat, result):
    naive = Naive(published.scheme)
    expected = [naive.group(case) for case in flat.iter_rows(named=True)]
    found = result.select("mdc", "adrg", "drg", grouped=pl.col("status") == "grouped").rows()
    differences = [
        (case, ours, theirs)
        for case, ours, theirs in zip(flat.rows(named=True), found, expected, strict=True)
        if ours != theirs
    ]
    assert not differences, f"{len(differences)} differ, the first: {differences[:3]}"


def test_the_cases_are_worth_grouping(scheme, flat, result):
    """All DRGs, complications of both kinds, every class of newborns, many operations, and enough of what goes wrong."""
    grouped = result.filter(status="grouped")
    assert grouped["drg"].n_unique() > 0.988 * len(scheme.part("drg"))
    assert len(grouped) > 0.85 * len(flat)
    assert (grouped["adrg"].str.slice(1, 1) < "R").mean() > 0.35
    shares = grouped["drg"].str.slice(3).value_counts(normalize=True)
    assert all(share > 0.1 for share in shares["proportion"])
    newborns = grouped.filter(mdc="MDCP")["adrg"].value_counts()
    assert all(count >= 5 for count in newborns["count"])
    assert newborns.height == len(scheme.adrgs["MDCP"])
    assert (flat["procedures"].str.count_matches("|", literal=True) >= 2).mean() > 0.05
    failed = result.filter(status="failed")["reason"].value_counts()
    assert {name for name, count in failed.rows() if count >= 10} >= {
        "input_sex", "input_age", "principal_missing", "principal_unknown", "principal_refused", "wrong_sex",
        "wrong_age", "newborn_data", "no_adrg",
    }  # fmt: skip
