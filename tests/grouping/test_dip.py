"""DIP: every layer and reason, the limits, and 2,000 random cases against a second grouper written otherwise."""

import random
from typing import Any

import polars as pl
import pytest

from tests import tables
from tests.grouping import dip_workbook, naive_dip
from validator.base.errors import InputError
from validator.codes.tables import Store
from validator.grouping import dip, dip_history
from validator.grouping.cases import Cases, from_flat
from validator.grouping.dip_explain import explain
from validator.grouping.dip_names import CodeNames, named
from validator.grouping.dip_scheme import COLUMNS, DipScheme, diagnoses, filled, mixed_rows, operations
from validator.grouping.language import RuleError
from validator.grouping.reasons import REASONS
from validator.loaders.schemes import dip as intake
from validator.read import workbook
from validator.read.place import Place


@pytest.fixture(scope="module")
def frame(tmp_path_factory) -> pl.DataFrame:
    path = dip_workbook.write(tmp_path_factory.mktemp("dip") / "DIP3.0.xlsx")
    return intake.read(workbook.grids(path.read_bytes(), Place(str(path))), Place(str(path)))[0]


@pytest.fixture(scope="module")
def scheme(frame) -> DipScheme:
    return DipScheme(frame, "dip-3.0")


def test_a_scheme_counts_its_groups(scheme):
    assert scheme.group_count == 6 + 3 + 3 + 4 + 4 + 9 + 4  # pre, merged, burns, tumours, tuberculosis, core, mixed


def cases(*rows: dict[str, Any]) -> Cases:
    """``principal``, ``operations`` and ``others`` as lists, days, weight, cost, age."""
    table = [
        {
            "case_id": str(number), "sex": "1",
            "age": "" if row.get("age", 40) is None else str(row.get("age", 40)),
            "age_days": "" if row.get("days") is None else str(row["days"]),
            "weight_g": "" if row.get("weight") is None else str(row["weight"]),
            "diagnoses": "|".join([row["principal"], *row.get("others", [])]),
            "procedures": "|".join(row.get("operations", [])),
            "cost": "" if row.get("cost") is None else str(row["cost"]),
        }
        for number, row in enumerate(rows)
    ]  # fmt: skip
    return from_flat(pl.DataFrame(table))


def one(scheme: DipScheme, principal: str, *done: str, **further: Any) -> tuple[str | None, str, str | None]:
    """Group, status and reason of one case."""
    found = dip.group(scheme, cases({"principal": principal, "operations": list(done), **further}))
    assert dict(found.schema) == dip.RESULT
    return found.select("dip", "status", "reason").row(0)


@pytest.mark.parametrize(
    ("principal", "done", "further", "group"),
    [
        ("I50.900", ["88.5500", "37.5100"], {}, "XQ-1"),  # anywhere among the operations
        ("J96.000", ["96.7201", "39.9500"], {}, "XQ-2"),
        ("J96.000", ["39.9500x007", "96.7201"], {}, "XQ-2"),
        ("J96.000", ["96.7201"], {}, "XQ-3"),
        ("I50.900", ["37.5100", "96.7201", "39.9500"], {}, "XQ-1"),  # the first, not that with most operations
        ("P07.001", [], {"age": 0, "days": 28, "weight": 749}, "XQ-4"),
        ("P07.001", [], {"age": 0, "days": 28, "weight": 750}, "XQ-5"),
        ("P07.001", ["93.9000"], {"age": 0, "days": 1, "weight": 2499}, "XQ-6"),
        ("P07.001", [], {"age": 0, "days": 1, "weight": 2500}, "JC-65"),
        ("P07.001", [], {"age": 0, "days": 29, "weight": 749}, "JC-65"),
        ("P07.001", [], {"age": 0, "days": 29}, "JC-65"),
        ("P07.001", [], {"age": 1}, "JC-65"),
        ("K35.900", ["47.0100"], {}, "BX-20"),
        ("K35.900", ["47.0100", "54.5101"], {}, "BX-21"),
        ("K35.900", ["47.0901", "54.5101"], {}, "BX-20"),
        ("K35.900", ["54.5101", "47.0100"], {}, "综合病种-相关手术"),  # the principal operation decides
        ("I21.900", ["36.0601", "37.2200"], {}, "BX-22"),
        ("I21.900", ["36.0601"], {}, "综合病种-相关手术"),
        ("I21.900", ["37.2200", "88.5500"], {}, "BX-22"),
        ("I21.900", ["37.2200"], {}, "综合病种-相关手术"),  # the principal operation is not next to itself
        ("T20.200", [], {"others": ["T31.000"]}, "FZ-30"),
        ("T20.200", ["86.2201"], {"others": ["Z99.900", "T32.000"]}, "FZ-31"),
        ("T20.200", ["86.2201", "86.6900"], {"others": ["T31.200"]}, "FZ-32"),
        ("T20.200", ["86.2201"], {}, "综合病种-相关手术"),
        ("Z51.101", ["99.2503"], {"others": ["C34.900"]}, "FZ-40"),
        ("Z51.101", ["99.2800x005", "99.2503"], {"others": ["C34.900"]}, "FZ-41"),
        ("Z51.800", ["99.2800x006", "99.2504"], {"others": ["C92.000"]}, "FZ-43"),
        ("Z51.800", ["99.2800"], {"others": ["C34.900"]}, "综合病种-保守治疗"),  # not the same as 99.2800x005
        ("A15.000x010", [], {}, "FZ-52"),
        ("A16.200", [], {"others": ["U84.300"]}, "FZ-52"),
        ("A16.200", [], {}, "FZ-53"),
        ("A16.200", ["33.2402"], {}, "FZ-51"),
        ("K80.100x001", [], {}, "JC-60"),
        ("K80.100", ["51.2300"], {}, "JC-61"),
        ("K80.100", ["51.2201"], {}, "JC-62"),
        ("K80.100", ["51.8800", "51.2300"], {}, "JC-63"),
        ("K80.200", ["51.2300"], {}, "JC-64"),  # the category, where the subcategory is not named
        ("K80.200", [], {}, "综合病种-保守治疗"),
        ("K80.100", ["88.7200"], {}, "综合病种-诊断性操作"),
        ("K80.100", ["93.9000"], {}, "综合病种-治疗性操作"),
        ("K80.100", ["88.7200", "93.9000", "17.912A0"], {}, "综合病种-治疗性操作"),
        ("K80.100", ["00.0100"], {}, "JC-60"),  # excluded: conservative
        ("K80.100", ["00.0100", "51.2300"], {}, "JC-60"),
        ("K80.100", ["00.3101", "51.2300"], {}, "JC-61"),  # never principal: the next stands in
        ("K29.500", ["44.1300X001"], {}, "JC-67"),  # allowed with these diagnoses; letter case does not count
        ("J18.900", ["44.1300x001"], {}, "综合病种-保守治疗"),
        ("A09.900x001", [], {}, "JC-66"),  # only the whole code is excluded
    ],
)
def test_groups(scheme, principal, done, further, group) -> None:
    assert one(scheme, principal, *done, **further) == (group, "grouped", None)


@pytest.mark.parametrize(
    ("principal", "further", "status", "reason"),
    [
        ("", {}, "failed", "principal_missing"),
        ("K80", {}, "failed", "principal_unknown"),
        ("80.1", {}, "failed", "principal_unknown"),
        ("A09.900", {}, "excluded", "principal_excluded"),
        ("Z33.x00", {}, "excluded", "principal_excluded"),
        ("P07.001", {"age": 0, "days": 3}, "failed", "newborn_data"),
        ("P07.001", {"age": 0, "weight": 700}, "failed", "newborn_data"),
        ("P07.001", {"age": None, "weight": 700}, "failed", "newborn_data"),
    ],
)
def test_reasons(scheme, principal, further, status, reason) -> None:
    assert one(scheme, principal, **further) == (None, status, reason)
    assert reason in REASONS


def test_no_group_where_there_are_no_mixed_ones(frame) -> None:
    bare = DipScheme(frame.filter(pl.col("kind") != "mixed"))
    assert one(bare, "K80.200") == (None, "failed", "dip_no_group")


def catalogue(*rows: dict[str, Any]) -> DipScheme:
    """Core groups only, in which the order of operations says nothing."""
    return DipScheme(pl.concat([filled(pl.DataFrame([{"kind": "core"} | row for row in rows])), mixed_rows()]))


def test_most_operations_then_nearest_cost_then_score_then_place() -> None:
    rows = [("A", "51.2300", 900.0, 5.0), ("B", "51.2200", 100.0, 9.0), ("C", "51.8800", 300.0, 7.0)]
    rows = [
        {"code": code, "principal": "K80.1", "procedure": done, "cost": cost, "score": score}
        for code, done, cost, score in rows
    ]
    both = {"code": "D", "principal": "K80.1", "procedure": "51.2300+51.8800", "cost": 5000.0, "score": 1.0}
    done = ["51.8800", "51.2200", "51.2300", "51.2300"]
    scheme = catalogue(*rows)
    assert one(scheme, "K80.100", *done, cost=800)[0] == "A"
    assert one(scheme, "K80.100", *done, cost=90)[0] == "B"
    assert one(scheme, "K80.100", *done, cost=200)[0] == "B"  # as near as C, with the higher score
    assert one(scheme, "K80.100", *done)[0] == "B"
    assert one(catalogue(*rows, both), "K80.100", *done, cost=90)[0] == "D"
    assert one(catalogue(rows[0], rows[0] | {"code": "Z"}), "K80.100", "51.2300")[0] == "A"
    assert one(scheme, "K80.100", "54.5100")[0] == "综合病种-相关手术"


def test_most_operations_before_the_nearest_cost_where_other_diagnoses_decide(frame) -> None:
    costly = frame.with_columns(cost=pl.when(code="FZ-40").then(500.0).when(code="FZ-41").then(9000.0))
    done = ["99.2503", "99.2800x005"]
    assert one(DipScheme(costly), "Z51.101", *done, others=["C34.900"], cost=500)[0] == "FZ-41"


DIAGNOSES = """
K80.100 K80.100x001 K80.200 K35.900 I21.900 I20.000 I50.900 T20.200 T21.200x001 Z51.101 Z51.800 A15.000x010 A15.000
A16.200 P07.001 P07.001 A09.900 A09.900x001 K29.500 J18.900 Z33.x00 K80 J96.000
"""
OTHERS = "T31.000 T31.100 T32.000 C34.900 C92.000 U84.300 I10.x00 E11.900 Z99.100"
OPERATIONS = """
37.5100 96.7201 39.9500 39.9500x007 47.0100 47.0901 54.5100 54.5101 36.0700x004 36.0601 37.2200 88.5500 86.2201 86.6900
99.2503 99.2504 99.2800 99.2800x005 99.2800x006 33.2402 51.2300 51.2200 51.2201 51.8800 44.1300x001 00.0100 00.3101
93.9000 88.7200 17.912A0 92.0100
"""


def drawn(rng: random.Random) -> dict[str, Any]:
    newborn = rng.random() < 0.3
    return {
        "principal": "" if rng.random() < 0.02 else rng.choice(DIAGNOSES.split()),
        "operations": rng.choices(OPERATIONS.split(), k=rng.choice([0, 1, 1, 2, 2, 3, 5])),
        "others": rng.choices(OTHERS.split(), k=rng.randrange(3)),
        "age": 0 if newborn else rng.randrange(1, 90),
        "days": rng.choice([None, 1, 28, 29, 200]) if newborn else None,
        "weight": rng.choice([None, 600, 749, 750, 1499, 1500, 2499, 2500]) if newborn else None,
        "cost": rng.choice([None, float(rng.randrange(100, 3000))]),
    }


@pytest.mark.parametrize("ordered", [True, False])
def test_2000_random_cases_group_as_a_naive_grouper_does(frame, ordered) -> None:
    rng = random.Random(63)
    given = frame.filter(~(pl.col("code").is_in(["position"]) & (not ordered)))
    core = pl.col("kind").is_in(["core", "merge", "burn", "tumour"])
    given = given.with_columns(  # two groups that tie, and costs and scores to tell them apart
        cost=pl.when(core).then(1000.0 - pl.col("place") * 100.0), score=pl.when(core).then(pl.col("place") % 3 * 1.0)
    )
    twin = given.filter(code="JC-62").with_columns(code=pl.lit("JC-99"), place=pl.lit(99, pl.UInt32), cost=700.0)
    given = pl.concat([given, twin])
    rows = [drawn(rng) for _ in range(2000)]
    listed = given.rows(named=True)
    expected = [naive_dip.group(listed, row) for row in rows]
    scheme = DipScheme(given)
    found = dip.group(scheme, cases(*rows))
    assert list(zip(found["dip"].str.to_uppercase(), found["reason"], strict=True)) == expected
    assert found["kind"].n_unique() == 8  # every layer, mixed groups, none

    order = list(range(2000))
    rng.shuffle(order)
    shuffled = dip.group(scheme, cases(*(rows[place] for place in order)))
    assert shuffled.drop("case_id").equals(found[order].drop("case_id"))
    parts = [dip.group(scheme, cases(*rows[:7])), dip.group(scheme, cases(*rows[7:]))]
    assert pl.concat(parts).drop("case_id").equals(found.drop("case_id"))


def history(rng: random.Random) -> list[dict[str, Any]]:
    frequent = [
        ("K80.100", ["51.2300"], 15),
        ("K80.101", [], 14),
        ("K80.200", ["51.2200", "51.8800"], 30),
        ("D24.x00", [], 15),
    ]
    rows = [
        {"principal": code, "operations": rng.sample(done, len(done)), "cost": 100.0}
        for code, done, n in frequent
        for _ in range(n)
    ]
    rare = [{"principal": "K80.100", "operations": [each], "cost": 50.0} for each in ("88.7200", "93.9000", "51.9900")]
    return [*rows, *rare, {"principal": "K80.100", "operations": ["51.2300", "51.9900"], "cost": 900.0}]


def test_a_catalogue_from_history_groups_that_history() -> None:
    rows = history(random.Random(1))
    built = dip_history.build(cases(*rows, {"principal": ""}, {"principal": "无"}))
    assert dict(built.schema) == COLUMNS
    core = built.filter(kind="core").select("code", "number", "cost")
    assert core.rows() == [
        ("K80.2:51.2200+51.8800", 30, 100.0), ("D24.x:保守治疗", 15, 100.0), ("K80.1:51.2300", 15, 100.0),
    ]  # fmt: skip
    mixed = dict(built.filter(kind="mixed").select("code", "number").iter_rows())
    assert mixed == {f"K80:综合-{each}": n for each, n in
                     (("保守治疗", 14), ("诊断性操作", 1), ("治疗性操作", 1), ("相关手术", 1))}  # fmt: skip
    found = dip.group(DipScheme(built), cases(*rows))
    assert found["status"].unique().to_list() == ["grouped"]
    numbers = dict(found["dip"].value_counts().iter_rows())
    # the rare combination that holds a core group's operations goes there, and makes no mixed group
    assert numbers == dict(core.select("code", "number").iter_rows()) | mixed | {"K80.1:51.2300": 16}
    assert one(DipScheme(built), "J18.900") == (None, "failed", "dip_no_group")


def test_the_critical_number_is_a_choice() -> None:
    rows = cases(*history(random.Random(2)))
    assert "K80.1:保守治疗" in dip_history.build(rows, critical=14)["code"]
    assert dip_history.build(rows, critical=31).filter(kind="core").height == 0


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("K80.1|K81", ["K80.1", "K81"]), ("a15－A17", ["A15", "A16", "A17"]), ("K80.1-K80.3", ["K80.1", "K80.2", "K80.3"]),
        ("B99-C01", ["B99", "C00", "C01"]), ("所有诊断", [""]), ("", []), ("A17.000x001+G01*", ["A17.000X001+G01*"]),
    ],
)  # fmt: skip
def test_cells_of_diagnoses(cell, codes) -> None:
    assert diagnoses(cell) == codes


@pytest.mark.parametrize(
    ("cell", "ways"),
    [
        ("51.2300", [{"51.2300"}]), ("33.6x00|40.3x00x005", [{"33.6X00"}, {"40.3X00X005"}]),
        ("(51.22|51.23)+51.88", [{"51.22", "51.88"}, {"51.23", "51.88"}]), ("17.912A0＋93.9000", [{"17.912A0", "93.9000"}]),
        ("51.2300_x000D_\n|51.2200", [{"51.2300"}, {"51.2200"}]), ("", []),
    ],
)  # fmt: skip
def test_cells_of_operations(cell, ways) -> None:
    assert operations(cell) == ways


@pytest.mark.parametrize("cell", ["K80.1|胆囊炎", "C15-A00", "U84.700U84.800", "K80.1||K81", "51.2300"])
def test_what_is_no_diagnosis_is_refused(cell) -> None:
    with pytest.raises(RuleError):
        diagnoses(cell)


@pytest.mark.parametrize(
    "cell", ["51.2300 and 51.88", "(51.23|51.22", "51.23+", "胆囊切除", "99.250399.2800", "K80.1", "51.23)"]
)
def test_what_is_no_operation_is_refused(cell) -> None:
    with pytest.raises(RuleError):
        operations(cell)


def test_a_scheme_with_a_wrong_row_is_refused() -> None:
    with pytest.raises(InputError, match=r"JC-1.*第 1 字"):
        catalogue({"code": "JC-1", "principal": "?"})


def trace(scheme: DipScheme, principal: str, *done: str, names: CodeNames = CodeNames(), **further: Any) -> list[str]:  # noqa: B008
    some = cases({"principal": "J18.900"}, {"principal": principal, "operations": list(done), **further})
    result = named(dip.group(scheme, some), scheme, names)
    return explain(scheme, some, 1, result.row(1, named=True), names)


@pytest.fixture
def names(tmp_path) -> CodeNames:
    store = Store(tmp_path)
    diagnoses = [("K80.100", "胆囊结石伴胆囊炎", None), ("K80.100x001", "胆囊结石伴急性胆囊炎", None)]
    tables.add(store, "icd10", diagnoses, "code", "name", "grey")
    tables.add(store, "icd9cm3", [("51.2300", "腹腔镜下胆囊切除术", None)], "code", "name", "grey")
    return CodeNames.loaded(store, {})


def test_the_way_of_a_case_in_sentences(scheme, names) -> None:
    assert trace(scheme, "K80.100x001", "00.3101", "51.2300", "51.8800", names=names) == [
        "主要诊断是 K80.100x001 胆囊结石伴急性胆囊炎，按 K80.1 找病种",
        "手术操作有 00.3101、51.2300 腹腔镜下胆囊切除术、51.8800",
        "00.3101 在不纳入分组的名单上：不可作为主要手术操作",
        "主要手术操作是 51.2300 腹腔镜下胆囊切除术",
        "先期分组、并项规则、诊断辅助细分（烧伤类）、诊断辅助细分（肿瘤类）、诊断辅助细分（结核类）里都没有符合的病种",
        (
            "核心病种里诊断和手术操作符合的有 3 个：JC-61 胆囊结石伴胆囊炎＋腹腔镜胆囊切除、JC-63 胆囊结石伴胆囊炎＋腹腔镜胆囊切除+取石、"
            "JC-64 胆石症＋腹腔镜胆囊切除；取 JC-63 胆囊结石伴胆囊炎＋腹腔镜胆囊切除+取石，它要求主要诊断 K80.1，手术操作 51.2300+51.8800"
        ),
        "结果：入组 JC-63 胆囊结石伴胆囊炎＋腹腔镜胆囊切除+取石",
    ]
    assert trace(scheme, "P07.001", age=0, days=3)[-2:] == [
        "先期分组要看新生儿的天龄和体重，有缺失的", "结果：未入组：新生儿天龄或体重缺失",
    ]  # fmt: skip
    assert trace(scheme, "P07.001", age=0, days=3, weight=700)[-2].endswith(
        "取 XQ-4 超低出生体重儿，它要求主要诊断 P07，天龄 < 29 且 体重（克） < 750"
    )
    assert trace(scheme, "T20.200")[2:5] == [
        "先期分组、并项规则里都没有符合的病种",
        "诊断辅助细分（烧伤类）里诊断和手术操作符合 FZ-30 二度＋<10%＋保守治疗，但其他条件不符合",
        "诊断辅助细分（肿瘤类）、诊断辅助细分（结核类）、核心病种里都没有符合的病种",
    ]
    assert trace(scheme, "J18.900", "00.0100")[2:] == [
        "00.0100 在不纳入分组的名单上：不能作为主要手术操作，有它则按保守治疗入组",
        "没有可作为主要手术操作的，按保守治疗找病种",
        "先期分组、并项规则、诊断辅助细分（烧伤类）、诊断辅助细分（肿瘤类）、诊断辅助细分（结核类）、核心病种里都没有符合的病种",
        "所以看综合病种", "结果：入组 综合病种-保守治疗",
    ]  # fmt: skip
    assert trace(scheme, "A09.900") == ["主要诊断是 A09.900", "结果：不参加分组：主要诊断在不纳入分组的名单"]
    assert trace(scheme, "") == ["没有主要诊断", "结果：未入组：没有主要诊断"]


def test_groups_in_the_way_of_a_case_have_the_loaded_names(names) -> None:
    scheme = catalogue(
        {"code": "A", "principal": "K80.1", "procedure": "51.2300", "cost": 9.0},
        {"code": "B", "principal": "K80.1", "procedure": "51.2300", "name": "K80.1 手术", "cost": 1.0},
    )
    one = "A 胆囊结石伴胆囊炎 腹腔镜下胆囊切除术"
    assert trace(scheme, "K80.100", "51.2300", names=names, cost=9.0)[2:] == [
        f"核心病种里诊断和手术操作符合的有 2 个：{one}、B 胆囊结石伴胆囊炎 手术；取 {one}，它要求主要诊断 K80.1，手术操作 51.2300",
        f"结果：入组 {one}",
    ]
    assert trace(scheme, "K80.100", "51.2300", cost=1.0)[2:] == [
        "核心病种里诊断和手术操作符合的有 2 个：A、B K80.1 手术；取 B K80.1 手术，它要求主要诊断 K80.1，手术操作 51.2300",
        "结果：入组 B K80.1 手术",
    ]


def test_codes_that_are_none_make_no_group() -> None:
    unusual = [{"principal": "K80.100", "operations": ["胆囊切除"]}] * 20
    built = dip_history.build(cases(*unusual, *[{"principal": "K80.100"}] * 20))
    assert built.filter(kind="core")["code"].to_list() == ["K80.1:保守治疗"]
    assert dip.group(DipScheme(built), cases(*unusual))["kind"].unique().to_list() == ["mixed"]


def test_cases_read_in_parts() -> None:
    rows = history(random.Random(3))
    whole = dip_history.build(cases(*rows))
    assert dip_history.build(dip_history.together([cases(*rows[:9]), cases(*rows[9:])])).equals(whole)


def test_groups_that_a_catalogue_lists_by_codes_are_named_by_the_loaded_tables(tmp_path) -> None:
    store = Store(tmp_path)
    tables.add(store, "icd10", [("K80.100", "胆囊结石伴胆囊炎", None)], "code", "name", "grey")
    tables.add(store, "icd9cm3", [("51.2300", "腹腔镜下胆囊切除术", None)], "code", "name", "grey")
    scheme = catalogue(
        {"code": "A", "principal": "K80.1", "procedure": "51.2300"},
        {"code": "B", "name": "K80.1 保守治疗", "principal": "K80.1", "procedure": ""},
        {"code": "C", "name": "阑尾炎", "principal": "K35.9", "procedure": ""},
        {"code": "D", "principal": "I10", "procedure": "99.2500"},
    )
    result = pl.DataFrame({"dip": ["A", "B", "C", "D", None], "name": ["", "K80.1 保守治疗", "阑尾炎", "", None]})
    assert named(result, scheme, CodeNames.loaded(store, {}))["name"].to_list() == [
        "胆囊结石伴胆囊炎 腹腔镜下胆囊切除术", "胆囊结石伴胆囊炎 保守治疗", "阑尾炎", "", None,
    ]  # fmt: skip
    assert named(result, scheme, CodeNames.loaded(Store(tmp_path / "none"), {})).equals(result)
