"""The inspection of front pages: score, draws, verdicts and indicators."""

import csv
from collections import defaultdict

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner

from validator import generate
from validator.cli.app import App
from validator.inspection import draw, indicators, score, sheet

FAULTS = {
    "case_id": pl.String,
    "check": pl.String,
    "level": pl.String,
    "table": pl.String,
    "field": pl.String,
    "row": pl.UInt32,
}


def test_the_published_items_sum_to_99():
    points, capped = defaultdict(float), defaultdict(float)
    for item in score.load():
        if item.cap:
            capped[item.section, item.cap] += item.points
        else:
            points[item.section] += item.points
    for (section, cap), sum_of_items in capped.items():
        points[section] += min(sum_of_items, cap)
    assert dict(points) == {"患者基本信息": 18.0, "住院过程信息": 26.0, "诊疗信息": 49.0, "费用信息": 6.0}


def test_a_faulty_item_is_lost_whole_and_small_ones_are_cut_off():
    def at(case: str, field: str, row: int = 1, table: str = "baseinfo", level: str = "error"):
        return (case, f"{table}.{field}/x", level, table, field, row)

    small = [
        "birplc", "napl", "naty", "certno", "prfs", "mrg_stas", "curr_addr", "psn_tel", "resd_addr", "empr_addr",
    ]  # fmt: skip
    findings = pl.DataFrame(
        [
            at("A", "gend"), at("A", "gend"), at("A", "medcasno"),  # 1 + 2
            *(at("B", field, level="warning") for field in small),  # ten halves, cut off at 4
            at("C", "diag_code", 1, "diseinfo"), at("C", "diag_code", 3, "diseinfo"),  # 4 + 4
            at("D", "gend", level="info"),
        ],
        schema=FAULTS,
        orient="row",
    )  # fmt: skip
    cases = pl.DataFrame({"case_id": ["A", "B", "C", "D", "E"]})
    assert score.scores(findings, cases)["score"].to_list() == [97.0, 96.0, 92.0, 100.0, 100.0]


def test_draws_repeat_and_keep_to_their_way():
    cases = pl.DataFrame(
        {
            "case_id": [f"{n}" for n in range(300)],
            "department": ["A"] * 200 + ["B"] * 90 + ["C"] * 10,
            "errors": [20 if n % 50 == 0 else 0 for n in range(300)],
            "warnings": [0] * 300,
        }
    )
    for way in draw.WAYS:
        drawn = draw.draw(cases, 30, way, 7)
        assert drawn.equals(draw.draw(cases, 30, way, 7))
        assert drawn["case_id"].n_unique() == 30
    counts = dict(draw.draw(cases, 30, "stratified", 7).group_by("department").len().iter_rows())
    assert counts == {"A": 20, "B": 9, "C": 1}
    risky = draw.draw(cases, 30, "risk", 7).filter(pl.col("errors") > 0).height
    assert risky > draw.draw(cases, 30, "random", 7).filter(pl.col("errors") > 0).height


def test_verdicts_take_the_place_of_bounds(tmp_path):
    generate.write(20, 3, 0.3, tmp_path / "data", "csv", interface="4401")
    page, run = tmp_path / "抽查.csv", CliRunner().invoke
    first = run(App(), ["sample", str(tmp_path / "data"), "--cases", "5", "--to", str(page), "--discharged", "25"])
    assert first.exit_code == 0, first.output
    assert "规则未见矛盾率（上限）" in first.output
    assert "20/25" in first.output
    rows = list(csv.DictReader(page.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 5
    verdict = indicators.judged()[0].verdict
    for number, row in enumerate(rows):
        row[verdict] = "错" if number == 0 else "对"
    with page.open("w", encoding="gb18030", newline="") as file:  # as Excel saves a CSV
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert sheet.read(page)[verdict] == (4, 5)
    book = openpyxl.Workbook()
    for row in (list(rows[0]), *(list(each.values()) for each in rows)):
        book.active.append(row)
    book.save(tmp_path / "抽查.xlsx")
    assert sheet.read(tmp_path / "抽查.xlsx")[verdict] == (4, 5)
    second = run(App(), ["sample", str(tmp_path / "data"), "--verdicts", str(page)])
    assert "80.0%" in second.output
    assert "抽查结论" in second.output
    page.write_text(page.read_text(encoding="gb18030").replace("错", "也许"), encoding="gb18030")
    wrong = run(App(), ["sample", str(tmp_path / "data"), "--verdicts", str(page)])
    assert (wrong.exit_code, "第 2 行" in wrong.output) == (2, True)


def test_indicators_of_tcm_are_shown_where_there_are_such_cases():
    counted = {"check": ["RC605", "DX702"], "passed": [3, 2], "failed": [0, 1]}
    some, none = pl.DataFrame(counted), pl.DataFrame({**counted, "passed": [3, 0], "failed": [0, 0]})
    findings = pl.DataFrame([("A", "DX702", "warning", "diseinfo", "diag_code", 1)], schema=FAULTS, orient="row")
    scored = pl.DataFrame({"case_id": list("ABCDE"), "score": [100.0] * 5})
    found = {each.number: each.share for each in indicators.indicators(findings, some, scored, {}, None)}
    assert (found["T2"], found["T4"]) == ((3, 3), (2, 3))
    assert "T2" not in {each.number for each in indicators.indicators(findings, none, scored, {}, None)}


def test_lists_are_not_inspected(tmp_path):
    generate.write(2, 3, 0, tmp_path / "data", "csv")
    done = CliRunner().invoke(App(), ["sample", str(tmp_path / "data")])
    assert done.exit_code == 2
    assert "没有病案首页" in done.output


@pytest.mark.parametrize("command", [["sample", "--to"], ["group", "--out"]])
def test_what_is_read_is_never_written_over(tmp_path, command):
    data = tmp_path / "data.csv"
    data.write_text("case_id\n1\n", encoding="utf-8")
    done = CliRunner().invoke(App(), [command[0], str(data), command[1], f"{tmp_path}/../{tmp_path.name}/data.csv"])
    assert done.exit_code == 2
    assert "data.csv 是要读的文件，请写到别处" in done.output
    assert data.read_text(encoding="utf-8") == "case_id\n1\n"
