"""The made-up tables agree with each other, and nothing in them is a row of a national table."""

from pathlib import Path

import polars as pl
import pytest

from tests.shared import MADE_UP, NATIONAL, needs_national

DIAGNOSES = (
    "mdc_diagnosis", "adrg_diagnosis", "mcc", "cc", "valid_principal_diagnosis", "invalid_principal_diagnosis",
    "principal_without_medical_adrg",
)  # fmt: skip
PROCEDURES = ("adrg_procedure", "valid_procedure", "invalid_procedure")


def read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False).fill_null("")


def scheme(name: str) -> pl.DataFrame:
    return read(MADE_UP.scheme / f"{name}.csv")


def codebook(name: str) -> pl.DataFrame:
    return read(MADE_UP.codebooks / f"{name}.csv")


def pairs(frame: pl.DataFrame) -> set[tuple[str, ...]]:
    return set(frame.select("code", "name").rows())


@pytest.mark.parametrize(
    ("dictionary", "lists"), [("icd10_dict", DIAGNOSES), ("icd9_dict", PROCEDURES)], ids=["diagnoses", "procedures"]
)
def test_a_code_has_the_same_name_in_every_list(dictionary, lists):
    known = pairs(scheme(dictionary))
    for name in lists:
        assert pairs(scheme(name)) <= known, name
    table = {"icd10_dict": "icd10", "icd9_dict": "icd9cm3"}[dictionary]
    book = codebook(f"{table}_nhsa")
    assert pairs(book) == known
    assert pairs(codebook(f"{table}_grey_codes")) == pairs(book.filter(grey="1"))


def test_lists_that_follow_from_others_do():
    listed, dictionary = pairs(scheme("mdc_diagnosis")), pairs(scheme("icd10_dict"))
    assert pairs(scheme("valid_principal_diagnosis")) == listed
    assert pairs(scheme("invalid_principal_diagnosis")) == dictionary - listed
    surgical = pairs(scheme("valid_procedure"))
    assert pairs(scheme("invalid_procedure")) == pairs(scheme("icd9_dict")) - surgical
    assert pairs(scheme("adrg_procedure")) <= surgical
    assert pairs(scheme("adrg_diagnosis")) <= listed
    counts = dict(scheme("mdc_diagnosis")["mdc"].value_counts().iter_rows())
    assert {
        mdc: int(number) for mdc, number in scheme("mdc").select("mdc", "n_diagnoses").iter_rows() if number != "0"
    } == counts
    assert pairs(scheme("mcc")).isdisjoint(pairs(scheme("cc")))


def test_what_a_map_leads_to_is_there():
    for map_, table in (("icd10_clinical20_to_nhsa20", "icd10_nhsa"), ("icd9_clinical30_to_nhsa20", "icd9cm3_nhsa")):
        targets = codebook(map_).select(code="nhsa_code", name="nhsa_name")
        assert pairs(targets) <= pairs(codebook(table))


@needs_national
def test_the_files_have_the_columns_of_the_national_ones_and_none_of_their_names():
    for mine, theirs in ((MADE_UP.codebooks, NATIONAL.codebooks), (MADE_UP.scheme, NATIONAL.scheme)):
        for path in mine.glob("*.csv"):
            made_up, national = read(path), read(theirs / path.name)
            assert made_up.columns == national.columns, path
            for column in {"name", "name_derived", "nhsa_name", "generic_name"} & set(made_up.columns):
                assert set(made_up[column]).isdisjoint(national[column]), path
