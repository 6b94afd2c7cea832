"""Codes of case records are held against the tables of their file's own edition, by columns and by rows alike."""

import copy
from pathlib import Path

import pytest

from tests import tables
from tests.checks.rows.roads import by_columns
from validator import api, judge
from validator.base.errors import ConfigError
from validator.checks import examples
from validator.codes.tables import Store
from validator.spec import profiles

FIELDS = ["record.diseinfo.diag", "record.oprninfo.oprn_oprt_code", "record.oprninfo.oprn_oprt_name"]
KEPT = ["check", "case_id", "value", "suggested", "message"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Both editions: A means another thing in each, B and C are of one alone."""
    found = Store(tmp_path)
    tables.add(found, "icd10", [
        ("K80.100", "胆囊结石伴其他胆囊炎", None), ("I10.x00", "高血压", None), ("E11.900", "2型糖尿病", None),
    ], "code", "name", "grey")  # fmt: skip
    tables.add(found, "icd10_map", [
        ("K80.100", "胆石症", "K80.100", "胆囊结石伴其他胆囊炎"), ("I10.x00", "另一种病", "E11.900", "2型糖尿病"),
        ("I10.x09", "原发性高血压", "I10.x00", "高血压"),
    ], "code", "name", "target", "target_name")  # fmt: skip
    return found


def record(number: int, *codes: tuple[str, str]) -> dict:
    """A record with these diagnoses, the first as the principal one."""
    message = copy.deepcopy(examples.interface_message("4401"))
    message["input"]["baseinfo"] |= {"mdtrt_sn": f"SN{number}", "mdtrt_id": f"MD{number}"}
    message["input"]["diseinfo"] = [
        {**message["input"]["diseinfo"][0], "diag_code": code, "diag_name": name, "maindiag_flag": str(int(not place))}
        for place, (code, name) in enumerate(codes)
    ]
    return message


def found(store: Store, *records: dict, **options: str) -> tuple[list[tuple], dict[str, tuple]]:
    """The findings and outcomes of the coded fields, the same on both roads."""
    both = []
    for columns in (False, True):
        given = {"record": list(records), "codebooks": store.folder, "select": [*FIELDS, "read/mixed"], **options}
        if columns:
            with by_columns():
                report = api.check(**given)
        else:
            report = api.check(**given)
        both.append((report.findings.select(KEPT).rows(), report.outcomes.rows()))
    assert both[0] == both[1]
    return both[0][0], {row[0]: row for row in both[0][1]}


def test_a_file_in_the_clinical_edition_is_held_against_that(store: Store) -> None:
    rows, outcomes = found(
        store, record(1, ("K80.100", "胆石症"), ("I10.x09", "高血压")), record(2, ("K80.999", "某病"))
    )
    assert [row[:4] for row in rows] == [
        ("record.diseinfo.diag_name/name", "SN1", "高血压", "原发性高血压"),
        ("record.diseinfo.diag_code/not_in_table", "SN2", "K80.999", None),
    ]
    assert outcomes["record.diseinfo.diag_code/not_in_table"][-1] == "按国临版编码（icd10_map 2.0 版）核对"
    clinical = record(1, ("I10.x00", "另一种病"), ("E11.900", "2型糖尿病"))
    rows, _ = found(store, clinical, record_edition="clinical")
    assert rows == [
        ("record.diseinfo.diag_code/wrong_edition", "SN1", "E11.900", "I10.x00",
         "“诊断代码”填的是“E11.900”，这是医保版编码（2型糖尿病），国临版是 I10.x00"),
    ]  # fmt: skip
    assert found(store, clinical, record_edition="insurance")[0][0][:3] == (
        "record.diseinfo.diag_name/name",
        "SN1",
        "另一种病",
    )


def test_a_file_in_the_insurance_edition_is_held_against_that(store: Store) -> None:
    rows, _ = found(store, record(1, *[("E11.900", "2型糖尿病")], ("I10.x09", "高血压")), record_edition="insurance")
    assert [row[:4] for row in rows] == [("record.diseinfo.diag_code/wrong_edition", "SN1", "I10.x09", "I10.x00")]


def test_a_code_that_both_have_is_right_whatever_it_is_called_where_the_edition_is_not_clear(store: Store) -> None:
    rows, outcomes = found(store, record(1, ("I10.x00", "随便"), ("K80.999", "某病")))
    assert [row[:4] for row in rows] == [("record.diseinfo.diag_code/not_in_table", "SN1", "K80.999", None)]
    assert outcomes["record.diseinfo.diag_name/name"][10] == 2  # not judged


def test_a_file_of_both_editions_is_reported_and_not_judged(store: Store) -> None:
    rows, outcomes = found(
        store, record(1, ("E11.900", "2型糖尿病"), ("K80.999", "某病")), record(2, ("I10.x09", "高血压"))
    )
    assert [row[:2] for row in rows] == [("read/mixed-editions", None)]
    row = outcomes["record.diseinfo.diag_code/not_in_table"]
    assert (row[10], row[11]) == (3, "ran")
    assert "混有国临版和医保版" in row[12]
    assert judge(record(1, ("E11.900", "2型糖尿病")), codebooks=store.folder, select=FIELDS).findings == []


def test_where_no_table_tells_nothing_is_judged_and_the_report_says_why(tmp_path: Path) -> None:
    _, outcomes = found(Store(tmp_path), record(1, ("E11.900", "2型糖尿病")))
    assert "没有装载码表（icd10" in outcomes["record.diseinfo.diag_code/not_in_table"][12]
    one = Store(tmp_path)
    tables.add(one, "icd10", [("E11.900", "2型糖尿病", None)], "code", "name", "grey")
    _, outcomes = found(one, record(1, ("E11.900", "2型糖尿病")))
    assert "不知道病案首页用哪一版编码" in outcomes["record.diseinfo.diag_code/not_in_table"][12]
    _, outcomes = found(one, record(1, ("E11.900", "2型糖尿病")), record_edition="clinical")
    assert "没有装载码表（icd10_map）" in outcomes["record.diseinfo.diag_code/not_in_table"][12]
    rows, _ = found(one, record(1, ("E11.999", "某病")), record_edition="insurance")
    assert [row[0] for row in rows] == ["record.diseinfo.diag_code/not_in_table"]


def test_a_profile_declares_the_edition(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "name: own\ntitle_zh: 我院\ntitle_en: Ours\nbase: national\nrecord_edition: clinical\n", encoding="utf-8"
    )
    report = api.check(
        record=record(1, ("E11.900", "2型糖尿病")), profile=str(path), codebooks=store.folder, select=FIELDS
    )
    assert report.findings["check"].to_list() == ["record.diseinfo.diag_code/wrong_edition"]
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(path.read_text(encoding="utf-8").replace("clinical", "临床"), encoding="utf-8")
    with pytest.raises(ConfigError, match="record_edition"):
        profiles.load(str(wrong))


def test_a_fault_of_the_record_keeps_its_own_level_next_to_a_list() -> None:
    mine, theirs = (copy.deepcopy(examples.interface_message(name)) for name in ("4101", "4401"))
    for each in (mine, theirs):
        each["input"]["diseinfo"][0]["diag_code"] = "K8"
    found = (
        api.check([mine, theirs], select=["diseinfo.diag_code/", "record."]).findings.select("check", "level").rows()
    )
    assert found == [("diseinfo.diag_code/pattern", "error"), ("record.diseinfo.diag_code/pattern", "warning")]
