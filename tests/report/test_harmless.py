"""What leaves our hands does nothing: no formula, no markup, no escape sequence, and no name of a user's becomes a path."""

import csv
import json
import re
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from validator.base.formulas import plain
from validator.checks import examples
from validator.cli.app import App
from validator.inspection import sheet

ROOT = Path(__file__).parents[2]
HOSTILE = (
    '=HYPERLINK("http://127.0.0.1/x","y")',
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "=cmd|' /C calc'!A0",
    "\x1b[2J\x1b]0;x\x07",
    "<script>alert(1)</script>",
    "]]><x/>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "${7*7}",
    "../../x",
    "/etc/x",
    "..\\..\\x",
    "CON",
    "x\x00y",
    "&lt;b&gt;",
    "'; DROP TABLE x",
    "\u202egnp.exe",
)
FORMULA = re.compile(r"\A[=+@\t\r-](?![0-9.]*\Z)")
FORMATS = ("console", "html", "jsonl", "sarif", "junit", "xlsx")


def run(*arguments: object) -> str:
    done = CliRunner().invoke(App(), [str(each) for each in arguments])
    assert done.exit_code in (0, 1), done.output
    return done.output


def hostile_lists() -> list[dict]:
    """A list for each hostile text, which stands in many of its fields."""
    found = []
    for number, text in enumerate(HOSTILE):
        message = json.loads(json.dumps(examples.interface_message("4101")))
        row = message["input"]["setlinfo"]
        row |= dict.fromkeys(
            (
                "medcasno",
                "fixmedins_name",
                "fixmedins_code",
                "adm_caty",
                "dscg_caty",
                "chfpdr_name",
                "medins_fill_psn",
                "gend",
                "b15c",
            ),
            text,
        )
        row |= {"setl_id": f"{text} {number}", "mdtrt_id": f"{text}{number}", "emp_name": f" {text}　"}
        row |= {text: text}
        message["input"]["diseinfo"][0] |= {"diag_name": f" {text}", "diag_code": text}
        found.append(message)
    return found


def cells_of_csv(text: str) -> list[str]:
    return [cell for row in csv.reader(StringIO(text.removeprefix("\ufeff"), newline="")) for cell in row]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """All that a check of hostile lists writes, in a folder of its own, and what it prints."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "in").mkdir()
    (folder / "in" / "lists.json").write_text(json.dumps(hostile_lists(), ensure_ascii=False), encoding="utf-8")
    options = [part for name in FORMATS for part in ("--format", name)]
    printed = run("check", folder / "in", "--out", folder / "out", "--fix", folder / "fixed", "--no-mask", *options)
    return folder, printed


def test_nothing_is_written_elsewhere(made):
    folder, _ = made
    names = sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file())
    assert names == [
        "fixed/fixes.csv", "fixed/in/lists.json", "in/lists.json",
        *(f"out/in-checked{end}" for end in (".html", ".jsonl", ".junit.xml", ".sarif", ".xlsx")),
    ] or {name.split("/")[0] for name in names} == {"in", "out", "fixed"}  # fmt: skip


def test_no_escape_sequence_is_printed_or_written_for_people(made):
    folder, printed = made
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", printed)
    for path in (folder / "out").glob("*.html"):
        assert "\x1b" not in path.read_text(encoding="utf-8")


def test_no_cell_of_a_csv_or_workbook_is_a_formula(made):
    folder, _ = made
    log = cells_of_csv((folder / "fixed" / "fixes.csv").read_text(encoding="utf-8"))
    assert any("HYPERLINK" in cell for cell in log)
    assert [cell for cell in log if FORMULA.match(cell)] == []
    [book] = (folder / "out").glob("*.xlsx")
    with ZipFile(book) as parts:
        for name in parts.namelist():
            assert not re.search(rb"<(\w+:)?f[ >/]", parts.read(name)), name


def test_markup_is_escaped(made):
    folder, _ = made
    for path in (folder / "out").iterdir():
        if path.suffix == ".html":
            page = path.read_text(encoding="utf-8")
            assert "&lt;script&gt;alert(1)" in page
            assert "<script>alert(1)" not in page
            assert "<img src=x" not in page
        elif path.suffix == ".xml":
            texts = "".join(ET.parse(path).getroot().itertext())  # noqa: S314 - our own
            assert "]]><x/>" in texts
        elif path.suffix == ".sarif":
            json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".jsonl":
            for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
                json.loads(line)


def test_tables_that_are_printed_or_written_as_csv_hold_no_formula(tmp_path):
    codes = tmp_path / "codes.csv"
    names = [text for text in HOSTILE if text.isprintable() and '"' not in text]
    rows = [f"A{number:02}.000x00{number % 10},{text}" for number, text in enumerate(names)]
    codes.write_text("\n".join(["诊断代码,诊断名称", *rows]) + "\n", encoding="utf-8")
    books = tmp_path / "books"
    run("codebooks", "add", codes, "--table", "icd10", "--version", "9.9", "--codebooks", books)
    printed = run("codebooks", "lookup", "A", "--format", "csv", "--limit", "99", "--codebooks", books)
    assert "SUM(1)" in printed
    assert [cell for cell in cells_of_csv(printed) if FORMULA.match(cell)] == []


def test_the_sheet_of_verdicts_holds_no_formula(tmp_path):
    import polars as pl

    drawn = pl.DataFrame(
        {name: [*HOSTILE] for name in ("case_id", "department", "physician", "coder")}
        | {
            "errors": [1] * len(HOSTILE),
            "warnings": [0] * len(HOSTILE),
            "score": [-1.5] * len(HOSTILE),
            "lost": [*HOSTILE],
        }
    )
    sheet.write(tmp_path / "sheet.csv", drawn, ["主要诊断"])
    cells = cells_of_csv((tmp_path / "sheet.csv").read_text(encoding="utf-8"))
    assert [cell for cell in cells if FORMULA.match(cell)] == []
    assert "-1.5" in cells


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1", "'=1"),
        ("-1+1", "'-1+1"),
        ("-1.5", "-1.5"),
        ("+1", "+1"),
        ("-", "-"),
        ("a=1", "a=1"),
        ("", ""),
        ("\t=1", "'\t=1"),
    ],
)
def test_a_text_is_kept_from_being_calculated(value, shown):
    assert plain(value) == shown
