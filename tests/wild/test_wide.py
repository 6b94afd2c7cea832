"""One wide sheet, a row a case, as hospitals export it."""

from pathlib import Path

import pytest

import validator
from validator import read
from validator.spec import layouts

CODER = Path(__file__).parent / "coder"


@pytest.mark.parametrize("mapping", [None, CODER / "map_dx.yaml"])
def test_a_wide_gb18030_export_is_read_whole(mapping):
    (part,) = read.partitions([CODER / "宽表.csv"], layouts.load(), mapping=mapping)
    rows = {name: frame.height for name, frame in part.tables.items()}
    assert rows == {"setlinfo": 40, "diseinfo": 111, "oprninfo": 42}
    first = part.tables["diseinfo"].filter(_case=0)
    assert first["maindiag_flag"].to_list() == ["1", *["0"] * (first.height - 1)]
    written = [part.sources[number].columns["diag_code"] for number in first["_source"]]
    assert written == ["出院主要诊断编码", *(f"其他诊断编码{n}" for n in range(1, first.height))]


def test_diagnoses_and_procedures_of_a_wide_workbook_are_checked_each_at_its_cell():
    findings = validator.check(CODER / "宽表40码.xlsx").findings
    checked = findings.filter(table="diseinfo").select("check", "row", "source")
    assert ("DX204", 1, "AO") in [(name, row, source["column"]) for name, row, source in checked.rows()]
    headings = set(findings.filter(check="read/unknown-heading")["field"])
    assert headings == {"总费用", "编码员", "质控员", "病理号", "DRG预分组"}
