"""Planted grouping defects: every spoiled case fails as the truth table says, every other one groups, nothing else is touched."""

import polars as pl
import pytest

from tests.grouping.naive import Naive
from tests.shared import Tables
from validator.generate import grouping
from validator.grouping import cases, drg
from validator.grouping.evidence import Evidence
from validator.grouping.scheme import DrgScheme
from validator.loaders.schemes import folder

CASES = 2_000


@pytest.fixture(scope="module")
def scheme(published: Tables) -> DrgScheme:
    return DrgScheme(folder.read(published.scheme), "chs-drg-1.1")


@pytest.fixture(scope="module")
def planted(scheme):
    return grouping.planted(scheme, CASES, seed=5, share=0.2)


def test_the_truth_is_what_the_grouper_finds(scheme, planted):
    frame, truth = planted
    assert len(frame) == CASES
    assert len(truth) == 0.2 * CASES
    result = drg.group(scheme, cases.from_flat(frame))
    lost = result.filter(pl.col("status") != "grouped").select("case_id", "status", "reason")
    assert lost.equals(truth.select("case_id", "status", "reason"))


def test_and_what_the_reference_finds(published, planted):
    frame, truth = planted
    naive, spoiled = Naive(published.scheme), set(truth["case_id"])
    assert all(naive.group(row)[3] == (row["case_id"] not in spoiled) for row in frame.iter_rows(named=True))


def test_every_defect_is_there_and_gives_its_reasons(planted):
    counts = planted[1].group_by("defect").len()
    assert set(counts["defect"]) == set(grouping.DEFECTS)
    assert counts["len"].min() > 5
    reasons = {str(defect): set(part["reason"]) for (defect,), part in planted[1].group_by("defect")}
    assert reasons["grey"] == {"principal_refused"}
    assert reasons["sex_flipped"] == {"wrong_sex"}
    assert reasons["days_lost"] == reasons["weight_lost"] == {"newborn_data"}
    assert "no_adrg" in reasons["operation_dropped"]


def test_undoing_a_defect_gives_the_group_back(scheme, planted):
    frame, truth = planted
    known = frame.join(truth, on="case_id", maintain_order="right")
    first, rest = pl.col("diagnoses").str.extract(r"\A([^|]*)"), pl.col("diagnoses").str.extract(r"\A[^|]*(.*)")
    second, further = rest.str.extract(r"\A\|([^|]*)"), rest.str.extract(r"\A\|[^|]*(.*)")
    was = {
        name: pl.when(pl.col("field") == name).then("was").otherwise(name) for name in ("sex", "age_days", "weight_g")
    }
    corrected = known.with_columns(
        **was,
        diagnoses=pl.when(pl.col("defect") == "swapped")
        .then(pl.concat_str(second, pl.lit("|"), first, further))
        .when(pl.col("defect") == "grey")
        .then(pl.concat_str("was", rest))
        .otherwise("diagnoses"),
        procedures=pl.when(pl.col("defect") == "operation_dropped")
        .then(pl.concat_str("was", pl.when(pl.col("procedures") != "").then(pl.lit("|")), "procedures", ignore_nulls=True))
        .otherwise("procedures"),
    )  # fmt: skip
    result = drg.group(scheme, cases.from_flat(corrected))
    assert result["drg"].equals(truth["drg"])


def test_what_stands_next_to_the_cases_tells_what_would_be_right(planted):
    frame, truth = planted
    known = Evidence({"setlinfo": frame}).frame
    context = frame.select("case_id", "sex", "age", "age_days").hstack(known.rename(lambda name: f"by_{name}"))
    wrong = context.filter(pl.col("sex") != pl.col("by_sex"))
    assert set(wrong["case_id"]) == set(truth.filter(defect="sex_flipped")["case_id"])
    assert context["age"].cast(pl.Int32).equals(context["by_age"])
    infants = context.filter(pl.col("age_days").is_not_null())
    assert infants["age_days"].cast(pl.Int32).equals(infants["by_age_days"])


def test_the_same_seed_gives_the_same(scheme):
    one, two = (grouping.planted(scheme, 200, seed=9, share=0.1) for _ in range(2))
    assert one[0].equals(two[0])
    assert one[1].equals(two[1])
    assert not one[0].equals(grouping.planted(scheme, 200, seed=10, share=0.1)[0])
