"""Rule pages that want to do more than compute, and values that no calculation can hold."""

import copy
import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import validator
from validator import api
from validator.base import files
from validator.base.errors import ConfigError
from validator.cli.app import App

HERE = Path(__file__).parent
PAGES = {
    "file_read": (9, "注释"),
    "aggregate": (9, "聚合"),
    "width": (10, "oprn_oprt_name:>9"),
    "attr": (10, "oprn_oprt_name.__class__"),
    "brace": (10, "括号"),
    "andchain": (9, "2000 字"),
    "no_comment": (9, "定义事实"),
}


def page(name: str, folder: Path) -> Path:
    """The folder with a hostile page; two are made of one that lies here."""
    if (HERE / "pages" / name).is_dir():
        return HERE / "pages" / name
    text = (HERE / "pages" / "file_read" / "ZZ904.yaml").read_text(encoding="utf-8")
    lines = text.splitlines()
    lines[8] = {
        "andchain": "expect: " + " AND ".join(["oprn_oprt_name = '1'"] * 20_000),
        "no_comment": "expect: oprn_oprt_name IN (SELECT a FROM read_csv('a.csv'))",
    }[name]
    (folder / "ZZ904.yaml").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_stops_the_load_with_file_line_and_reason(name, tmp_path):
    folder, (line, reason) = page(name, tmp_path), PAGES[name]
    began = time.process_time()
    with pytest.raises(ConfigError) as error:
        api.load(rules=[folder])
    assert time.process_time() - began < 20
    assert str(error.value).startswith(f"{folder / 'ZZ904.yaml'}:{line}：")
    assert reason in str(error.value)
    assert len(str(error.value)) < 500


@pytest.mark.parametrize("command", [["rule", "ZZ904"], ["rules"], ["check", str(HERE / "year-0.json")]])
def test_every_command_that_reads_pages_exits_2_with_one_sentence(command):
    result = CliRunner().invoke(App(), [*command, "--rules", str(HERE / "pages" / "file_read")])
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert "ZZ904.yaml:9" in result.output.replace("\n", "")


def lists(count: int, **values: str) -> list[dict]:
    golden = json.loads((files.data("schemas") / "layouts" / "4101" / "golden.json").read_text(encoding="utf-8"))
    found = [copy.deepcopy(golden) for _ in range(count)]
    for number, message in enumerate(found):
        message["input"]["setlinfo"] |= {"setl_id": f"ST9{number:09}", "hi_no": f"P9{number:09}"}
        message["input"]["setlinfo"] |= {"bill_no": f"9{number:09}", "biz_sn": f"B9{number:09}"}
    found[0]["input"]["setlinfo"] |= values
    return found


def checks_of(messages: list[dict]) -> list[str]:
    """The field checks that the first list fails, and its rules that do not look at others."""
    found = validator.check(messages).findings
    first = found.filter(case_id=messages[0]["input"]["setlinfo"]["setl_id"])
    batch = {rule.id for rule in api.load().rules.values() if rule.spec.get("within") == "batch"}
    return sorted(set(first["check"]) - batch)


def test_a_date_of_year_0_is_a_finding():
    report = validator.check(HERE / "year-0.json")
    (found,) = report.findings.filter(check="setlinfo.brdy/type").to_dicts()
    assert found["value"] == "0000-01-01"
    assert "1900 至 2199 年" in found["fix"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("brdy", "0000-01-01"),
        ("brdy", "+12026-01-01"),
        ("brdy", "1899-12-31"),
        ("brdy", "2200-01-01"),
        ("brdy", "9999-12-31"),
        ("dscg_time", "0000-01-01 00:00:00"),
        ("dscg_time", "9999-12-31 23:59:59"),
        ("dscg_time", "2200-01-01 00:00:00"),
        ("psn_cashpay", "9999999999999999"),
        ("act_ipt_days", "1000000000000000"),
    ],
)
def test_what_no_calculation_holds_is_a_type_finding_alone_and_among_300(field, value):
    alone, together = (checks_of(lists(count, **{field: value})) for count in (1, 301))
    assert f"setlinfo.{field}/type" in alone
    assert alone == together


@pytest.mark.parametrize(("field", "value"), [("brdy", "1900-01-01"), ("dscg_time", "2199-12-31 23:59:59")])
def test_the_first_and_the_last_day_are_dates(field, value):
    for count in (1, 301):
        assert f"setlinfo.{field}/type" not in checks_of(lists(count, **{field: value}))


@pytest.mark.parametrize("birthday", ["00000101", "18991231", "99991231"])
def test_a_birthday_in_an_id_that_is_no_day_harms_nothing(birthday):
    number = f"110105{birthday}0026"
    alone, together = (checks_of(lists(count, certno=number)) for count in (1, 301))
    assert alone == together
