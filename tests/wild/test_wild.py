"""Inputs as users have them, each with the result that is right."""

from pathlib import Path

import pytest

import validator
from tests.grouping import scheme as tiny
from validator import gate
from validator.base.errors import InputError
from validator.codes.tables import Store
from validator.report.common.digest import digest
from validator.report.common.steps import next_steps

HERE = Path(__file__).parent


@pytest.fixture
def registry(tmp_path):
    tiny.keep(Store(tmp_path / "books"))
    return tmp_path / "books"


def steps(report):
    return " ".join(next_steps(digest(report)))


def test_a_heading_that_comes_again_is_skipped_and_the_rows_around_it_are_read():
    report = validator.check(HERE / "01-repeated-heading" / "silent")
    assert report.cases["case_id"].to_list() == ["ST0000000001", "ST0000000002", "ST0000000003"]
    noted = report.findings.filter(check="read/repeated-heading")
    assert noted["level"].to_list() == ["info"]
    assert noted["source"].struct.field("row").to_list() == [4]
    rows = report.sources[0].rows
    assert (rows.total, rows.read, dict(rows.aside)) == (5, 3, {"heading": 1, "repeated": 1})


@pytest.mark.parametrize(
    ("path", "tables"),
    [
        ("02-missing-table-all-clear/csvonly", ["diseinfo", "oprninfo", "iteminfo", "payinfo"]),
        ("coder/无诊断表.xlsx", ["diseinfo"]),
    ],
)
def test_lists_without_a_table_that_they_need_cannot_be_judged(path, tables):
    report = validator.check(HERE / path)
    first = report.findings.head(len(tables))
    assert set(first["check"]) == {"read/missing-table"}
    assert set(first["level"]) == {"error"}
    assert first["case_id"].null_count() == len(tables)
    assert first["table"].to_list() == tables
    assert report.findings.filter(check="read/missing-table").height == len(tables)
    assert set(report.cases["disposition"]) == {"cannot_be_judged"}
    assert "可以上传" not in steps(report)
    assert report.failed("error")


@pytest.mark.parametrize("suite", ["default", "strict"])
def test_no_gate_accepts_lists_without_diagnoses(suite):
    pytest.importorskip("validator.gate.gx", reason='the extra is not installed: pip install "zhikong[gate]"')
    report = validator.check(HERE / "coder" / "无诊断表.xlsx")
    verdict = gate.judge(report, suite, declared=5)
    assert verdict.disposition == "return"
    assert verdict.metrics["unread_cases"].numerator == 5
    assert verdict.metrics["pass_rate"].numerator == 0
    assert verdict.metrics["unjudged_errors"].numerator > 0


def test_a_suite_that_demands_nothing_of_the_kind_does_not_accept_them_either(tmp_path):
    pytest.importorskip("validator.gate.gx", reason='the extra is not installed: pip install "zhikong[gate]"')
    path = tmp_path / "ours.json"
    path.write_text(
        '{"name": "ours", "expectations": [{"type": "expect_column_max_to_be_between", '
        '"kwargs": {"column": "cases", "min_value": 1}}]}',
        encoding="utf-8",
    )
    verdict = gate.judge(validator.check(HERE / "coder" / "无诊断表.xlsx"), path)
    assert verdict.disposition == "return"
    assert "清单必有的表和列都读到了" in verdict.judgements[-1].demand.text


def test_a_key_that_two_cases_share_is_refused_with_the_key_that_is_unique():
    with pytest.raises(InputError) as error:
        validator.check(HERE / "03-ambiguous-key" / "medcasno")
    assert "diseinfo.csv" in str(error.value)
    assert "病案号（medcasno）" in str(error.value)
    assert "第 2、3 行" in str(error.value)
    assert "加上结算ID（setl_id）" in str(error.value)


def test_lists_without_diagnoses_have_no_grouping_rate(registry):
    with pytest.raises(InputError, match="没有读到诊断信息（diseinfo），不能分组"):
        validator.group(HERE / "04-group-without-diagnoses" / "csvonly", codebooks=registry)


def test_the_heading_line_alone_says_what_parts_the_cells(registry):
    groups = validator.group(HERE / "24-delimiter-guess.csv", codebooks=registry)
    assert groups["case_id"].to_list() == ["1"]


@pytest.mark.parametrize("name", ["宽表.csv", "宽表40码.xlsx"])
def test_a_wide_sheet_is_read_with_its_diagnoses_and_procedures(name):
    report = validator.check(HERE / "coder" / name, layout="4101")
    tables = {each.table for each in report.sources}
    assert {"setlinfo", "diseinfo", "oprninfo"} <= tables
    counts = dict(report.outcomes.filter(table="diseinfo", field="diag_code").select("check", "rows").rows())
    assert counts["diseinfo.diag_code/required"] == 111
    missing = report.findings.filter(check="read/missing-table")["table"].to_list()
    assert missing == ["iteminfo", "payinfo"]  # there are no columns of charges
    assert not report.findings.filter(check="read/missing-column").height


def test_a_mapping_to_a_table_of_rows_counts_its_columns():
    report = validator.check(HERE / "coder" / "宽表40码.xlsx", mapping=HERE / "coder" / "map_dx.yaml")
    found = dict(report.outcomes.filter(table="diseinfo").select("check", "rows").rows())
    assert found["diseinfo.diag_code/required"] == 111


def test_a_required_heading_that_is_not_recognised_is_one_finding_with_the_line_for_the_mapping():
    path = HERE / "coder" / "性别列名.xlsx"
    report = validator.check(path)
    assert report.findings.filter(level="error")["check"].to_list() == ["read/missing-column"]
    assert "病人性别: setlinfo.gend" in report.findings["message"][0]
    assert report.headings == {"病人性别": "setlinfo.gend"}
    report = validator.check(path, mapping=HERE / "coder" / "map.yaml")
    assert not report.findings.height
