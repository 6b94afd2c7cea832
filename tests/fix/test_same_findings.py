"""One batch, written in every form: the same findings, each at its own place; the fixed copy has nothing safe left to fix."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from tests.fix.untidy import partition, write
from validator import check

WHAT = ["check", "case_id", "table", "row", "field", "value", "message"]
FORMS = ["wide", "wide-csv:gb18030", "xlsx", "csv:gb18030", "4101"]
Read = Callable[[int, str, str], object]


@pytest.fixture(scope="module")
def part():
    return partition(60, share=0.02)


@pytest.fixture(scope="module")
def expected(part, tmp_path_factory) -> list[tuple[object, ...]]:
    """The findings of the Parquet files."""
    return verified(part, tmp_path_factory.mktemp("parquet"), "parquet")


@pytest.mark.parametrize("how", FORMS)
def test_findings_are_the_same_in_every_form(part, expected, tmp_path, how):
    assert verified(part, tmp_path, how) == expected


def verified(part, folder: Path, how: str) -> list[tuple[object, ...]]:
    """The findings of the batch in this form, after a look at their places and at the fixed copy."""
    data = write(part, folder / "in", how)
    report = check(data, mask=False, fix=folder / "out")
    at = report.findings.filter(pl.col("field").is_not_null())
    sources = at["source"].struct.unnest()
    files = {file: reader(Path(file)) for file in sources["file"].unique()}
    wrong = []
    for (value, table), (file, sheet, row, column, path) in zip(
        at.select("value", "table").rows(), sources.rows(), strict=True
    ):
        there = files[file](row, column, path or sheet)
        if (there or None) != (value or None):
            wrong.append((table, value, there, row, column, path))
    assert wrong == []
    assert at.height > 150
    assert report.fixed.made > 100
    assert report.fixed.left == {}
    again = check(folder / "out" / data.name, mask=False)
    assert again.findings.filter(applicability="safe").is_empty()
    return sorted(report.findings.select(WHAT).rows(), key=str)


def reader(file: Path) -> Read:
    """What gives the text at a place of the file: row, column, sheet or path."""
    match file.suffix:
        case ".parquet":
            frame = pl.read_parquet(file)
            return lambda row, column, _: frame[column][row - 1]
        case ".csv":
            rows = list(csv.reader(file.read_text(encoding="gb18030").splitlines()))
            return lambda row, column, _: rows[row - 1][rows[0].index(column)]
        case ".xlsx":
            book = openpyxl.load_workbook(file)
            return lambda row, column, sheet: book[sheet][f"{column}{row}"].value
    message = json.loads(file.read_text(encoding="utf-8"))

    def at(_row: int, _column: str, path: str) -> object:
        node = message
        for key, number in re.findall(r"\.(\w+)|\[(\d+)\]", path):
            node = node.get(key) if key else node[int(number)]
        return node

    return at
