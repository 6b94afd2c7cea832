"""The knowledge tables against the classifications: no right code is called wrong, and no family reaches past its edge.

Real prefixes are held against WHO's list, and against the full national tables where those are there.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

import polars as pl
import pytest

import validator
from tests.shared import NATIONAL, Tables, needs_national
from validator import api
from validator.checks import examples
from validator.codes import offline, reference, standards
from validator.codes.reference import Knowledge

#: The lists about codes of the two classifications; those about services have codes of another standard.
TABLES = {name: table for name, table in reference.load().items() if name != "fee_category"}
FORMS = standards.forms()
SIDES = ("code", "left", "right", "needs")
#: Sides that hold codes of charges and materials, which are no part of the classifications.
CHARGED = {("charge_by_procedure", "needs"), ("procedure_by_charge", "code"), ("procedure_by_material", "code")}
CELLS = [
    (table, side, row)
    for table in TABLES.values()
    for side in SIDES
    if side in table.prefixes and (table.name, side) not in CHARGED
    for row in table.rows
]
#: The insurance edition writes asterisk codes behind their dagger code only, so nothing stands under these categories.
WITHOUT_LEAVES = {"asterisk_codes", "principal_exclusion-PE13"}


@cache
def names(tables: Tables, table: str) -> dict[str, str]:
    """Code -> name of a code table."""
    frame = pl.read_csv(tables.codebooks / f"{table}_nhsa.csv", infer_schema=False)
    return dict(frame.select("code", "name").iter_rows())


@cache
def beginnings(table: str) -> set[str]:
    """Every beginning of every code of a national table."""
    return {code[:length] for code in names(NATIONAL, table) for length in range(1, len(code) + 1)}


def book(cell: str) -> str:
    """The table that the codes of a cell belong to."""
    return "icd10" if cell[0].isalpha() else "icd9cm3"


# ---- the edges of families


@cache
def who_categories() -> list[str]:
    every = [f"{letter}{number:02d}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for number in range(100)]
    return sorted(set(every) - offline.who_icd10(every))


def outside(cell: str) -> Iterator[str]:
    """The categories right before and right after each category or range of a cell, as WHO lists them."""
    categories = who_categories()
    for part in cell.split():
        if re.fullmatch("[A-Z][0-9]{2}(-[A-Z][0-9]{2})?", part):
            first, _, last = part.partition("-")
            yield from [code for code in categories if code < first][-1:]
            yield from [code for code in categories if code > (last or first)][:1]


def named(cell: str, code: str) -> bool:
    """Whether a cell names the code: read without expanding ranges."""
    for part in cell.split():
        first, _, last = part.partition("-")
        if code.startswith(first) or (last and first <= code[: len(first)] <= last):
            return True
    return False


def test_a_family_ends_where_it_says() -> None:
    for table, side, row in CELLS:
        cell = table.rows[row][side]
        for category in set(outside(cell)):
            for code in (f"{category}.0", f"{category}.900", f"{category}.x00"):
                found = row in table.matches(side, [code]).get(code, [])
                assert found == named(cell, code), (table.name, row, side, code)


@pytest.mark.parametrize(
    ("table", "side", "inside", "beyond"),
    [
        ("sex_diagnosis", "code", "O80.000", "P00.000"),
        ("sex_diagnosis", "code", "N40.x00", "N39.000"),
        ("principal_exclusion", "code", "Y98.x00", "Z00.000"),
        ("principal_exclusion", "code", "P03.900", "P05.000"),
        ("principal_caution", "code", "T32.000", "T33.000"),
        ("code_also_diagnosis", "needs", "C97.x00", "E00.000"),
        ("age_diagnosis", "code", "P96.900", "Q00.000"),
        ("age_diagnosis", "code", "Z37.000", "Z30.000"),
        ("exclusive_gestation", "right", "O80.000", "O75.900"),
        ("asterisk_codes", "code", "D63.000", "D64.900"),
        ("sex_procedure", "code", "75.9900", "76.0100"),
        ("age_procedure", "code", "72.0x00", "71.9x00"),
    ],
)
def test_the_code_beyond_the_edge_is_another_matter(table: str, side: str, inside: str, beyond: str) -> None:
    found = TABLES[table].matches(side, [inside, beyond])
    assert set(found) == {inside}


# ---- the tables against the classifications


def test_every_prefix_begins_a_code() -> None:
    """Filled up, a prefix is built like a code; and what it hangs on is in WHO's list."""
    sides = {(table.name, side): table.prefixes[side] for table, side, _ in CELLS}
    for place, prefixes in sides.items():
        for prefix, rows in prefixes.items():
            form, filling = (
                (FORMS["icd10"], "A00.000x000") if prefix[0].isalpha() else (FORMS["icd9cm3"], "00.0000x000")
            )
            whole = prefix if len(prefix) == 7 else prefix + filling[len(prefix) :]
            assert form.split(whole), (place, rows, prefix)
            stem = prefix[:5] if len(prefix) >= 5 else prefix[:3]
            assert len(prefix) < 3 or not prefix[0].isalpha() or not offline.who_icd10([stem]), (place, rows, prefix)


@needs_national
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_prefix_stands_for_some_code(table: Knowledge) -> None:
    missing = {
        (row, side, prefix)
        for side in SIDES
        if (table.name, side) not in CHARGED
        for prefix, rows in table.prefixes.get(side, {}).items()
        for row in rows
        if not {table.name, f"{table.name}-{row}"} & WITHOUT_LEAVES and prefix not in beginnings(book(prefix))
    }
    assert missing == set()


@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if "left" in table.prefixes])
def test_no_code_is_on_both_sides_of_a_pair(published: Tables, name: str) -> None:
    table = TABLES[name]
    codes = {**names(published, "icd10"), **names(published, "icd9cm3")}
    left, right = table.matches("left", codes), table.matches("right", codes)
    both = {code: rows for code in left.keys() & right if (rows := set(left[code]) & set(right[code]))}
    assert not both


@needs_national
@pytest.mark.parametrize("name", ["combination_codes", "combination_causal", "combination_procedures"])
def test_the_code_to_merge_into_is_there(name: str) -> None:
    shape = re.compile(r"[A-Z][0-9]{2}\.[0-9x]+(?:\+[A-Z][0-9]{2}\.[0-9]\*)?|[0-9]{2}\.[0-9]+")
    for row, cells in TABLES[name].rows.items():
        for code in shape.findall(cells["note_zh"]):
            assert {code, code.partition("+")[0]} & beginnings(book(code)), (row, code)


@pytest.mark.parametrize(
    ("table", "sex", "other"),
    [
        ("sex_diagnosis", "1", "女性|子宫|卵巢|阴道|妊娠"),
        ("sex_diagnosis", "2", "男性(?!化|有关|因素|骨盆)|睾丸|阴茎|精囊|前列腺(?!素)"),
        ("sex_procedure", "1", "女性|子宫|卵巢|阴道|妊娠"),
        ("sex_procedure", "2", "男性|睾丸|阴茎|精囊|前列腺(?!素)"),
    ],
)
def test_no_name_speaks_of_the_other_sex(published: Tables, table: str, sex: str, other: str) -> None:
    wrong = {
        code: name
        for code, name in names(published, "icd10" if table == "sex_diagnosis" else "icd9cm3").items()
        if TABLES[table].attribute("sex", code) == sex and re.search(other, name)
    }
    allowed = {"N32.004", "N97.400", "O33.300x005", "O65.300x002"}  # 女性前列腺病; 与男性因素有关的女性不孕; 男性骨盆
    assert set(wrong) <= allowed


def test_what_a_grouper_accepts_as_principal_is_never_excluded(published: Tables) -> None:
    accepted = pl.read_csv(published.scheme / "valid_principal_diagnosis.csv", infer_schema=False)["code"]
    assert TABLES["principal_exclusion"].matches("code", accepted) == {}


# ---- every code of the national tables, alone on a right list

#: Codes that say the patient died.
_DEATH = ("R95", "R96", "R98", "R99", "O95", "O96", "O97", "P96.803", "89.8")
_TOPICS = ("DX", "OP", "NB", "VT", "BL", "DS")


def limits(tables: str, code: str, low: str, high: str, usual: int, top: int) -> int:
    """A value within what the rows say of the code, as near to the usual one as may be."""
    table = TABLES[tables]
    return min(max(usual, int(table.attribute(low, code) or 0)), int(table.attribute(high, code) or top))


def case(number: int, code: str, sex: str, age: int) -> dict[str, Any]:
    """The case's own fields: of the sex, age and way of discharge that the code asks for."""
    base = {key: value for key, value in examples.interface_message("4101")["input"]["setlinfo"].items() if value}
    weight = limits("birth_weight", code, "min_grams", "max_grams", 3000, 9999)
    return {
        **base,
        "setl_id": str(number),
        "gend": sex,
        "brdy": str(date(2026, 7, 6) - timedelta(days=age)),
        "dscg_way": "5" if code.startswith(_DEATH) else "1",
        "nwb_bir_wt": str(weight),
        "nwb_adm_wt": str(weight),
        "vent_used_dura": "5/0/0",
    }


def found(cases: list[dict[str, Any]], **children: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Rule and value of every error about codes; lists without procedures count none."""
    if "oprninfo" not in children:
        cases = [{**each, "oprn_oprt_code_cnt": "0"} for each in cases]
    frames = {
        "setlinfo": pl.DataFrame(cases, infer_schema_length=None),
        **{k: pl.DataFrame(v) for k, v in children.items()},
    }
    rules = api.load().rules.values()
    errors = [rule.id for rule in rules if rule.level == "error" and rule.id.startswith(_TOPICS) and not rule.withdrawn]
    findings = validator.check(frames, select=errors, layout="4101").findings
    return findings.filter(level="error").select("check", "value").unique().sort("check", "value").rows()


def diagnosis(tables: Tables, number: int, code: str, principal: bool) -> dict[str, str]:
    return {
        "setl_id": str(number), "diag_type": "1", "diag_code": code, "diag_name": names(tables, "icd10")[code],
        "adm_cond_type": "1", "maindiag_flag": "1" if principal else "0",
    }  # fmt: skip


def suited(code: str) -> tuple[str, int]:
    """Sex and age in days for a diagnosis."""
    table = TABLES["age_diagnosis"]
    low = max(int(table.attribute(name, code) or 0) for name in ("min_days", "never_below_days"))
    high = min(int(table.attribute(name, code) or 40_000) for name in ("max_days", "never_above_days"))
    return TABLES["sex_diagnosis"].attribute("sex", code) or "1", min(max(40 * 365, low), high)


def test_no_diagnosis_is_wrong_next_to_another(published: Tables) -> None:
    cases, rows = [], []
    for number, code in enumerate(names(published, "icd10")):
        cases.append(case(number, code, *suited(code)))
        principal = "K63.504" if code != "K63.504" else "K29.500"
        rows += [diagnosis(published, number, principal, True), diagnosis(published, number, code, False)]
    assert found(cases, diseinfo=rows) == []


def test_no_diagnosis_that_groups_is_wrong_as_principal(published: Tables) -> None:
    accepted = pl.read_csv(published.scheme / "valid_principal_diagnosis.csv", infer_schema=False)["code"]
    codes = [code for code in accepted if code in names(published, "icd10")]
    assert len(codes) > 0.999 * len(accepted)  # the national scheme names four that its table does not have
    cases = [case(number, code, *suited(code)) for number, code in enumerate(codes)]
    assert found(cases, diseinfo=[diagnosis(published, number, code, True) for number, code in enumerate(codes)]) == []


def test_no_procedure_is_wrong_alone(published: Tables) -> None:
    cases, diagnoses, rows = [], [], []
    for number, (code, name) in enumerate(names(published, "icd9cm3").items()):
        sex = TABLES["sex_procedure"].attribute("sex", code) or "1"
        cases.append(case(number, code, sex, limits("age_procedure", code, "min_days", "max_days", 40 * 365, 40_000)))
        diagnoses.append(diagnosis(published, number, "K63.504", True))
        rows.append(
            {
                "setl_id": str(number),
                "oprn_oprt_type": "1",
                "oprn_oprt_code": code,
                "oprn_oprt_name": name,
                "oprn_oprt_date": "2026-07-07",
                "anst_way": "1",
            }
        )
    assert found(cases, diseinfo=diagnoses, oprninfo=rows) == []


def test_threads_that_ask_at_once_know_all_codes():
    """In a new process, where WHO's codes are still to be read."""
    program = """
import sys
from concurrent.futures import ThreadPoolExecutor
from validator.codes.offline import who_icd10
sys.setswitchinterval(1e-5)
with ThreadPoolExecutor(4) as pool:
    print([*pool.map(who_icd10, [["Z99.9", "U07.1", "A00.0"]] * 4)])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([set()] * 4)
