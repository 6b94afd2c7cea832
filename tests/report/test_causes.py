"""What is wrong with a whole column or file is one cause, and stands before single cases."""

from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest

from tests.report.sample import SampleReport
from validator.api import check
from validator.report.common.causes import FEWEST_ROWS, column_wide
from validator.report.common.digest import digest
from validator.report.common.steps import next_steps
from validator.report.common.words import RANK

WILD = Path(__file__).parents[1] / "wild/coder"


def whole(name):
    return {each.check: each for each in digest(check(WILD / name)).whole}


def test_a_zero_lost_in_a_whole_column_is_one_cause():
    naty = whole("民族丢零.xlsx")["setlinfo.naty/value"]
    assert (naty.findings, naty.cases) == (5, 5)
    assert naty.where == f"{WILD / '民族丢零.xlsx'}:结算清单基本信息!O 民族"
    assert naty.fix == "开头的 0 丢了：把整列设为文本格式并补上 0（1→01、3→03）"
    assert "5 行中 5 行未通过，填的是 1（" in naty.text


def test_names_in_place_of_codes_are_one_cause():
    assert whole("性别文字.xlsx")["setlinfo.gend/value"].fix.startswith("填的是名称，整列换成代码（")


def test_a_heading_that_was_not_recognised_is_a_cause():
    found = whole("性别列名.xlsx")
    assert found["read/missing-column"].level == "error"
    assert "病人性别" in found["read/unknown-heading"].text


def test_many_unknown_headings_are_one_line():
    found = [each for each in digest(check(WILD / "宽表40码.xlsx")).whole if each.check == "read/unknown-heading"]
    assert len(found) == 1
    assert found[0].findings == 5
    assert found[0].text.startswith("5 列没有认出，没有检查：")


def test_rows_that_belong_to_no_list_stand_with_the_files(tmp_path):
    (tmp_path / "setlinfo.csv").write_text("setl_id,psn_name,gend\nST1,测试甲,1\n", encoding="utf-8")
    lost = "".join(f"ST{number},I10,高血压\n" for number in range(2, 11))
    (tmp_path / "diseinfo.csv").write_text(f"setl_id,diag_code,diag_name\n{lost}", encoding="utf-8")
    rows = [each for each in digest(check(tmp_path)).whole if each.check == "read/orphan-row"]
    assert sum(each.findings for each in rows) == 9
    assert len(rows) == 1


def test_the_gravest_and_then_the_largest_come_first():
    every = digest(check(WILD / "多表.xlsx")).whole
    missing = [each for each in every if each.check.startswith("read/missing-")]
    assert every[: len(missing)] == missing, "what keeps cases from being judged stands before all"
    found = every[len(missing) :]
    assert found[0].check == "diseinfo.maindiag_flag/value"
    for one, next_ in pairwise(found):
        assert (RANK[one.level], -one.cases) <= (RANK[next_.level], -next_.cases)


def test_cases_that_keep_errors_of_their_own_are_counted():
    totals = digest(check(WILD / "民族丢零.xlsx"))
    assert (totals.with_errors, totals.left) == (5, 0)
    first = next_steps(totals)[0]
    assert first == "先改上面 1 项整列、整个文件的问题，一共去掉 5 处；改好后自身还有错误的病例剩 0 份"


def test_every_finding_is_in_a_cause_once():
    totals = digest(check(WILD / "多表.xlsx"))
    listed = sum(each.findings for each in totals.whole) + sum(tier.findings for tier in totals.tiers)
    assert listed == sum(totals.findings.values())


@pytest.mark.parametrize(("failed", "wide"), [(FEWEST_ROWS - 1, False), (12, False), (13, True)])
def test_a_column_is_at_fault_when_most_of_its_rows_are(failed, wide):
    class Some(SampleReport):
        @property
        def outcomes(self):
            frame = super().outcomes.filter(check="setlinfo.gend/required")
            judged = 24 if failed >= FEWEST_ROWS else failed
            return frame.with_columns(rows=judged, passed=judged - failed, failed=failed)

    assert (column_wide(Some()) == ["setlinfo.gend/required"]) == wide


def test_many_missing_columns_of_a_sheet_are_one_line(tmp_path):
    path = tmp_path / "清单.csv"
    path.write_text("结算ID,患者姓名,病人之性别,主要诊断编码\nST1,测试甲,1,K80.100\n", encoding="utf-8")
    found = [each for each in digest(check(path, layout="4101")).whole if each.check == "read/missing-column"]
    assert len(found) == 1
    assert found[0].findings > 20
    assert found[0].text.startswith(
        f"{found[0].findings} 列必填的没有读到，病例因此无法判定：就诊ID、定点医药机构名称、"
    )
    assert "（空）" not in found[0].text


def test_what_keeps_cases_from_being_judged_comes_first(tmp_path):
    book = openpyxl.load_workbook(Path(__file__).parents[2] / "examples/workbook/lists.xlsx")
    lists = book.worksheets[0]
    heads = {cell.value: cell.column for cell in lists[1]}
    lists.cell(1, heads["人员姓名"]).value = "不认识的列"
    for row in range(2, lists.max_row + 1):
        lists.cell(row, heads["性别"]).value = "男"
    book.save(tmp_path / "lists.xlsx")
    found = digest(check(tmp_path / "lists.xlsx")).whole
    assert [each.check for each in found[:2]] == ["read/missing-column", "setlinfo.gend/value"]
