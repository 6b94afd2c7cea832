"""What holds of every format, and the machine-readable ones one by one."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree.ElementTree import parse  # our own files

import polars as pl
import pytest
from jsonschema import Draft4Validator
from polars.testing import assert_frame_equal
from rich.cells import cell_len

from tests.report.sample import CASE_COUNT, SampleReport
from validator import check
from validator.base import language
from validator.base.errors import InputError
from validator.checks.findings import SCHEMA
from validator.report import formats, write

#: OASIS's own, as it comes in Microsoft's MIT-licensed npm package jest-sarif (less its ``id``, an address).
SCHEMA_FILE = Path(__file__).parent / "sarif-2.1.0.schema.json"
KEYS = [
    "check", "level", "case_id", "table", "row", "field", "value", "message", "fix", "suggested", "applicability",
    "excess_quantity", "excess_fen", "source",
    "other_document", "other_value", "other_source", "fingerprint",
]  # fmt: skip


class Clean(SampleReport):
    """A run without a finding."""

    def iter_findings(self):
        return iter(())


class BreaksOff(SampleReport):
    """A run whose second part cannot be read back."""

    def iter_findings(self):
        yield next(super().iter_findings())
        raise OSError("disk")


def test_formats_are_the_modules_of_the_folder():
    assert {"console", "html", "jsonl", "junit", "parquet", "sarif", "xlsx"} <= set(formats())


@pytest.mark.parametrize("name", formats())
def test_the_extension_picks_the_format(name, report, tmp_path):
    by_extension = write(report, tmp_path / f"a{formats()[name].EXTENSION}")
    by_name = write(report, tmp_path / f"b{formats()[name].EXTENSION}", name)
    assert by_extension.stat().st_size
    assert by_extension.read_bytes() == by_name.read_bytes()


@pytest.mark.parametrize("name", formats())
def test_nothing_but_the_report_is_left_behind(name, report, tmp_path):
    write(report, tmp_path / f"a{formats()[name].EXTENSION}")
    others = ["a.cases.parquet", "a.outcomes.parquet"] if name == "parquet" else []
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([f"a{formats()[name].EXTENSION}", *others])


@pytest.mark.parametrize("name", formats())
def test_a_report_without_findings_can_be_written(name, tmp_path):
    assert write(Clean(), tmp_path / f"a{formats()[name].EXTENSION}", name).is_file()


@pytest.mark.parametrize("name", formats())
def test_a_run_that_breaks_off_leaves_the_old_report(name, tmp_path):
    path = tmp_path / f"a{formats()[name].EXTENSION}"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(OSError, match="disk"):
        write(BreaksOff(), path, name)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.glob(".*")) == []


def test_an_unknown_format_is_named_with_the_known_ones(report, tmp_path):
    with pytest.raises(InputError, match=r"a\.doc.*html（\.html）"):
        write(report, tmp_path / "a.doc")


def test_the_checked_file_is_never_overwritten(own, tmp_path):
    with pytest.raises(InputError, match="不能覆盖"):
        write(own, Path(own.inputs[0]))


def test_the_report_speaks_its_own_language_and_then_no_more(tmp_path):
    written = write(SampleReport(lang="en"), tmp_path / "a.txt")
    assert "Cannot" not in written.read_text(encoding="utf-8")
    assert "Cases 24" in written.read_text(encoding="utf-8")
    assert language.current() == "zh"


def test_json_lines_have_exactly_the_agreed_keys(report, tmp_path):
    lines = write(report, tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    assert len(found) == report.findings.height
    assert all(list(each) == [*KEYS, "record_number", "department", "physician", "coder"] for each in found)
    assert (found[0]["case_id"], found[0]["record_number"], found[0]["department"]) == ("ST26070001", "B00001", "外科")
    assert list(found[0]["source"]) == ["file", "sheet", "row", "column", "path"]
    assert list(SCHEMA) == KEYS


def test_parquet_gives_the_frames_back(tmp_path):
    report = SampleReport(masked=False)
    path = write(report, tmp_path / "a.parquet")
    assert_frame_equal(pl.read_parquet(path), report.findings)
    assert_frame_equal(pl.read_parquet(tmp_path / "a.outcomes.parquet"), report.outcomes)
    assert_frame_equal(pl.read_parquet(tmp_path / "a.cases.parquet"), report.cases)


@pytest.mark.parametrize("report", [SampleReport(), SampleReport(lang="en"), Clean()], ids=["zh", "en", "clean"])
def test_sarif_is_valid_by_the_official_schema(report, tmp_path):
    log = json.loads(write(report, tmp_path / "a.sarif").read_text(encoding="utf-8"))
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    assert [error.message for error in Draft4Validator(schema).iter_errors(log)] == []


def test_sarif_says_what_to_do_why_and_by_which_document(tmp_path):
    report = check(Path(__file__).parents[2] / "examples/message")
    run = json.loads(write(report, tmp_path / "a.sarif").read_text(encoding="utf-8"))["runs"][0]
    shown = next(rule for rule in run["tool"]["driver"]["rules"] if rule["id"] == "DX702")["help"]
    rule = report.checks["DX702"]
    assert [line.partition("：")[0] for line in shown["text"].splitlines()] == ["怎么改", "为什么", "依据"]
    for text in (rule.fix("zh"), rule.rule.text("why", "zh"), report.documents[rule.doc]["title"]):
        assert text in shown["text"]
        assert text in shown["markdown"]


def test_sarif_tells_where_and_what_did_not_run(report, tmp_path):
    run = json.loads(write(report, tmp_path / "a.sarif").read_text(encoding="utf-8"))["runs"][0]
    result = next(each for each in run["results"] if each["ruleId"] == "setlinfo.gend/required")
    place = result["locations"][0]
    assert place["physicalLocation"]["region"] == {"startLine": 5}
    assert place["logicalLocations"] == [{"fullyQualifiedName": "结算清单!C5"}]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert {each["level"] for each in run["results"]} == {"error", "warning", "note"}
    idle = run["invocations"][0]["toolExecutionNotifications"]
    assert [(each["associatedRule"]["id"], each["message"]["text"]) for each in idle] == [
        ("FEE101", "没有这张表的数据")
    ]


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("七月.xlsx", "%E4%B8%83%E6%9C%88.xlsx"),
        (r"C:\清单\a b.xlsx", "file:///C:/%E6%B8%85%E5%8D%95/a%20b.xlsx"),
        ("/data/a.json", "file:///data/a.json"),
        ("lists.zip/a.json", "lists.zip/a.json"),
    ],
)
def test_sarif_names_files_as_addresses(file, uri):
    assert formats()["sarif"]._uri(file) == uri


def test_junit_counts_agree_with_the_outcomes(report, tmp_path):
    root = parse(write(report, tmp_path / "a.xml")).getroot()  # noqa: S314
    outcomes = {f"{row['check']} {row['title']}": row for row in report.outcomes.iter_rows(named=True)}
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert cases.keys() == outcomes.keys()
    assert int(root.get("tests")) == len(cases)
    assert int(root.get("failures")) == sum(bool(row["failed"]) and row["level"] != "info" for row in outcomes.values())
    assert {name.split()[0] for name, case in cases.items() if case.find("skipped") is not None} == {"FEE101", "TM101"}
    assert "结算清单!C5" in cases["setlinfo.gend/required 性别：必填"].find("failure").text
    assert cases["setlinfo.curr_addr/format 现住址：书写形式"].find("failure") is None


def test_junit_lists_the_first_findings_and_says_how_many_more(tmp_path, monkeypatch):
    monkeypatch.setattr(formats()["junit"], "_MOST", 2)
    root = parse(write(SampleReport(), tmp_path / "a.xml")).getroot()  # noqa: S314
    failure = next(case for case in root.iter("testcase") if case.get("name").startswith("DX131")).find("failure")
    assert failure.text.splitlines()[2:] == ["……另有 6 处"]


def test_the_console_gives_counts_with_denominators(report, tmp_path):
    text = write(report, tmp_path / "a.txt").read_text(encoding="utf-8")
    assert f"病例 {CASE_COUNT}  有错误 8 (33.3%)" in text
    assert (
        "setlinfo.gend/required  性别：必填（3/24 处，3 份）\n    2026年7月清单.xlsx:结算清单!C5  ST26070003\n" in text
    )
    assert "\x1b" not in text


def test_the_console_lists_the_worst_cases_of_a_large_run(report, tmp_path, monkeypatch):
    monkeypatch.setattr(formats()["console"], "_FEW", 5)
    text = write(report, tmp_path / "a.txt").read_text(encoding="utf-8")
    assert "问题最多的 10 份病例" in text
    assert "病案号 B00006 · 科室 心血管内科专业 · 医师 李** · 编码员 钱*" in text
    assert "C5" not in text, "single findings are not listed"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_console_fits_80_columns_and_says_each_finding_once(lang, tmp_path):
    report = SampleReport(lang=lang, inputs=["很长的目录名" * 12 + "/2026年7月清单.xlsx"])
    text = write(report, tmp_path / "a.txt").read_text(encoding="utf-8")
    assert max(map(cell_len, text.splitlines())) <= 80
    assert text.count("ST26070006") == 5, "a line for each of its findings"
    assert text.count("填 11 位手机号" if lang == "zh" else "Give the 11-digit") == 1, "what to do stands once a check"


#: Of Jenkins' JUnit format (junit-10.xsd of its xUnit plugin): element -> attributes that there are, those that must be there.
JENKINS = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, set()),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package"},
                  {"name", "tests", "failures", "errors"}),
    "testcase": ({"name", "time", "classname"}, {"name"}),
    "failure": ({"type", "message"}, set()), "skipped": ({"type", "message"}, set()), "system-out": (set(), set()),
}  # fmt: skip


@pytest.mark.parametrize("report", [SampleReport(), Clean()], ids=["findings", "clean"])
def test_junit_has_what_jenkins_knows_and_nothing_else(report, tmp_path):
    for element in parse(write(report, tmp_path / "a.xml")).getroot().iter():  # noqa: S314
        known, needed = JENKINS[element.tag]
        assert needed <= set(element.attrib) <= known


def test_formats_are_known_without_loading_a_renderer():
    code = "import sys; from validator.report import formats; list(formats()); print('jinja2' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
