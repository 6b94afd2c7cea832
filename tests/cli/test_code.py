"""`zhikong code`: what a user sees, and the exit code."""

from datetime import date

import polars as pl
import pytest

from validator.codes.tables import Store, Version


def test_a_right_code(zhikong):
    result = zhikong("code", "XA01ABD075A002010100483", "--base-code", "86900483000019")
    assert result.exit_code == 0, result.output
    for word in (
        "结构正确",
        "西药编码",
        "类别码",
        "A01AB",
        "与药品本位码相符",
        "各地通行做法",
        "zhikong codebooks add",
    ):
        assert word in result.stdout


@pytest.mark.parametrize(
    ("code", "word"),
    [("k80.100", "应写作 K80.100"), ("K80.1", "不是最细一级的编码"), ("K99.900", "WHO ICD-10 没有 K99"), ("感冒", "这是名称"),
     ("C02010105212345678901?", "多出 2 位"), ("HY123", "应为 6 位数字")],
)  # fmt: skip
def test_a_wrong_code(zhikong, code, word):
    result = zhikong("code", code)
    assert result.exit_code == 1, result.output
    assert "无效" in result.stdout
    assert word in result.stdout


def test_in_english(zhikong):
    result = zhikong("code", "ZA04CAE0023010100166", "--name", "艾迪注射液", "--lang", "en")
    assert result.exit_code == 1
    for word in ("not valid", "Chinese patent medicine code", "should begin with A or Y", "practice"):
        assert word in result.stdout
    chinese = "".join(char for char in result.stdout if "㐀" <= char <= "鿿")
    assert len(chinese) < 40  # names of documents and of the drug


@pytest.mark.parametrize("arguments", [("",), (), ("K80.100", "--on", "yesterday")])
def test_what_cannot_run(zhikong, arguments):
    assert zhikong("code", *arguments).exit_code == 2


def test_tables_are_asked(zhikong, tmp_path, monkeypatch):
    monkeypatch.setenv("ZHIKONG_CODEBOOKS", str(tmp_path / "tables"))
    frame = pl.DataFrame(
        {"code": ["I10.x00x002"], "name": ["高血压"], "since": [None], "until": [None], "grey": [False], "chs_drg11_mdc": ["F"]},
        schema_overrides={"since": pl.Date, "until": pl.Date},
    )  # fmt: skip
    Store().put(Version("icd10", "2.0", date(2021, 1, 1), None, 0, "", "", "", tmp_path), frame)
    result = zhikong("code", "I10.x00x002")
    assert result.exit_code == 0
    for word in ("有效", "icd10 2.0", "高血压", "2021-01-01—", "chs_drg11_mdc=F", "质控知识", "EX11"):
        assert word in result.stdout
    assert zhikong("code", "I10.x00x002", "--on", "2020-12-31").exit_code == 1
    assert zhikong("code", "I10.x00x003").exit_code == 1
