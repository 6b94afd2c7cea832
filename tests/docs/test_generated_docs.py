"""The pages made from the schemas: fresh, complete, and every name in them real."""

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from validator import api, docs
from validator.base import files
from validator.base.errors import ConfigError
from validator.checks.readers import readers
from validator.docs import coverage, items

CATALOGUE = api.load()
ITEMS = items.load(CATALOGUE)
ROWS = coverage.load(CATALOGUE)
SCHEMAS = files.data("schemas")
#: Working papers next to a maintainer's checkout; they are not part of the project.
SOURCES = Path(__file__).resolve().parents[3] / "shared" / "domain"


def test_the_pages_are_fresh() -> None:
    assert list(docs.stale()) == [], "run python -m validator.docs"


def test_the_command_says_which_page_is_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-m", "validator.docs"]
    assert subprocess.run([*command, "--check"], check=False).returncode == 0
    assert subprocess.run([*command, "--nope"], capture_output=True, check=False).returncode == 2
    monkeypatch.setattr(docs, "root", lambda: tmp_path)
    assert list(docs.stale()) == list(docs.PAGES)
    docs.write()
    assert list(docs.stale()) == []
    (tmp_path / "docs/items.md").write_text("old", encoding="utf-8")
    assert list(docs.stale()) == ["docs/items.md"]


# ---- items


def test_every_part_has_the_items_that_the_page_accounts_for() -> None:
    counts = Counter(item.section for item in ITEMS)
    assert counts == {"一、基本信息": 32, "二、门诊慢特病诊疗信息": 6, "三、住院诊疗信息": 61, "四、医疗收费信息": 98}
    assert sum(items.OFFICIAL.values()) == 193


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: f"{item.number}-{item.zh}")
def test_an_item_that_is_carried_is_checked(item: items.ListItem) -> None:
    rows = [row for each in items.rows_of(CATALOGUE, item.references).values() for row in each]
    assert bool(rows) == bool(item.references)
    if rows:
        assert all(len(CATALOGUE.field_checks([row])) >= 2 for row in rows)
    else:
        assert item.note  # says why it is not carried


def test_every_field_is_an_item_or_listed_as_none() -> None:
    page = (docs.root() / "docs/items.md").read_text(encoding="utf-8")
    lists = [layout for layout in CATALOGUE.layouts.values() if layout.interface.document == "list"]
    for layout in lists:
        for table in layout.tables.values():
            for field in table.fields:
                assert f"`{table.name}.{field}" in page, (table.name, field)


def test_each_charge_category_has_a_row_of_five_cells() -> None:
    cells = Counter(
        each.codes[0] for item in ITEMS for each in item.references if each.table == "iteminfo" and each.column
    )
    assert cells == dict.fromkeys(CATALOGUE.domains["med_chrgitm_type"].names, 5)


def test_readers_see_through_facts() -> None:
    known = readers(CATALOGUE)
    assert "CH101" in known["iteminfo", "clab_amt"]  # item_parts
    assert "NB101" in known["diseinfo", "diag_code"]  # has_livebirth_outcome
    assert "DX605" in known["oprninfo", "oprn_oprt_code"]  # in: oprninfo.oprn_oprt_code
    assert "OP205" in known["setlinfo", "adm_time"]  # setlinfo.adm_time


@pytest.mark.parametrize(
    "line",
    ["1,五,甲,A,,,,practice", "2,一、基本信息,甲,A,,,,practice", "1,一、基本信息,甲,A,setlinfo.nope,,,practice",
     "1,一、基本信息,甲,A,diseinfo.diag_code[maindiag_flag=7],,,practice", "1,一、基本信息,甲,A,setlinfo.gend,,,maybe"],
)  # fmt: skip
def test_a_wrong_item_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    (tmp_path / "items.csv").write_text(
        f"number,section,item_zh,item_en,fields,starred,note,sure\n{line}\n", encoding="utf-8"
    )
    monkeypatch.setattr(files, "data", lambda name: tmp_path)
    with pytest.raises(ConfigError, match=r"items\.csv:2"):
        items.load(CATALOGUE)


# ---- coverage


def test_coverage_counts_what_our_rules_rest_on() -> None:
    page = coverage.page(CATALOGUE)
    rules = [rule for rule in CATALOGUE.rules.values() if not rule.withdrawn]
    official = [rule for rule in rules if rule.basis.sure == "official"]
    read = [rule for rule in official if rule.basis.verified == "copy"]
    assert f"| official | {len(official)} |  | {len(read)} | " in page
    assert all(f"| {rule.id} | {rule.basis.doc} | " in page for rule in official)
    assert len(read) >= 16  # what was read once stays
    assert f"| all | {len(rules)} | " in page


def test_every_row_names_checks_or_a_reason() -> None:
    assert len(ROWS) == len({(row.list, row.source) for row in ROWS})
    for row in ROWS:
        assert row.answer or row.reason_en, row


@pytest.mark.parametrize(
    "line",
    ["qc,X#1,,规则,rule,built,,,", "qc,X#1,,规则,rule,part,DX101,,", "qc,X#1,,规则,rule,not built,,,",
     "qc,X#1,,规则,rule,built,DX999,,", "qc,X#1,,规则,rule,done,DX101,,", "qc,X#1,,规则,rule,built,group/nothing,,",
     "qc,X#1,,规则,rule,not built,DX101,因,why"],
)  # fmt: skip
def test_a_row_without_an_answer_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    header = "list,source,topic,rule_zh,rule_en,status,answer,reason_zh,reason_en"
    (tmp_path / "coverage.csv").write_text(f"{header}\n{line}\n", encoding="utf-8")
    monkeypatch.setattr(files, "data", lambda name: tmp_path)
    with pytest.raises(ConfigError, match=r"coverage\.csv:2"):
        coverage.load(CATALOGUE)


@pytest.mark.skipif(not SOURCES.is_dir(), reason="the working papers with the source rules are not part of the project")
def test_every_source_rule_is_answered() -> None:
    assert {row.source for row in ROWS if row.list == "qc"} == set(_qc_ids())
    assert {row.source for row in ROWS if row.list == "sichuan"} == {
        f"EW#{each['rule_id']} {each['field'].split(',')[0]}" for each in _tsv("city_rules_example.tsv")
    }
    messages = (SOURCES / "platform_reject_messages.tsv").read_text(encoding="utf-8").splitlines()
    assert {row.source for row in ROWS if row.list == "shandong"} == {f"JSQD#{n}" for n in range(1, len(messages) + 1)}


def _tsv(name: str) -> list[dict[str, str]]:
    lines = (SOURCES / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _qc_ids() -> list[str]:
    """The source of each rule, numbered where one source stands for several."""
    sources = [each["source"] for each in _tsv("qc_rules.tsv")]
    total, seen, ids = Counter(sources), Counter[str](), []
    for source in sources:
        seen[source] += 1
        ids.append(f"{source} ({seen[source]})" if total[source] > 1 else source)
    return ids
