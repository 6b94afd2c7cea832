"""What grouping says agrees with itself and with check: one reason, maps, cases that are paid otherwise, what blocks."""

import copy

import polars as pl
import pytest

import validator
from tests import tables
from tests.grouping import scheme as tiny
from validator.checks import examples
from validator.cli import groups
from validator.codes.tables import Store
from validator.grouping.grouper import Grouper, group


@pytest.fixture
def store(tmp_path):
    found = Store(tmp_path)
    tiny.keep(found)
    tables.add(found, "icd10_map", [("J96.900x00", "J96.000", "急性呼吸衰竭")], "code", "target", "target_name")
    tables.add(found, "icd10", [("K80.100", "灰码", True)], "code", "name", "grey")
    return found


def flat(**columns):
    base = {"case_id": "c1", "sex": "1", "age": "60", "diagnoses": "K80.101", "procedures": "51.2300"}
    return pl.DataFrame([base | columns])


def test_other_diagnoses_go_through_the_map(store):
    plain, translated, known = (
        group(flat(diagnoses=f"K80.101|{code}"), codebooks=store.folder)["drg"].item()
        for code in ("Z98.800", "J96.900x00", "J96.000")
    )
    assert translated == known
    assert translated != plain


def test_the_principal_diagnosis_is_not_translated(store):
    result = group(flat(diagnoses="J96.900x00"), codebooks=store.folder)
    assert result["reason"].to_list() == ["principal_unknown"]


@pytest.mark.parametrize(
    ("payment", "status"), [("2", "excluded"), ("5", "excluded"), ("4", "grouped"), ("", "grouped")]
)
def test_cases_paid_otherwise_take_no_part(store, payment, status):
    [case] = group(flat(payment=payment), codebooks=store.folder).to_dicts()
    assert case["status"] == status
    assert (case["reason"], case["drg"] == "0000") == (
        ("paid_otherwise", True) if status == "excluded" else (None, False)
    )


@pytest.mark.parametrize("columns", [{"diagnoses": "K80.100"}, {"payment": "2"}, {"sex": ""}, {"cost": "1"}])
def test_the_list_and_the_way_of_a_case_give_one_reason(store, columns):
    from validator.grouping import reasons

    grouper = Grouper(codebooks=store.folder)
    [batch] = grouper.batches(flat(**columns))
    reason = batch.result["reason"].item()
    assert reason
    assert groups.trace(grouper, batch, 0)[-1].endswith(reasons.reason(reason))


@pytest.mark.parametrize("field", ["age", "gend"])
def test_a_blank_that_leaves_a_case_without_group_blocks_it(field):
    message = copy.deepcopy(examples.interface_message("4101"))
    message["input"]["setlinfo"][field] = ""
    report = validator.check([message])
    assert report.checks[f"setlinfo.{field}/required"].blocks == ("drg",)
    assert f"setlinfo.{field}/required" in report.findings["check"].to_list()
