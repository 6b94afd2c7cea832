"""Marked persons in every column of lists: no report of grouping, samples, the intake, measures or scores shows one."""

from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest

from tests.grouping import scheme as tiny
from tests.report.test_nobody import MARKS, expect_nobody, marked, run, written
from validator.codes.tables import Store

#: Shown as they are: what hospitals are known by, in rolls and keys too, and an amount.
AS_IT_IS = ("fixmedins_code", "amt")


def everything(folder: Path) -> str:
    """All that the files of a folder say, and what they are called; every cell of a workbook included."""
    found = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        found.append(str(path.relative_to(folder)))
        if path.suffix == ".parquet":
            found.append(pl.read_parquet(path, glob=False).write_ndjson())
        elif path.suffix == ".xlsx":
            with ZipFile(path) as book:
                found += [book.read(name).decode() for name in book.namelist() if name.endswith(".xml")]
        elif path.suffix != ".png":
            found.append(path.read_text(encoding="utf-8-sig"))
    return "\n".join(found)


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of lists with a mark in every column, and a scheme to group them by."""
    tiny.keep(Store(tmp_path / "books"))
    monkeypatch.setenv("ZHIKONG_CODEBOOKS", str(tmp_path / "books"))
    tables = {
        name: (heads, [row for row in rows if _is_marked(heads, row)]) for name, (heads, rows) in marked("4101").items()
    }
    return written(tmp_path / "in", tables)


def _is_marked(heads: list[str], row: list[str]) -> bool:
    return not any(row[heads.index(name)] in MARKS for name in AS_IT_IS if name in heads)


def test_groups_and_samples(lists: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    printed = run("group", lists, "--out", out / "groups.xlsx", "--report", out / "report")
    printed += run("group", lists, "--out", out / "groups.parquet")
    expect_nobody(printed + everything(out))


def test_measures_and_scores(lists: Path, tmp_path: Path) -> None:
    out, by = tmp_path / "out", "hospital,department,physician,coder,month"
    printed = run("measure", lists, "--period", "2026", "--by", by, "--to", out / "measures")
    printed += run("score", lists, "--scheme", "zhejiang-drg", "--period", "2026", "--to", out / "scores")
    assert (out / "scores" / "scores.html").exists(), printed
    expect_nobody(printed + everything(out))


def test_the_intake(lists: Path, tmp_path: Path) -> None:
    pytest.importorskip("alembic", reason="needs the extra service")
    out, ledger = tmp_path / "out", ("--ledger", tmp_path / "ledger")
    printed = run("intake", "receive", lists, "--out", out / "receipts", *ledger)
    printed += run("intake", "status", *ledger)
    printed += run("intake", "status", "--period", "202607", *ledger)
    printed += run("intake", "notice", "202607", "--out", out / "notices", *ledger)
    printed += run("intake", "show", "K5-4", *ledger) + run("intake", "duplicates", *ledger)
    assert (out / "receipts").exists(), printed
    expect_nobody(printed + everything(out))
