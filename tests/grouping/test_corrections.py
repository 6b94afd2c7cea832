"""Corrections: each kind is suggested where the case bears it out, and nowhere else; what does not group is never suggested."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.grouping.scheme import scheme
from validator.codes.tables import Store, Version
from validator.grouping import correction_words, corrections, drg
from validator.grouping.cases import from_flat, from_tables
from validator.grouping.corrections import Sources

HEAD = ("case_id", "sex", "age", "age_days", "weight_g", "diagnoses", "procedures")
VALID = {"1": "110101198001011216", "2": "110101198001011224"}  # fictional


def flat(*cases):
    """Cases by diagnoses and procedures: of a man of 40 unless stated."""
    rows = [{"case_id": f"C{n}", "sex": "1", "age": "40"} | case for n, case in enumerate(cases)]
    return from_flat(
        pl.DataFrame([{name: row.get(name) for name in HEAD} for row in rows], dict.fromkeys(HEAD, pl.String))
    )


def lists(*cases):
    """Settlement tables: setlinfo fields, ``diagnoses`` and ``procedures`` next to them."""
    common = {"gend": "1", "age": "40", "brdy": "1980-01-01", "adm_time": "2026-03-01 08:00:00"}
    rows = [common | case for case in cases]
    names = {name for row in rows for name in row} - {"diagnoses", "procedures"}
    setlinfo = [{name: row.get(name) for name in names} | {"case_id": f"C{n}"} for n, row in enumerate(rows)]
    diseinfo = [
        {"_case": n, "_row": at, "diag_code": code, "adm_cond_type": on or "1", "maindiag_flag": "01"[at == 1]}
        for n, row in enumerate(rows)
        for at, (code, _, on) in enumerate((each.partition("@") for each in row["diagnoses"].split("|")), 1)
    ]
    return {
        "setlinfo": pl.DataFrame(setlinfo, dict.fromkeys((*names, "case_id"), pl.String)),
        "diseinfo": pl.DataFrame(diseinfo, schema_overrides={"_case": pl.UInt32, "_row": pl.UInt32}),
    }


def find(cases, sources=None, **options):
    rules = scheme(**options)
    return corrections.find(rules, cases, drg.group(rules, cases), sources)


def of_lists(*cases):
    return find(from_tables(lists(*cases)))


def shown(found, *columns):
    return found.select(columns or ("kind", "before", "after", "drg")).rows()


# ---- finer codes


def test_a_grey_code_is_refined_to_the_codes_of_its_subcategory_that_group():
    found = find(flat({"diagnoses": "K80.100"}))
    assert shown(found) == [("refine", "K80.100", "K80.101", "HU15")]
    assert found["field"].to_list() == ["principal"]
    assert found["applicability"].to_list() == ["judge"]
    assert found["cautions"].to_list() == [[]]


def test_the_codes_of_another_subcategory_are_no_refinement():
    assert shown(find(flat({"diagnoses": "K80.000"})), "after") == [("K80.000x002",)]
    assert find(flat({"diagnoses": "I10.x00x002"})).height == 0
    assert find(flat({"diagnoses": "J18.000"})).height == 0  # J18.900 is another subcategory


def test_a_code_that_is_fine_enough_is_not_refined():
    assert find(flat({"diagnoses": "K80.102"})).height == 0


def test_the_loaded_table_says_which_codes_are_grey_and_which_there_are(tmp_path):
    store = Store(tmp_path)
    keep(
        store,
        "icd10",
        [("K80.000", True), ("K80.000x001", False), ("K80.100", True), ("K80.101", False), ("K80.0abc", True)],
    )
    cases = flat({"diagnoses": "K80.100"}, {"diagnoses": "K80.000"})
    assert shown(find(cases, sources=Sources(store)), "before", "after") == [("K80.100", "K80.101")]


# ---- another diagnosis or operation first


def test_another_diagnosis_first_is_reported_if_it_groups():
    found = find(flat({"diagnoses": "I10.x00x002|J15.900|E11.900|Z37.000"}))
    assert shown(found, "kind", "after", "drg", "cautions") == [("diagnosis_first", "J15.900", "ER23", ["severe"])]


def test_the_former_principal_diagnosis_becomes_another_one():
    """Its complication counts, for the case has it; and what the case does not have is never added."""
    found = find(flat({"diagnoses": "J96.000|J15.900"}, {"diagnoses": "I10.x00x002|J15.900"}))
    assert shown(found, "case_id", "drg", "cautions") == [("C0", "ER21", ["severe"]), ("C1", "ER25", [])]


def test_several_that_give_different_groups_are_all_reported_as_a_question():
    found = find(flat({"diagnoses": "I10.x00x002|J15.900|K81.000"}))
    assert shown(found, "after", "drg") == [("J15.900", "ER23"), ("K81.000", "HU15")]
    assert all("several" in each for each in found["cautions"])
    refined_or_reordered = find(flat({"diagnoses": "K80.100|J15.900"}))
    assert shown(refined_or_reordered, "kind", "drg", "cautions") == [
        ("refine", "HU15", ["several"]),
        ("diagnosis_first", "ER25", ["several"]),
    ]


def test_symptoms_late_diagnoses_and_unfit_codes_do_not_go_first():
    rows = ({"diagnoses": "I10.x00x002|J15.900@4"}, {"diagnoses": "I10.x00x002|J15.900@1"})
    assert of_lists(*rows)["case_id"].to_list() == ["C1"]
    cases = flat({"diagnoses": "I10.x00x002|J15.900"})
    assert find(cases, sources=Sources(unfit=r"\A(?:J15)")).height == 0


def test_another_operation_first_groups_an_ambiguous_case():
    case = {"diagnoses": "K80.101", "procedures": "47.0100|51.2300"}
    found = find(flat(case))
    assert shown(found, "kind", "before", "after", "drg", "cautions") == [
        ("procedure_first", "47.0100", "51.2300", "HC15", ["surgical"])
    ]
    assert find(flat(case | {"procedures": "47.0100|96.7101"})).height == 1  # what no group asks for makes it medical


def test_nothing_is_reported_of_a_case_that_groups_or_takes_no_part():
    assert find(flat({"diagnoses": "K80.101|J15.900"})).height == 0
    rules, cases = scheme(), flat({"diagnoses": "I10.x00x002|J15.900"})
    out = drg.group(rules, cases).with_columns(status=pl.lit("excluded"))
    assert corrections.find(rules, cases, out).height == 0


def test_a_fault_that_lies_elsewhere_is_not_got_round_by_another_order():
    assert (
        find(flat({"diagnoses": "P07.300|J15.900", "age": "0", "weight_g": "1400"})).height == 0
    )  # without age in days
    assert find(flat({"diagnoses": "J15.900|K81.000", "age": None})).height == 0


def test_a_code_that_does_not_fit_the_sex_is_looked_at_first_unless_the_sex_itself_is_in_doubt():
    case = {"diagnoses": "C56.x00|J15.900"}
    assert shown(of_lists(case), "kind", "after", "cautions") == [("diagnosis_first", "J15.900", ["conflict"])]
    case |= {"certno": VALID["2"], "patn_cert_type": "01"}
    assert shown(of_lists(case), "kind", "after", "cautions") == [("sex", "2", [])]


# ---- sex, age, weight


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [("sex", "1", "2", "NR19")]),
        ({"certno": VALID["1"]}, []),  # it says the same
        ({"certno": VALID["2"][:-1] + "1"}, []),  # a wrong check digit
        ({"brdy": "1980-01-02"}, []),  # another person's number
        ({"patn_cert_type": "03"}, []),
    ],
)
def test_the_sex_is_as_the_id_number_says(fields, expected):
    case = {"diagnoses": "C56.x00", "certno": VALID["2"], "patn_cert_type": "01"}
    assert shown(of_lists(case | fields)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"age": None}, [("age", "age_days", None, "12", "PU19")]),
        ({"age": "3"}, [("age", "age_days", "3Y", "12", "PU19")]),
        ({"age": None, "brdy": "20260217"}, [("age", "age_days", None, "12", "PU19")]),
        ({"brdy": "2026-03-02"}, []),  # born after admission
        ({"brdy": None}, []),
        ({"age": "0", "nwb_age": "12"}, []),  # it groups
    ],
)
def test_the_age_in_days_is_counted_from_birth(fields, expected):
    case = {"diagnoses": "P59.900", "brdy": "2026-02-17", "nwb_bir_wt": "3000"}
    assert shown(of_lists(case | fields), "kind", "field", "before", "after", "drg") == expected


def test_the_age_in_years_is_counted_in_full_years():
    found = of_lists({"diagnoses": "J15.900", "age": None, "brdy": "1980-03-02"})
    assert shown(found) == [("age", None, "45", "ER25")]
    assert shown(of_lists({"diagnoses": "J15.900", "age": None, "brdy": "1980-03-01"}), "after") == [("46",)]


def test_the_weight_comes_from_the_field_that_can_be_read():
    case = {
        "diagnoses": "P07.300",
        "brdy": "2026-02-17",
        "age": "0",
        "nwb_age": "12",
        "nwb_bir_wt": "不清",
        "nwb_adm_wt": "1400",
    }
    assert shown(of_lists(case)) == [("weight", None, "1400", "PS15")]
    assert of_lists(case | {"nwb_adm_wt": "0"}).height == 0


# ---- editions


def test_the_code_of_the_insurance_edition_is_reported():
    found = find(flat({"diagnoses": "K80.100x002"}))
    assert shown(found) == [("edition", "K80.100x002", "K80.101", "HU15")]


def test_the_registrys_map_tells_too_unless_the_code_is_known(tmp_path):
    store = Store(tmp_path)
    pairs = {"code": ["K80.199", "I10.x00x002"], "target": ["K80.101", "J15.900"], "target_name": ["", ""]}
    kept = Version("icd10_map", "2.0", None, None, 0, "", "", "", Path())
    store.put(kept, pl.DataFrame(pairs))
    found = find(flat({"diagnoses": "K80.199"}, {"diagnoses": "I10.x00x002"}), sources=Sources(store, date(2026, 1, 1)))
    assert shown(found, "case_id", "kind", "after") == [("C0", "edition", "K80.101")]


def test_an_operation_of_the_clinical_edition_does_not_count_until_it_is_mapped():
    found = find(flat({"diagnoses": "C61.x00", "sex": "1"}, {"diagnoses": "K80.101", "procedures": "51.2301"}))
    assert found.height == 0  # both group as they are


# ---- all of them


def test_whatever_is_reported_groups_as_reported_and_changes_one_thing():
    codes = [
        "K80.000",
        "K80.100",
        "I10.x00x002",
        "C34.900",
        "K81.000",
        "J15.900",
        "C56.x00",
        "C61.x00",
        "N40.x00",
        "Z50.900",
    ]
    operations = ["", "47.0100", "51.2300|47.0100", "60.2901|60.5x00", "40.3x00|68.6100"]
    rows = [
        {"sex": sex, "diagnoses": f"{a}|{b}", "procedures": each}
        for sex in "12" for a in codes for b in codes if a != b for each in operations
    ]  # fmt: skip
    cases = flat(*rows)
    found = find(cases)
    assert found.height > 50
    for correction in found.iter_rows(named=True):
        again = rows[correction["case"]] | corrected(rows[correction["case"]], correction)
        result = drg.group(scheme(), flat(again)).row(0, named=True)
        assert (result["status"], result["drg"]) == ("grouped", correction["drg"]), correction


def corrected(case, correction):
    field = {"principal": "diagnoses", "procedure": "procedures"}[correction["field"]]
    old, *others = case[field].split("|")
    assert old == correction["before"]
    return {field: "|".join([correction["after"], *(old if each == correction["after"] else each for each in others)])}


def test_every_kind_and_caution_has_its_words():
    assert list(correction_words.KINDS) == list(corrections._ORDER)
    assert correction_words.change("sex", "1", "2") == "性别 男 → 女"
    assert correction_words.change("age_days", "3Y", "12") == "天龄 3 岁 → 12"
    assert correction_words.change("weight", None, "1400") == "新生儿体重（克） 空 → 1400"
    assert correction_words.cautions(["several", "severe"]).count("；") == 1


def keep(store, table, codes):
    frame = pl.DataFrame(codes, {"code": pl.String, "grey": pl.Boolean}, orient="row")
    nothing = {name: pl.lit(None, pl.Date) for name in ("since", "until")}
    store.put(Version(table, "2.0", None, None, 0, "", "", "", Path()), frame.with_columns(name=pl.lit(""), **nothing))
