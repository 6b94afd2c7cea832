import polars as pl
import pytest

from validator.codes.tables import Store

HEAD = "case_id,sex,age,diagnoses,procedures,cost\n"
ROWS = [f"a{n},1,60,K80.100,51.2300,1000\n" for n in range(15)] + [f"b{n},2,60,K80.200,,300\n" for n in range(14)]


@pytest.fixture(autouse=True)
def _registry(tmp_path, monkeypatch):
    monkeypatch.setenv("ZHIKONG_CODEBOOKS", str(tmp_path / "books"))
    (tmp_path / "cases.csv").write_text(HEAD + "".join(ROWS), encoding="utf-8")


def test_built_kept_and_grouped_by(zhikong, tmp_path):
    result = zhikong("dip-catalogue", "cases.csv", "--name", "dip-本院")
    assert result.exit_code == 0, result.output
    assert "已存为 dip-本院：29 例，核心病种 1 个（15 例，51.7%），综合病种 1 个" in result.output
    assert "dip-本院" in zhikong("codebooks", "list").output
    grouped = zhikong("group", "cases.csv", "--scheme", "dip-本院", "--out", "r.csv")
    assert grouped.exit_code == 0, grouped.output
    found = pl.read_csv(tmp_path / "r.csv")["dip"].value_counts().sort("count")
    assert found.rows() == [("K80:综合-保守治疗", 14), ("K80.1:51.2300", 15)]


def test_a_case_is_explained_with_the_names_loaded(zhikong, tmp_path):
    zhikong("dip-catalogue", "cases.csv", "--name", "ours")
    (tmp_path / "icd10_v2.0.csv").write_text("诊断代码,诊断名称\nK80.100,胆囊结石\n", encoding="utf-8")
    zhikong("codebooks", "add", "icd10_v2.0.csv")
    shown = zhikong("group", "cases.csv", "--scheme", "ours", "--explain", "a0").output.replace("\n", "")
    assert "主要诊断是 K80.100 胆囊结石，按 K80.1 找病种" in shown
    assert "核心病种里符合 K80.1:51.2300 胆囊结石 51.2300，它要求主要诊断 K80.1，手术操作 51.2300" in shown


def test_the_critical_number_and_english(zhikong):
    result = zhikong("dip-catalogue", "cases.csv", "--name", "ours", "--critical", "14", "--lang", "en")
    assert "Kept as ours: 29 cases, 2 core groups (29 cases, 100.0%), 0 mixed groups" in result.output


def test_the_table_comes_back_as_it_was(zhikong, tmp_path):
    assert zhikong("dip-catalogue", "cases.csv", "--name", "ours", "--out", "目录.csv").exit_code == 0
    assert zhikong("codebooks", "add", "目录.csv", "--version", "again").exit_code == 0
    kept = {each.version: pl.read_parquet(each.path) for each in Store(tmp_path / "books").versions("dip_scheme")}
    ours, again = (kept[name].filter(pl.col("kind") != "option") for name in ("ours", "again"))
    assert ours.equals(again)


def test_the_same_name_is_not_taken_twice(zhikong):
    assert zhikong("dip-catalogue", "cases.csv", "--name", "ours").exit_code == 0
    again = zhikong("dip-catalogue", "cases.csv", "--name", "ours", "--critical", "14")
    assert (again.exit_code, "--replace" in again.output) == (2, True)
    assert zhikong("dip-catalogue", "cases.csv", "--name", "ours", "--critical", "14", "--replace").exit_code == 0


@pytest.mark.parametrize("arguments", [["--name", "a b"], ["--name", "ours", "--critical", "16"], ["--critical", "1"]])
def test_what_cannot_be(zhikong, arguments):
    assert zhikong("dip-catalogue", "cases.csv", *arguments).exit_code == 2
