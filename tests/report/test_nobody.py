"""Marked persons in every column and free text of every document, shifted, in keys, headings and settings: nobody is shown."""

import csv
import json
import re
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
from click.testing import CliRunner

from validator import api
from validator.checks import examples
from validator.cli.app import App

NAME, CERTIFICATE, PHONE, LANDLINE = "欧阳隐测", "110105198003070029", "13987650021", "010-65432109"
ADDRESS, NO_PHONE = "示例市朝阳区隐私路七十七号九单元", "11111111111"
PROSE = f"患者{NAME}，电话{PHONE}，证件{CERTIFICATE}，住{ADDRESS}"
PERSON = {
    "psn_name": NAME, "coner_name": NAME, "certno": CERTIFICATE, "coner_tel": NO_PHONE, "patn_tel": PHONE, "curr_addr": ADDRESS,
    "coner_addr": ADDRESS, "resd_addr": ADDRESS, "emp_tel": LANDLINE,
}  # fmt: skip
MARKS = (CERTIFICATE, PHONE, LANDLINE, ADDRESS, NAME, PROSE, NO_PHONE)
SHOWN = re.compile(f"阳隐测|19800307002|98765002|654321|七十七号|{NO_PHONE}")
NAMES = ("console", "html", "jsonl", "parquet", "sarif", "junit", "xlsx")
FORMATS = [part for name in NAMES for part in ("--format", name)]
LINES = ("--format", "console", "--format", "jsonl")  #: of the same findings as every other format
INTERFACES = sorted(name for name, layout in api.load().layouts.items() if not layout.parts)
ROOT = Path(__file__).parents[2]


def run(*arguments: object) -> str:
    """What the command prints; it ends as it should."""
    done = CliRunner().invoke(App(), [str(each) for each in arguments])
    assert done.exit_code in (0, 1, 2), done.output
    assert "程序内部出错" not in done.output
    return done.output


def texts_of(folder: Path) -> str:
    """All that the files of a folder say; of an annotated workbook what is not its own cells."""
    found = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        if path.suffix == ".parquet":
            found.append(pl.read_parquet(path).write_ndjson())
        elif path.suffix == ".xlsx":
            with ZipFile(path) as book:
                found += [book.read(name).decode() for name in book.namelist() if "comments" in name]
        else:
            found.append(path.read_text(encoding="utf-8-sig"))
    return "\n".join(found)


def checked(folder: Path, path: Path, formats: Sequence[str] = FORMATS) -> str:
    """All that is shown of a check of ``path``: what is printed, the reports, and the log of fixes."""
    out = run("check", path, "--out", folder / "out", "--fix", folder / "fixed", *formats)
    log = folder / "fixed" / "fixes.csv"
    return out + texts_of(folder / "out") + (log.read_text(encoding="utf-8-sig") if log.exists() else "")


def expect_nobody(text: str) -> None:
    found = SHOWN.search(text)
    assert not found, text[max(0, found.start() - 300) : found.end() + 50]


def tables_of(interface: str) -> tuple[dict[str, list[dict[str, str]]], str]:
    """The rows of the golden message under the name of our person, and the key of cases."""
    nodes = examples.interface_message(interface)["input"]
    key = api.load().layouts[interface].interface.keys[0]
    own = next(iter(nodes.values()))
    case = own if isinstance(own, dict) else own[0]
    head = {key: case[key]} if key in case else {}
    found = {}
    for name, node in nodes.items():
        rows = [head | row for row in (node if isinstance(node, list) else [node])]
        found[name] = [{field: PERSON.get(field, str(value)) for field, value in row.items()} for row in rows]
    return {name: rows for name, rows in found.items() if rows}, key


def written(folder: Path, tables: dict[str, tuple[list[str], list[list[str]]]]) -> Path:
    folder.mkdir()
    for name, (head, rows) in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([head, *rows])
    return folder


@pytest.mark.parametrize("interface", INTERFACES)
def test_columns_shifted_by_one_and_by_two(interface, tmp_path):
    tables, key = tables_of(interface)
    grids = {}
    for name, rows in tables.items():
        first = [key] if key in rows[0] else []
        head = [*first, *(field for field in dict.fromkeys(each for row in rows for each in row) if field != key)]
        grid = []
        for step in (1, 2):
            for row in rows:
                cells = [row.get(field, "") for field in head]
                own = [f"{cell}-{step}" for cell in cells[: len(first)]]
                grid.append([*own, *([""] * step), *cells[len(first) :]][: len(head)])
        grids[name] = head, grid
    expect_nobody(checked(tmp_path, written(tmp_path / "in", grids), FORMATS if interface == "4101" else LINES))


def marked(interface: str) -> dict[str, tuple[list[str], list[list[str]]]]:
    """Table -> its heads and rows: a case for each column and mark, in which the column holds the mark."""
    tables, key = tables_of(interface)
    grids = {}
    for name, rows in tables.items():
        head, grid = list(rows[0]), []
        for place, field in enumerate(head):
            for number, mark in enumerate(MARKS if field != key else ()):
                row = [*rows[0].values()]
                row[place] = mark
                if key in head:
                    row[head.index(key)] = f"K{place}-{number}"
                grid.append(row)
        grids[name] = head, grid
    return grids


@pytest.mark.parametrize("interface", INTERFACES)
def test_every_column(interface, tmp_path):
    path = written(tmp_path / "in", marked(interface))
    expect_nobody(checked(tmp_path, path, FORMATS if interface == "4101" else LINES))


def test_keys_and_headings(tmp_path):
    interface = "4101"
    message = json.loads(json.dumps(examples.interface_message(interface)))
    node = next(iter(message["input"].values()))
    row = node if isinstance(node, dict) else node[0]
    row |= {f"{NAME}{PHONE}": CERTIFICATE, CERTIFICATE: NAME, f"患者{NAME}": ADDRESS, ADDRESS: NAME, "psn_name": NAME}
    message["input"][f"{NAME} {PHONE}"] = [{CERTIFICATE: NAME}]
    text = json.dumps(message, ensure_ascii=False).replace('"psn_name": ', f'"psn_name": "{NAME}二", "psn_name": ', 1)
    path = tmp_path / "m.json"
    path.write_text(text, encoding="utf-8")
    expect_nobody(checked(tmp_path, path))
    tables, _ = tables_of(interface)
    wider = {
        name: ([*rows[0], f"{NAME}{CERTIFICATE}", PHONE, ADDRESS], [[*rows[0].values(), "1", "2", "3"]])
        for name, rows in tables.items()
    }
    expect_nobody(checked(tmp_path, written(tmp_path / "wider", wider)))
    without = {name: ([NAME, CERTIFICATE, PHONE, ADDRESS, "1", "K35.800"],) * 2 for name in tables}
    expect_nobody(
        checked(tmp_path, written(tmp_path / "without", {name: (head, [row]) for name, (head, row) in without.items()}))
    )
    ragged = {name: ([*rows[0]], [[*rows[0].values(), NAME, CERTIFICATE]]) for name, rows in tables.items()}
    expect_nobody(checked(tmp_path, written(tmp_path / "ragged", ragged)))
    for spoiled in (
        f"{NAME},{CERTIFICATE}".encode("gb18030") + b"\xff\xff\n",
        f'"{NAME},{CERTIFICATE}"x,{PHONE}\n'.encode(),
    ):
        for file in (tmp_path / "ragged").iterdir():
            file.write_bytes(file.read_bytes() + spoiled)
        expect_nobody(checked(tmp_path, tmp_path / "ragged"))


@pytest.mark.parametrize(
    "text",
    [
        f"姓名: setlinfo.{NAME}{CERTIFICATE}\n", f"'{NAME}{PHONE}': setlinfo.psn_name\n", f"姓名: 'diseinfo[1].{ADDRESS}'\n",
        f"{CERTIFICATE}: x\n{CERTIFICATE}: y\n", f"姓名: [{CERTIFICATE}, {NAME}]\n", f"姓名 {NAME}: {PHONE}: x\n", f"姓名: 患者{NAME}\n",
    ],
)  # fmt: skip
def test_mapping_files_and_profiles(text, tmp_path):
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    expect_nobody(run("check", ROOT / "examples/wide/lists.csv", "--mapping", path, "--out", tmp_path / "out"))
    expect_nobody(run("rules", "--profile", path))


@pytest.mark.parametrize(
    "rows",
    [
        ["诊断代码,诊断名称", f"{CERTIFICATE},{NAME}"], [f"{NAME},{CERTIFICATE},{PHONE}"] * 2,
        [f"诊断代码,诊断名称,{PHONE}", f"A00.000x001,霍乱,{CERTIFICATE}", f"A00.000x001,{NAME}{PHONE},1"],
        ["诊断代码,诊断名称", "A00.000,霍乱", f"{PHONE},{NAME}", f"{PHONE},{NAME}二"],
        ["诊断代码,诊断名称", f"A00.000x001,{NAME}{CERTIFICATE}", f"A00.000x001,{NAME}{PHONE}"],
        ["诊断代码,诊断名称", f"A00.000x001,患者{NAME}", f"A00.000x001,{ADDRESS}"],
    ],
)  # fmt: skip
def test_code_tables(rows, tmp_path):
    path = tmp_path / "codes.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    expect_nobody(run("codebooks", "add", path, "--version", "2.0", "--codebooks", tmp_path / "books"))
