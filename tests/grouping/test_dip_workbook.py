"""DIP schemes as users have them: the bureau's workbook, and catalogues of a region; what does not fit stops the load."""

import copy
from typing import Any

import openpyxl
import polars as pl
import pytest

from tests.grouping import dip_workbook
from tests.grouping.dip_workbook import BASE, BURN, MERGE, OUT_OPERATIONS, PRE, SHEETS, TB, TUMOUR
from validator import loaders
from validator.base.errors import InputError
from validator.codes.tables import Store
from validator.grouping import dip_scheme
from validator.loaders.schemes import limits


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "codebooks")


def read(tmp_path, merged=None, **changed: Any) -> tuple[pl.DataFrame, list[str]]:
    path = dip_workbook.write(tmp_path / "DIP3.0.xlsx", merged, **changed)
    [found] = loaders.read(path)
    assert (found.table.name, found.version) == ("dip_scheme", "dip-3.0")
    return found.frame, found.remarks


def changed(sheet: str, row: int, column: int, value: Any) -> dict[str, Any]:
    """One other cell, counted from 1."""
    rows = copy.deepcopy(SHEETS[sheet])
    rows[row - 1][column - 1] = value
    return {sheet: rows}


def test_the_workbook_as_published(tmp_path, store) -> None:
    frame, remarks = read(tmp_path)
    assert dict(frame.schema) == dip_scheme.COLUMNS
    numbers = dict(frame["kind"].value_counts().iter_rows())
    assert numbers == {
        "option": 2, "member": 2, "pre": 6, "merge": 3, "burn": 3, "tumour": 4, "tuberculosis": 4, "core": 9,
        "excluded_principal": 3, "excluded_procedure": 4, "grassroots": 2, "mixed": 4,
    }  # fmt: skip
    assert frame.filter(code="XQ-5")["rule"].item() == "XSRTL < 29 and XSRTZ >= 750 and XSRTZ < 1500"
    assert frame.filter(code="BX-22")["procedure"].item() == "36.0700x004|36.0601|37.2200"
    assert frame.filter(code="FZ-52")["name"].item() == "呼吸道结核＋耐药＋保守治疗"
    assert remarks == ["综合病种由地方制定，此处按治疗方式分四类"]
    loaders.add(tmp_path / "DIP3.0.xlsx", store)
    scheme = dip_scheme.load(store.at("dip_scheme", None, "dip-3.0"))
    assert list(scheme.words()) == [
        ("pre", 6), ("merge", 3), ("burn", 3), ("tumour", 4), ("tuberculosis", 4), ("core", 9), ("mixed", 4)
    ]  # fmt: skip


def test_titles_moved_columns_and_merged_cells_are_fine(tmp_path) -> None:
    plain, _ = read(tmp_path)
    unnamed, _ = read(tmp_path, **{"附表—结核耐药诊断": [["附表"], ["主要诊断编码"], ["A15.000x010"]]})
    assert unnamed.drop("name").equals(plain.drop("name"))
    base = [["标题"], ["说明"], ["四、"], *[[None, *row] for row in SHEETS[BASE][1:]], [], ["注：仅供参考"]]
    operations = copy.deepcopy(SHEETS[OUT_OPERATIONS])
    operations[3][2] = None  # below 按保守治疗入组, in one cell with it
    frame, _ = read(tmp_path, {OUT_OPERATIONS: ["C3:C4"], BASE: ["A1:C1"]}, **{BASE: base, OUT_OPERATIONS: operations})
    assert frame.equals(plain)


def test_a_temporary_file_next_to_an_open_workbook_is_no_scheme(tmp_path) -> None:
    dip_workbook.write(tmp_path / "DIP3.0.xlsx")
    (tmp_path / "~$DIP3.0.xlsx").write_bytes(b"\x05user")
    assert len(loaders.read(tmp_path)) == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (changed(TUMOUR, 3, 7, "99.2503加99.28"), ["肿瘤类", "第 3 行", "G 列", "看不懂", "99.2503加99.28"]),
        (changed(TUMOUR, 4, 7, "(99.2503+99.2800x005"), ["肿瘤类", "第 4 行"]),
        (changed(MERGE, 4, 5, "阑尾切除"), ["并项", "第 4 行", "E 列“主要手术操作编码”"]),
        (changed(BASE, 3, 3, "47.0100"), ["基础规则", "第 3 行", "C 列“主要诊断编码”"]),
        (changed(BASE, 4, 5, 51.23), ["基础规则", "第 4 行", "51.23 是数字"]),
        (changed(BASE, 4, 3, None), ["基础规则", "第 4 行", "没有主要诊断编码"]),
        (changed(BASE, 4, 2, "JC"), ["基础规则", "第 4 行", "序号应为数字"]),
        (changed(PRE, 8, 6, "较轻"), ["先期分组", "第 8 行", "较轻"]),
        (changed(PRE, 5, 6, None), ["先期分组", "第 5 行", "既没有手术操作，也没有天龄和体重"]),
        (changed(TB, 4, 7, "不详"), ["结核类", "第 4 行", "不详"]),
        (changed(OUT_OPERATIONS, 3, 3, "酌情"), ["第 3 行", "看不懂说明“酌情”"]),
        (changed(OUT_OPERATIONS, 6, 3, "胃炎作为主要诊断，可作为主要手术操作"), ["第 6 行", "胃炎"]),
        (changed(OUT_OPERATIONS, 3, 1, "00.01"), ["第 3 行", "完整的手术操作编码"]),
        (changed(BURN, 3, 5, "其他"), ["烧伤", "缺列：其他诊断编码"]),
        ({"七、其他": [["说明"]]}, ["七、其他", "不认识这个工作表"]),
        ({"结核类（二）": SHEETS[TB]}, ["结核类（二）", "同类工作表有两个"]),
        ({MERGE: None}, ["缺工作表：并项"]),
        ({MERGE: SHEETS[MERGE][:2]}, ["并项", "没有数据"]),
    ],
)
def test_what_does_not_fit_stops_the_load(tmp_path, change, expected) -> None:
    with pytest.raises(InputError) as error:
        read(tmp_path, **change)
    assert [word for word in expected if word not in str(error.value)] == []


def test_limits_in_a_note(tmp_path) -> None:
    rows = [*SHEETS[PRE][:6], ["XQ", 4, "超低", "P07", None, None, None, "天龄＜29天，出生体重＜750克"]]
    frame, _ = read(tmp_path, **{PRE: rows})
    assert frame.filter(code="XQ-4")["rule"].item() == "XSRTL < 29 and XSRTZ < 750"


@pytest.mark.parametrize(
    ("days", "weight", "rule"),
    [
        ("≤28天", "小于750克", "XSRTL <= 28 and XSRTZ < 750"),
        ("0-28天", "1000g≤体重<1500g", "XSRTL < 29 and XSRTZ >= 1000 and XSRTZ < 1500"),
        ("小于29天", "出生体重大于等于750克且小于1000克", "XSRTL < 29 and XSRTZ >= 750 and XSRTZ < 1000"),
        ("", "2500克以下", "XSRTZ < 2500"),
        ("", "", ""),
    ],
)
def test_limits_in_words(days, weight, rule) -> None:
    assert limits.newborn(days, weight) == rule


REGION: list[list[Any]] = [
    ["某市 DIP 病种目录"],
    ["DIP编码", "病种名称", "病种类型", "主要诊断编码", "手术操作编码", "治疗方式", "分值", "例均费用", "病例数"],
    ["K80.1:51.2300", "胆囊结石+胆囊切除", "核心病种", "K80.1", "51.2300", "手术", 812.5, "9,120.30", 120],
    ["K80.1:0", "胆囊结石", "核心病种", "K80.1", None, "保守治疗", "301", 3000, 15],
    ["K80:3", "胆石症", "综合病种", "K80", None, "相关手术", 700, None, None],
]


def region(tmp_path, rows: list[list[Any]]) -> Any:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(tmp_path / "目录.xlsx")
    return tmp_path / "目录.xlsx"


def test_the_catalogue_of_a_region(tmp_path, store) -> None:
    kept = loaders.add(region(tmp_path, REGION), store, version="dip-某市-2024")
    frame = pl.read_parquet(kept.path)
    assert kept.table == "dip_scheme"
    groups = (
        frame.filter(pl.col("kind") != "option").sort("code").select("kind", "code", "rule", "score", "cost", "number")
    )
    assert groups.rows() == [
        ("core", "K80.1:0", "", 301.0, 3000.0, 15),
        ("core", "K80.1:51.2300", "", 812.5, 9120.3, 120),
        ("mixed", "K80:3", "surgical", 700.0, None, None),
    ]


def test_the_catalogue_of_a_region_as_csv_without_mixed_groups(tmp_path) -> None:
    path = tmp_path / "目录.csv"
    path.write_text("病种代码,主要诊断代码,手术操作代码\nA,K80.1,51.2300+51.8800\n", encoding="utf-8")
    [found] = loaders.read(path)
    assert found.frame["kind"].to_list() == ["option", "core", *["mixed"] * 4]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (["X", "", "核心病种", "K80.1", "切除", "", 1, 1, 1], "第 6 行"),
        (["X", "", "核心病种", "K80.1", "", "", "高", 1, 1], "“高”不是数"),
        (["X", "", "综合病种", "K80", "", "", 1, 1, 1], "综合病种的治疗方式"),
        ([None, "", "核心病种", "K80", "", "", 1, 1, 1], "没有病种编码"),
    ],
)
def test_a_catalogue_that_does_not_fit(tmp_path, row, expected) -> None:
    with pytest.raises(InputError, match=expected):
        loaders.read(region(tmp_path, [*REGION, row]))
