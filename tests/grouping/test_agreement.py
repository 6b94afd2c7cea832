"""What grouping says agrees with itself and with check: one reason, maps, cases that are paid otherwise, what blocks."""

import copy

import polars as pl
import pytest
from click.testing import CliRunner

import validator
from tests import tables
from tests.grouping import scheme as tiny
from validator.base.errors import ConfigError
from validator.checks import examples
from validator.cli import groups
from validator.cli.app import App
from validator.codes.tables import Store
from validator.grouping.grouper import Grouper, group
from validator.report.common import digest, steps


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


REGION = """name: r
title_zh: 某地
title_en: A region
base: national
outside_grouping:
  paid_otherwise: {paid}
  day_surgery: ipt_med_type = '2'
  tcm: LEFT(trt_type, 1) = '2'
"""


def region(folder, paid="hi_paymtd IN ('2', '5')") -> str:
    (folder / "region.yaml").write_text(REGION.format(paid=paid), encoding="utf-8")
    return str(folder / "region.yaml")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ipt_med_type": "2"}, "day_surgery"),
        ({"trt_type": "2.2"}, "tcm"),
        ({"hi_paymtd": "5", "trt_type": "20"}, "paid_otherwise"),
        ({}, None),
    ],
)
def test_a_profile_leaves_cases_out_that_its_region_pays_apart(store, tmp_path, changes, reason):
    message = copy.deepcopy(examples.interface_message("4101"))
    message["input"]["setlinfo"] |= changes
    message["input"]["diseinfo"][0]["diag_code"] = "K80.101"
    for profile in ("national", region(tmp_path)):
        [case] = group(message, profile=profile, codebooks=store.folder).to_dicts()
        outside = reason if profile != "national" or reason == "paid_otherwise" else None
        assert (case["status"], case["reason"]) == (("excluded", outside) if outside else ("grouped", None))


def test_a_profile_takes_a_condition_back(store, tmp_path):
    profile = region(tmp_path, paid="")
    assert group(flat(payment="2"), profile=profile, codebooks=store.folder)["status"].to_list() == ["grouped"]


@pytest.mark.parametrize(("condition", "named"), [("los_days > 1", "los_days"), ("nothing = '2'", "nothing")])
def test_a_condition_that_lists_cannot_tell_is_refused_with_its_line(store, tmp_path, condition, named):
    with pytest.raises(ConfigError, match=rf"region\.yaml:6.*{named}"):
        group(flat(), profile=region(tmp_path, paid=condition), codebooks=store.folder)


@pytest.mark.parametrize(
    ("payments", "words"),
    [
        (["4", "4"], ""),
        (["4", "2"], "医保支付方式：2 按单病种付费 1、4 按疾病诊断相关分组付费（DRG） 1"),
        (["4", ""], "医保支付方式：4 按疾病诊断相关分组付费（DRG） 1、没有填 1（算作参加分组）"),
        (["", ""], "医保支付方式：没有填 2（算作参加分组）"),
    ],
)
def test_payment_that_is_blank_or_mixed_is_shown(store, tmp_path, payments, words):
    rows = pl.concat([flat(case_id=f"c{n}", payment=each) for n, each in enumerate(payments)])
    rows.write_csv(tmp_path / "flat.csv")
    shown = CliRunner().invoke(App(), ["group", str(tmp_path / "flat.csv"), "--codebooks", str(store.folder)]).output
    found = [line for line in shown.splitlines() if line.startswith("医保支付方式")]
    assert found == ([words] if words else [])


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


def lists(*codes: str, **values: str) -> list[dict]:
    found = []
    for number, code in enumerate(codes):
        message = copy.deepcopy(examples.interface_message("4101"))
        message["input"]["setlinfo"] |= {"setl_id": f"S{number}", "medcasno": f"M{number}", **values}
        message["input"]["diseinfo"][0]["diag_code"] = code
        found.append(message)
    return found


def test_check_counts_the_cases_without_group_as_the_grouper_does(store):
    messages = lists("K80.101", "N40.x00", "Z53.900", "I10.x00x002")
    report = validator.check(messages, codebooks=store.folder)
    status = group(messages, codebooks=store.folder)["status"].to_list()
    totals = digest.digest(report)
    assert (totals.blocked, totals.scheme) == (status.count("failed") + status.count("ambiguous"), "mini-1.0")
    assert status.count("failed") == 3
    assert any("mini-1.0" in step for step in steps.next_steps(totals))


def test_cases_that_are_paid_otherwise_are_not_counted_as_without_group(store):
    report = validator.check(lists("N40.x00", hi_paymtd="2"), codebooks=store.folder)
    assert digest.digest(report).blocked == 0
    assert report.ungrouped.excluded == 1


def test_without_a_scheme_the_errors_that_block_are_counted(tmp_path):
    totals = digest.digest(validator.check(lists("K80.101", gend=""), codebooks=tmp_path))
    assert (totals.blocked, totals.scheme) == (1, "")


def test_what_cannot_be_grouped_is_counted_by_its_errors(store):
    """A workbook without diagnoses: the grouper has nothing to go by, and check still speaks."""
    [message] = lists("K80.101")
    tables = {name: pl.DataFrame([rows] if isinstance(rows, dict) else rows) for name, rows in message["input"].items()}
    report = validator.check(
        {name: frame for name, frame in tables.items() if name != "diseinfo"}, codebooks=store.folder
    )
    assert digest.digest(report).scheme == ""
