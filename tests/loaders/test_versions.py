"""Which version a file is: as its name, its title or its headings tell, else one question with the likely answer."""

import pytest

from validator import loaders
from validator.base.errors import InputError

CODES = [f"K80.{number}00" for number in range(10)]
MOST = [("项目名称", "限制数量", "数量单位", "项目编码"), ("诊查", 1, "日", "001102000050000")]
SEX = [("药品通用名", "药品代码", "限定类型", "限定对象"), ("甲片", "XA01ABD075A002010100483", "限定性别对象", "女")]


def listed(codes: list[str]) -> list[str]:
    return ["诊断代码,诊断名称", *(f"{code},甲{code}" for code in codes)]


@pytest.fixture
def two(store, text_file):
    """The list of diagnoses in two versions; the later one has no K80.000."""
    loaders.add(text_file("icd10_v2.0.csv", *listed(CODES)), store)
    later = [*CODES[1:], *(f"K81.{number}00" for number in range(9))]
    loaders.add(text_file("icd10_v3.0.csv", *listed(later)), store, version="3.0", since="2027-01-01")
    return store


def asked(path, store, table: str = "") -> str:
    with pytest.raises(InputError) as error:
        loaders.add(path, store, table)
    line = str(error.value)
    assert "\n" not in line
    return line.partition("看不出是哪个版本；请用 --version 写明，")[2]


def test_headings_and_titles_tell_the_version(text_file, workbook):
    headings = "国家临床版2.0诊断编码,国家临床版2.0诊断名称,医保版3.0诊断编码,医保版3.0诊断名称"
    (found,) = loaders.read(text_file("对照.csv", headings, "K80.101,甲,K80.101,乙"))
    assert found.version == "2.0-3.0"
    (found,) = loaders.read(text_file("灰码.csv", "医保版2.0诊断编码,医保版2.0诊断名称", "K80.101,甲"))
    assert (found.table.name, found.version) == ("icd10_grey", "2.0")
    (found,) = loaders.read(workbook("限定频次.xlsx", {"知识点明细": [("两库知识点（第八批-1）",), *MOST]}))
    assert (found.table.name, found.version) == ("points", "第八批-1-项目频次")
    (found,) = loaders.read(workbook("药品规则库第一批.xlsx", {"一": SEX}))
    assert found.version == "第一批-药品性别"


def test_grey_lists_are_likely_of_the_list_that_has_their_codes(two, text_file):
    answer = "很可能是 --version 2.0（已装载的 icd10 2.0 版有其中 100% 的编码）"
    assert asked(text_file("灰码.csv", *listed(CODES[:3])), two) == answer
    assert asked(text_file("灰码.csv", *listed(CODES[1:])), two).startswith("很可能是 --version 3.0（"), (
        "both: the newest"
    )
    mostly = asked(text_file("灰码.csv", *listed([*CODES, "M99.900"])), two)
    assert mostly == "很可能是 --version 2.0（已装载的 icd10 2.0 版有其中 90.9% 的编码）"


def test_maps_are_likely_of_the_list_that_has_their_targets(two, text_file):
    rows = [f"K80.{number}01,甲,K81.{number}00,乙" for number in range(9)]
    path = text_file("对照.csv", "国临版编码,国临版名称,医保版编码,医保版名称", *rows)
    assert asked(path, two) == "很可能是 --version 3.0（已装载的 icd10 3.0 版有其中 100% 的编码）"
    assert loaders.add(path, two, version="3.0").rows == 9


def test_points_are_likely_of_the_batch_loaded_last(store, workbook):
    path = workbook("项目规则库.xlsx", {"知识点明细": MOST})
    assert asked(path, store) == "如 --version 第八批-项目频次"
    loaders.add(workbook("【第七批】药品规则库.xlsx", {"一": SEX}), store)
    assert asked(path, store) == "如与上次装载的 第七批-药品性别 同批，是 --version 第七批-项目频次"


def test_nothing_is_likely_without_a_list_that_has_the_codes(two, store, text_file):
    assert asked(text_file("灰码.csv", *listed(["M99.900", "K80.000"])), two) == "如 --version 2.0"
    assert asked(text_file("手术灰码.csv", "手术操作代码,手术操作名称", "00.0100,超声"), two) == "如 --version 2.0"
