"""Codes against tables: what each fault says, what is stated where no table is, and that it does not matter how cases come."""

import copy
import dataclasses
import random
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests import tables
from validator import api, check, read
from validator.api import Report
from validator.base.errors import ConfigError
from validator.checks import catalogue as catalogues
from validator.checks import examples, verify
from validator.codes import lookup
from validator.codes.tables import Store
from validator.spec import catalogue

PROFILE = "name: region\ntitle_zh: 某地\ntitle_en: a region\nbase: national\n"
ASPECTS = ("pattern", "category", "joined", "component", "not_in_table", "not_in_force", "wrong_edition", "grey")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return tables.national(tmp_path / "books")


def message(code: str, name: str | None = None, **list_fields: str) -> dict[str, Any]:
    """The clean list with another last diagnosis."""
    found = copy.deepcopy(examples.interface_message("4101"))
    last = found["input"]["diseinfo"][-1]
    last |= {"diag_code": code} | ({"diag_name": name} if name else {})
    found["input"]["setlinfo"] |= list_fields
    return found


def found(report: Report) -> list[str]:
    """The findings of codes and their names, in order."""
    checks = report.findings["check"].to_list()
    return [each for each in checks if each.rpartition("/")[2] in (*ASPECTS, "name")]


def one(report: Report, name: str) -> dict[str, Any]:
    return report.findings.row(by_predicate=pl.col("check") == name, named=True)


def outcome(report: Report, name: str) -> dict[str, Any]:
    return report.outcomes.row(by_predicate=pl.col("check") == name, named=True)


def test_the_clean_list_stays_clean(store: Store) -> None:
    report = check(examples.interface_message("4101"), codebooks=store.folder)
    assert found(report) == []
    judged = outcome(report, "diseinfo.diag_code/not_in_table")
    assert (judged["rows"], judged["passed"]) == (5, 5)
    assert judged["reason"] == "按疾病诊断编码（ICD-10 医保版）2.0 版核对"


@pytest.mark.parametrize(
    ("code", "name", "faults", "suggested"),
    [
        ("N40.x00", "前列腺增生", [], None),
        ("n40.X00", "前列腺增生", [], None),  # form alone: another check's business
        ("N40", "前列腺增生", ["diag_code/category"], None),
        ("N40.x", "前列腺增生", ["diag_code/category"], None),
        ("N40.x0", "前列腺增生", ["diag_code/pattern"], None),
        ("C18.700M81403/3", "乙状结肠恶性肿瘤", ["diag_code/joined"], None),
        ("N40.x99", "前列腺增大", ["diag_code/not_in_table"], None),
        ("N40.x99", "前列腺 增生", ["diag_code/not_in_table"], "N40.x00"),
        ("K80.100x002", "胆囊结石伴慢性胆囊炎", ["diag_code/wrong_edition"], "K80.101"),
        ("I10.x00", "特发性(原发性) 高血压", ["diag_code/grey"], None),
        ("N40.x00", "前列腺肥大", ["diag_name/name"], "前列腺增生"),
        ("N40.x00", "胆囊结石伴慢性胆囊炎", ["diag_name/name"], "前列腺增生"),
        ("BNW010", "感冒", [], None),  # no table of Chinese medicine is loaded
    ],
)
def test_faults(store: Store, code: str, name: str, faults: list[str], suggested: str | None) -> None:
    report = check(message(code, name), codebooks=store.folder)
    assert found(report) == [f"diseinfo.{fault}" for fault in faults]
    if faults:
        row = one(report, f"diseinfo.{faults[0]}")
        assert (row["suggested"], row["applicability"]) == (suggested, suggested and "judge")
        assert code in row["message"]


def test_what_a_finding_says(store: Store) -> None:
    grey = one(check(message("K80.000", "胆囊结石伴有急性胆囊炎"), codebooks=store.folder), "diseinfo.diag_code/grey")
    assert "可细化为：K80.000x002 胆囊结石伴急性胆囊炎、K80.001 胆囊结石伴坏疽性胆囊炎 →" not in grey["message"]
    assert grey["message"].endswith("可细化为：K80.000x002 胆囊结石伴急性胆囊炎、K80.001 胆囊结石伴坏疽性胆囊炎")
    other = one(check(message("N40.x00", "高血压"), codebooks=store.folder), "diseinfo.diag_name/name")
    assert other["message"].endswith("编码 N40.x00 的标准名称是“前列腺增生”；这个名称的编码是 I10.x00x002")
    english = check(message("K80.100x002"), codebooks=store.folder, lang="en")
    assert "the insurance edition has K80.101" in one(english, "diseinfo.diag_code/wrong_edition")["message"]
    check(message("N40.x00"), lang="zh")


def test_without_tables_it_is_shown_that_nothing_was_judged() -> None:
    report = check(message("Q98.999", "某种畸形"))
    assert found(report) == []  # a stem of WHO's; whether the code exists nobody can tell
    assert outcome(report, "diseinfo.diag_code/not_in_table")["status"] == "not_run"
    assert "没有装载码表（icd10" in outcome(report, "diseinfo.diag_code/not_in_table")["reason"]
    assert outcome(report, "diseinfo.diag_code/component")["passed"] == 5
    report = check(message("Q19.900", "某种畸形"))
    assert found(report) == ["diseinfo.diag_code/component"]
    assert one(report, "diseinfo.diag_code/component")["level"] == "warning"
    assert "Q19" in one(report, "diseinfo.diag_code/component")["message"]


def test_a_table_tells_more_than_the_stem(store: Store) -> None:
    report = check(message("Q19.900", "某种畸形"), codebooks=store.folder)
    assert found(report) == ["diseinfo.diag_code/not_in_table"]
    assert outcome(report, "diseinfo.diag_code/component")["not_applicable"] == 5


def test_a_table_of_one_edition_says_nothing_of_another(store: Store) -> None:
    tables.add(store, "tcm_disease", [("A01.01.01", "感冒")], "code", "name", version="2021")
    assert found(check(message("BNW010", "感冒", trt_type="2.2"), codebooks=store.folder)) == []
    assert found(check(message("A01.01.09", "感冒"), codebooks=store.folder)) == ["diseinfo.diag_code/not_in_table"]


def test_the_day_of_discharge_picks_the_version(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old = [*tables.DIAGNOSES, ("N40.x99", "旧称", False)]
    new = [row for row in tables.DIAGNOSES if row[0] != "N40.x00"]
    tables.add(store, "icd10", old, "code", "name", "grey", version="1.0", until=date(2026, 7, 18))
    tables.add(store, "icd10", new, "code", "name", "grey", version="2.0", since=date(2026, 7, 19))
    days = {"2026-07-18 10:00:00": [], "2026-07-19 10:00:00": ["diseinfo.diag_code/not_in_force"]}
    for day, faults in days.items():
        report = check(message("N40.x99", "旧称", dscg_time=day), codebooks=tmp_path)
        assert found(report) == faults
    assert "1.0 版，至 2026-07-18 止有效" in one(report, "diseinfo.diag_code/not_in_force")["message"]
    page = tmp_path / "region.yaml"
    page.write_text(f"{PROFILE}codebooks: {{icd10: '1.0'}}\n", encoding="utf-8")
    for day in days:
        listed = message("N40.x00", "前列腺增生", dscg_time=day)
        assert found(check(listed, str(page), codebooks=tmp_path)) == []
    page.write_text(f"{PROFILE}codebooks: {{icd11: '1.0'}}\n", encoding="utf-8")
    catalogue._load.cache_clear()
    catalogues._verify.cache_clear()
    with pytest.raises(ConfigError, match=r"region\.yaml:5.*没有码表“icd11”"):
        check(listed, str(page), codebooks=tmp_path)


def test_a_service_forgets_what_is_too_much_to_remember(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "MOST", 8)
    known = api.load()
    judge, forms = known.judge, known.patterns["icd10"].forms
    codes = [f"K{number}.900" for number in range(10, 40)]
    every = {code: judge.verdicts(forms, [code], judge.era(None))[code] for code in codes}
    assert sum(map(len, judge._memory.values())) <= 8
    assert judge.verdicts(forms, codes, judge.era(None)) == every
    assert {each.state for each in every.values()} == {"component", "unjudged"}


def test_codes_dated_one_by_one(tmp_path: Path) -> None:
    store = Store(tmp_path)
    rows = [(*row, None, None) for row in tables.DIAGNOSES]
    rows += [("N40.x99", "新增", False, date(2026, 7, 18), None), ("N40.x98", "停用", False, None, date(2026, 7, 17))]
    tables.add(store, "icd10", rows, "code", "name", "grey", "since", "until")
    assert found(check(message("N40.x99", "新增"), codebooks=tmp_path)) == []
    early = check(message("N40.x99", "新增", dscg_time="2026-07-17 10:00:00"), codebooks=tmp_path)
    assert found(early) == ["diseinfo.diag_code/not_in_force"]
    late = check(message("N40.x98", "停用"), codebooks=tmp_path)
    assert "至 2026-07-17 止有效" in one(late, "diseinfo.diag_code/not_in_force")["message"]


@pytest.mark.parametrize("asked", [{"code": "diag_code", "give": "colour"}, {"code": "diag_type", "give": "grey"}])
def test_a_fact_that_no_table_can_tell_fails_at_load(asked: dict[str, str]) -> None:
    known = api.load()
    fact = dataclasses.replace(known.facts["diag_is_grey"], coded=asked)
    wrong = dataclasses.replace(known, facts={**known.facts, "diag_is_grey": fact})
    with pytest.raises(ConfigError, match=rf"facts\.yaml:{fact.line}.*diag_is_grey"):
        verify.verify(wrong)


def test_a_table_added_meanwhile_is_used(tmp_path: Path) -> None:
    assert found(check(message("N40.x99", "前列腺增大"), codebooks=tmp_path)) == []
    tables.national(tmp_path)
    assert found(check(message("N40.x99", "前列腺增大"), codebooks=tmp_path)) == ["diseinfo.diag_code/not_in_table"]


# ---- many cases


def mixed(count: int, seed: int) -> list[dict[str, Any]]:
    chance, pool = random.Random(seed), []
    pool += [(str(code), str(name)) for code, name, _ in tables.DIAGNOSES]
    pool += [
        ("N40.x99", "前列腺增生"),
        ("K80.100x002", "胆囊结石伴慢性胆囊炎"),
        ("N40", "前列腺增生"),
        ("BNW010", "感冒"),
    ]
    pool += [("N40.x00", "前列腺肥大"), ("n40.x00", "前列腺 增生"), ("-", "前列腺增生"), ("Q19.900", "无此亚目")]
    result = []
    for number in range(count):
        each = message(
            "N40.x00", "前列腺增生", setl_id=f"T{number}", dscg_time=f"2026-07-{chance.randint(17, 20)} 10:00:00"
        )
        for row in each["input"]["diseinfo"]:
            row["diag_code"], row["diag_name"] = chance.choice(pool)
        result.append(each)
    return result


def naive(each: dict[str, Any]) -> list[tuple[str, str, int]]:
    """What is expected of a case, worked out row by row from the tables' own rows."""
    case, day = each["input"]["setlinfo"]["setl_id"], each["input"]["setlinfo"]["dscg_time"][:10]
    known = {str(code): (str(name), grey) for code, name, grey in tables.DIAGNOSES}
    if day >= "2026-07-19":
        known.pop("N40.x00")
    expected = []
    for place, row in enumerate(each["input"]["diseinfo"], 1):
        code, name = row["diag_code"].replace("n40", "N40"), row["diag_name"].replace(" ", "")
        fault = {
            "N40.x99": "not_in_table",
            "Q19.900": "not_in_table",
            "K80.100x002": "wrong_edition",
            "N40": "category",
        }.get(code)
        if code in known and known[code][1]:
            fault = "grey"
        if code == "N40.x00" and code not in known:
            fault = "not_in_force"
        if fault:
            expected.append((f"diseinfo.diag_code/{fault}", case, place))
        if code in known and name != known[code][0]:
            expected.append(("diseinfo.diag_name/name", case, place))
    return expected


@pytest.mark.parametrize("size", [1, 30, 120])
def test_the_same_as_a_naive_reference_however_cases_come(tmp_path: Path, size: int) -> None:
    store = tables.national(tmp_path)
    store.remove(store.versions("icd10")[0])
    new = [row for row in tables.DIAGNOSES if row[0] != "N40.x00"]
    tables.add(store, "icd10", tables.DIAGNOSES, "code", "name", "grey", version="1.0")
    tables.add(store, "icd10", new, "code", "name", "grey", version="2.0", since=date(2026, 7, 19))
    messages, catalogue = mixed(120, 4), api.load(codebooks=tmp_path)
    parts = [
        part for at in range(0, 120, size) for part in read.from_messages(messages[at : at + size], catalogue.layouts)
    ]
    report = api.run(catalogue, parts)
    rows = report.findings.filter(
        pl.col("check").is_in([f"diseinfo.diag_code/{each}" for each in ASPECTS] + ["diseinfo.diag_name/name", "DX212"])
    )
    rows = rows.with_columns(
        pl.col("check").cast(pl.String).replace("DX212", "diseinfo.diag_code/grey")
    )  # of the principal
    ours = sorted(rows.select("check", "case_id", "row").rows())
    assert ours == sorted(each for one in messages for each in naive(one))
    for each in report.outcomes.filter(pl.col("check").str.starts_with("diseinfo.diag_")).iter_rows(named=True):
        assert each["rows"] in (0, 600)
        assert min(each[name] for name in ("passed", "failed", "not_applicable", "unjudged")) >= 0, each


@pytest.mark.parametrize("copies", [1, 250])
def test_a_grey_principal_diagnosis_is_one_finding(store: Store, copies: int) -> None:
    messages = []
    for number in range(copies):
        messages.append(message("K80.000", "胆囊结石伴有急性胆囊炎"))
        messages[-1]["input"]["setlinfo"]["setl_id"] = f"S{number}"
        messages[-1]["input"]["diseinfo"][0] |= {"diag_code": "I10.x00", "diag_name": "特发性(原发性)高血压"}
    report = check(messages, codebooks=store.folder)
    grey = report.findings.filter(pl.col("check").is_in(["DX212", "diseinfo.diag_code/grey"]))
    assert grey.group_by("check", "row").len().sort("check").rows() == [
        ("DX212", 1, copies),
        ("diseinfo.diag_code/grey", 5, copies),
    ]
    known = outcome(report, "diseinfo.diag_code/grey")
    assert known["failed"] == copies
    assert known["rows"] == sum(known[name] for name in ("passed", "failed", "not_applicable", "unjudged"))
