"""A new aspect is one file and its words; words without an aspect, or an aspect without words, fail at load."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ASPECT = """\
import polars as pl

from validator.checks.fields.aspect import Aspect, condition


class Loud(Aspect):
    name = "loud"

    def applies(self, catalogue, row):
        return row.field == "psn_name"

    def failing(self, catalogue, row):
        return pl.col(row.field).str.ends_with("！")

    def fails(self, catalogue, row, cell):
        return cell.text is not None and cell.text.endswith("！")

    def defect(self, catalogue, row):
        return "加感叹号", lambda value, n: f"{value}！"

    def contract(self, catalogue, row):
        return [condition(lambda value: ~value.str.ends_with("！"), f"{row.table}.{row.field}/loud")]
"""
WORDS = """
loud:
  kind: 规范性
  title: "{name}：不带感叹号"
  title_en: "{name}: no exclamation mark"
  message: "“{name}”填的是“{value}”，带感叹号"
  message_en: "{name} is '{value}', with an exclamation mark"
  fix: 去掉感叹号
  fix_en: Remove it
"""
SCRIPT = """
import json

import pandera.errors
import polars as pl

from validator import api, contracts, generate

report = api.run(api.load(), [generated := next(generate.partitions(6000, 1, 1.0))[0]])
truth = next(generate.partitions(6000, 1, 1.0))[1].filter(pl.col("check") == "setlinfo.psn_name/loud")
found = report.outcomes.filter(pl.col("check").str.ends_with("/loud"))
one = generated.tables["setlinfo"].filter(pl.col("case_id").is_in(truth["case_id"].implode())).head(1)
try:
    contract = contracts.of("4101", "setlinfo")
    contract.select_columns(["psn_name"]).validate(one.select("psn_name"), lazy=True)
    broken = []
except pandera.errors.SchemaErrors as errors:
    broken = errors.failure_cases["check"].to_list()
print(json.dumps([truth.height, found["check"].to_list(), found["failed"].to_list(), broken]))
"""


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    for name in ("validator", "schemas", "codebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def add_aspect(scratch: Path) -> None:
    (scratch / "validator" / "checks" / "fields" / "loud.py").write_text(ASPECT, encoding="utf-8")


def add_words(scratch: Path) -> None:
    page = scratch / "schemas" / "field_checks.yaml"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("\nformat:\n", f"{WORDS}\nformat:\n"), encoding="utf-8")


def run(scratch: Path, script: str) -> "subprocess.CompletedProcess[str]":
    where = {"PYTHONPATH": str(scratch), "ZHIKONG_CODEBOOKS": str(scratch / "none"), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=scratch,
        env=os.environ | where,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_a_new_aspect_is_planted_found_counted_and_in_the_contract(scratch: Path) -> None:
    add_aspect(scratch)
    add_words(scratch)
    done = run(scratch, SCRIPT)
    assert done.returncode == 0, done.stderr
    planted, checks, failed, broken = json.loads(done.stdout)
    assert planted > 0
    assert (checks, failed) == (["setlinfo.psn_name/loud"], [planted])
    assert "setlinfo.psn_name/loud" in broken


def test_an_aspect_without_words_fails_at_load(scratch: Path) -> None:
    add_aspect(scratch)
    done = run(scratch, "from validator import api; api.load()")
    assert "field_checks.yaml：没有“loud”的文字" in done.stderr


def test_words_without_an_aspect_fail_at_load(scratch: Path) -> None:
    page = scratch / "schemas" / "field_checks.yaml"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("\ngrey:\n", "\ngray:\n"), encoding="utf-8")
    line = text.splitlines().index("grey:") + 1
    done = run(scratch, "from validator import api; api.load()")
    assert f"field_checks.yaml:{line}：aspect 是“gray”，没有这个名称；是不是 grey？" in done.stderr
