"""Whole tables: as CSV, and as workbooks of the official shape; same rows in, same rows out."""

import csv
from pathlib import Path

import polars as pl
import pytest

from tests.loaders.official import ICD9, ICD10
from tests.shared import Tables
from validator import loaders
from validator.codes.tables import Store

LISTS = {
    "icd10_nhsa.csv": ("icd10", "name"), "icd9cm3_nhsa.csv": ("icd9cm3", "name"), "icd10_grey_codes.csv": ("icd10_grey", "name"),
    "icd9cm3_grey_codes.csv": ("icd9cm3_grey", "name"), "tcm_diseases_gbt15657_2021.csv": ("tcm_disease", "name"),
    "drug_codes_sample.csv": ("drug", "generic_name"), "service_items_sample.csv": ("service_item", "name"),
    "opsp_diseases_sample.csv": ("opsp_disease", "name"), "icd10_dict.csv": ("icd10", "name"),
    "icd9_dict.csv": ("icd9cm3", "name"),
}  # fmt: skip
MAPS = {"icd10_clinical20_to_nhsa20.csv": "icd10_map", "icd9_clinical30_to_nhsa20.csv": "icd9cm3_map"}
VERSIONS = {"icd10_nhsa.csv": "2.0", "icd9cm3_nhsa.csv": "2.0", "tcm_diseases_gbt15657_2021.csv": "2021"}


def path_of(tables: Tables, file: str) -> Path:
    return (tables.scheme if file.endswith("_dict.csv") else tables.codebooks) / file


def rows_of(tables: Tables, file: str) -> list[dict[str, str]]:
    with path_of(tables, file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("file", LISTS)
def test_lists_load_as_they_are(published, file):
    table, name = LISTS[file]
    (found,) = loaders.read(path_of(published, file))
    assert (found.table.name, found.version, found.remarks) == (table, VERSIONS.get(file, ""), [])
    assert dict(found.frame.select("code", "name").rows()) == {
        row["code"]: row[name] for row in rows_of(published, file)
    }


@pytest.mark.parametrize("file", MAPS)
def test_maps_load_as_they_are(published, file):
    (found,) = loaders.read(path_of(published, file))
    assert (found.table.name, found.remarks) == (MAPS[file], [])
    expected = {(row["clinical_code"], row["nhsa_code"], row["nhsa_name"]) for row in rows_of(published, file)}
    assert set(found.frame.select("code", "target", "target_name").rows()) == expected


def official(headings: list[str], rows: list[dict[str, str]], title: str) -> list[list[str]]:
    """A sheet with the official columns; what the tables here do not tell is filled with codes cut short."""
    made = [
        [*["甲"] * (len(headings) - 4), row["code"][:5], "乙", row["code"], row["name"]]
        for row in rows
    ]  # fmt: skip
    return [[title], headings, *made, [], ["注：完"]]


@pytest.mark.parametrize(
    ("file", "name", "headings"),
    [("icd10_nhsa.csv", "医保ICD10_v2.0_0122.xlsx", ICD10), ("icd9cm3_nhsa.csv", "医保ICD9_v2.0_0122.xlsx", ICD9)],
)
def test_official_workbooks(published, workbook, tmp_path, file, name, headings):
    rows = rows_of(published, file)
    path = workbook(name, {"说明": [["国家医疗保障局"]], "码表": official(headings, rows, "分类与代码（2.0版）")})
    store = Store(tmp_path / "store")
    kept = loaders.add(path, store)
    assert (kept.version, kept.rows, kept.file) == ("2.0", len(rows), name)
    book = store.book(kept)
    assert dict(book.frame.select("code", "name").rows()) == {row["code"]: row["name"] for row in rows}
    assert book.columns[5:] == headings[:-2]
    assert book.find(pl.Series([row["code"] for row in rows])).null_count() == 0


def test_a_workbook_of_a_map(published, workbook):
    rows = rows_of(published, "icd9_clinical30_to_nhsa20.csv")
    headings = [
        "国家临床版3.0手术操作编码",
        "国家临床版3.0手术操作名称",
        "医保版2.0手术操作编码",
        "医保版2.0手术操作名称",
    ]
    cells = [[row["clinical_code"], "甲", row["nhsa_code"], row["nhsa_name"]] for row in rows]
    (found,) = loaders.read(workbook("ICD9国临版3.0对照医保版2.0_0125.xlsx", {"Sheet1": [headings, *cells]}))
    assert (found.table.name, found.version, found.frame.height) == ("icd9cm3_map", "3.0-2.0", len(rows))


def test_grey_codes_of_the_list_and_of_the_table_are_the_same(published, tmp_path):
    store = Store(tmp_path)
    table = loaders.add(published.codebooks / "icd10_nhsa.csv", store)
    greys = store.grey(table, None)
    plain = loaders.add(published.scheme / "icd10_dict.csv", Store(tmp_path / "plain"), version="2.0")
    store_of_two = Store(tmp_path / "plain")
    assert store_of_two.grey(plain, None) is None
    loaders.add(published.codebooks / "icd10_grey_codes.csv", store_of_two, version="2.0")
    assert greys is not None
    assert greys.sum() == len(rows_of(published, "icd10_grey_codes.csv"))
    assert greys.equals(store_of_two.grey(plain, None))


def test_what_is_no_code_table_is_refused(published):
    for path in sorted(published.codebooks.glob("*.csv")):
        if path.name not in {*LISTS, *MAPS}:
            with pytest.raises(loaders.InputError, match=r"没有编码列和名称列|看不出是哪张码表"):
                loaders.read(path)
