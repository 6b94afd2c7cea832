import json
import re
from pathlib import Path

import polars as pl
import pytest

from tests.grouping import scheme as tiny
from validator import generate, group
from validator.codes.tables import Store
from validator.grouping.grouper import Grouper

FLAT = """case_id,sex,age,age_days,weight_g,diagnoses,procedures
a,男,60岁,,,K80.101|J96.000,51.2300
b,2,60,,,K80.101,
c,1,60,,,k80.101,47.0100
d,1,60,,,K80.100,
e,1,0,5,,P07.200,
"""
PEOPLE = ["record_number", "department", "physician", "coder"]
GROUPS = ["HC11", "HU15", "HQY", "0000", "0000"]


@pytest.fixture(autouse=True)
def _registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "books"
    tiny.keep(Store(folder))
    monkeypatch.setenv("ZHIKONG_CODEBOOKS", str(folder))


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "cases.csv"
    path.write_text(FLAT, encoding="utf-8")
    return path


def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.csv"
    path.write_text("\n".join(FLAT.splitlines()[:3]), encoding="utf-8")
    return path


def test_counts_reasons_and_the_rate(zhikong, cases):
    result = zhikong("group", cases)
    assert result.exit_code == 1, result.output
    assert "mini-1.0" in result.output
    assert re.search(r"入组 +2 +40.00%", result.output)
    assert re.search(r"歧义病案.* 1 +20.00%", result.output)
    assert "入组率 40.00%（入组 2 例 / 5 例）" in result.output


def test_in_english(zhikong, cases):
    result = zhikong("group", cases, "--lang", "en")
    assert "Grouping rate 40.00% (2 of 5 cases)" in result.output
    assert not re.search("[\u4e00-\u9fff]", result.output)


def test_all_grouped(zhikong, tmp_path):
    result = zhikong("group", good(tmp_path))
    assert result.exit_code == 0
    assert "入组率 100.00%" in result.output


def test_quiet(zhikong, cases):
    result = zhikong("group", cases, "--quiet", "--out", "r.csv")
    assert (result.output, result.exit_code) == ("", 1)


@pytest.mark.parametrize("style", ["jsonl", "csv", "parquet", "xlsx"])
def test_one_row_a_case_in_every_format(zhikong, cases, style, tmp_path):
    result = zhikong("group", cases, "--out", f"r.{style}")
    assert "已写 r." in result.output
    path = tmp_path / f"r.{style}"
    if style == "xlsx":
        from openpyxl import load_workbook

        rows = list(load_workbook(path)["分组结果"].values)
        assert rows[0][:4] == ("病例", "主要诊断大类（MDC）", "ADRG", "DRG")
        assert [row[3] for row in rows[1:]] == GROUPS
        assert rows[5][4:6] == ("未入组", "新生儿天龄或体重缺失")
        return
    read = {"jsonl": pl.read_ndjson, "csv": pl.read_csv, "parquet": pl.read_parquet}[style]
    frame = read(path)
    assert frame.columns == ["case_id", "mdc", "adrg", "drg", "status", "reason", *PEOPLE]
    assert frame["drg"].cast(pl.String).to_list() == GROUPS
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_the_file_is_named_after_the_input(zhikong, cases, tmp_path):
    zhikong("group", cases, "--format", "jsonl")
    assert (tmp_path / "cases-groups.jsonl").is_file()


def test_rows_on_standard_output(zhikong, cases):
    result = zhikong("group", cases, "--out", "-")
    assert [json.loads(line)["drg"] for line in result.stdout.splitlines()] == GROUPS
    assert "入组率" in result.stderr


def test_an_extension_that_says_nothing(zhikong, cases):
    result = zhikong("group", cases, "--out", "r.doc")
    assert result.exit_code == 2
    assert "--format" in result.output


def test_python_gives_the_same(zhikong, cases, tmp_path):
    zhikong("group", cases, "--out", "r.parquet")
    assert group(cases).equals(pl.read_parquet(tmp_path / "r.parquet").drop(PEOPLE))


def test_rows_name_the_case_and_hide_staff_unless_asked_not_to(zhikong, tmp_path):
    path = tmp_path / "named.csv"
    heads = ",病案号,科室,医师,编码员"
    lines = [line + (heads if not n else f",B{n},03,张三{n},李四") for n, line in enumerate(FLAT.splitlines())]
    path.write_text("\n".join(lines), encoding="utf-8")
    zhikong("group", path, "--out", "r.csv", "--actual", _returned(tmp_path))
    rows = pl.read_csv(tmp_path / "r.csv", infer_schema=False).select(PEOPLE).rows()
    assert rows[:2] == [("B1", "03", "张**（1）", "李**"), ("B2", "03", "张**（2）", "李**")]
    differing = pl.read_ndjson(tmp_path / "r-disagreements.jsonl")
    assert differing.select("case_id", *PEOPLE).rows() == [("b", "B2", "03", "张**", "李**")]
    zhikong("group", path, "--out", "r.xlsx", "--no-mask")
    from openpyxl import load_workbook

    assert list(load_workbook(tmp_path / "r.xlsx")["分组结果"].values)[2][6:] == ("B2", "03", "张三2", "李四")


def _returned(tmp_path: Path) -> Path:
    path = tmp_path / "returned.csv"
    path.write_text("case_id,drg\nb,HC11\n", encoding="utf-8")
    return path


# ---- what is read


def test_the_flat_table_in_every_form(cases, tmp_path):
    frame, expected = pl.read_csv(cases, infer_schema=False), group(cases)
    text = cases.read_text(encoding="utf-8")
    (tmp_path / "gb.csv").write_bytes(text.replace("case_id", "病案号").encode("gb18030"))
    (tmp_path / "bom.csv").write_bytes(text.replace("sex", "性别").encode("utf-8-sig"))
    (tmp_path / "wide.csv").write_bytes(text.encode("utf-16"))
    (tmp_path / "tab.txt").write_text(text.replace(",", "\t"), encoding="utf-8")
    frame.write_parquet(tmp_path / "f.parquet")
    for name in ("gb.csv", "bom.csv", "wide.csv", "tab.txt", "f.parquet"):
        assert group(tmp_path / name).equals(expected), name


def test_a_flat_workbook_with_a_title_above(cases, tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(["2026 年 7 月病例"])
    for row in pl.read_csv(cases, has_header=False, infer_schema=False).iter_rows():
        sheet.append([int(cell) if cell and cell.isdigit() else cell for cell in row])
    book.create_sheet("说明").append(["无"])
    book.save(tmp_path / "f.xlsx")
    assert group(tmp_path / "f.xlsx").equals(group(cases))


def test_a_row_with_too_many_cells_is_named(zhikong, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text(FLAT + "f,1,60,,,K80.101,,x\n", encoding="utf-8")
    result = zhikong("group", path)
    assert result.exit_code == 2
    assert "第 7 行" in result.output


def test_flat_tables_and_lists_together_are_refused(zhikong, cases, clean):
    result = zhikong("group", cases, clean)
    assert result.exit_code == 2
    assert "平表" in result.output


def test_messages(zhikong, clean):
    result = zhikong("group", clean)
    assert result.exit_code == 1
    assert "主要诊断不在方案的诊断表" in result.output  # the tiny scheme does not know C18


@pytest.mark.parametrize("form", ["parquet", "csv", "4101", "xlsx"])
def test_whatever_check_reads(form, tmp_path):
    generate.write(40, 3, 0.0, tmp_path / form, form)
    generate.write(40, 3, 0.0, tmp_path / "as", "parquet")
    found, expected = group(tmp_path / form), group(tmp_path / "as")
    assert found.height == 40
    assert found.sort("case_id").equals(expected.sort("case_id"))


def test_no_name_and_no_number_of_a_person_is_shown(zhikong, tmp_path):
    generate.write(30, 5, 0.0, tmp_path / "data", "parquet")
    lists = pl.concat([pl.read_parquet(path) for path in sorted((tmp_path / "data").glob("setlinfo*/*.parquet"))] or
                      [pl.read_parquet(tmp_path / "data" / "setlinfo.parquet")])  # fmt: skip
    result = zhikong("group", "data", "--out", "r.csv")
    shown = result.output + (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
    shown += zhikong("group", "data", "--explain", group(tmp_path / "data")["case_id"][0]).output
    for field in ("psn_name", "certno", "coner_name", "coner_tel"):
        assert not [value for value in lists[field].drop_nulls() if len(value) > 1 and value in shown]


def test_batches_do_not_matter(cases, monkeypatch):
    frame = pl.read_csv(cases, infer_schema=False)
    grouper = Grouper()
    parts = [each.result for piece in frame.iter_slices(2) for each in grouper.batches(piece)]
    assert pl.concat(parts).equals(group(frame))


# ---- schemes


def test_no_scheme_is_loaded(zhikong, cases, tmp_path):
    result = zhikong("group", cases, "--codebooks", tmp_path / "none")
    assert result.exit_code == 2
    assert "zhikong codebooks add ../chs_drg --version chs-drg-1.1" in result.output


def test_a_scheme_that_is_not_there(zhikong, cases):
    result = zhikong("group", cases, "--scheme", "chs-drg-9")
    assert result.exit_code == 2
    assert "mini-1.0" in result.output


def test_two_schemes_need_a_day_or_a_name(zhikong, cases, tmp_path):
    tiny.keep(Store(tmp_path / "books"), "mini-2.0", qy="")
    result = zhikong("group", cases)
    assert result.exit_code == 2
    assert "--scheme" in result.output
    named = zhikong("group", cases, "--scheme", "mini-2.0")
    assert "歧义" not in named.output


def test_the_profile_picks(zhikong, cases, tmp_path):
    tiny.keep(Store(tmp_path / "books"), "mini-2.0", qy="")
    profile = tmp_path / "city.yaml"
    page = "name: city\ntitle_zh: 某市\ntitle_en: City\nbase: national\ncodebooks:\n  drg_scheme: mini-2.0\n"
    profile.write_text(page, encoding="utf-8")
    result = zhikong("group", cases, "--profile", profile)
    assert "mini-2.0" in result.output


# ---- one case


def test_the_way_of_one_case(zhikong, cases):
    result = zhikong("group", cases, "--explain", "a")
    assert result.exit_code == 0
    assert "HC1 胆囊切除" in result.output
    assert "J96.000 是 MCC" in result.output
    assert zhikong("group", cases, "--explain", "d").exit_code == 1
    missing = zhikong("group", cases, "--explain", "z")
    assert missing.exit_code == 2
    assert "没有病例 z" in missing.output


# ---- feedback


def test_feedback_next_to_the_prediction(zhikong, cases, tmp_path):
    (tmp_path / "back.csv").write_bytes(
        "病案号,DRG编码\na,HC15\nb,HU15\nc,手术与诊断不符\nd,0000\ny,HC15\n".encode("gb18030")
    )
    result = zhikong("group", cases, "--actual", "back.csv", "--out", "r.xlsx")
    assert "反馈对上 4 例：实际入组率 50.00%，预测 50.00%；结果相同 2 例" in result.output
    assert "1 例没有反馈" in result.output
    from openpyxl import load_workbook

    rows = list(load_workbook(tmp_path / "r.xlsx")["分歧"].values)
    assert [(row[0], row[2], row[5]) for row in rows[1:]] == [("a", "HC11", "HC15"), ("c", "HQY", None)]
    assert "J96.000 是 MCC" in rows[1][8]
    assert "HC15" in rows[1][9]


def test_disagreements_as_lines(zhikong, cases, tmp_path):
    (tmp_path / "back.csv").write_text("case_id,drg\na,HC15\n", encoding="utf-8")
    zhikong("group", cases, "--actual", "back.csv")
    [line] = (tmp_path / "cases-groups-disagreements.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["kind"] == "drg"


def test_feedback_that_is_none(zhikong, cases):
    result = zhikong("group", cases, "--actual", cases)
    assert result.exit_code == 2
    assert "分组结果" in result.output


# ---- the report on the grouping rate


def test_the_report_next_to_the_rows(zhikong, cases, tmp_path):
    result = zhikong("group", cases, "--report", "rate", "--out", "r.csv")
    assert result.exit_code == 1, result.output
    page = (tmp_path / "rate" / "grouping.html").read_text(encoding="utf-8")
    assert "40.00%" in page
    assert (tmp_path / "rate" / "grouping.xlsx").is_file()
    assert (tmp_path / "r.csv").is_file()


def test_the_report_counts_findings_that_block_grouping(zhikong, tmp_path):
    generate.write(20, 3, 0.0, tmp_path / "data", "parquet")
    result = zhikong("group", "data", "--report", "rate")
    assert result.exit_code == 1, result.output
    assert (tmp_path / "rate" / "grouping.html").is_file()
