"""zhikong codebooks: add, list, lookup, diff, map, remove, as a user types them."""

import csv
import io
import json

import openpyxl
import pytest

LIST = "code,name,grey\nK80.000,胆囊结石伴急性胆囊炎,1\nK80.100,胆囊结石,0\nI10.x00x002,高血压病,0\n"
NEWER = "code,name,grey\nK80.000,胆囊结石伴急性胆囊炎,1\nK80.100,胆囊结石症,0\nI10.x00x003,高血压病1级,0\n"
MAP = "国临版编码,国临版名称,医保版编码,医保版名称\nK80.1,胆石,K80.100,胆囊结石\nK80.2,胆结石,K80.100,胆囊结石\n"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "码表"


@pytest.fixture
def books(zhikong, folder, tmp_path):
    """Run ``zhikong codebooks``, over two versions of a list and a map."""
    for name, text in (("icd10_v2.0.csv", LIST), ("icd10_v3.0.csv", NEWER), ("国临2.0对照医保2.0.csv", MAP)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return lambda command, *arguments: zhikong("codebooks", command, *arguments, "--codebooks", folder)


@pytest.fixture
def loaded(books):
    assert books("add", "icd10_v2.0.csv", "国临2.0对照医保2.0.csv").exit_code == 0
    assert books("add", "icd10_v3.0.csv", "--since", "2027-01-01", "--until", "2029-12-31").exit_code == 0
    return books


def test_the_group_shows_its_commands(zhikong):
    result = zhikong("codebooks")
    assert result.exit_code == 0
    for name in ("add", "diff", "list", "lookup", "map", "remove"):
        assert f"\n  {name} " in result.stdout
    assert "管理国家编码表" in zhikong("--help").stdout
    assert "Compare two versions" in zhikong("codebooks", "--lang", "en").stdout
    assert "用法：zhikong codebooks lookup" in zhikong("codebooks", "lookup", "--help").stdout
    wrong = zhikong("codebooks", "lokup")
    assert wrong.exit_code == 2
    assert "lookup" in wrong.stderr


def test_add_tells_what_it_did(books, tmp_path):
    result = books("add", "icd10_v2.0.csv")
    assert result.stdout == "icd10_v2.0.csv：已加入 icd10（疾病诊断（ICD-10 医保版））2.0 版，3 行，一直有效\n"
    assert "已有内容相同的 icd10" in books("add", "icd10_v2.0.csv").stdout
    result = books("add", "icd10_v3.0.csv", "--since", "2027-01-01", "--lang", "en")
    assert result.stdout.endswith(
        "added icd10 (diagnoses (ICD-10, insurance edition)) 3.0, 3 rows, in force from 2027-01-01\n"
    )


def test_one_bad_file_does_not_keep_the_others_out(books, tmp_path):
    (tmp_path / "坏.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    result = books("add", "坏.csv", "没有.csv", "icd10_v2.0.csv")
    assert result.exit_code == 2
    assert "坏.csv：没有编码列和名称列；看到的标题：甲、乙" in result.stderr
    assert "没有.csv：没有这个文件或文件夹" in result.stderr
    assert "已加入 icd10" in result.stdout


def test_what_a_file_does_not_tell_is_asked_for(books, tmp_path):
    (tmp_path / "诊断.csv").write_text(LIST, encoding="utf-8")
    result = books("add", "诊断.csv")
    assert (result.exit_code, "请用 --version 写明" in result.stderr) == (2, True)
    assert books("add", "诊断.csv", "--version", "2.0").exit_code == 0
    result = books("add", "icd10_v3.0.csv")
    assert (result.exit_code, "请用 --since 写明 3.0 版从哪天起用" in result.stderr) == (2, True)
    result = books("add", "icd10_v3.0.csv", "--version", "2.0")
    assert (result.exit_code, "要替换请加 --replace" in result.stderr) == (2, True)
    assert books("add", "icd10_v3.0.csv", "--version", "2.0", "--replace").exit_code == 0


def test_add_a_workbook(books, tmp_path):
    book = openpyxl.Workbook()
    for row in (["医保疾病诊断分类与代码"], ["诊断代码", "诊断名称"], ["K80.100", "胆囊结石"]):
        book.active.append(row)
    book.save(tmp_path / "医保ICD10_v2.0_0122.xlsx")
    assert "2.0 版，1 行" in books("add", "医保ICD10_v2.0_0122.xlsx").stdout


def test_list(books, loaded, folder):
    shown = books("list").stdout
    for word in (
        str(folder),
        "icd10_v3.0.csv",
        "2027-01-01",
        "2029-12-31",
        "还没有的码表",
        "drug",
        "只查结构、拼音首字母",
    ):
        assert word in shown
    rows = json.loads(books("list", "--format", "json").stdout)
    assert [(row["table"], row["version"], row["rows"]) for row in rows] == [
        ("icd10", "3.0", 3), ("icd10", "2.0", 3), ("icd10_map", "2.0-2.0", 2),
    ]  # fmt: skip
    assert len(rows[0]["sha256"]) == 64
    assert "Not there yet" in books("list", "--lang", "en").stdout


def test_an_empty_store_says_what_it_means(books):
    result = books("list")
    assert result.exit_code == 0
    assert "只查结构、WHO 类目亚目，不查编码是否存在、是否有效、名称是否相符" in result.stdout
    for command in (("lookup", "K80"), ("map", "K80"), ("remove", "icd10", "2.0"), ("diff", "icd10@1", "icd10@2")):
        result = books(*command)
        assert result.exit_code == 2
        assert "用 zhikong codebooks add 加入" in result.stderr


def test_the_environment_names_the_folder(zhikong, loaded, folder, monkeypatch):
    monkeypatch.setenv("ZHIKONG_CODEBOOKS", str(folder))
    assert "icd10_v2.0.csv" in zhikong("codebooks", "list").stdout


def test_lookup(loaded):
    rows = json.loads(loaded("lookup", "胆囊结石", "--format", "json").stdout)
    assert [row["code"] for row in rows] == ["K80.100", "K80.000"], "the closest first"
    assert rows[0] == {
        "code": "K80.100", "name": "胆囊结石症", "grey": False, "table": "icd10", "version": "3.0",
        "since": "2027-01-01", "until": "2029-12-31",
    }  # fmt: skip
    assert rows[1]["grey"] is True
    shown = loaded("lookup", "k80", "--limit", "1").stdout
    assert "K80.000" in shown
    assert "K80.100" not in shown
    assert "是" in shown
    assert "另有 1 条" in shown
    assert json.loads(loaded("lookup", "I10.x00x002", "--format", "json").stdout)[0]["version"] == "2.0", "only there"
    assert "K80.100" in loaded("lookup", "急性", "胆囊", "--lang", "en").stdout.replace("K80.000", "K80.100")
    shown = loaded("lookup", "K80.1", "--table", "icd10_map").stdout
    assert "对应编码" in shown
    assert "K80.100" in shown


def test_lookup_finds_nothing(loaded):
    result = loaded("lookup", "没有这个")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "没有查到\n")
    result = loaded("lookup", "没有这个", "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (1, [])
    assert loaded("lookup", "K80", "--table", "drug").exit_code == 2


def test_diff(loaded, tmp_path):
    shown = loaded("diff", "icd10@2.0", "icd10@3.0").stdout.splitlines()
    assert shown[0] == "icd10@2.0（3 行）→ icd10@3.0（3 行）"
    assert shown[1] == "新增 1，删除 1，改名 1，对应改变 0，日期变化 0，灰码变化 0"
    assert "  K80.100  胆囊结石 → 胆囊结石症" in shown
    rows = json.loads(loaded("diff", "icd10_v2.0.csv", "icd10@3.0", "--format", "json").stdout)
    assert [(row["change"], row["code"]) for row in rows] == [
        ("added", "I10.x00x003"), ("removed", "I10.x00x002"), ("renamed", "K80.100"),
    ]  # fmt: skip
    same = loaded("diff", "icd10@2.0", "icd10_v2.0.csv", "--lang", "en")
    assert same.exit_code == 0
    assert "added 0, removed 0" in same.stdout


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        (("icd10@2.0", "icd10@4.0"), "icd10 没有 4.0 版，有：3.0、2.0"),
        (("icd10@2.0", "没有.csv"), "没有.csv：没有这个文件；码表的版本写作 icd10@2.0"),
        (("icd10@2.0", "icd10_map@2.0-2.0"), "不是同一张表"),
    ],
)
def test_diff_needs_two_versions_of_one_table(loaded, sides, message):
    result = loaded("diff", *sides)
    assert result.exit_code == 2
    assert message in result.stderr


def test_map(loaded):
    rows = json.loads(loaded("map", "K80.2", "K80.9", "--format", "json").stdout)
    assert [(row["code"], row["target"], row["name"]) for row in rows] == [
        ("K80.2", "K80.100", "胆囊结石"),
        ("K80.9", None, None),
    ]
    result = loaded("map", "--back", "K80.100")
    assert result.exit_code == 0
    assert "胆石" in result.stdout
    assert "胆结石" in result.stdout
    assert loaded("map", "K80.9").exit_code == 1


@pytest.mark.parametrize("code", ["k80.2", "Ｋ80.2", " K80.2 ", "K80.2\u3000", "ｋ８０．２"])
def test_map_and_lookup_take_codes_as_people_write_them(loaded, code):
    (row,) = json.loads(loaded("map", code, "--format", "json").stdout)
    assert (row["code"], row["target"]) == (code, "K80.100")
    assert "K80.100" in loaded("lookup", code.replace("2", "1").replace("２", "１")).stdout


def test_map_says_why_a_code_has_no_counterpart(loaded):
    result = loaded("map", "k80.100", "NOPE")
    assert result.exit_code == 1
    assert "k80.100 已是医保版编码；要换成国临版，加 --back" in result.stderr
    assert "NOPE：装载的对照表里没有这个编码" in result.stderr


def test_map_sends_no_escape_sequence_of_a_code_to_the_terminal(loaded):
    shown = loaded("map", "A00\x1b[2J")
    assert "␛[2J" in shown.output
    assert "\x1b" not in shown.output


def test_map_a_column(loaded, tmp_path):
    (tmp_path / "首页.csv").write_bytes("病案号,诊断编码\n1,K80.2\n2,无\n3,K80.2\n4,\n5,K80.100\n".encode("gb18030"))
    result = loaded("map", "--file", "首页.csv", "--column", "诊断编码", "--out", "换算.csv")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.splitlines() == [
        "5 行，2 行有对应", "1 行没有填编码", "K80.100 已是医保版编码；要换成国临版，加 --back", "无：装载的对照表里没有这个编码",
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO((tmp_path / "换算.csv").read_text(encoding="utf-8-sig"))))
    assert [row["医保版编码"] for row in rows] == ["K80.100", "", "K80.100", "", ""]
    assert rows[0]["医保版名称"] == "胆囊结石"
    back = loaded("map", "--file", "换算.csv", "--column", "医保版编码", "--back")
    assert "1,K80.2,K80.100,胆囊结石,K80.1 K80.2,胆石 胆结石" in back.stdout
    (tmp_path / "无.csv").write_text("编码\n甲\n", encoding="utf-8")
    assert loaded("map", "--file", "无.csv", "--column", "编码").exit_code == 1
    wrong = loaded("map", "--file", "首页.csv", "--column", "编码")
    assert (wrong.exit_code, "没有“编码”这一列，有：病案号、诊断编码" in wrong.stderr) == (2, True)
    for arguments in ((), ("K80.2", "--file", "首页.csv"), ("--file", "首页.csv"), ("K80.2", "--out", "a.csv")):
        assert loaded("map", *arguments).exit_code == 2


def test_remove(loaded, folder):
    assert loaded("remove", "icd10", "2.0").stdout == "已移除 icd10 2.0 版（3 行）\n"
    result = loaded("remove", "icd10", "2.0")
    assert (result.exit_code, result.stderr) == (2, "icd10 没有 2.0 版，有：3.0\n")
    loaded("remove", "icd10", "3.0")
    assert not (folder / "icd10").exists()
