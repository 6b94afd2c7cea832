"""After a fix no value is left in another form, every other finding stands as before, and a second fix does nothing."""

from unicodedata import normalize

import polars as pl
import pytest

from tests.fix.untidy import partition, write
from validator import check

WAYS = [
    "parquet", "csv:gb18030", "csv:utf-8", "csv:utf-8-sig", "csv:utf-16", "xlsx", "4101", "lines", "lines:gb18030", "array",
    "array:ascii", "zip:4101", "zip:csv:gb18030", "zip:xlsx",
]  # fmt: skip


@pytest.mark.parametrize("how", WAYS)
def test_only_the_form_changes(how, tmp_path):
    data = write(partition(40), tmp_path / "in", how)
    before = {file: file.read_bytes() for file in (tmp_path / "in").rglob("*") if file.is_file()}
    report = check(data, mask=False, fix=tmp_path / "out")
    assert {file: file.read_bytes() for file in before} == before
    copy = tmp_path / "out" / data.name
    again = check(copy, mask=False, fix=tmp_path / "again")
    safe = report.findings["applicability"] == "safe"
    assert safe.sum() > 300
    assert report.fixed.left == {}
    assert again.findings.filter(applicability="safe").select("check", "value", "source").rows() == []
    assert shown(again.findings) == shown(report.findings.filter(~safe.fill_null(value=False)))
    assert again.fixed.made == 0
    assert contents(tmp_path / "again" / data.name) == contents(copy)
    log = pl.read_csv(tmp_path / "out" / "fixes.csv", infer_schema=False)
    assert log.height == report.fixed.made >= safe.sum()


def shown(findings: pl.DataFrame) -> list[tuple[object, ...]]:
    """What is found where; the case by its fixed name, and nothing of the value, which a fix may have changed."""
    rows = findings.select("check", "case_id", "table", "row", "field").rows()
    return sorted((name, normalize("NFKC", case or ""), *map(str, rest)) for name, case, *rest in rows)


def contents(path):
    return {each.name: each.read_bytes() for each in ([path] if path.is_file() else path.rglob("*")) if each.is_file()}
