"""Grouping schemes: folders of tables and the official configuration workbook, recognised, refused and kept."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from tests.grouping import dip_workbook
from tests.loaders import drg_workbook
from tests.loaders.drg_workbook import TABLES, Sheets, folder, sheets
from tests.shared import NATIONAL, Tables, needs_national
from validator import loaders
from validator.base.errors import InputError
from validator.cli.app import App
from validator.codes.tables import Store
from validator.grouping import language
from validator.grouping.scheme import COLUMNS, DrgScheme, load
from validator.loaders import schemes

NAME = "1.按病组（DRG）付费3.0版分组方案配置信息_20260909更新.xlsx"


@pytest.fixture
def zhikong() -> Callable[..., Result]:
    """Run the command in this process."""
    return lambda *arguments: CliRunner().invoke(App(), [str(each) for each in arguments])


def rules(frame: pl.DataFrame, kind: str) -> dict[str, str]:
    return dict(frame.filter(kind=kind).sort("place").select("code", "rule").iter_rows())


def refused(path: Path) -> str:
    with pytest.raises(InputError) as error:
        loaders.read(path)
    assert str(error.value).startswith(str(path))
    return str(error.value)


def test_a_folder_of_tables(tmp_path):
    [found] = loaders.read(folder(tmp_path / "city-2025"))
    frame = found.frame
    assert (found.table.name, found.version, found.counts) == ("drg_scheme", "city-2025", "5 MDC、7 ADRG、11 DRG")
    assert dict(frame.schema) == COLUMNS
    assert rules(frame, "option") == {"surgical": "OP_ALL", "edition": "insurance"}
    assert rules(frame, "mdc") == {
        "MDCA": "ZYSS in OP_ALL",
        "MDCP": "ZYZD in DI_P00 and NL = 0",
        "MDCZ": "ZYZD in DI_Z00 and (ZYZD in DI_Z01 and QTZD in {DI_Z02, DI_Z03} "
        "or ZYZD in DI_Z02 and QTZD in {DI_Z01, DI_Z03} or ZYZD in DI_Z03 and QTZD in {DI_Z01, DI_Z02})",
        "MDCM": "ZYZD in DI_M00 and XB = 1",
        "MDCX": "ZYZD in DI_X00",
    }
    some = "{ZYSS, QTSS} in"
    assert dict(frame.filter(kind="adrg").select("code", "rule").iter_rows()) == {
        "AC1": f"{some} OP_AC1 and {some} OP2_AC1",
        "PS2": "{ZYZD, QTZD} in DI_PS2 and XSRTZ >= 1500 and XSRTZ < 2000 and XSRTL <= 28",
        "PV1": "",
        "ZZ1": "ZYSS not in OP_ALL",
        "MA1": f"ZYZD in DI_MA1 and (({some} OP_MA1 and {some} OP2_MA1) or {some} OP3_MA1)",
        "XJ1": "ZYSS in OP_ALL",
        "XS1": "ZYZD in DI_XS1",
    }
    assert rules(frame.filter(parent="MA1"), "drg") == {
        "MA11": "QTZD in MCC",
        "MA13": "QTZD in MCC or QTZD in CC",
        "MA15": "",
    }
    assert frame.filter(kind="cc").select("code", "rule", "parent").rows() == [
        ("J96.000", "MCC", "7"), ("I10.x00", "CC", "8"),
    ]  # fmt: skip
    assert frame.filter(kind="exclusion").select("code", "parent").rows() == [("J96.900", "7")]
    assert frame.filter(kind="diagnosis_map").select("code", "parent").rows() == [("A01.000x002", "A01.003")]
    DrgScheme(frame)


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        ("drg", "", None, "分组方案缺 drg.csv"),
        ("adrg", "match_rule", "rule", "adrg.csv 第 1 行：缺列：match_rule"),
        ("adrg", "无手术,,", "随便,,", "adrg.csv 第 5 行：ZZ1 的匹配规则看不懂：“随便”"),
        ("adrg", "(1 and 2) or 3", "1 oder 3", "adrg.csv 第 6 行：MA1 的匹配规则看不懂：“JA1特殊规则”"),
        ("adrg", "(1 and 2) or 3", "(1 and 2 or 3", "第 6 行：MA1 的规则看不懂，第 "),
        ("adrg", "(1 and 2) or 3", "1 and 4", "第 6 行：MA1 的规则用到没有编码的集合：OP4_MA1"),
        ("adrg", "MDCM", "MDCN", "第 6 行：MA1 所属的 MDC MDCN 没有"),
        ("mdc", "MDCM", "MDCP", "mdc.csv 第 5 行：MDCP 重复，第 2 行已有"),
        ("adrg", "\n7,XS1", "\n七,XS1", "第 8 行：check_order 不是整数"),
        ("adrg", "AC19", "AC18", "第 2 行：AC1 的 AC18 不在 drg.csv 里"),
        ("adrg", "PV13|PV15", "PV15", "drg.csv 第 5 行：PV13 不在 adrg.csv 的 drgs 里"),
        ("adrg", "PV13|PV15", "", "adrg.csv 第 4 行：PV1 下面没有 DRG"),
        ("drg", "not split", "unsplit", "drg.csv 第 2 行：AC19 的 severity 看不懂：“unsplit”"),
        ("mdc", "age in", "weight in", "mdc.csv 第 2 行：MDCP 的入组条件看不懂：“weight in whole years = 0”"),
        ("mdc", ",1\n", "\n", "mdc.csv 第 2 行：格数与标题行（5 格）不符"),
        ("valid_procedure", "", None, "的规则用到没有编码的集合：OP_ALL"),
    ],
)
def test_folders_that_do_not_fit(tmp_path, table, old, new, message):
    changed = "" if new is None else TABLES[f"{table}.csv"].replace(old, new)
    path = folder(tmp_path / "one", **{table: changed})
    if table == "adrg" and new == "":
        (path / "drg.csv").write_text(
            "\n".join(line for line in TABLES["drg.csv"].splitlines() if not line.startswith("PV")), encoding="utf-8"
        )
    assert message in refused(path)


def test_a_city_says_how_ambiguous_cases_are_treated(tmp_path):
    path = folder(tmp_path / "city", options="option,value\nqy,any\nqy_not,ASTXY\n")
    [found] = loaders.read(path)
    assert rules(found.frame, "option") == {
        "surgical": "OP_ALL",
        "edition": "insurance",
        "qy": "any",
        "qy_not": "ASTXY",
    }
    (path / "options.csv").write_text("option,value\nqy_not,A\nqy,some\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"options\.csv.*3.*选项“qy=some”看不懂"):
        loaders.read(path)


def test_the_configuration_workbook(workbook):
    [found] = loaders.read(workbook(NAME, sheets()))
    frame = found.frame
    assert (found.table.name, found.version, found.counts) == ("drg_scheme", "chs-drg-3.0", "4 MDC、7 ADRG、9 DRG")
    assert rules(frame, "option") == {
        "surgical": "OP_ALL", "skip_medical": "1", "edition": "insurance", "qy": "principal", "qy_not": "A O",
        "dropped": "OP_T004",
    }  # fmt: skip
    assert rules(frame, "mdc") == {
        "MDCA": "",
        "MDCP": "ZYZD in DI_P00 and NL<1",
        "MDCB": "ZYZD in DI_B00 or ZYZD in DI_B01",
        "MDCO": "ZYZD in DI_O00 and XB = 2",
        "0000": "",
    }
    assert rules(frame.filter(parent="MDCB"), "adrg") == {
        "BB1": "length(OP_BB1 ∩ {ZYSS, QTSS}) >= 2",
        "BR1": "(ZYZD in {DI_BR1, DI_B01}) and not NL >= 70",
        "BR2": "ZYZD in DI_B00",
        "B00": "",
    }
    assert rules(frame.filter(parent="MDCO"), "adrg") == {"OB1": "ZYSS in OP_OB1", "OZ1": "1", "O00": ""}
    assert list(rules(frame.filter(parent="BB1"), "drg")) == ["BB10", "BB11", "BB15"]
    members = frame.filter(kind="member").group_by("parent").agg(pl.col("code").sort())
    sets = dict(members.iter_rows())
    assert sets["DI_B00"] == ["I61.900", "I63.900"]
    assert sets["OP_BB1"] == ["02.3400", "02.3400x001"]
    assert sets["OP_OB1"] == ["74.1x01"]
    assert sets["OP_T004"] == ["93.9000"]  # without the robots, which rules ask for
    assert frame.filter(kind="cc").select("code", "rule", "parent").rows() == [
        ("J96.000", "MCC", "PDX001"), ("I10.x00", "CC", "PDX002"),
    ]  # fmt: skip
    assert found.remarks == [
        "ADRG：规则为空的兜底组 O00 移到最后",
        "ADRG：排序重复或空缺，按行序：BR1、BR2",
        "DRG：规则为空的兜底组 BB15 移到最后",
        "集合：1 行重复，只记一次",
    ]
    DrgScheme(frame)


Change = Callable[[Sheets], object]


def shifted(found: Sheets) -> None:
    """The values of one column further to the left than the headings, as when a column was deleted below them only."""
    found["ADRG"][1:] = [[*row[1:], None] for row in found["ADRG"][1:]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda all_: all_.pop("CC"), "缺工作表：CC；有：MDC、ADRG"),
        (
            lambda all_: all_["DRG"][0].__setitem__(3, "上级"),
            "工作表“DRG” 第 1 行：缺列：所属ADRG编码；看到的标题：DRG、",
        ),
        (shifted, "工作表“ADRG” 第 2 行：B 列“ADRG编码”的内容不对：心脏移植（共 14 行）；请核对各列是否错位"),
        (
            lambda all_: all_["ADRG"][1].__setitem__(3, "ZYSS in OP_AA1 and"),
            "“ADRG” 第 2 行：AA1 的规则看不懂，第 19 字",
        ),
        (
            lambda all_: all_["ADRG"][1].__setitem__(3, "ZYSS in OP_AA2"),
            "第 2 行：AA1 的规则用到没有编码的集合：OP_AA2",
        ),
        (lambda all_: all_["ADRG"][2].__setitem__(4, "MDCK"), "“ADRG” 第 3 行：A00 所属的 MDC MDCK 没有"),
        (lambda all_: all_["ADRG"][4].__setitem__(3, "ZYZD in DI_B00"), "第 5 行：PQY 的规则不是“手术属于 OP_ALL”"),
        (lambda all_: all_["ADRG"][4].__setitem__(3, "ZYSS"), "第 5 行：PQY 的规则看不懂，第 5 字"),
        (
            lambda all_: all_["DRG"][1].__setitem__(4, "MDCB"),
            "“DRG” 第 2 行：AA19 的所属 MDC 是 MDCB，而 AA1 属于 MDCA",
        ),
        (lambda all_: all_["DRG"].append(["AA19", "", "", "AA1", "MDCA", 2]), "“DRG” 第 18 行：AA19 重复，第 2 行已有"),
        (lambda all_: all_["DRG"].pop(1), "“ADRG” 第 2 行：AA1 下面没有 DRG"),
        (lambda all_: all_["DRG"][1].__setitem__(5, "末"), "“DRG” 第 2 行：F 列“排序”的内容不对：末"),
        (lambda all_: all_["集合"][1].__setitem__(1, "脑内出血"), "“集合” 第 2 行：B 列“ICD编码”的内容不对：脑内出血"),
        (lambda all_: all_["集合"][9].__setitem__(1, 2.34), "“集合” 第 10 行：B 列的编码 2.34 是数字，可能丢了 0"),
        (lambda all_: all_["集合"][1].__setitem__(1, None), "“集合” 第 2 行：1 行没有编码，请核对各列是否错位"),
        (lambda all_: all_["CC"][1].__setitem__(3, "严重"), "“CC” 第 2 行：D 列“类型”的内容不对：严重"),
        (lambda all_: all_.__setitem__("排除表", all_["排除表"][:1]), "“排除表”：标题行下面没有内容"),
        (
            lambda all_: all_.__setitem__("MDC", []),
            "“MDC” 第 1 行：缺列：MDC编码、MDC名称、MDC规则、排序；看到的标题：无",
        ),
    ],
)
def test_workbooks_that_do_not_fit(workbook, change: Change, message):
    found = sheets()
    change(found)
    assert message in refused(workbook("方案.xlsx", found))


def test_what_a_workbook_may_lack(workbook):
    found = sheets()
    found["ADRG"] = [row[1:] for row in found["ADRG"] if not str(row[1]).endswith("QY")]
    found["DRG"] = [row for row in found["DRG"] if not row[0].endswith("QY")]
    found["集合"] = [row for row in found["集合"] if row[3] != "T004"] + [
        ["DI_B00", f"I63.9{n:02}", "", ""] for n in range(99)
    ]
    found["集合"].append(["DI_B00", "", "", ""])
    found["CC"][0][0] = "ICD编码"
    [table] = loaders.read(workbook("方案.xlsx", found))
    assert rules(table.frame, "option") == {"surgical": "OP_ALL", "skip_medical": "1", "edition": "insurance"}
    assert table.version == "chs-drg-3.0"  # as the title tells
    assert {
        "集合：1 行没有编码，没有收",
        "ADRG：没有 QY（歧义病案）",
        "集合：没有类型 T004（不参与分组的手术操作）",
    } <= set(table.remarks)


def test_any_qy(workbook):
    found = sheets()
    found["ADRG"][7][3] = "{ZYSS, QTSS} in OP_ALL"
    [table] = loaders.read(workbook("方案.xlsx", found))
    assert rules(table.frame, "option")["qy"] == "any"


def test_kept_side_by_side(workbook, tmp_path, store):
    city = folder(tmp_path / "city")
    loaders.add(city, store)
    kept = loaders.add(workbook(NAME, sheets()), store, table="drg_scheme")
    assert [each.version for each in store.versions("drg_scheme")] == ["city", "chs-drg-3.0"]
    assert load(store.at("drg_scheme", None, "chs-drg-3.0")).options["qy"] == "principal"
    assert loaders.add(city, store, version="other").version == "city"  # the same tables
    assert loaders.titled(kept) == "DRG 分组方案（4 MDC、7 ADRG、9 DRG）"


def test_a_dip_workbook_comes_in_by_the_same_door(tmp_path, store):
    path = tmp_path / "按病种分值（DIP）付费3.0版分组方案.xlsx"
    dip_workbook.write(path)
    kept = loaders.add(path, store)
    assert (kept.table, kept.version) == ("dip_scheme", "dip-3.0")
    assert loaders.titled(kept).startswith("DIP 分组方案（")
    assert loaders.comparable(store, kept)["code"].is_unique().all()


def test_asked_for_a_scheme_that_is_none(text_file):
    with pytest.raises(InputError, match="不是分组方案：应是官方公布的分组方案工作簿"):
        loaders.read(text_file("a.csv", "code,name", "K80.000,甲"), "drg_scheme")


def test_the_commands(zhikong, tmp_path):
    home, path = ["--codebooks", tmp_path / "books"], folder(tmp_path / "city")
    done = zhikong("codebooks", "add", path, "--version", "chs-drg-1.1", *home)
    assert (done.exit_code, done.output) == (
        0, f"{path}：已加入 drg_scheme（DRG 分组方案）chs-drg-1.1 版，5 MDC、7 ADRG、11 DRG，一直有效\n",
    )  # fmt: skip
    listed = zhikong("codebooks", "list", *home, "--format", "csv").output
    assert "drg_scheme,DRG 分组方案（5 MDC、7 ADRG、11 DRG）,chs-drg-1.1" in listed
    assert "不能分组" in zhikong("codebooks", "list", "--codebooks", tmp_path / "none").output
    (path / "valid_procedure.csv").write_text("code,name\n52.8100,胰腺移植\n", encoding="utf-8")
    adrg = TABLES["adrg.csv"].replace("XJ1,手术,MDCX,存在手术", "XJ1,手术,MDCX,无手术")
    (path / "adrg.csv").write_text(adrg, encoding="utf-8")
    output = zhikong("codebooks", "diff", "drg_scheme@chs-drg-1.1", path, *home).output
    assert "新增 1，删除 1，改名 1" in output
    assert "adrg MDCX XJ1  手术 ZYSS in OP_ALL → 手术 ZYSS not in OP_ALL" in output
    assert zhikong("codebooks", "remove", "drg_scheme", "chs-drg-1.1", *home).exit_code == 0
    assert not Store(tmp_path / "books").versions()


def test_a_whole_scheme(published: Tables):
    [found] = loaders.read(published.scheme)
    frame = found.frame
    slots = frame.filter(pl.col("kind").is_in(["mdc", "adrg", "drg"]))
    named = {name for rule in slots["rule"] for name in language.sets(language.parse(rule))}
    members = dict(frame.filter(kind="member").group_by("parent").len().iter_rows())
    assert named == members.keys()  # every set is there, and none for nothing
    rows = {path.stem: pl.read_csv(path, infer_schema=False) for path in published.scheme.glob("*.csv")}
    assert found.counts == "{} MDC、{} ADRG、{} DRG".format(*(len(rows[name]) for name in ("mdc", "adrg", "drg")))
    assert members["OP_ALL"] == len(rows["valid_procedure"])
    assert sum(number for name, number in members.items() if name.endswith("00")) == len(rows["mdc_diagnosis"])
    assert dict(frame.filter(kind="cc").group_by("rule").len().iter_rows()) == {
        "MCC": len(rows["mcc"]), "CC": len(rows["cc"]),
    }  # fmt: skip
    assert frame.filter(kind="exclusion").height == len(rows["cc_exclusion"])
    assert frame.filter(kind="diagnosis").height == len(rows["icd10_dict"])
    assert schemes.comparable(frame)["code"].is_unique().all()


@needs_national
def test_chs_drg_1_1():
    [found] = loaders.read(NATIONAL.scheme)
    frame = found.frame
    assert found.counts == "26 MDC、376 ADRG、628 DRG"
    members = dict(frame.filter(kind="member").group_by("parent").len().iter_rows())
    assert members["OP_ALL"] == 10_251
    assert sum(number for name, number in members.items() if name.endswith("00")) == 29_541
    assert sum(number for name, number in members.items() if name.startswith("DI_Z0")) == 2 * 999
    assert dict(frame.filter(kind="cc").group_by("rule").len().iter_rows()) == {"MCC": 4_678, "CC": 16_568}
    assert frame.filter(kind="exclusion").height == 28_302
    assert frame.filter(kind="diagnosis").height == 33_304
    assert list(rules(frame, "mdc"))[:4] == ["MDCA", "MDCP", "MDCY", "MDCZ"]


def test_the_fixtures_hold_no_more_than_a_handful():
    assert sum(len(rows) for rows in drg_workbook.sheets().values()) < 100
