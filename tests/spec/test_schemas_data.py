"""The data that says what a right list is: well formed, in step with itself, and both golden messages clean by it."""

import csv
import json
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pycountry
import pytest
from stdnum.cn import ric

from validator import api
from validator.base import files, yaml_csv
from validator.base.certainty import SURE
from validator.checks import examples, fields
from validator.checks.language import names_in
from validator.codes import value_sets
from validator.spec import layouts
from validator.spec.layouts import FieldRow

SCHEMAS = files.data("schemas")
INTERFACES = tuple(layouts.load())
ROWS = {
    f"{layout.name}.{table.name}.{row.field}": row
    for layout in layouts.load().values()
    for table in layout.tables.values()
    for row in table.fields.values()
}
PATTERNS = api.load().patterns
DOCUMENTS = yaml_csv.read_yaml(SCHEMAS / "regulations.yaml")
TEXTS = yaml_csv.read_yaml(SCHEMAS / "field_checks.yaml")
NEW_ROWS = {name: yaml_csv.read_yaml(SCHEMAS / "layouts" / name / "new_rows.yaml") for name in layouts.load()}
TOPICS = ("title", "message", "fix")
KINDS = ("完整性", "规范性", "一致性", "编码", "及时性", "疑点")
SLOTS = {
    "name",
    "field",
    "value",
    "type_text",
    "length",
    "domain",
    "choices",
    "dated",
    "pattern_text",
    "condition",
    "note",
    "cut",
    "whole",
}
TABLE_ASPECTS = {"component", "not_in_table", "not_in_force", "wrong_edition", "grey", "name"}
ASPECTS = {
    "required",
    "placeholder",
    "type",
    "length",
    "value",
    "pattern",
    "category",
    "joined",
    "range",
    "format",
    "damage",
    "residue",
} | TABLE_ASPECTS
#: What the finding of a code may show besides, because its table says so.
FROM_TABLES = {"standard", "suggested", "code", "edition"}


def golden(interface: str) -> dict[str, object]:
    return json.loads(
        (SCHEMAS / "layouts" / interface / "golden.json").read_text(encoding="utf-8"), parse_float=Decimal
    )


def golden_rows() -> list[tuple[str, str, dict[str, object]]]:
    """(interface, table, row) of both golden messages and of the templates for appended rows."""
    found = []
    for interface in INTERFACES:
        for table, node in golden(interface)["input"].items():
            found += [(interface, table, row) for row in ([node] if isinstance(node, dict) else node)]
        found += [(interface, table, dict(row)) for table, row in NEW_ROWS[interface].items()]
    return found


# ---- field rows


def test_a_field_row_names_only_what_there_is() -> None:
    domains = value_sets.load()
    for place, row in ROWS.items():
        assert row.name_zh, place
        assert row.name_en, place
        assert not row.domain or row.domain in domains, place
        assert not row.pattern or row.pattern in PATTERNS, place
        assert row.basis in DOCUMENTS, place
        assert not (row.required and row.required_when), place
        assert row.type not in ("date", "datetime") or row.length is None, place


def test_no_name_of_a_table_means_two_fields() -> None:
    for layout in layouts.load().values():
        for table in layout.tables.values():
            names = [name for row in table.fields.values() for name in (row.field, *row.alias)]
            assert len(names) == len(set(names)), (layout.name, table.name)


def test_4101a_keeps_the_form_of_the_fields_that_it_shares_with_4101() -> None:
    new, old = (layouts.load()[name].tables for name in ("4101A", "4101"))
    for name in new.keys() & old.keys():
        for field in new[name].fields.keys() & old[name].fields.keys():
            left, right = new[name].fields[field], old[name].fields[field]
            for column in ("name_zh", "type", "length", "scale", "required", "domain", "pattern", "blank", "personal"):
                assert getattr(left, column) == getattr(right, column), (name, field, column)


def test_a_condition_compiles() -> None:
    for place, row in ROWS.items():
        assert not row.required_when or set(names_in(row.required_when)) - {row.field}, place


def test_every_condition_has_words_and_every_word_a_condition() -> None:
    words = yaml_csv.read_yaml(SCHEMAS / "conditions.yaml")
    assert set(words) == {row.required_when for row in ROWS.values()} - {""}
    assert all(zh and en for zh, en in words.values())


# ---- patterns and value sets


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_is_anchored_and_compiles(name: str) -> None:
    entry = PATTERNS[name]
    assert entry.zh
    assert entry.en
    assert entry.sure in SURE
    assert re.fullmatch(r"\\A.+\\z", entry.regex)
    assert not re.search(r"\\[dws]", entry.regex, re.IGNORECASE)
    assert pl.Series([""]).str.contains(entry.regex).to_list() == [False]


GOOD_AND_BAD = {
    "icd10": (
        "K80.100 I10.x00x002 A01.002+G01* B02.202+G53.0* K80.100x001",
        "K80.1 I10.X00 k80.100 K80100 A01.01 K80.10",
    ),
    "procedure": (
        "51.2300 58.6x00 86.700x0013 17.91100 17.912A0 00.6600x008",
        "51.23 51.230 17.912O0 86.700x0015 A1.2300",
    ),
    "diagnosis": ("K80.100 A01.01.01 A07.06. BNW010 ZBCA00 B01.03.01", "K80.1 A01 BNW10 无 K80.100,I10.x00"),
    "physician": ("D110105000001", "N110105000001 D11010500001 d110105000001"),
    "operator": ("D110105000001 N110105000001 HJ110105000001", "110105000001 X110105000001"),
    "institution": ("H11010500001", "P11010500001 H1101050000"),
    "dept_chain": ("A04.01 A04.01→A28 A04.01->A28-->A03.04", "A04.01、A28 普外科 A04.01→"),
    "paymtd_rc032": ("1 1.1 2.2 11 9", "1.11 01 x"),
    "record_icd10": (
        "K80.100 I10.x00x002 A01.002+G01* M81400/3 A01.03.01 BNW010",
        "80.1 K8 K80 K80.1 急性 K80.100,I10",
    ),
    "record_icd9": ("51.2300 58.6x00 86.8300x011 17.91100", "A1.23 51.23 512300 手术"),
    "weights": ("2650 2650,2480 2650.5,2480", "2650，2480 2650; ,2480"),
    "phone": ("13000000000 010-65000000 +8613000000000", "无 130 1300000000x"),
    "postcode": ("100020", "10002 0100020"),
}


@pytest.mark.parametrize("name", GOOD_AND_BAD)
def test_a_pattern_tells_right_from_wrong(name: str) -> None:
    good, bad = (pl.Series(each.split()) for each in GOOD_AND_BAD[name])
    assert good.filter(~good.str.contains(PATTERNS[name].regex)).to_list() == []
    assert bad.filter(bad.str.contains(PATTERNS[name].regex)).to_list() == []


@pytest.mark.parametrize("name", value_sets.load())
def test_a_value_set_is_named_in_both_languages(name: str) -> None:
    domain = value_sets.load()[name]
    assert domain.names
    assert all(zh and en for zh, en in domain.names.values())
    assert not any(code != code.strip() for code in domain.names)


def test_every_value_set_is_listed_and_used() -> None:
    found = {path.stem for path in (files.data("codebooks") / "domains").glob("*.csv")}
    assert found == set(value_sets.load()) == {row.domain for row in ROWS.values()} - {""}


def test_nationalities_are_the_codes_in_force() -> None:
    assert set(value_sets.load()["ntly"].names) == {country.alpha_3 for country in pycountry.countries}


# ---- documents and words


@pytest.mark.parametrize("key", DOCUMENTS)
def test_a_document_says_what_it_is_and_how_we_know_it(key: str) -> None:
    assert set(DOCUMENTS[key]) - {"url"} == {"title", "number", "date", "issuer", "note", "checked"}
    assert DOCUMENTS[key]["title"]
    assert DOCUMENTS[key]["note"]
    assert isinstance(DOCUMENTS[key]["checked"], date)


def test_knowledge_tables_cite_registered_documents() -> None:
    cited = {
        (path.name, row["basis"])
        for path in (files.data("codebooks") / "knowledge").glob("*.csv")
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    }
    assert not {(file, key) for file, key in cited if key not in DOCUMENTS}


@pytest.mark.parametrize("name", TEXTS)
def test_texts_speak_both_languages_and_name_the_same_things(name: str) -> None:
    entry = TEXTS[name]
    assert entry["kind"] in KINDS
    for topic in TOPICS:
        zh, en = (set(re.findall(r"\{(\w+)\}", entry[key])) for key in (topic, f"{topic}_en"))
        assert all((entry[topic], entry[f"{topic}_en"])), topic
        assert zh == en, topic
        assert name.startswith("read/") or zh <= (SLOTS | FROM_TABLES if name in TABLE_ASPECTS else SLOTS)


def test_every_aspect_and_every_note_of_a_reader_has_words() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(layouts.__file__).parents[1].rglob("*.py"))
    assert set(re.findall(r'"(read/[a-z-]+)"', source)) <= set(TEXTS)
    assert {name for name in TEXTS if not name.startswith("read/")} == ASPECTS == set(fields.ASPECTS)


# ---- the golden messages


@pytest.mark.parametrize("interface", INTERFACES)
def test_a_golden_message_has_official_names_in_order(interface: str) -> None:
    layout = layouts.load()[interface]
    message = golden(interface)
    assert message["infno"] == interface
    assert set(message["input"]) <= set(layout.tables)
    for _, table, row in (each for each in golden_rows() if each[0] == interface):
        assert list(row) == [name for name in layout.tables[table].fields if name in row]


@pytest.mark.parametrize("interface", INTERFACES)
def test_the_message_of_an_interface_has_every_table_and_field(interface: str) -> None:
    layout, nodes = layouts.load()[interface], examples.interface_message(interface)["input"]
    assert nodes.keys() == layout.tables.keys()
    for table, expected in layout.tables.items():
        for row in [nodes[table]] if isinstance(nodes[table], dict) else nodes[table]:
            assert list(row) == list(expected.fields)


def test_golden_values_keep_to_their_field_rows() -> None:
    for interface, table, values in golden_rows():
        for row in layouts.load()[interface].tables[table].fields.values():
            value = values.get(row.field)
            if value in (None, ""):
                assert not row.required, (interface, table, row.field)
                continue
            assert value in row.blank or _fits(row, str(value)), (interface, table, row.field, value)


def _fits(row: FieldRow, text: str) -> bool:
    match row.type:
        case "number":
            number = Decimal(text)
            assert row.length
            in_range = (row.min is None or number >= row.min) and (row.max is None or number <= row.max)
            return in_range and abs(number) < 10 ** (row.length - row.scale) and number == round(number, row.scale)
        case "date":
            return date.fromisoformat(text).isoformat() == text
        case "datetime":
            return f"{datetime.fromisoformat(text)}" == text
        case "duration":
            return bool(re.fullmatch(r"[0-9]+/([01]?[0-9]|2[0-4])/[0-5]?[0-9]", text))
    domain = value_sets.load()[row.domain] if row.domain else None
    known = not domain or text in domain.names or (domain.children and text.startswith(tuple(domain.names)))
    shaped = not row.pattern or pl.Series([text]).str.contains(PATTERNS[row.pattern].regex).item()
    return known and shaped and (row.length is None or len(text) <= row.length)


def test_charges_and_payments_of_4101_add_up_to_the_cent() -> None:
    nodes = golden("4101")["input"]
    case, items = nodes["setlinfo"], nodes["iteminfo"]
    for item in items:
        parts = ("claa_sumfee", "clab_amt", "fulamt_ownpay_amt", "oth_amt")
        assert sum(item[part] for part in parts) == item["amt"], item["med_chrgitm"]
    personal = case["psn_selfpay"] + case["psn_ownpay"]
    assert personal == case["acct_pay"] + case["psn_cashpay"]
    assert case["psn_ownpay"] == sum(item["fulamt_ownpay_amt"] for item in items)
    assert sum(item["amt"] for item in items) == personal + sum(fund["fund_payamt"] for fund in nodes["payinfo"])
    assert all(isinstance(item["amt"], Decimal) for item in items)


@pytest.mark.parametrize("interface", ["4101", "4101A"])
def test_days_and_times_of_a_golden_message_agree(interface: str) -> None:
    nodes = golden(interface)["input"]
    case = nodes["setlinfo"]
    came, left = (datetime.fromisoformat(case[name]) for name in ("adm_time", "dscg_time"))
    days = (left.date() - came.date()).days
    nursing = ("spga_nurscare_days", "lv1_nurscare_days", "scd_nurscare_days", "lv3_nurscare_days")
    assert sum(int(case[name]) for name in nursing) == days == int(case.get("act_ipt_days", days))
    assert (case["setl_begn_date"], case["setl_end_date"]) == (came.date().isoformat(), left.date().isoformat())
    for stay in (*nodes["icuinfo"], NEW_ROWS[interface]["icuinfo"]):
        begin, end = (datetime.fromisoformat(stay[name]) for name in ("scs_cutd_inpool_time", "scs_cutd_exit_time"))
        assert came < begin < end < left
        assert stay["scs_cutd_sum_dura"] == f"{(end - begin).days}/{(end - begin).seconds // 3600}/0"
    for row in (*nodes["oprninfo"], NEW_ROWS[interface]["oprninfo"]):
        times = [datetime.fromisoformat(text) for name, text in row.items() if name.endswith(("time", "date")) and text]
        assert all(came.date() <= time.date() <= left.date() for time in times)


def test_the_patient_of_4101_is_who_the_id_number_says() -> None:
    nodes = golden("4101")["input"]
    case = nodes["setlinfo"]
    assert ric.is_valid(case["certno"])
    assert case["certno"][6:14] == case["brdy"].replace("-", "")
    assert int(case["certno"][16]) % 2 == int(case["gend"]) % 2
    assert case["age"] == int(case["adm_time"][:4]) - int(case["brdy"][:4])
    assert (case["diag_code_cnt"], case["oprn_oprt_code_cnt"]) == (len(nodes["diseinfo"]), len(nodes["oprninfo"]))
