"""Whole code tables held against themselves: no right code, rightly named, is found fault with."""

from pathlib import Path

import polars as pl
import pytest

from tests.shared import NATIONAL, Tables, needs_national
from validator import check, loaders
from validator.codes.tables import Store

FILES = {
    "icd10": "icd10_nhsa", "icd10_grey": "icd10_grey_codes", "icd10_map": "icd10_clinical20_to_nhsa20",
    "icd9cm3": "icd9cm3_nhsa", "icd9cm3_grey": "icd9cm3_grey_codes", "icd9cm3_map": "icd9_clinical30_to_nhsa20",
    "tcm_disease": "tcm_diseases_gbt15657_2021",
}  # fmt: skip


@pytest.fixture(scope="module")
def store(published: Tables, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The tables as the command would add them."""
    found = Store(tmp_path_factory.mktemp("tables"))
    for table, name in FILES.items():
        loaders.add(published.codebooks / f"{name}.csv", found, table, "2021" if table == "tcm_disease" else "2.0")
    return found


def codes(store: Store, table: str) -> pl.DataFrame:
    [version] = store.versions(table)
    return store.book(version).frame


def lists(rows: pl.DataFrame, table: str, **fixed: str) -> dict[str, pl.DataFrame]:
    """A list for each of the rows, with nothing on it but the row."""
    ids = pl.int_range(rows.height, eager=True).cast(pl.String).alias("setl_id")
    cases = pl.DataFrame({"setl_id": ids}).with_columns(dscg_time=pl.lit("2026-07-18 10:00:00"))
    return {"setlinfo": cases, table: rows.with_columns(ids, **{key: pl.lit(text) for key, text in fixed.items()})}


def faults(store: Store, data: dict[str, pl.DataFrame], table: str) -> dict[str, int]:
    """Check -> findings, of the coded field and its name."""
    fields = {"diseinfo": ["diag_code", "diag_name"], "oprninfo": ["oprn_oprt_code", "oprn_oprt_name"]}[table]
    select = [f"{table}.{field}/" for field in fields]
    found = check(data, codebooks=store.folder, select=select, layout="4101").findings
    return dict(found["check"].value_counts().iter_rows())


@needs_national
def test_the_national_tables_are_whole() -> None:
    rows = {
        table: len(pl.read_csv(NATIONAL.codebooks / f"{name}.csv", infer_schema=False)) for table, name in FILES.items()
    }
    assert (rows["icd10"], rows["icd10_grey"], rows["icd9cm3"], rows["icd9cm3_grey"]) == (33_304, 2_828, 13_686, 2_243)


def test_every_diagnosis(store: Store) -> None:
    frame = codes(store, "icd10").select(diag_code="code", diag_name="name")
    data = lists(frame, "diseinfo", diag_type="1", maindiag_flag="0")
    assert faults(store, data, "diseinfo") == {"diseinfo.diag_code/grey": codes(store, "icd10_grey").height}


def test_every_procedure(store: Store) -> None:
    frame = codes(store, "icd9cm3").select(oprn_oprt_code="code", oprn_oprt_name="name")
    grey = codes(store, "icd9cm3_grey").height
    assert faults(store, lists(frame, "oprninfo"), "oprninfo") == {"oprninfo.oprn_oprt_code/grey": grey}


def test_every_disease_of_chinese_medicine(store: Store) -> None:
    frame = codes(store, "tcm_disease").select(diag_code="code", diag_name="name")
    data = lists(frame, "diseinfo", diag_type="2", maindiag_flag="0")
    assert faults(store, data, "diseinfo") == {}


def test_every_code_of_the_clinical_edition_is_sent_to_its_own(store: Store) -> None:
    """Codes that both editions have mean the same or are left alone; the others are fixed to a code that is there."""
    mapped = codes(store, "icd10_map")
    known = codes(store, "icd10")["code"].implode()
    clinical = mapped.filter(~pl.col("code").is_in(known))
    data = lists(clinical.select(diag_code="code", diag_name="target_name"), "diseinfo", diag_type="1")
    found = check(data, codebooks=store.folder, select=["diseinfo.diag_code/"], layout="4101").findings
    fine = found.filter(check="diseinfo.diag_code/wrong_edition")
    targets = dict(clinical.select("code", "target").iter_rows())
    assert dict(fine.select("value", "suggested").iter_rows()).items() <= targets.items()
    assert fine.height > 0.99 * clinical.height  # a few keys of the published map are malformed themselves
    assert pl.Series(list(targets.values())).is_in(known).all()


@pytest.mark.parametrize("edition", ["clinical", "insurance"])
def test_a_record_of_every_diagnosis_of_an_edition(store: Store, edition: str) -> None:
    """The file's edition is recognised, and no code of it is faulted; those that the other one alone has are."""
    both = [codes(store, name)["code"] for name in ("icd10_map", "icd10")]
    ours, theirs = both if edition == "clinical" else reversed(both)
    alone = theirs.filter(~theirs.is_in(ours.implode())).head(ours.filter(~ours.is_in(theirs.implode())).len() // 20)
    rows = pl.DataFrame({"diag_code": [*ours, *alone]}).with_columns(mdtrt_sn=pl.lit("1"))
    data = {"baseinfo": pl.DataFrame({"mdtrt_sn": ["1"], "dscg_date": ["2026-07-18"]}), "diseinfo": rows}
    found = check(record=data, codebooks=store.folder, select=["record.diseinfo.diag_code/"], layout="4401").findings
    counts = dict(
        found.filter(pl.col("check") != "record.diseinfo.diag_code/pattern")["check"].value_counts().iter_rows()
    )
    assert counts == ({"record.diseinfo.diag_code/wrong_edition": alone.len()} if alone.len() else {})


def test_a_clean_list_names_what_it_holds(store: Store) -> None:
    """The names of one table under the codes of the next: each is found."""
    frame = codes(store, "icd10").select(diag_code="code", diag_name=pl.col("name").shift(1)).drop_nulls()
    found = faults(store, lists(frame, "diseinfo", diag_type="1"), "diseinfo")
    assert found["diseinfo.diag_name/name"] > 0.9995 * frame.height


def test_the_tables_stay_out_of_the_project() -> None:
    root = Path(__file__).resolve().parents[2]
    large = [path for path in (root / "codebooks").rglob("*") if path.is_file() and path.stat().st_size > 60_000]
    assert large == []
