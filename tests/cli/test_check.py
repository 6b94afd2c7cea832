"""`zhikong check`: exit codes, formats and where files go. What the checks find is tested elsewhere."""

import json
import os
import subprocess
import sys

import pytest

from validator import report
from validator.cli.commands.check import format_names, target


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_clean_list_exits_0(zhikong, clean):
    assert zhikong("check", clean, "--fail-on", "info").exit_code == 0


@pytest.mark.parametrize(("fail_on", "code"), [("error", 1), ("warning", 1), ("info", 1), ("never", 0)])
def test_findings_exit_1_at_or_above_fail_on(zhikong, faulty, fail_on, code):
    assert zhikong("check", faulty, "--fail-on", fail_on, "--select", "setlinfo.gend").exit_code == code


def test_a_lesser_level_exits_0(zhikong, faulty):
    result = zhikong("check", faulty, "--select", "setlinfo.psn_name/format")
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("nothing.json", None, "没有这个文件"),
        ("empty.json", "", "empty.json"),
        ("broken.json", '{"input": ', "broken.json"),
        ("notes.json", '{"a": 1}', "不是清单报文"),
    ],
)
def test_unreadable_input_exits_2_and_names_the_file(zhikong, tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    result = zhikong("check", name, "--format", "jsonl")
    assert result.exit_code == 2
    assert message in result.stderr
    assert name in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ([name] if content is not None else [])


def test_console_alone_writes_no_file(zhikong, faulty, tmp_path):
    result = zhikong("check", faulty)
    assert "性别" in result.stdout
    assert [path.name for path in tmp_path.iterdir()] == [faulty.name]


@pytest.mark.parametrize("name", [name for name in format_names() if name != "console"])
def test_each_format_is_written_where_asked(zhikong, faulty, tmp_path, name):
    result = zhikong("check", faulty, "--format", name, "--out", "out")
    path = tmp_path / "out" / f"清单-checked{report.formats()[name].EXTENSION}"
    assert result.exit_code == 1, result.stderr
    assert path.stat().st_size
    assert str(path.relative_to(tmp_path)) in result.stderr
    assert result.stdout == ""


def test_quiet_prints_nothing(zhikong, faulty):
    result = zhikong("check", faulty, "--quiet")
    assert (result.exit_code, result.output) == (1, "")


def test_files_are_named_after_the_input(tmp_path):
    assert target(["x/七月.xlsx"], ".html") == "七月-checked.html"
    assert target([str(tmp_path)], ".html") == f"{tmp_path.name}-checked.html"
    assert target(["-"], ".jsonl") == "stdin-checked.jsonl"
    assert target(["a.json", "b.json"], ".jsonl") == "zhikong-checked.jsonl"


def test_standard_output_takes_one_format(zhikong, faulty):
    result = zhikong("check", faulty, "--format", "jsonl", "--out", "-", "--select", "setlinfo.gend")
    assert [line["check"] for line in lines(result.stdout)] == ["setlinfo.gend/value"]
    both = zhikong("check", faulty, "--format", "jsonl", "--format", "sarif", "--out", "-")
    assert both.exit_code == 2


def test_select_and_ignore_take_ids_beginnings_and_kinds(zhikong, faulty):
    def checks(*options):
        result = zhikong("check", faulty, "--format", "jsonl", "--out", "-", *options)
        return {line["check"] for line in lines(result.stdout)}

    assert "setlinfo.gend/value" in checks()
    assert checks("--select", "setlinfo.gend,DX") == {"setlinfo.gend/value"}
    assert "setlinfo.gend/value" in checks("--select", "规范性")
    assert "setlinfo.gend/value" in checks("--select", "conformance")
    assert "setlinfo.gend/value" not in checks("--ignore", "setlinfo.gend/value")


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_a_check_that_does_not_exist_is_an_error(zhikong, clean, option):
    result = zhikong("check", clean, option, "ZZ999")
    assert result.exit_code == 2
    assert "ZZ999" in result.stderr


def test_personal_data_is_masked_unless_asked_for(zhikong, clean, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(clean.read_text(encoding="utf-8").replace('"certno": "', '"certno": "9'), encoding="utf-8")
    number = json.loads(path.read_text(encoding="utf-8"))["input"]["setlinfo"]["certno"]
    masked = zhikong("check", path, "--format", "jsonl", "--out", "-").stdout
    assert number not in masked
    assert number in zhikong("check", path, "--format", "jsonl", "--out", "-", "--no-mask").stdout


def test_patterns_work_without_a_shell(zhikong, faulty, tmp_path):
    assert zhikong("check", "*.json").exit_code == 1
    assert zhikong("check", "*.jsonl").exit_code == 2


def test_language_of_the_findings(zhikong, faulty):
    result = zhikong("check", faulty, "--format", "jsonl", "--out", "-", "--select", "setlinfo.gend", "--lang", "en")
    assert lines(result.stdout)[0]["message"].isascii()


def test_a_bureaus_own_rules_and_profile(zhikong, clean, tmp_path):
    zhikong("new-rule", "ZZ901", "--to", "rules")
    result = zhikong("check", clean, "--rules", "rules")
    assert result.exit_code == 2
    assert "ZZ901.yaml" in result.stderr
    assert zhikong("check", clean, "--profile", "nowhere").exit_code == 2
    assert zhikong("check", clean, "--rules", "nowhere").exit_code == 2


def run(*arguments, **more):
    command = [sys.executable, "-m", "validator", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, capture_output=True, env=environment, check=False, **more)


def test_standard_input_and_exit_codes_of_the_real_process(clean, faulty, tmp_path):
    done = run("check", "-", input=faulty.read_bytes(), cwd=tmp_path)
    assert done.returncode == 1
    assert "性别" in done.stdout.decode()
    assert done.stderr == b""
    assert run("check", clean, cwd=tmp_path).returncode == 0
    assert run("check", "-", input=b"\xff\xfe\x00", cwd=tmp_path).returncode == 2
    assert run("check", "nothing.json", cwd=tmp_path).returncode == 2


def test_a_reader_that_stops_early_is_no_fault(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "validator", "fields", "setlinfo", "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_headings_that_were_not_recognised_become_a_mapping(zhikong, clean, tmp_path):
    case = json.loads(clean.read_text(encoding="utf-8"))["input"]["setlinfo"]
    case["离院途径"] = case.pop("dscg_way")
    text = ",".join(case) + "\n" + ",".join(f'"{value}"' for value in case.values()) + "\n"
    (tmp_path / "setlinfo.csv").write_text(text, encoding="utf-8")
    options = ("--select", "setlinfo.dscg_way", "--fail-on", "info")
    assert zhikong("check", "setlinfo.csv", *options, "--save-mapping", "columns.yaml").exit_code == 1
    page = tmp_path / "columns.yaml"
    assert "离院途径:" in page.read_text(encoding="utf-8")
    assert zhikong("check", "setlinfo.csv", "--save-mapping", "columns.yaml").exit_code == 2
    page.write_text("离院途径: setlinfo.dscg_way\n", encoding="utf-8")
    assert zhikong("check", "setlinfo.csv", *options, "--mapping", "columns.yaml").exit_code == 0
