"""The 15 standards: pages well formed, forms that fit what they say and nothing else, and whole national tables."""

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shared import Tables
from validator.base import files, yaml_csv
from validator.base.certainty import SURE
from validator.base.errors import ConfigError
from validator.codes import offline, standards
from validator.codes.standards import Form
from validator.spec import patterns

FORMS = standards.forms()
DOCUMENTS = yaml_csv.read_yaml(files.data("schemas") / "regulations.yaml")
TABLES = {
    "icd10", "icd9cm3", "morphology", "tcm_disease", "tcm_syndrome", "service_item", "drug", "decoction_piece", "preparation",
    "consumable", "institution", "pharmacy", "physician", "nurse", "pharmacist", "opsp_disease",
}  # fmt: skip
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def fits(form: Form, codes: list[str]) -> list[bool]:
    """As Polars reads the expression."""
    return pl.Series(codes, dtype=pl.String).str.contains(form.regex).to_list()


def codes_of(form: Form) -> st.SearchStrategy[str]:
    return st.from_regex(re.compile(form.body, re.ASCII), fullmatch=True)


def test_there_are_fifteen() -> None:
    known = standards.load()
    assert [each.number for each in known.values() if each.number <= 15] == list(range(1, 16))
    for each in known.values():
        assert each.document in DOCUMENTS
        assert each.sure in SURE
        assert each.title("zh") != each.title("en")
        assert each.about("zh") != each.about("en")
        assert all(form.document in DOCUMENTS for form in each.forms.values())
        assert each.forms or "不作任何结构检查" in each.about_zh or each.number == 15


@each_form
def test_a_form_fits_its_examples_and_splits_them(form: Form) -> None:
    assert fits(form, list(form.examples)) == [True] * len(form.examples)
    for code in (*form.examples, *form.irregular):
        parts = form.split(code)
        assert parts
        assert "".join(text for _, text in parts) == code
        assert len(code) in form.lengths or code in form.irregular


@each_form
def test_a_form_fits_nothing_that_it_calls_wrong(form: Form) -> None:
    assert fits(form, list(form.wrong)) == [False] * len(form.wrong)
    assert not any(map(form.split, form.wrong))
    assert len(form.wrong) >= 3


@each_form
def test_a_form_is_reported_in_words(form: Form) -> None:
    assert form.table in TABLES | {""}
    assert form.title("zh") != form.title("en")
    for segment in form.segments:
        assert re.search(r"[0-9]|“", segment.spelt("zh"))
        assert re.search(r"[0-9]|'", segment.spelt("en"))
        assert segment.name("zh") != segment.name("en")
        assert segment.meaning("zh") != segment.meaning("en")
        assert all(
            re.match(segment.form, text) or re.match(text, "0123456789") or len(text) < len(segment.atoms)
            for text in segment.values
        )


@each_form
def test_generated_codes_fit_this_form_and_no_other(form: Form) -> None:
    @given(codes_of(form))
    def holds(code: str) -> None:
        parts = form.split(code)
        assert parts
        assert "".join(text for _, text in parts) == code
        assert fits(form, [code]) == [True]
        assert [other.name for other in FORMS.values() if other.split(code)] == [form.name]

    holds()


@each_form
def test_a_code_that_loses_or_gains_a_character_of_a_fixed_length_is_none(form: Form) -> None:
    @given(codes_of(form), st.sampled_from("0Ax."))
    def holds(code: str, more: str) -> None:
        assert form.split(code[:-1]) is None or len(code) - 1 in form.lengths
        assert form.split(code + more) is None or len(code) + 1 in form.lengths
        assert form.split(f"{code}\n") is None
        assert fits(form, [f"{code}\n", f" {code}"]) == [False, False]

    holds()


def test_a_cut_code_has_a_name() -> None:
    levels = FORMS["icd10"].levels
    assert list(levels) == ["category", "subcategory"]
    assert pl.Series(["K80", "K80.1", "K80.100"]).str.contains(levels["category"]).to_list() == [True, False, False]
    assert pl.Series(["K80", "K80.1", "I10.x"]).str.contains(levels["subcategory"]).to_list() == [False, True, True]
    assert list(FORMS["icd9cm3"].levels) == ["category", "subcategory", "detail"]


def test_what_segments_claim() -> None:
    claims = FORMS["icd10"].claims("B02.202+G53.0*")
    assert [text for _, text in claims] == ["B02", "B02.2", "G53", "G53.0"]
    assert FORMS["icd10"].claims("B02.2") == []
    assert [text for _, text in FORMS["institution"].claims("H11010500001")] == ["110105"]


def test_values_shown_by_their_longest_beginning() -> None:
    dosage = next(each for each in FORMS["drug_western"].segments if each.name_zh == "剂型码")
    assert dosage.value("A001", "zh") == "片剂"
    assert dosage.value("D009", "en") == "suppository"
    assert dosage.value("Q001", "zh") == ""


# ---- patterns


def test_a_field_names_a_standard_a_group_of_forms_or_a_form() -> None:
    known = patterns.load()
    assert [form.name for form in known["procedure"].forms] == ["icd9cm3", "tcm_operation"]
    assert [form.name for form in known["icd9cm3"].forms] == ["icd9cm3"]
    assert known["drug"].forms == tuple(standards.load()["drug"].forms.values())
    assert known["pharmacist"].forms == (FORMS["pharmacist"],)  # the standard has another one besides
    assert set(FORMS) <= known.keys()
    assert "agency" not in known  # nothing is known of how its codes are built
    assert [known[name].fold for name in ("procedure", "diagnosis", "tcm", "service_item")] == [
        "icd",
        "icd",
        "upper",
        "",
    ]
    assert (known["drug"].sure, known["diagnosis"].sure, known["nurse"].sure) == (
        "unconfirmed",
        "official",
        "unconfirmed",
    )
    assert known["phone"].forms == ()


def test_what_should_stand_there_is_in_words() -> None:
    known = patterns.load()
    assert known["consumable"].zh == "医用耗材编码（20 或 27 位，如 C0201010520000100001、C02010105200001000010000001）"
    assert known["opsp_disease"].en == "an outpatient chronic disease code (6 characters, such as M01600 or M01609)"
    assert known["drug"].en.startswith("a code of Drugs (XA01ABD075A002010100483, ZA04CAE0023010100166, ")
    assert known["physician"].zh == "医保医师代码：字母 D 加 12 位数字，如 D110105000001"


@pytest.mark.parametrize(
    ("text", "message"),
    [("mine:\n  zh: 我\n  en: mine\n  sure: practice\n", "patterns.yaml:2.*regex"),
     ("mine:\n  zh: 我\n  en: mine\n  sure: practice\n  regex: x\n  forms: [icd10]\n", "patterns.yaml:6.*forms"),
     ("icd10:\n  zh: 我\n  en: mine\n  sure: practice\n  regex: x\n", "patterns.yaml:2.*icd10")],
)  # fmt: skip
def test_a_wrong_pattern_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str) -> None:
    (tmp_path / "patterns.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(files, "data", lambda name: tmp_path)
    with pytest.raises(ConfigError, match=message):
        patterns.load.__wrapped__()


# ---- wrong pages

PAGE = """\
number: 1
title: 标准
title_en: Standard
document: gbt-2260
sure: practice
about: 说明
about_en: About
forms:
  mine:
    title: 编码
    title_en: code
    sure: practice
    segments:
      - name: 段
        name_en: segment
        form: '[A-Z][0-9]{2}'
        meaning: 意思
        meaning_en: meaning
    examples: {A01: [甲, first]}
    wrong: [A1]
"""
WRONG = {
    "unknown key": ("number: 1", "number: 1\nnumbre: 1", 2, "numbre"),
    "blank": ("about: 说明", "about:", 1, "about"),
    "sure": ("    sure: practice", "    sure: perhaps", 12, "sure"),
    "fold": ("    sure: practice", "    sure: practice\n    fold: lower", 13, "fold"),
    "check": ("        meaning: 意思", "        meaning: 意思\n        check: luck", 18, "check"),
    "class": ("'[A-Z][0-9]{2}'", r"'[A-Z]\d{2}'", 16, "字符集"),
    "brackets": ("'[A-Z][0-9]{2}'", "'([A-Z])[0-9]{2}'", 16, "字符集"),
    "choice": ("'[A-Z][0-9]{2}'", "'[A-Z]|[0-9]{2}'", 16, "字符集"),
    "example": ("{A01: [甲, first]}", "{A1: [甲, first]}", 19, "A1"),
    "right though called wrong": ("wrong: [A1]", "wrong: [B02]", 20, "B02"),
    "unknown form in a group": (
        "forms:",
        "groups:\n  ours: {forms: [mne], expected: 我们, expected_en: ours, sure: practice}\nforms:",
        9,
        "mne.*mine",
    ),
    "unknown joined form": ("    sure: practice", "    sure: practice\n    joined: mime", 13, "mime.*mine"),
    "irregular though regular": ("    wrong: [A1]", "    wrong: [A1]\n    irregular: [C03]", 21, "C03"),
}


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).mkdir()
    (folder / name / "standard.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_page_itself_is_right(tmp_path: Path) -> None:
    assert standards.load(write(tmp_path, "one", PAGE))["one"].forms["mine"].split("A01")


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_page_is_reported(tmp_path: Path, name: str) -> None:
    old, new, line, message = WRONG[name]
    assert PAGE.count(old) == 1
    with pytest.raises(ConfigError, match=message) as error:
        standards.load(write(tmp_path, "one", PAGE.replace(old, new)))
    assert f"standard.yaml:{line}：" in str(error.value)


def test_a_form_stands_in_one_standard(tmp_path: Path) -> None:
    write(tmp_path, "one", PAGE)
    with pytest.raises(ConfigError, match="mine"):
        standards.load(write(tmp_path, "two", PAGE.replace("number: 1", "number: 2")))


# ---- components


def test_segments_that_point_at_nothing() -> None:
    codes = [
        "K80.100",
        "K99.900",
        "K80.900",
        "K80.x00",
        "I10.x00",
        "V01.x00",
        "A01.002+Z99.9*",
        "A01.002+Q19.1*",
        "K80.1",
    ]
    found = offline.check(FORMS["icd10"], codes)
    assert found == {"K99.900": "K99", "K80.900": "K80.9", "K80.x00": "K80.x", "A01.002+Q19.1*": "Q19"}
    assert offline.check(FORMS["institution"], ["H11010500001", "H44200100009"]) == {"H44200100009": "442001"}
    assert offline.check(FORMS["drug_chinese"], ["ZA04CAE0023010100166"]) == {}


def test_places_initials_and_companies() -> None:
    assert offline.place("510105") == "四川省成都市青羊区"
    assert offline.place("110105") == "北京市朝阳区"
    assert offline.place("429004") == "湖北省仙桃市"
    assert (offline.place("440100"), offline.place("442001")) == ("广东省广州市", "")
    assert offline.initials("儿童清肺口服液") == {"E", "R"}
    assert "C" in offline.initials("（长春）")
    assert offline.initials("Abc") == set()
    assert offline.company("86900483000019") == "00483"
    assert offline.company("69900483000019") == offline.company("8690048300001") == ""
    assert offline.who_title("I10.x") == "Essential (primary) hypertension"


# ---- whole tables


def column(tables: Tables, file: str, name: str = "code") -> list[str]:
    return pl.read_csv(tables.codebooks / f"{file}.csv", infer_schema=False)[name].to_list()


@pytest.mark.parametrize(
    ("file", "forms"),
    [("icd10_nhsa", ["icd10"]), ("icd9cm3_nhsa", ["icd9cm3", "tcm_operation"]), ("service_items_sample", ["service_item"]),
     ("drug_codes_sample", ["drug_western", "drug_chinese"]), ("opsp_diseases_sample", ["opsp_disease"]),
     ("tcm_diseases_gbt15657_2021", ["tcm_disease_2021"])],
)  # fmt: skip
def test_every_code_of_a_table_fits_one_form(published: Tables, file: str, forms: list[str]) -> None:
    codes = pl.Series(column(published, file))
    hits = sum((codes.str.contains(FORMS[name].regex).cast(int) for name in forms), pl.Series([0] * len(codes)))
    assert codes.filter(hits != 1).to_list() == []
    assert all(any(FORMS[name].split(code) for name in forms) for code in codes.gather_every(7))


def test_every_stem_is_who_s(published: Tables) -> None:
    assert offline.check(FORMS["icd10"], column(published, "icd10_nhsa")) == {}


def test_every_chinese_patent_medicine_has_the_initial_of_its_name(published: Tables) -> None:
    sample = column(published, "drug_codes_sample")
    drugs = zip(sample, column(published, "drug_codes_sample", "generic_name"), strict=True)
    chinese = {(code[6], name) for code, name in drugs if code.startswith("Z")}
    assert len(chinese) > 0.0364 * len(sample)
    assert [(letter, name) for letter, name in chinese if letter not in offline.initials(name)] == []


def test_segments_of_drugs_are_cut_where_the_source_cuts_them(published: Tables) -> None:
    rows = pl.read_csv(published.codebooks / "drug_codes_sample.csv", infer_schema=False).fill_null("")
    names = ("class_code", "name_code", "form_code", "spec_pack_code", "company_code")
    for row in rows.gather_every(11).iter_rows(named=True):
        form = FORMS["drug_western" if row["code"][0] == "X" else "drug_chinese"]
        assert [text for _, text in form.split(row["code"]) or ()][1:] == [row[name] for name in names if row[name]]


def test_a_few_clinical_keys_are_malformed_and_no_more(published: Tables) -> None:
    assert len(list(misfits(published, "icd10_clinical20_to_nhsa20", ["icd10"]))) < 20
    assert len(list(misfits(published, "icd9_clinical30_to_nhsa20", ["icd9cm3", "tcm_operation"]))) <= 3


def misfits(tables: Tables, file: str, forms: list[str]) -> Iterator[str]:
    for code in column(tables, file, "clinical_code"):
        if not any(FORMS[name].split(code) for name in forms):
            yield code
