"""``zhikong check --gate``."""

import json

import pytest

from tests.gate.batch import between, message, needs_extra
from validator.base import files

pytestmark = needs_extra
CLEAN = files.data("schemas") / "layouts" / "4101" / "golden.json"


@pytest.fixture
def faulty(tmp_path):
    path = tmp_path / "清单.json"
    path.write_text(json.dumps(message(1, gend="7")), encoding="utf-8")
    return path


def test_an_accepted_batch(zhikong, tmp_path):
    done = zhikong("check", CLEAN, "--gate", "default", "--declared", 1, "--gate-docs", "记录")
    assert done.exit_code == 0
    assert "批次门槛 default：接收整批" in done.stdout
    assert "收到的病例与申报的一样多：= 100%" in done.stdout
    assert "100% (1 / 1)" in done.stdout
    assert json.loads((tmp_path / "golden-checked.gate.json").read_text(encoding="utf-8"))["disposition"] == "accept"
    assert (tmp_path / "记录" / "index.html").exists()
    assert "index.html" in done.stderr


def test_a_returned_batch_ends_with_1_whatever_fail_on_says(zhikong, faulty):
    done = zhikong("check", faulty, "--gate", "default", "--fail-on", "never")
    assert done.exit_code == 1
    assert "退回整批" in done.stdout
    assert zhikong("check", faulty, "--fail-on", "never").exit_code == 0


def test_an_accepted_batch_may_hold_errors(zhikong, faulty, suite):
    lenient = suite(between("faulty_cases", high=5))
    assert zhikong("check", faulty, "--gate", lenient, "--fail-on", "never").exit_code == 0
    assert zhikong("check", faulty, "--gate", lenient).exit_code == 1


def test_the_verdict_stands_next_to_another_report(zhikong, tmp_path):
    done = zhikong("check", CLEAN, "--gate", "default", "--format", "jsonl", "--out", "-")
    assert "批次" not in done.stdout
    assert done.stderr == "批次门槛 default：接收整批\n"
    assert list(tmp_path.iterdir()) == []


def test_quiet_tells_nothing(zhikong, faulty):
    done = zhikong("check", faulty, "--gate", "default", "--quiet")
    assert (done.exit_code, done.output) == (1, "")


def test_a_wrong_suite_stops_before_the_check(zhikong, suite):
    done = zhikong("check", "没有这个文件.json", "--gate", suite(between("nothing", low=1)))
    assert done.exit_code == 2
    assert "门槛.json" in done.stderr


@pytest.mark.parametrize("option", [("--declared", "3"), ("--gate-docs", "docs")])
def test_options_of_the_gate_go_with_it(zhikong, option):
    done = zhikong("check", CLEAN, *option)
    assert done.exit_code == 2
    assert "--gate" in done.stderr


def test_in_english(zhikong):
    done = zhikong("check", CLEAN, "--gate", "strict", "--lang", "en")
    assert done.exit_code == 1
    assert "Batch returned" in done.stdout
    assert "must be given" in done.stdout
