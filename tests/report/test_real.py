"""From a real check to the reports: the golden message with planted faults, as a message and as a workbook."""

import json

import pytest
from openpyxl import Workbook, load_workbook

from tests.report.test_xlsx import marks
from validator.api import check
from validator.base import files
from validator.report import formats, write

#: Sheet, field, row and a wrong value that a field check must find.
FAULTS = [("setlinfo", "gend", 0, "8"), ("setlinfo", "brdy", 0, "1961-02-30"), ("diseinfo", "diag_code", 1, "")]


@pytest.fixture
def message():
    golden = json.loads((files.data("schemas") / "layouts" / "4101" / "golden.json").read_text(encoding="utf-8"))
    for table, field, row, value in FAULTS:
        node = golden["input"][table]
        (node if isinstance(node, dict) else node[row])[field] = value
    return golden


@pytest.fixture
def workbook(message, tmp_path):
    """The message as a workbook, one sheet per table; gives its path and the planted cells."""
    book, cells = Workbook(), set()
    book.remove(book.active)
    setl_id = message["input"]["setlinfo"]["setl_id"]
    for table, node in message["input"].items():
        rows = node if isinstance(node, list) else [node]
        if not rows:
            continue
        sheet = book.create_sheet(table)
        names = list(dict.fromkeys(["setl_id", *(name for row in rows for name in row)]))
        sheet.append(names)
        for row in rows:
            sheet.append([({"setl_id": setl_id} | row).get(name) or None for name in names])
        for fault_table, field, row, _ in FAULTS:
            if fault_table == table:
                cells.add((table, sheet.cell(row + 2, names.index(field) + 1).coordinate))
    path = tmp_path / "清单.xlsx"
    book.save(path)
    return path, cells


def test_planted_faults_are_marked_in_the_workbook(workbook, tmp_path):
    path, cells = workbook
    report = check(path)
    found = marks(load_workbook(write(report, tmp_path / "back.xlsx")))
    assert {cell: found.get(cell) for cell in cells} == dict.fromkeys(cells, "error")


def test_the_annotated_workbook_can_be_checked_again(workbook, tmp_path):
    first = check(workbook[0])
    again = check(write(first, tmp_path / "back.xlsx"))
    assert again.counts() == first.counts()
    assert again.findings["fingerprint"].sort().to_list() == first.findings["fingerprint"].sort().to_list()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", formats())
def test_every_format_takes_a_real_report(name, lang, message, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(message, ensure_ascii=False), encoding="utf-8")
    assert write(check(path, lang=lang), tmp_path / f"out{formats()[name].EXTENSION}", name).stat().st_size
