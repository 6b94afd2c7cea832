"""Time is part of the rule: the list's own date picks the edition of a rule, a field and a code."""

import copy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from validator import api, read
from validator.api import Report
from validator.checks import examples
from validator.checks.plans import whole_plan
from validator.codes.lookup import Judge
from validator.codes.tables import Store, Version
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import Layouts

CATALOGUE = api.load()
#: The golden case is discharged on this day and admitted twelve days before.
DAY = date(2026, 7, 18)
RULE = """\
id: ZZ901
name: an-edition
title: 标题
title_en: Title
kind: 一致性
level: error
on: {on}
expect: {expect}
{span}
message: 消息
message_en: Message
fix: 改
fix_en: Fix
why: 因为
why_en: Because
basis: {{doc: interface-meaning, item: 某项, sure: practice}}
cases:
  - pass: 好
  - fail: 坏
    setlinfo: {{coner_name: 坏}}
"""


def run(catalogue: Catalogue, check: str, patch: dict[str, Any] | None = None, table: str = "setlinfo") -> Report:
    message = copy.deepcopy(examples.interface_message("4101"))
    node = message["input"][table]
    (node if table == "setlinfo" else node[0]).update(patch or {})
    return api.run(catalogue, read.from_messages([message], catalogue.layouts), select=[check])


def outcome(report: Report, check: str) -> str:
    row = report.outcomes.filter(pl.col("check") == check).row(0, named=True)
    return next(name for name in ("passed", "failed", "not_applicable", "unjudged") if row[name])


def with_row(field: str, table: str = "setlinfo", **changes: Any) -> Catalogue:
    """The catalogue with one field row changed."""
    layout = CATALOGUE.layouts["4101"]
    rows = layout.tables[table].fields
    rows = rows | {field: replace(rows[field], **changes)}
    changed = replace(layout, tables=layout.tables | {table: replace(layout.tables[table], fields=rows)})
    return replace(CATALOGUE, layouts=Layouts({**CATALOGUE.layouts, "4101": changed}))


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ("since: 2026-07-18", "failed"),
        ("since: 2026-07-19", "not_applicable"),
        ("until: 2026-07-18", "failed"),
        ("until: 2026-07-17", "not_applicable"),
        ("since: 2026-07-01\nuntil: 2026-07-31", "failed"),
        ("since: 2027-01-01\nuntil: 2027-12-31", "not_applicable"),
    ],
)
@pytest.mark.parametrize("on", ["setlinfo", "diseinfo"])
def test_a_rule_is_in_force_between_its_dates(tmp_path: Path, span: str, expected: str, on: str) -> None:
    own, parent = ("coner_name", "coner_name") if on == "setlinfo" else ("diag_name", "setlinfo.coner_name")
    text = RULE.format(span=span, on=on, expect=f"{parent} <> '坏' AND {own} IS NOT NULL")
    (tmp_path / "ZZ901.yaml").write_text(text, encoding="utf-8")
    assert outcome(run(api.load(rules=[tmp_path]), "ZZ901", {"coner_name": "坏"}), "ZZ901") == expected


def test_a_case_is_walked_across_a_change_of_edition() -> None:
    """Until the end of June 5 was a condition on admission and the address was free; from July on both have changed."""
    codes = CATALOGUE.domains["adm_cond_type"]
    codes = replace(codes, names=codes.names | {"5": ("旧", "Old")}, spans={"5": (None, date(2026, 6, 30))})
    catalogue = with_row("curr_addr", required=True, since=date(2026, 7, 1))
    catalogue = replace(catalogue, domains=catalogue.domains | {"adm_cond_type": codes})
    seen = {}
    for discharge in ("2026-06-29", "2026-06-30", "2026-07-01", "2026-07-02"):
        message = copy.deepcopy(examples.interface_message("4101"))
        message["input"]["setlinfo"] |= {"dscg_time": f"{discharge} 10:00:00", "curr_addr": ""}
        message["input"]["diseinfo"][1]["adm_cond_type"] = "5"
        report = api.run(
            catalogue,
            read.from_messages([message], catalogue.layouts),
            select=["setlinfo.curr_addr/required", "diseinfo.adm_cond_type/value"],
        )
        seen[discharge] = sorted(report.findings["check"])
    both = ["diseinfo.adm_cond_type/value", "setlinfo.curr_addr/required"]
    assert seen == {"2026-06-29": [], "2026-06-30": [], "2026-07-01": both, "2026-07-02": both}


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ({"since": DAY}, "failed"),
        ({"since": date(2026, 7, 19)}, "not_applicable"),
        ({"until": DAY}, "failed"),
        ({"until": date(2026, 7, 17)}, "not_applicable"),
    ],
)
@pytest.mark.parametrize(
    ("table", "field", "aspect", "value"),
    [
        ("setlinfo", "coner_name", "required", ""),
        ("setlinfo", "hsorg", "placeholder", "-"),
        ("setlinfo", "brdy", "type", "x"),
        ("setlinfo", "poscode", "length", "1000200"),
        ("setlinfo", "gend", "value", "7"),
        ("setlinfo", "age", "range", "151"),
        ("setlinfo", "psn_name", "format", " 林"),
        ("diseinfo", "diag_code", "pattern", "K8"),
        ("diseinfo", "diag_code", "category", "K80"),
        ("setlinfo", "bld_unt", "required", ""),  # a condition
        ("oprninfo", "anst_dr_code", "required", ""),  # a condition, on a child
    ],
)
def test_a_field_is_checked_while_it_is_in_force(
    span: dict[str, date], expected: str, table: str, field: str, aspect: str, value: str
) -> None:
    check = f"{table}.{field}/{aspect}"
    catalogue = with_row(field, table, **span)
    report = run(catalogue, check, {field: value}, table)
    row = report.outcomes.filter(pl.col("check") == check).row(0, named=True)
    if expected == "failed":
        assert row["failed"] == 1
    else:
        assert (row["failed"], row["not_applicable"]) == (0, row["rows"])
    assert run(CATALOGUE, check, {field: value}, table).findings.height == 1


@pytest.mark.parametrize(
    ("domain", "field", "table", "value"),
    [
        ("gend", "gend", "setlinfo", "1"),
        ("adm_cond_type", "adm_cond_type", "diseinfo", "1"),
        ("med_chrgitm_type", "med_chrgitm", "iteminfo", "0101"),
    ],
)
def test_a_code_is_right_while_it_is_in_force(domain: str, field: str, table: str, value: str) -> None:
    code, check = value[:2], f"{table}.{field}/value"
    for since, until, fails in (
        (DAY, None, False),
        (date(2026, 7, 19), None, True),
        (None, DAY, False),
        (None, date(2026, 7, 17), True),
    ):
        changed = replace(CATALOGUE.domains[domain], spans={code: (since, until)})
        catalogue = replace(CATALOGUE, domains=CATALOGUE.domains | {domain: changed})
        findings = run(catalogue, check, {field: value}, table).findings.filter(pl.col("value") == value)
        assert bool(findings.height) == fails, (since, until)
        if fails:
            when = "自 2026-07-19 起" if since else "至 2026-07-17 止"
            assert f"（注意有效期：{code} {when}）" in findings["message"][0]


def test_without_a_discharge_the_end_of_settlement_decides() -> None:
    catalogue = with_row("coner_name", since=date(2026, 7, 1))
    blank = {"coner_name": "", "dscg_time": ""}
    check = "setlinfo.coner_name/required"
    assert outcome(run(catalogue, check, blank | {"setl_end_date": "2026-07-01"}), check) == "failed"
    assert outcome(run(catalogue, check, blank | {"setl_end_date": "2026-06-30"}), check) == "not_applicable"
    assert outcome(run(catalogue, check, blank | {"setl_end_date": ""}), check) == "failed"  # no day: in force


@pytest.mark.parametrize(
    ("discharge", "settled", "expected"),
    [
        ("2026-07-01 10:00:00", "2026-06-30", "failed"),
        ("2026-06-30 10:00:00", "2026-07-01", "not_applicable"),
        ("昨天", "2026-07-01", "failed"),  # a discharge that cannot be read is none
        ("昨天", "2026-06-30", "not_applicable"),
        ("", "不详", "failed"),  # no day: in force
    ],
)
def test_fields_rules_and_codes_mean_the_same_day(tmp_path: Path, discharge: str, settled: str, expected: str) -> None:
    text = RULE.format(span="since: 2026-07-01", on="diseinfo", expect="setlinfo.coner_name <> '坏'")
    text = text.replace("expect:", "field: diag_code\nexpect:")
    (tmp_path / "ZZ901.yaml").write_text(text, encoding="utf-8")
    days = {"dscg_time": discharge, "setl_end_date": settled}
    assert outcome(run(api.load(rules=[tmp_path]), "ZZ901", days | {"coner_name": "坏"}), "ZZ901") == expected
    check = "setlinfo.coner_name/required"
    catalogue = with_row("coner_name", since=date(2026, 7, 1))
    assert outcome(run(catalogue, check, days | {"coner_name": ""}), check) == expected
    changed = replace(CATALOGUE.domains["gend"], spans={"1": (None, date(2026, 6, 30))})
    catalogue = replace(CATALOGUE, domains=CATALOGUE.domains | {"gend": changed})
    found = run(catalogue, "setlinfo.gend/value", days | {"gend": "1"})
    assert bool(found.findings.height) == (expected == "failed" and settled != "不详")


def test_a_list_without_a_day_is_judged_by_the_newest_code_table(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for version, since in (("1.0", None), ("2.0", date(2026, 7, 1))):
        code = "A00.000" if version == "1.0" else "A00.001"
        rows = pl.DataFrame({"code": [code], "name": ["虚构"]}).with_columns(
            since=pl.lit(None, pl.Date), until=pl.lit(None, pl.Date), grey=pl.lit(None, pl.Boolean)
        )
        store.put(Version("icd10", version, since, None, 1, "", "t", "", Path()), rows)
    catalogue = replace(CATALOGUE, judge=Judge(store, {}))
    check = "diseinfo.diag_code/not_in_force"
    for days, fails in (
        ({"dscg_time": "2026-07-01 10:00:00"}, True),
        ({"dscg_time": "昨天", "setl_end_date": "2026-06-30"}, False),
        ({"dscg_time": "昨天", "setl_end_date": "2026-07-01"}, True),
        ({"dscg_time": "", "setl_end_date": ""}, True),
    ):
        message = copy.deepcopy(examples.interface_message("4101"))
        message["input"]["setlinfo"] |= days
        message["input"]["diseinfo"][0]["diag_code"] = "A00.000"
        report = api.run(catalogue, read.from_messages([message], catalogue.layouts), select=[check])
        assert ("A00.000" in report.findings["value"].to_list()) == fails, days


def test_nothing_shipped_is_dated_so_that_nothing_is_paid() -> None:
    for interface in CATALOGUE.layouts:
        assert not whole_plan(CATALOGUE, interface).dated
