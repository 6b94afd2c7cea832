"""The linter of the rule base: nothing is wrong with ours, and each kind of fault is found in pages made for it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from validator import api
from validator.base import files
from validator.cli.app import App
from validator.lint import lint, observed, reviewed

PAGE = """
id: {id}
name: page-for-the-linter
title: 测试
title_en: Test
kind: 一致性
level: error
on: {on}
when: {when}
field: {field}
{expect}
message: 测试
message_en: Test
fix: 测试
fix_en: Test
why: 测试
why_en: Test
basis: {{doc: interface-meaning, item: 测试, sure: practice}}
cases:
  - pass: 通过
    setlinfo: {{naty: "01"}}
  - fail: 不通过
    setlinfo: {{naty: "02"}}
"""


#: What findings point at: on a table, else on a page.
FIELD = {"ZZ917": "act_ipt_days", "setlinfo": "dscg_way", "diseinfo": "diag_code", "oprninfo": "oprn_oprt_type"}
#: Page -> when, expect (or another shape), table.
PAGES = {
    # the same as AD102, in another order and another way of writing
    "ZZ901": ("los_days >= 1 AND act_ipt_days IS NOT NULL", "expect: NOT (act_ipt_days <> los_days)", "setlinfo"),
    # ID113 finds every sex but 1 and 2; AD102 this in every case
    "ZZ902": ("gend = '9'", "expect: dscg_way = '1'", "setlinfo"),
    "ZZ903": (
        "act_ipt_days IS NOT NULL AND los_days >= 1 AND dscg_way = '5'",
        "expect: act_ipt_days = los_days",
        "setlinfo",
    ),
    # DX104 finds equal codes whatever their names
    "ZZ904": ("diag_code IS NOT NULL", "unique: {within: case, keys: [diag_code, diag_name]}", "diseinfo"),
    # two that no row can pass, and one about other rows
    "ZZ905": ("dscg_way IN ('2', '3')", "expect: adm_way = '1'", "setlinfo"),
    "ZZ906": ("dscg_way = '2'", "expect: adm_way IN ('2', '3')", "setlinfo"),
    "ZZ907": ("dscg_way = '4'", "expect: adm_way = '9'", "setlinfo"),
    # forbids what the layout requires
    "ZZ908": ("dscg_way = '5'", "expect: psn_name IS NULL", "setlinfo"),
    "ZZ909": ("dscg_way = '5' AND dscg_way = '1'", "expect: adm_way = '1'", "setlinfo"),
    "ZZ910": ("adm_way IN ('1', '2')", "expect: LEFT(adm_way, 1) <> '9'", "setlinfo"),
    "ZZ911": ("adm_way IS NOT NULL AND gend IS NULL", "expect: gend = '1'", "setlinfo"),
    "ZZ912": ("gend = '2'", "expect: gend = '1'", "setlinfo"),
    "ZZ913": ("age > 100", "expect: age <= 10", "setlinfo"),
    "ZZ914": ("dscg_way = '7'", "expect: adm_way = '1'", "setlinfo"),
    "ZZ915": ("STARTS_WITH(anst_way, '05')", "expect: oprn_oprt_type = '1'", "oprninfo"),
    "ZZ916": ("LEFT(anst_way, 1) IN ('4', '9')", "expect: oprn_oprt_type = '1'", "oprninfo"),
    # what only data show
    "ZZ917": ("los_days >= 1", "expect: act_ipt_days + 1 > los_days AND act_ipt_days - 1 < los_days", "setlinfo"),
    "ZZ918": ("adm_way IS NOT NULL", "expect: adm_way = '3'", "setlinfo"),
}
REMARKS = {
    ("duplicate", "AD102", "ZZ901"),
    ("shadowed", "ZZ902", "ID113"),
    ("shadowed", "ZZ903", "AD102"),
    ("shadowed", "ZZ903", "ZZ901"),
    ("shadowed", "ZZ904", "DX104"),
    ("contradiction", "ZZ906", "ZZ905"),
    ("contradiction", "ZZ908", "setlinfo.psn_name/required"),
    ("never", "ZZ909", ""),
    ("never", "ZZ910", ""),
    ("never", "ZZ911", ""),
    ("always", "ZZ912", ""),
    ("always", "ZZ913", ""),
    ("values", "ZZ914", "dscg_way 7"),
    ("values", "ZZ915", "anst_way 05"),
}


def write(folder: Path, name: str) -> Path:
    when, expect, on = PAGES[name]
    text = PAGE.format(id=name, when=when, expect=expect, on=on, field=FIELD.get(name, FIELD[on]))
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("pages")
    for name in PAGES:
        write(made, name)
    return made


def test_nothing_is_wrong_with_our_rules():
    assert lint(api.load()) == []


def test_each_kind_of_fault_is_found_in_the_texts(folder):
    found = {each.key for each in lint(api.load(rules=[folder]), folder, 0)}
    assert found == REMARKS


def test_what_only_data_show_is_found_in_generated_cases(folder):
    found = {each.key for each in lint(api.load(rules=[folder]), folder, 2_000)}  # some 20 rows that ZZ917 finds
    assert ("together", "ZZ917", "AD102") in found
    assert ("clean", "ZZ918", "") in found
    assert not {key for key in found if key[0] == "together" and "ZZ903" in key}  # the texts say so already


def test_an_exception_that_nothing_needs_is_outdated(monkeypatch):
    key = ("shadowed", "AD101", "AD102")
    monkeypatch.setattr("validator.lint.reviewed", lambda: {**reviewed(), key: 7})
    monkeypatch.setattr(observed, "remarks", lambda _catalogue, _cases: iter(()))
    assert [(each.kind, each.one, each.other) for each in lint(api.load())] == [("outdated", "AD101", "AD102")]


def test_every_exception_has_its_reason():
    rows = (files.data("schemas") / "reviewed.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(rows) == len(reviewed())


def test_the_command_prints_what_is_wrong_and_exits_1(tmp_path, monkeypatch):
    monkeypatch.setattr(observed, "remarks", lambda _catalogue, _cases: iter(()))
    (wrong := tmp_path / "wrong").mkdir()
    (right := tmp_path / "right").mkdir()
    result = CliRunner().invoke(App(), ["rules", "--lint", str(write(wrong, "ZZ914"))])
    assert result.exit_code == 1
    assert "ZZ914 用到代码“7”，值域 dscg_way 里没有" in result.output
    result = CliRunner().invoke(App(), ["rules", "--lint", str(write(right, "ZZ907"))])
    assert (result.exit_code, result.output) == (0, "规则库没有问题\n")
    assert CliRunner().invoke(App(), ["rules", "--lint", str(tmp_path / "nowhere")]).exit_code == 2
