"""Inputs and settings that once gave an internal error, hung or took gigabytes: one sentence that names the place, or a report."""

import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

import validator
from validator import api
from validator.base.errors import ConfigError, ZhikongError
from validator.cli import app
from validator.codes import reference
from validator.spec import profiles, rule_pages

HERE = Path(__file__).parent / "broken"
GOLDEN = Path(__file__).parents[2] / "schemas/layouts/4101/golden.json"
PAGES = {
    "page_aggregate": (9, "聚合"),
    "page_attr": (10, "不是字段"),
    "page_basisdoc": (20, "doc"),
    "page_blocks": (7, "blocks"),
    "page_brace": (10, "花括号"),
    "page_casesnum": (21, "cases 应是一列例子"),
    "page_file_read": (9, "注释"),
    "page_onlist": (7, "on 应是一个值"),
    "page_since_bad_day": (7, "2026-02-30"),
    "page_tables": (7, "tables"),
    "page_width": (10, "花括号"),
}
PROFILES = {
    "profile_bomb": (11, "YAML 展开后的值数为 597871"),
    "profile_bomb_required": (11, "YAML 展开后的值数为 597871"),
    "profile_ignoreint": (5, "ignore 应是一列"),
    "profile_levellist": (6, "级别"),
    "profile_namelist": (1, "name 应是一个值"),
    "profile_ts": (6, "birth_weight_min"),
}
UNREADABLE = {
    "bin": "a.parquet：“psn_name”列的类型是 Binary",
    "dur": "a.parquet：“act_ipt_days”列的类型是 Duration",
    "deep_surrogate_500.json": "嵌套层数过多",
    "faraway_cell.xlsx": "工作表“Sheet”：有 1000000 行、140 列",
    "xlsx_abort_min.xlsx": "工作表“Sheet”：有 1048576 行、16384 列",
    "zip_oserror.zip": "setlinfo.csv：读不了",
}
#: The persons of ``setlinfo_shifted.csv``: names, numbers and addresses that stand a column too far to the right.
SHIFTED = "欧阳漏洞|司马联系|[七八九]十[七八九]号|110105197503|13987650021|01098765432"


def load(folder):
    rule_pages.read_page(folder / "ZZ904.yaml", house=True)  # what is wrong with the page itself is found sooner
    api.load(rules=[folder])


@pytest.mark.parametrize("name", PAGES)
def test_a_wrong_page_is_named_with_its_line(name):
    line, words = PAGES[name]
    with pytest.raises(ConfigError, match=re.escape(words)) as wrong:
        load(HERE / name)
    assert f"{HERE / name / 'ZZ904.yaml'}:{line}" in str(wrong.value)


@pytest.mark.parametrize("name", PROFILES)
def test_a_wrong_profile_is_named_with_its_line(name):
    line, words = PROFILES[name]
    with pytest.raises(ConfigError, match=re.escape(words)) as wrong:
        profiles.load(str(HERE / f"{name}.yaml"))
    assert str(wrong.value).startswith(f"{HERE / f'{name}.yaml'}:{line}：")
    assert len(str(wrong.value)) < 400


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_named(name, tmp_path):
    with pytest.raises(ZhikongError, match=re.escape(UNREADABLE[name])):
        validator.check(HERE / name)
    with pytest.raises(ZhikongError):
        validator.check(HERE / name, fix=tmp_path / "fixed")


def test_a_year_that_no_calendar_has_is_a_finding_alone_and_among_others():
    found = validator.check(HERE / "crash_year0.json").findings.filter(pl.col("check").str.ends_with("/type"))
    assert found.height


def test_a_chain_of_thousands_of_conditions_is_refused(tmp_path):
    page = (
        (HERE / "page_onlist" / "ZZ904.yaml").read_text(encoding="utf-8").replace("{oprninfo: diseinfo}", "oprninfo", 1)
    )
    chain = " AND ".join(["oprn_oprt_name = '1'"] * 5_000)
    (tmp_path / "ZZ904.yaml").write_text(
        re.sub("^expect: .*$", f"expect: {chain}", page, flags=re.MULTILINE), encoding="utf-8"
    )
    with pytest.raises(ConfigError, match="超过 2000 字"):
        api.load(rules=[tmp_path])


def test_a_shifted_column_shows_nobody(tmp_path):
    report = validator.check(HERE / "setlinfo_shifted.csv")
    assert report.findings.height > 100
    for form in ("jsonl", "html", "sarif", "junit"):
        report.write(tmp_path / form, form)
        assert not re.findall(SHIFTED, (tmp_path / form).read_text(encoding="utf-8")), form


def test_no_escape_sequence_reaches_the_terminal(capsys):
    with pytest.raises(SystemExit):
        app.App().main(["check", str(HERE / "ansi.json")])
    assert "\x1b" not in capsys.readouterr().out


def test_a_code_of_a_million_letters_is_looked_up_at_once():
    before = time.process_time()
    for table in reference.load().values():
        for column in table.prefixes:
            table.matches(column, ["a" * 1_000_000])
    assert time.process_time() - before < 5


def test_small_inputs_take_little_memory(tmp_path):
    keys = ", ".join(f'"k": {number}' for number in range(20_000))
    (tmp_path / "keys.json").write_text(f'{{"infno": "4101", "input": {{"setlinfo": {{{keys}}}}}}}', encoding="utf-8")
    names = [tmp_path / "keys.json", HERE / "nest460.json", HERE / "codebook_hang.xlsx"]
    code = (
        "import sys, validator\n"
        "for each in sys.argv[1:]:\n"
        "    try: validator.check(each)\n"
        "    except validator.InputError: pass\n"
    )

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (2 << 30, 2 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))

    subprocess.run([sys.executable, "-c", code, *names], check=True, preexec_fn=limited)
