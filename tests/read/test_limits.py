"""Small files that would fill memory or hang: refused with the place, the value seen and the option, within 2 GB and 20 seconds."""

import io
import json
import resource
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest

import validator
from validator.base import limits, yaml_csv
from validator.base.errors import ConfigError, InputError
from validator.base.limits import LIMITS

ROOT = Path(__file__).parents[2]
WORKBOOK = (ROOT / "tests" / "wild" / "broken" / "faraway_cell.xlsx").read_bytes()
#: Checks each file, or loads it as a code table, and prints what it was refused for.
CHECK = """
import sys, validator
from validator import loaders
from validator.base.errors import ZhikongError
for name in sys.argv[1:]:
    for read in (validator.check, loaders.read):
        try: read(name)
        except ZhikongError as error: print(error)
        else: print(name, "fine")
"""


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members.items():
            new.writestr(name, data, zipfile.ZIP_STORED if name == "mimetype" else None)
    return path


def parts(**changed: bytes) -> dict[str, bytes]:
    """The parts of a workbook, with the sheet or the texts replaced."""
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as book:
        found = {name: book.read(name) for name in book.namelist()}
    found["xl/worksheets/sheet1.xml"] = sheet(b"")
    return found | {
        {"sheet": "xl/worksheets/sheet1.xml", "texts": "xl/sharedStrings.xml"}[name]: data
        for name, data in changed.items()
    }


def sheet(rows: bytes) -> bytes:
    return (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + rows
        + b"</sheetData></worksheet>"
    )


def texts(*found: str) -> bytes:
    body = "".join(f"<si><t>{each}</t></si>" for each in found).encode()
    return b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + body + b"</sst>"


def renamed(name: str) -> dict[str, bytes]:
    """A far cell in a part that the relations call otherwise than it is stored."""
    found = parts()
    found[f"xl/{name}"] = sheet(
        b"<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"
    )
    found["xl/_rels/workbook.xml.rels"] = found["xl/_rels/workbook.xml.rels"].replace(
        b"worksheets/sheet1.xml", name.encode()
    )
    return found


def ods(rows: int, cells: int, text: str) -> dict[str, bytes]:
    """A sheet in which a row of a repeated cell is repeated."""
    names = ("office", "table", "text", "manifest")
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names)
    cell = f'<table:table-cell table:number-columns-repeated="{cells}"><text:p>{text}</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'
    body = f'<office:body><office:spreadsheet><table:table table:name="S">{row}</table:table></office:spreadsheet></office:body>'
    return {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": f"<manifest:manifest {spaces}/>".encode(),
        "content.xml": f"<office:document-content {spaces}>{body}</office:document-content>".encode(),
    }


def lying(path: Path, members: dict[str, bytes], name: str) -> Path:
    """An archive that says a member is small which is not."""
    data = bytearray(zipped(path, members).read_bytes())
    size = struct.pack("<I", len(members[name]))
    assert data.count(size) >= 2
    path.write_bytes(bytes(data).replace(size, struct.pack("<I", 900)))
    return path


FAR = b"<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"
#: The same as records of an .xlsb sheet: a row, and a blank cell in it.
FAR_RECORDS = bytes([0, 17]) + struct.pack("<I13x", 1_048_575) + bytes([1, 8]) + struct.pack("<I4x", 16_383)


def bombs(folder: Path) -> dict[Path, str]:
    """File -> the limit that it exceeds, or ``damaged``, or blank where it can be read."""

    def made(name: str) -> Path:
        return folder / name

    pl.select(mdtrt_id=pl.repeat("A", 3_000_000), gend=pl.repeat("1", 3_000_000)).write_parquet(made("rows.parquet"))
    csv = made("long.csv")
    csv.write_text("结算ID,姓名,性别\n1," + "甲" * 1_100_000 + ",1\n", encoding="utf-8")
    deep = made("deep.json")
    deep.write_text('{"infno": "4101", "input": {"setlinfo": ' + "[" * 100_000 + "]" * 100_000 + "}}", encoding="utf-8")
    digits = made("digits.json")
    digits.write_text(
        '{"infno": "4101", "input": {"setlinfo": {"setl_id": "1", "medfee_sumamt": ' + "9" * 10_000 + "}}}",
        encoding="utf-8",
    )
    (line, cells, quoted, dbf) = map(made, ("line.csv", "cells.csv", "quoted.csv", "circle.dbf"))
    line.write_bytes(b"setl_id,gend" + b"x" * (17 << 20))
    cells.write_bytes(b"setl_id,gend\n" + b"x," * 17_000)
    quoted.write_bytes(b"setl_id,gend\n" + b'"x\n",' * (4 << 20))
    dbf.write_bytes(bytes(24) + b"ffffff" + b"\0\0\n")  # records of no length
    many = b"".join(b"<row><c t='s'><v>0</v></c></row>" for _ in range(60_000))
    return {
        zipped(made("quotes.xlsx"), parts(sheet=sheet(FAR))): "workbook-cells",
        zipped(
            made("order.xlsx"),
            parts(
                sheet=sheet(
                    b'<row r="1"><c r="ZZ1"><v>1</v></c><c r="A1"><v>1</v></c></row><row r="999999"><c r="A999999"><v>1</v></c></row>'
                )
            ),
        ): "workbook-cells",
        zipped(
            made("unplaced.xlsx"),
            parts(
                sheet=sheet(b"<row>" + b"<c><v>1</v></c>" * 16_000 + b"</row>" + b"<row><c><v>1</v></c></row>" * 90_000)
            ),
        ): "workbook-cells",
        zipped(
            made("blank.xlsx"),
            parts(
                sheet=sheet(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="40000"><c r="AAA40000"><v>1</v></c></row>')
            ),
        ): "blank-cells",
        zipped(made("path.xlsx"), renamed("xl/worksheets/x.xml")): "workbook-cells",
        zipped(made("case.xlsx"), renamed("WORKSHEETS/SHEET9.XML")): "workbook-cells",
        zipped(made("shared.xlsx"), parts(sheet=sheet(many), texts=texts("x" * 30_000))): "workbook-characters",
        lying(made("lying.xlsx"), parts(sheet=sheet(b"<row r='1'/>" * 300_000)), "xl/worksheets/sheet1.xml"): "damaged",
        zipped(made("repeat.ods"), ods(100_000, 16_000, "x")): "workbook-cells",
        zipped(made("long.ods"), ods(1_000, 1_000, "x" * 30_000)): "workbook-characters",
        zipped(
            made("entity.xlsx"),
            parts(
                sheet=b'<!DOCTYPE x [<!ENTITY a "'
                + b"x" * 9_999
                + b'"><!ENTITY b "'
                + b"&a;" * 9_999
                + b'">]>'
                + sheet(b"<row><c t='str'><v>&b;</v></c></row>")
            ),
        ): "",
        zipped(made("bomb.zip"), {"a.json": b" " * (80 << 20)}): "zip-ratio",
        zipped(
            made("nested.zip"), {"a.zip": zipped(made("inner.zip"), {"a.json": b" " * (1 << 20)}).read_bytes()}
        ): "nested",
        made("rows.parquet"): "parquet-ratio",
        csv: "cell-characters",
        line: "row-characters",
        cells: "row-cells",
        quoted: "row-characters",
        dbf: "dbf",
        deep: "deep",
        digits: "",
    }


SAYS = {"damaged": "损坏或不完整", "nested": "压缩包里还有压缩包", "deep": "嵌套层数过多", "dbf": "不是完好的 DBF"}


def bounded() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (2 << 30, 2 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (40, 40))


def test_small_files_are_refused_with_the_value_seen_and_the_option(tmp_path):
    made = bombs(tmp_path)
    code = [sys.executable, "-c", CHECK, *map(str, made)]
    done = subprocess.run(code, capture_output=True, encoding="utf-8", preexec_fn=bounded, check=False)
    assert not done.returncode, done.stderr[-2000:]
    lines = done.stdout.splitlines()
    for number, (path, limit) in enumerate(made.items()):
        shown = lines[number * 2]
        assert shown.startswith(str(path)), shown
        if limit in LIMITS:
            assert f"超过限制 {LIMITS[limit].usual}；确实需要时用 --limits {limit}=" in shown or (
                limit == "cell-characters" and limit in shown
            ), shown
        elif limit:
            assert SAYS[limit] in shown
        assert str(path) in lines[number * 2 + 1]


def test_yaml_with_aliases_or_of_many_bytes_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "x.yaml"
    path.write_text(
        "a: &a [1,1,1,1,1,1,1,1]\n"
        + "".join(f"b{n}: &b{n} [{','.join(['*b' + str(n - 1) if n else '*a'] * 9)}]\n" for n in range(9)),
        encoding="utf-8",
    )
    with pytest.raises(
        ConfigError, match=r"x.yaml:[0-9]+：YAML 展开后的值数为 [0-9]+，超过限制 500000；.*--limits yaml-values="
    ):
        yaml_csv.read_yaml(path)
    path.write_text("a: &a\n  - *a\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"x\.yaml:1：别名"):
        yaml_csv.read_yaml(path)
    path.write_text("a: 1\n", encoding="utf-8")
    monkeypatch.setenv(limits.VARIABLE, "yaml-bytes=3")
    with pytest.raises(ConfigError, match="YAML 文件的字节数为 5，超过限制 3"):
        yaml_csv.read_yaml(path)


def test_keys_that_stand_many_times_and_long_cells_are_read_in_time(tmp_path):
    row = json.loads((ROOT / "schemas/layouts/4101/golden.json").read_text(encoding="utf-8"))
    row["input"]["setlinfo"]["psn_name"] = "甲" * 1_000_000
    path = tmp_path / "cell.json"
    path.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    assert max(map(len, validator.check(path).findings["message"])) < 2_000


def test_the_page_names_every_limit():
    page = (ROOT / "docs/zh/限制.md").read_text(encoding="utf-8")
    for name, limit in LIMITS.items():
        assert f"| `{name}` | {limit.zh} | {limit.usual:,} |" in page


def test_what_cannot_be_measured_is_refused(tmp_path):
    found = parts(sheet=sheet(FAR))
    del found["xl/_rels/workbook.xml.rels"]
    with pytest.raises(InputError, match="损坏或不完整"):
        validator.check(zipped(tmp_path / "a.xlsx", found))
