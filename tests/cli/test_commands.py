"""The commands besides `check`: rule, rules, fields, template, new-rule, generate."""

import csv
import io
import json
import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import openpyxl
import pytest
from rich.console import Console

from validator import api
from validator.base import files, language
from validator.cli.commands.rule import named_case, page
from validator.cli.commands.template import CODES, LEGEND, ROWS
from validator.spec import layouts

RULES = api.load().rules
PAGE = """\
id: ZZ901
name: sex-unknown
title: 性别不应为未知
title_en: Sex is known
kind: 疑点
level: warning
blocks: [drg]
on: setlinfo
when: gend IS NOT NULL
expect: gend <> '0'
message: 性别为 {gend}
message_en: Sex is {gend}
fix: 核对
fix_en: Look it up
why: 因为
why_en: Because
basis: {doc: 4101-interface, item: 性别, sure: practice}
cases:
  - pass: 男
    setlinfo: {gend: '1'}
  - fail: 未知
    setlinfo: {gend: '0'}
"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_rules_of_every_topic_and_shape_have_a_page(lang):
    language.use(lang)
    catalogue = api.load()
    for rule in {rule.id[:2] + rule.shape: rule for rule in RULES.values()}.values():
        screen, check = Console(file=io.StringIO(), width=200), catalogue.rule_check(rule)
        for part in page(catalogue, check):
            screen.print(part)
        shown = "".join(screen.file.getvalue().split())
        titles = (named_case(at, case) for at, case in enumerate(rule.cases, 1))
        for expected in (check.title(lang), check.fix(lang), *titles):
            assert "".join(expected.split()) in shown, rule.id
        assert "{$" not in shown, rule.id


def test_a_page_runs_its_examples(zhikong):
    result = zhikong("rule", "dx101")
    assert result.exit_code == 0, result.output
    for word in ("为什么", "依据", "应当", "怎么改", "入组影响", "✓", "✗"):
        assert word in result.stdout


@pytest.mark.parametrize(
    "name", ["setlinfo.gend/required", "SETLINFO.GEND/VALUE", "diseinfo.diag_code/length", "read/unknown-field"]
)
def test_field_checks_and_reader_notes_have_pages(zhikong, name):
    result = zhikong("rule", name)
    assert result.exit_code == 0
    assert name.lower() in result.stdout


def test_an_unknown_check_is_an_error_with_a_suggestion(zhikong):
    result = zhikong("rule", "setlinfo.gedn/required")
    assert result.exit_code == 2
    assert "setlinfo.gend/required" in result.stderr


def test_an_example_that_does_not_hold_is_reported(zhikong, tmp_path):
    for name, content in (("right", PAGE), ("wrong", PAGE.replace("gend: '0'", "gend: '2'"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "ZZ901.yaml").write_text(content, encoding="utf-8")
    assert zhikong("rule", "zz901", "--rules", "right").exit_code == 0
    result = zhikong("rule", "ZZ901", "--rules", "wrong")
    assert result.exit_code == 1
    assert "这些例子与预期不符：未知" in result.stdout


def test_rules_are_filtered(zhikong):
    def ids(*options):
        return {row["id"] for row in json.loads(zhikong("rules", "--format", "json", *options).stdout)}

    assert ids() == set(RULES)
    assert ids("--topic", "dx") == {name for name in RULES if name.startswith("DX")}
    assert ids("--kind", "coding") == ids("--kind", "编码") == {name for name in RULES if RULES[name].kind == "编码"}
    assert ids("--table", "oprninfo") == {name for name in RULES if RULES[name].on == "oprninfo"}
    assert ids("--level", "info") == {name for name in RULES if RULES[name].level == "info"}
    assert 0 < len(ids("--text", "主要诊断")) < len(RULES)
    assert ids("--text", "no such words") == set()


def test_lists_are_whole_as_table_and_csv(zhikong):
    rows = list(csv.DictReader(io.StringIO(zhikong("rules", "--format", "csv").stdout)))
    assert [row["id"] for row in rows] == list(RULES)
    table = zhikong("rules").stdout
    assert all(name in table for name in RULES)
    assert f"共 {len(RULES)} 条" in table


@pytest.mark.parametrize(
    ("interface", "table"), [(name, table) for name, each in layouts.load().items() for table in each.tables]
)
def test_fields_of_every_table(zhikong, interface, table):
    rows = json.loads(zhikong("fields", table, "--interface", interface, "--format", "json").stdout)
    assert [row["field"] for row in rows] == list(layouts.load()[interface].tables[table].fields)


def test_fields_without_a_table_lists_the_tables(zhikong):
    assert "diseinfo" in zhikong("fields").stdout
    assert zhikong("fields", "nowhere").exit_code == 2
    assert zhikong("fields", "--interface", "9999").exit_code == 2


@pytest.fixture(params=["4101", "4101A"])
def template(request, zhikong, tmp_path):
    """Interface and path of a written template."""
    assert zhikong("template", "--interface", request.param).exit_code == 0
    return request.param, tmp_path / f"zhikong-{request.param}.xlsx"


def test_the_template_has_a_sheet_per_table_a_legend_and_drop_downs(template):
    interface, path = template
    book = openpyxl.load_workbook(path)
    layout = layouts.load()[interface]
    assert book.sheetnames == [*map(layout.interface.titles.get, layout.tables), LEGEND, CODES]
    sheet = book[layout.interface.titles["setlinfo"]]
    for column, row in enumerate(layout.tables["setlinfo"].fields.values(), 1):
        assert sheet.cell(1, column).value == row.name_zh + "*" * row.required
        assert sheet.cell(2, column).value == row.field
        assert row.field in sheet.cell(1, column).comment.text
    lists = {rule.promptTitle: rule for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    letters = lists["离院方式"].formula1.replace("$", "").partition("!")[2]
    assert [cell.value for (cell,) in book[CODES][letters]] == ["1", "2", "3", "4", "5", "9"]
    assert str(lists["离院方式"].sqref).endswith(str(ROWS))
    assert sheet.column_dimensions["A"].number_format == "@"


@pytest.mark.parametrize("interface", ["4101", "4101A", "4401", "HQMS", "WT4"])
def test_a_filled_template_is_read_back_clean(zhikong, tmp_path, interface):
    path = tmp_path / "filled.xlsx"
    assert zhikong("template", "--interface", interface, "--to", path).exit_code == 0
    message = json.loads((files.data("schemas") / "layouts" / interface / "golden.json").read_text(encoding="utf-8"))[
        "input"
    ]
    book = openpyxl.load_workbook(path)
    layout = layouts.load()[interface]
    for table in layout.tables:
        sheet, node = book[layout.interface.titles[table]], message.get(table) or []
        fields = [cell.value for cell in sheet[2]]
        for row in [node] if isinstance(node, dict) else node:
            sheet.append([row.get(field, message[layout.case].get(field)) for field in fields])
    book.save(path)
    result = zhikong("check", path, "--fail-on", "info", "--format", "jsonl", "--out", "-")
    assert result.output == ""
    assert result.exit_code == 0


def test_a_template_of_charge_lines_has_no_sheet_of_stays_and_is_read_back_clean(zhikong, tmp_path):
    path = tmp_path / "fees.xlsx"
    assert zhikong("template", "--interface", "2301", "--to", path).exit_code == 0
    assert zhikong("template", "--interface", "2301", "--wide", "--to", "wide.xlsx").exit_code == 2
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["费用明细", LEGEND, CODES]
    fields = [cell.value for cell in book["费用明细"][2]]
    assert len(set(fields)) == len(fields)
    golden = files.data("schemas") / "layouts" / "2301" / "golden.json"
    lines = json.loads(golden.read_text(encoding="utf-8"))["input"]["feedetail"]
    for row in lines:
        book["费用明细"].append([row.get(field) for field in fields])
    book["费用明细"].cell(5, fields.index("cnt") + 1).value = "1.5"
    book.save(path)
    result = zhikong("check", path, "--format", "jsonl", "--format", "xlsx", "--out", "out")
    (found,) = [json.loads(line) for line in next((tmp_path / "out").glob("*.jsonl")).read_text("utf-8").splitlines()]
    assert (result.exit_code, found["check"], found["message"]) == (
        1, "FL101", "金额 20.00 元，数量 1.5 × 单价 20.000000 与它相差 10 元",
    )  # fmt: skip
    marked = openpyxl.load_workbook(tmp_path / "out" / "fees-checked.xlsx")["费用明细"]
    cell = marked.cell(5, fields.index("det_item_fee_sumamt") + 1)
    assert "FL101" in cell.comment.text
    assert cell.fill.fgColor.rgb != marked.cell(6, cell.column).fill.fgColor.rgb


def test_an_empty_template_is_no_list(zhikong, template):
    assert zhikong("check", template[1]).exit_code == 2


def test_a_template_that_may_be_filled_in_is_not_overwritten(zhikong, template):
    interface, path = template
    before = path.read_bytes()
    result = zhikong("template", "--interface", interface)
    assert result.exit_code == 2
    assert path.name in result.stderr
    assert path.read_bytes() == before


def test_a_new_rule_names_its_blanks(zhikong):
    assert zhikong("new-rule", "zz901", "--on", "diseinfo").exit_code == 0
    result = zhikong("rule", "ZZ901", "--rules", "rules")
    assert result.exit_code == 2
    assert "ZZ901.yaml" in result.stderr
    for blank in ("title", "kind", "level", "message", "fix", "why"):
        assert blank in result.stderr


def test_a_new_rule_filled_in_works_by_the_command_that_new_rule_prints(zhikong, tmp_path):
    made = zhikong("new-rule", "ZZ901", "--on", "setlinfo", "--to", "我们的 规则")
    page = tmp_path / "我们的 规则" / "ZZ901.yaml"
    text = page.read_text(encoding="utf-8")
    schema = re.match(r"# yaml-language-server: \$schema=(.*)\n", text)
    assert json.loads(Path(url2pathname(urlsplit(schema[1]).path)).read_text(encoding="utf-8"))["required"]
    for key, value in {
        "title": "性别已说明", "kind": "疑点", "level": "warning", "when": "gend IS NOT NULL", "expect": "gend <> '9'",
        "message": "性别“{gend}”", "fix": "核对", "why": "没有性别不能分组", "    title": "某市质控要点", "  item": "性别",
        "  sure": "practice", "  - pass": "男", "  - fail": "未说明",
    }.items():  # fmt: skip
        text = re.sub(rf"^{key}:.*$", f"{key}: {value}", text, count=1, flags=re.MULTILINE)
    first, second = re.findall(r"^    setlinfo: {}$", text, re.MULTILINE)
    text = text.replace(first, "    setlinfo: {gend: '1'}", 1).replace(second, "    setlinfo: {gend: '9'}", 1)
    page.write_text(text, encoding="utf-8")
    command = shlex.split(made.stdout.rpartition("：")[2])
    assert command[0] == "zhikong"
    shown = zhikong(*command[1:])
    assert shown.exit_code == 0, shown.output
    assert "某市质控要点" in shown.stdout


def test_a_new_rule_takes_no_number_twice(zhikong):
    assert zhikong("new-rule", "DX101").exit_code == 2
    assert zhikong("new-rule", "ZZ901").exit_code == 0
    assert zhikong("new-rule", "ZZ901").exit_code == 2
    assert zhikong("new-rule", "rule-1").exit_code == 2
    assert zhikong("new-rule", "ZZ902", "--on", "nowhere").exit_code == 2


@pytest.mark.parametrize("form", ["xlsx", "csv", "4101", "parquet"])
def test_what_is_generated_can_be_checked(zhikong, tmp_path, form):
    options = ("--cases", "4", "--seed", "5", "--as", form)
    assert zhikong("generate", *options, "--to", "clean").exit_code == 0
    assert zhikong("check", "clean", "--fail-on", "info").exit_code == 0
    assert zhikong("generate", *options, "--to", "faulty", "--defects", "1").exit_code == 0
    assert zhikong("check", "faulty", "--fail-on", "info").exit_code == 1
    assert len(list((tmp_path / "faulty").glob("_truth.*"))) == 1


def test_words_find_the_checks_that_speak_of_them(zhikong):
    found = zhikong("rule", "手术日期")
    assert found.exit_code == 0
    assert "oprninfo.oprn_oprt_date/required" in found.stdout
    assert "手术操作日期：必填" in found.stdout
    assert zhikong("rule", "没有这种检查").exit_code == 2


def test_in_english_an_example_has_its_number_for_pages_title_them_in_chinese(zhikong):
    shown = zhikong("rule", "DX107", "--lang", "en").stdout
    assert "example 3, fails" in shown
    assert [case.title for case in RULES["DX107"].cases if case.title in shown] == []
    assert not set("：、（）") & set(shown.partition("╭")[0].replace(_document("DX107"), ""))


def _document(rule: str) -> str:
    """The document's own title, which is Chinese in every language."""
    return api.load().documents[RULES[rule].basis.doc]["title"]
