"""The shipped examples show what they say: every planted defect is found."""

import csv
from pathlib import Path

import pytest

from validator import check

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.parametrize("name", ["workbook/lists.xlsx", "csv", "message/4101-00001.json", "wide/lists.csv"])
def test_every_planted_defect_is_found(name):
    path = EXAMPLES / name
    folder = path if path.is_dir() else path.parent
    with (folder / "_truth.csv").open(encoding="utf-8-sig", newline="") as file:
        planted = {(row["case_id"], row["check"]) for row in csv.DictReader(file)}
    found = set(check(path).findings.select("case_id", "check").iter_rows())
    assert planted
    assert planted <= found
