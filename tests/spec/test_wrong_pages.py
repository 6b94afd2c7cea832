"""A wrong rule page, profile or value stops the load and names file and line."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from validator import api
from validator.base import files
from validator.base.errors import ConfigError
from validator.report.common.words import basis
from validator.spec import catalogue, layouts, profiles, rule_pages

PAGE = """\
id: ZZ901
name: a-fault
title: 标题
title_en: Title
kind: 一致性
level: error
on: oprninfo
when: oprn_oprt_code IS NOT NULL
expect: oprn_oprt_name <> 'x'
message: 手术“{oprn_oprt_name}”
message_en: Procedure {oprn_oprt_name}
fix: 改
fix_en: Fix
why: 因为
why_en: Because
basis: {doc: interface-meaning, item: 某项, sure: practice}
cases:
  - pass: 好
  - fail: 坏
    oprninfo: [{oprn_oprt_name: x}]
"""

WRONG = {
    "unknown key": ("level: error", "level: error\nlevle: info", 7, "levle"),
    "duplicate key": ("level: error", "level: error\nlevel: info", 7, "level"),
    "blank text": ("title: 标题", "title:", 1, "title"),
    "no such day": ("level: error", "level: error\nsince: 2026-13-01", 7, "since"),
    "blocks that is no list": ("level: error", "level: error\nblocks: drg", 7, "blocks"),
    "our document inline": ("doc: interface-meaning", "doc: {title: x, colour: red}", 16, "colour"),
    "unknown level": ("level: error", "level: fatal", 6, "fatal|error"),
    "unknown field": ("expect: oprn_oprt_name <> 'x'", "expect: oprn_oprt_nam <> 'x'", 9, "oprn_oprt_nam"),
    "unknown parent field": ("expect: oprn_oprt_name <> 'x'", "expect: setlinfo.adm_tim IS NULL", 9, "adm_tim"),
    "unknown table": ("on: oprninfo", "on: oprinfo", 7, "oprinfo"),
    "unknown parameter": ("expect: oprn_oprt_name <> 'x'", "expect: LENGTH(oprn_oprt_name) < $nope", 9, "nope"),
    "aggregate": ("expect: oprn_oprt_name <> 'x'", "expect: COUNT(oprn_oprt_name) = 1", 9, "COUNT"),
    "wide digit class": ("expect: oprn_oprt_name <> 'x'", r"expect: oprn_oprt_code ~ '\A\d'", 9, r"\\d"),
    "not SQL": ("expect: oprn_oprt_name <> 'x'", "expect: oprn_oprt_name <> <> 'x'", 9, "SQL"),
    "not a condition": ("expect: oprn_oprt_name <> 'x'", "expect: LENGTH(oprn_oprt_name)", 9, "LENGTH"),
    "types that do not meet": ("expect: oprn_oprt_name <> 'x'", "expect: setlinfo.adm_time = 'x'", 9, "adm_time"),
    "nothing to point at": ("expect: oprn_oprt_name <> 'x'", "expect: setlinfo.adm_time IS NULL", 7, "field"),
    "instead of nothing": ("level: error", "level: error\ninstead_of: diseinfo.diag_code/gray", 7, "gray"),
    "no fail case": ("  - fail: 坏", "  - pass: 坏", 17, "fail"),
    "also on a pass case": ("  - pass: 好", "  - pass: 好\n    also: [AD101]", 19, "also"),
    "also that is no check": ("  - fail: 坏", "  - fail: 坏\n    also: [住院天数]", 20, "also"),
    "unknown placeholder": ("message: 手术“{oprn_oprt_name}”", "message: 手术“{oprn_oprt_nam}”", 10, "oprn_oprt_nam"),
    "unknown document": ("doc: interface-meaning", "doc: nowhere", 16, "nowhere"),
    "unknown way of reading": ("sure: practice}", "sure: practice, quote: 甲, verified: maybe, at: x}", 16, "verified"),
    "read nowhere": ("sure: practice}", "sure: practice, quote: 甲, verified: copy}", 16, "at"),
    "nothing quoted": ("sure: practice}", "sure: practice, verified: copy, at: x}", 16, "quote"),
    "unconfirmed error": ("sure: practice", "sure: unconfirmed", 6, "警告"),
    "two shapes": (
        "expect: oprn_oprt_name <> 'x'",
        "expect: TRUE\nunique: {within: case, keys: [oprn_oprt_code]}",
        1,
        "一项",
    ),
    "unknown knowledge": (
        "expect: oprn_oprt_name <> 'x'",
        "pairs: {table: nowhere, code: oprn_oprt_code}",
        9,
        "nowhere",
    ),
    "not YAML": ("kind: 一致性", "kind: [", 6, "YAML"),
}


def load(folder: Path, text: str) -> None:
    (folder / "ZZ901.yaml").write_text(text, encoding="utf-8")
    api.load(rules=[folder])


def test_the_page_itself_is_right(tmp_path: Path) -> None:
    load(tmp_path, PAGE)


def test_a_house_rule_needs_chinese_texts_alone_and_names_its_own_document(tmp_path: Path) -> None:
    english = ("name:", "title_en:", "message_en:", "fix_en:", "why_en:")
    text = "".join(line for line in PAGE.splitlines(keepends=True) if not line.startswith(english))
    load(tmp_path, text.replace("doc: interface-meaning", "doc: {title: 某市质控要点, number: 某医保〔2026〕5号}"))
    known = api.load(rules=[tmp_path])
    rule = known.rules["ZZ901"]
    assert (rule.name, rule.text("title", "en"), rule.text("fix", "en")) == ("zz901", "标题", "改")
    assert basis(known.rule_check(rule), known.documents) == "某市质控要点（某医保〔2026〕5号） · 某项 · 各地通行做法"


def test_our_own_page_needs_both_languages_and_a_document_of_the_register(tmp_path: Path) -> None:
    path = tmp_path / "ZZ901.yaml"
    for text, wrong in (
        (PAGE.replace("fix_en: Fix\n", ""), "fix_en"),
        (PAGE.replace("doc: interface-meaning", "doc: {title: 某市质控要点}"), "doc"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match=wrong):
            rule_pages.read_page(path, house=False)


@pytest.mark.parametrize("name", WRONG)
def test_wrong_page(tmp_path: Path, name: str) -> None:
    old, new, line, message = WRONG[name]
    assert PAGE.count(old) == 1
    with pytest.raises(ConfigError, match=message) as error:
        load(tmp_path, PAGE.replace(old, new))
    where = str(error.value).partition("：")[0]
    assert where.startswith(str(tmp_path / "ZZ901.yaml")), error.value
    assert abs(int(where.rpartition(":")[2]) - line) <= (1 if name == "not YAML" else 0), error.value


def test_an_id_is_used_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "ZZ901.yaml").write_text(PAGE, encoding="utf-8")
    with pytest.raises(ConfigError, match="ZZ901 已被"):
        load(tmp_path, PAGE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parameters: {nope: 1}", "nope"),
        ("levels: {DX101: fatal}", "error"),
        ("parameters: {los_long_days: long}", "los_long_days|没有参数"),
        ("colour: red", "colour"),
    ],
)
def test_wrong_profile(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"name: mine\ntitle_zh: 我\ntitle_en: Mine\nbase: national\n{text}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as error:
        profiles.load(str(path))
    assert str(error.value).startswith(f"{path}:5"), error.value


def test_no_such_profile() -> None:
    with pytest.raises(ConfigError, match="national"):
        profiles.load("nowhere")


@pytest.mark.parametrize(
    ("column", "old", "new", "near"),
    [
        ("pattern", ",diagnosis,", ",diagnoses,", "diagnosis"),
        ("domain", ",maindiag_flag,", ",maindiag_flg,", "maindiag_flag"),
        ("basis", ",4101-interface,", ",4101-interfaces,", "4101-interface"),
    ],
)
def test_a_field_that_names_nothing_is_reported_with_the_nearest_name(
    tmp_path: Path, column: str, old: str, new: str, near: str
) -> None:
    shutil.copytree(files.data("schemas") / "layouts", tmp_path / "layouts")
    path = tmp_path / "layouts" / "4101" / "diseinfo.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    place = next(n for n, line in enumerate(lines) if old in line)
    lines[place] = lines[place].replace(old, new)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        catalogue._join(replace(api.load(), layouts=layouts.load(tmp_path / "layouts")))
    assert f"diseinfo.csv:{place + 1}：{column} 是“{new.strip(',')}”，没有这个名称；是不是 {near}？" in str(error.value)
