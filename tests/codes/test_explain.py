"""Any text taken apart as a code: what it is, what is wrong with it, and what tables say of it."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.base import files, language
from validator.base.errors import InputError
from validator.base.yaml_csv import read_yaml
from validator.codes import reference, standards
from validator.codes.explain import Explanation, explain
from validator.codes.tables import Store, Version


def remarks(found: Explanation, lang: language.Lang = "zh") -> str:
    """All remarks."""
    remarks = [*found.remarks]
    for reading in found.readings:
        remarks += [*reading.remarks, *(part.remark for part in reading.parts if part.remark)]
    return "\n".join(remark.text(lang) for remark in remarks)


def forms(found: Explanation) -> list[str]:
    return [reading.form.name for reading in found.readings]


@pytest.mark.parametrize("form", standards.forms().values(), ids=standards.forms())
def test_examples_are_valid(form: standards.Form) -> None:
    for code in form.examples:
        found = explain(code)
        assert (found.valid, forms(found)) == (True, [form.name]), code
        assert "".join(part.text for part in found.readings[0].parts) == code


VALID = {
    "Q99.999": "WHO：Chromosomal abnormality, unspecified",
    "H50015501017": "重庆市梁平区",
    "H44200100009": "GB/T 2260 没有这个区划",
    "N110105000001": "未证实",
    "I10.x00": "占位符，WHO 无亚目",
    "003112010040000": "项目本身",
    "M01600": "M01.600",
    "A07.": "这是类目，一般不单独使用",
    "XA01ABD075A002010100483": "消化道和代谢方面的药物",
}


@pytest.mark.parametrize("code", VALID)
def test_a_right_code_and_what_it_points_at(code: str) -> None:
    found = explain(code)
    assert found.valid
    assert VALID[code] in remarks(found)


NEAR = {
    "k80.100": ("K80.100", "字母“k”应为大写“K”"),
    "I10.X00": ("I10.x00", "字母“X”应为小写“x”"),
    "Ｋ８０．１００": ("K80.100", "全角字符应为半角"),
    " K80.100\u200b": ("K80.100", "空白"),
    "K80100": ("K80.100", "漏写“.”"),
    "K80。100": ("K80.100", "“。”应为“.”"),
    "512300": ("51.2300", "漏写“.”"),
    "K8O.100": ("K80.100", "“O”可能是“0”之误"),
    "A01.002G01": ("A01.002+G01*", "漏写“*”"),
    "C22.101M81600/3": ("C22.101", "粘连了肿瘤形态学编码 M81600/3"),
    "c22.101+m81600/3": ("C22.101", "粘连"),
    "17.912a0": ("17.912A0", "大写“A”"),
    "za04cae0023010100166": ("ZA04CAE0023010100166", "大写“Z”"),
    "d510105000123": ("D510105000123", "大写“D”"),
}


@pytest.mark.parametrize("code", NEAR)
def test_a_near_miss_is_reported_with_the_right_code(code: str) -> None:
    right, why = NEAR[code]
    found = explain(code)
    assert not found.valid
    assert [reading.code for reading in found.readings] == [right]
    assert why in remarks(found)
    assert explain(right).valid


WRONG = {
    "K80.1": ("icd10", "这是亚目，不是最细一级的编码"),
    "I10": ("icd10", "这是类目"),
    "51.23": ("icd9cm3", "这是细目"),
    "K99.900": ("icd10", "WHO ICD-10 没有 K99"),
    "K80.x00": ("icd10", "K80 有亚目，不能用 x 占位"),
    "K80.10": ("icd10", "共 6 位，应为 7、11、12、14、16 或 18 位"),
    "XA01ABD075A00201010048": ("drug_western", "应为 5 位数字"),
    "XA01A7D075A002010100483": ("drug_western", "应为 1 位大写字母、2 位数字、2 位大写字母"),
    "C02010105212345678901?": ("consumable", "多出 2 位"),
    "HY123": ("pharmacist", "应为 6 位数字"),
    "330000000000000": ("service_item", "应为 “00”"),
}


@pytest.mark.parametrize("code", WRONG)
def test_a_wrong_code_says_which_segment_and_why(code: str) -> None:
    form, why = WRONG[code]
    found = explain(code)
    assert not found.valid
    assert forms(found) == [form]
    assert why in remarks(found)


@pytest.mark.parametrize(
    ("code", "why"),
    [("garbage", "不像任何一种医保编码"), ("急性阑尾炎", "这是名称"), ("—", "占位符"), ("无", "占位符"), ("K80.100,I10.x00", "2 个编码"),
     ("311201004", "“价格项目”一段")],
)  # fmt: skip
def test_what_is_no_code(code: str, why: str) -> None:
    found = explain(code)
    assert (found.valid, found.readings) == (False, [])
    assert why in remarks(found)


@pytest.mark.parametrize("code", ["", " ", "\u3000"])
def test_nothing_is_no_code(code: str) -> None:
    with pytest.raises(InputError):
        explain(code)


def test_a_name_and_a_base_code_are_compared() -> None:
    drug = "ZA04CAE0023010100166"
    assert "拼音首字母相符" in remarks(explain(drug, name="儿童清肺口服液"))
    wrong = explain(drug, name="感冒清热颗粒")
    assert not wrong.valid
    assert "首字母应是“感冒清热颗粒”的拼音首字母 G" in remarks(wrong)
    assert explain(drug, name="ABC").valid
    west = "XA01ABD075A002010100483"
    assert "与药品本位码相符" in remarks(explain(west, base_code="86900483000019"))
    assert not explain(west, base_code="86900484000019").valid
    assert "14 位数字" in remarks(explain(west, base_code="123"))
    assert "没有企业段" in remarks(explain("K80.100", base_code="86900483000019"))
    assert "名称对不对" in remarks(explain("K80.100", name="胆囊结石"))


@given(st.text(st.sampled_from("AKMXZDHx0123456789.+*/ -感，Ｋ"), max_size=24))
def test_any_text_gets_an_answer(code: str) -> None:
    try:
        found = explain(code)
    except InputError:
        return
    assert all(reading.parts for reading in found.readings)
    assert remarks(found) or found.valid
    assert not found.valid or any(form.split(code) for form in standards.forms().values())
    assert remarks(found, "en") or found.valid


# ---- tables


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two editions of a few diagnoses, and a map from the clinical edition."""
    kept = Store(tmp_path)

    def put(table: str, version: str, since: date | None, until: date | None, **columns: list[object]) -> None:
        frame = pl.DataFrame(columns)
        if "target" not in columns:
            dates = [pl.lit(None, pl.Date).alias(name) for name in ("since", "until") if name not in columns]
            frame = frame.with_columns(*dates)
        kept.put(Version(table, version, since, until, 0, "", "", "", tmp_path), frame)

    put(
        "icd10",
        "1.0",
        None,
        date(2020, 12, 31),
        code=["K80.100", "K80.900x001"],
        name=["胆囊结石", "胆石症"],
        grey=[None, None],
    )
    put(
        "icd10", "2.0", date(2021, 1, 1), None, code=["K80.100", "K80.101", "K80.800x001", "I10.x00x002"],
        name=["胆囊结石伴有其他胆囊炎", "胆囊结石伴慢性胆囊炎", "胆石症", "高血压"], grey=[True, False, False, False],
        chs_drg11_mdc=["", "H", "H", "F"],
    )  # fmt: skip
    put("icd10_map", "2.0", None, None, code=["K80.100x009", "K80.101"], target=["K80.101", "K80.800x001"],
        target_name=["胆囊结石伴慢性胆囊炎", "胆石症"])  # fmt: skip
    return kept


def test_tables_say_when_a_code_holds(store: Store) -> None:
    found = explain("K80.100", store=store)
    entries = found.readings[0].entries
    assert found.valid
    assert [(each.version, each.name, each.in_force, each.grey) for each in entries] == [
        ("2.0", "胆囊结石伴有其他胆囊炎", True, True), ("1.0", "胆囊结石", False, None),
    ]  # fmt: skip
    assert "灰码" in remarks(found)
    assert "K80.101 胆囊结石伴慢性胆囊炎" in remarks(found)
    before = explain("K80.100", day=date(2020, 6, 1), store=store).readings[0].entries
    assert [each.in_force for each in before] == [False, True]


def test_tables_know_a_code_s_role_name_and_clinical_meaning(store: Store) -> None:
    found = explain("K80.101", name="胆囊结石伴慢性胆囊炎", store=store)
    assert found.valid
    assert found.readings[0].entries[0].columns == {"chs_drg11_mdc": "H"}
    assert "若是国家临床版的编码，对照为医保版 K80.800x001" in remarks(found)
    assert explain("K80.101", name="胆囊结石 伴慢性胆囊炎", store=store).valid
    assert "名称应为“胆囊结石伴慢性胆囊炎”" in remarks(explain("K80.101", name="高血压", store=store))


def test_tables_know_what_is_missing(store: Store) -> None:
    for code, why in {
        "K80.900x001": "同名的后继编码：K80.800x001", "K80.100x009": "国家临床版的编码，对照为医保版 K80.101",
        "K80.199": "2.0 版没有这个编码", "K80.8": "以 K80.8 开头的有：K80.800x001 胆石症",
    }.items():  # fmt: skip
        found = explain(code, store=store)
        assert not found.valid
        assert why in remarks(found), code
    late = explain("K80.101", day=date(2019, 1, 1), store=store)
    assert not late.valid
    assert "2.0 版" in remarks(late)


def test_names_lead_to_codes(store: Store) -> None:
    assert "icd10 中此名称的编码：I10.x00x002" in remarks(explain("高血压", store=store))


def test_a_code_that_the_table_dates_itself(tmp_path: Path) -> None:
    store = Store(tmp_path)
    frame = pl.DataFrame(
        {"code": ["M03900"], "name": ["高血压病"], "since": [date(2020, 1, 1)], "until": [date(2022, 12, 31)], "grey": [None]},
        schema_overrides={"grey": pl.Boolean},
    )  # fmt: skip
    store.put(Version("opsp_disease", "1", None, None, 0, "", "", "", tmp_path), frame)
    assert explain("M03900", day=date(2021, 1, 1), store=store).valid
    late = explain("M03900", day=date(2023, 1, 1), store=store)
    assert not late.valid
    assert "不在有效期内" in remarks(late)


# ---- knowledge


def test_our_knowledge_of_a_code() -> None:
    def known(code: str) -> str:
        return "\n".join(each.text("zh") for each in explain(code).readings[0].knowledge)

    assert "性别限制 女" in known("O80.000")
    assert "不能作主要诊断" in known("B95.000")
    assert "不能作主要诊断" not in known("K80.100")
    assert known("A01.01.01") == ""  # a TCM code, though it begins like one of ICD-10


def test_every_knowledge_table_has_a_title() -> None:
    titles = read_yaml(files.data("codebooks") / "knowledge" / "index.yaml")
    assert set(titles) == set(reference.load())
    assert all(len(title) in (2, 4) for title in titles.values())
