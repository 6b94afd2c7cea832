"""Planted defects: each is found in its case, nothing fires on the others, and every check can be planted."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from validator import api, generate
from validator.checks import catalogue, fields
from validator.generate import cases, options, plant
from validator.generate.draw import Draw
from validator.read.partition import Partition, Source

INTERFACES = ("4101", "4101A")
PAGE = """
id: ZZ901
name: list-uploaded-twice
title: 结算ID不能重复
title_en: A settlement ID comes once
kind: 一致性
level: error
on: setlinfo
unique: {within: batch, keys: [biz_sn]}
message: 业务流水号重复
message_en: The transaction number comes twice
fix: 删去一份
fix_en: Delete one
why: 测试
why_en: A test
basis: {doc: practice-fields, item: 测试, sure: practice}
cases:
  - pass: 不重复
    setlinfo: {biz_sn: "1"}
  - fail: 重复
    setlinfo: {biz_sn: "2"}
"""


def recall(part: Partition, truth: pl.DataFrame, known: catalogue.Catalogue) -> None:
    findings = api.run(known, [part], mask=False).findings
    missed = truth.join(findings, on=["case_id", "check"], how="anti")
    assert missed.is_empty(), missed.head(20).rows()
    others = findings.filter(~pl.col("case_id").is_in(truth["case_id"].implode()))
    assert others.is_empty(), others.select("check", "case_id", "message").head(20).rows()


@pytest.mark.slow
@pytest.mark.parametrize("interface", INTERFACES)
def test_every_planted_defect_is_found(interface):
    known = api.load()
    part, truth = next(generate.partitions(20_000, 1, 1.0, interface))
    assert truth.height >= 19_990
    assert {each.check for each in options.every(known, interface)} == set(truth["check"])
    recall(part, truth, known)


@pytest.mark.parametrize("interface", INTERFACES)
def test_a_share_of_the_cases_is_defective(interface):
    part, truth = next(generate.partitions(3000, 5, 0.3, interface))
    assert 0.25 < truth["case_id"].n_unique() / 3000 < 0.35
    assert truth["case_id"].is_in(part.tables["setlinfo"]["case_id"].implode()).all()
    recall(part, truth, api.load())


@pytest.mark.parametrize("interface", ["2301", "2204", "FEE_LIST_D"])
def test_each_fault_of_charge_lines_yields_its_finding_and_no_other(interface):
    known = api.load()
    part, truth = next(generate.partitions(500, 3, 1.0, interface))
    recall(part, truth, known)
    rules = truth.filter(pl.col("check").is_in(list(known.rules)))
    also = {rule.id: {rule.id}.union(*(case.also for case in rule.cases)) for rule in known.rules.values()}
    findings = api.run(known, [part], mask=False).findings.join(rules.select("case_id", planted="check"), on="case_id")
    assert {
        found for planted, found in findings.select("planted", "check").iter_rows() if found not in also[planted]
    } == set()


def test_faults_of_lines_next_to_their_lists_are_found():
    part, truth = next(generate.partitions(1500, 6, 1.0, "4101+2301"))
    of_lines = {each for each in truth["check"] if each.startswith("FL")}
    assert {"FL101", "FL108"} <= of_lines
    assert len(of_lines) >= 15  # there are more checks than cases; each kind is among those that are drawn
    recall(part, truth, api.load())


def test_every_check_can_be_planted():
    known = api.load()
    names = [name for name, each in known.layouts.every().items() if each.interface.document in ("list", "fees")]
    planted = {each.check for name in names for each in options.every(known, name)}
    made = {known.layouts[name].case for name in names if known.layouts[name].interface.made_of}
    every = [check for name in names for check in known.checks(name).values() if check.table not in made]
    checks = {each.id for each in every if not each.id.startswith("read/") and not fields.of_table(each)}
    need_tables = {rule.id for rule in known.rules.values() if rule.tables}
    assert checks - need_tables == planted


def test_defects_do_not_depend_on_partitions():
    whole = pl.concat([truth for _, truth in generate.partitions(600, 1, 0.5)])
    parts = pl.concat([truth for _, truth in generate.partitions(600, 1, 0.5, size=130)])
    assert whole.equals(parts)


def test_what_must_be_unique_in_a_batch_is_repeated(tmp_path: Path):
    (tmp_path / "ZZ901.yaml").write_text(PAGE, encoding="utf-8")
    known = catalogue.load("national", (tmp_path,))
    numbers = np.arange(20_000, dtype=np.uint64)
    clean = cases.tables(known.layouts["4101"], 1, 0, 20_000)
    tables, truth = plant.plant(known, "4101", Draw(1, numbers), numbers, 1.0, clean)
    repeated = truth.filter(pl.col("check") == "ZZ901")
    assert repeated.height >= 2
    assert repeated.height % 2 == 0
    places = {"_source": pl.lit(0, pl.UInt32), "_line": pl.lit(None, pl.UInt32)}
    tables = {name: frame.with_columns(**places) for name, frame in tables.items()}
    tables["setlinfo"] = tables["setlinfo"].with_columns(plant.case_ids(known.layouts["4101"], tables["setlinfo"]))
    report = api.run(known, [Partition("4101", "setlinfo", tables, [Source("x")])], select=["ZZ901"])
    missed = repeated.join(report.findings, on=["case_id", "check"], how="anti")
    assert missed.is_empty()
