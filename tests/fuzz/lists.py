"""Broken lists, case records and charge lines, for each kind of file that is read."""

import csv
import io
import json
import random
import re
import tempfile
import warnings
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl

from tests.fuzz import texts
from tests.fuzz.judge import PERSON, Run, named
from validator import api, generate
from validator.checks import examples

UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")
ROOT = Path(__file__).parents[2]
INTERFACES = ("4101", "4101A", "2204", "2301", "FEE_LIST_D", "4401", "HQMS", "WT4")


def _check(path: Path, *more: str) -> Run:
    return Run(["check", str(path), *more], named(path))


def a_message(rng: random.Random) -> dict[str, Any]:
    """A golden message of our person."""
    message = json.loads(json.dumps(examples.interface_message(rng.choice(INTERFACES))))
    for node in message["input"].values():
        for row in node if isinstance(node, list) else [node]:
            row.update({name: text for name, text in PERSON.items() if name in row})
    return message


def message(rng: random.Random, folder: Path) -> Run:
    """A message whose tree is changed, or its bytes."""
    path = folder / rng.choice(("m.json", "m.jsonl", "m.log"))
    text = json.dumps(
        texts.tree(a_message(rng), rng) if rng.random() < 0.7 else a_message(rng), ensure_ascii=rng.random() < 0.5
    )
    data = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.2:
        data = text.encode(rng.choice(("utf-16", "gb18030")), "ignore")
    path.write_bytes(texts.spoiled(data, rng) if rng.random() < 0.4 else data)
    return _check(path, *rng.choice(((), ("--fix", str(folder / "fixed")), ("--lang", "zh"))))


@cache
def _tables(interface: str) -> dict[str, tuple[list[str], list[list[str]]]]:
    """Table -> headings and rows of the golden message of our person."""
    nodes = examples.interface_message(interface)["input"]
    keys = api.load().layouts[interface].interface.keys[:1]
    own = nodes[next(iter(nodes))]
    case = own if isinstance(own, dict) else own[0]
    found = {}
    for name, node in nodes.items():
        rows = [
            {**{key: case.get(key, "") for key in keys}, **row} for row in (node if isinstance(node, list) else [node])
        ]
        for row in rows:
            row.update({each: text for each, text in PERSON.items() if each in row})
        if rows:
            found[name] = ([*rows[0]], [[str(row.get(each, "")) for each in rows[0]] for row in rows])
    return found


def _spoiled_tables(rng: random.Random) -> dict[str, list[list[Any]]]:
    """Tables as grids, with headings and cells changed, doubled, moved and lost."""
    grids = {name: [list(head), *map(list, rows)] for name, (head, rows) in _tables(rng.choice(INTERFACES)).items()}
    for _ in range(rng.randint(1, 4)):
        grid = grids[rng.choice([*grids])]
        at = rng.randrange(len(grid))
        row = grid[at]
        if not row:
            continue
        place = rng.randrange(len(row))
        match rng.randrange(8):
            case 0:
                del row[place]
            case 1:
                row.insert(place, rng.choice(row))
            case 2:
                grid.insert(at, list(row))
            case 3:
                grid.insert(rng.randrange(len(grid) + 1), rng.choice(([], ["合计"], [""] * len(row), ["x"] * 700)))
            case 4 if len(grids) > 1:
                del grid[at]
            case 5:
                for each in grid:
                    each.insert(0, "x")
            case _:
                row[place] = rng.choice([each for each in texts.HOSTILE if not isinstance(each, list | dict)])
    return grids


def delimited(rng: random.Random, folder: Path) -> Run:
    """A folder of CSV files, or one of them."""
    made = folder / "csv"
    made.mkdir()
    encoding, separator = rng.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16", "latin-1")), rng.choice(",,,;\t|")
    for name, grid in _spoiled_tables(rng).items():
        text = io.StringIO()
        csv.writer(text, delimiter=separator, quoting=rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))).writerows(grid)
        data = text.getvalue().encode(encoding, "ignore")
        (made / f"{name}.csv").write_bytes(texts.spoiled(data, rng) if rng.random() < 0.3 else data)
    path = made if rng.random() < 0.7 else rng.choice(sorted(made.iterdir()))
    run = _check(
        path, *rng.choice(((), ("--fix", str(folder / "fixed")), ("--format", "xlsx", "--out", str(folder / "out"))))
    )
    return Run(run.arguments, ("csv",))


@cache
def _workbook() -> bytes:
    return (ROOT / "examples" / "workbook" / "lists.xlsx").read_bytes()


def workbook(rng: random.Random, folder: Path) -> Run:
    """A workbook of spoiled grids, or the example with a part changed, lost or doubled."""
    path = folder / "book.xlsx"
    if rng.random() < 0.5:
        book = openpyxl.Workbook(write_only=True)
        for name, grid in _spoiled_tables(rng).items():
            sheet = book.create_sheet(name[:31])
            for row in grid:
                sheet.append([UNWRITABLE.sub("", each)[:30_000] if isinstance(each, str) else each for each in row])
        book.save(path)
    else:
        with zipfile.ZipFile(io.BytesIO(_workbook())) as old, zipfile.ZipFile(path, "w") as new:
            spoil = rng.choice(old.namelist())
            for name in old.namelist():
                data = old.read(name)
                if name == spoil:
                    match rng.randrange(4):
                        case 0:
                            continue
                        case 1:
                            data = texts.spoiled(data, rng)
                        case 2:
                            data = data.replace(
                                *rng.choice(
                                    (
                                        (b'r="B', b'r="XFD'),
                                        (b't="s"', b't="e"'),
                                        (b"<row", b"<rox"),
                                        (b'="1"', b'="-1"'),
                                    )
                                )
                            )
                        case _:
                            data = b""
                new.writestr(name, data)
    return _check(
        path, *rng.choice(((), ("--fix", str(folder / "fixed")), ("--format", "xlsx", "--out", str(folder / "out"))))
    )


def parquet(rng: random.Random, folder: Path) -> Run:
    """Parquet files with columns of other types, or damaged."""
    made = folder / "pq"
    made.mkdir()
    types = (
        pl.Binary, pl.Categorical, pl.Date, pl.Datetime, pl.Duration, pl.Float64, pl.Int8, pl.List(pl.String), pl.Struct({"a": pl.String}),
        pl.Null, pl.Boolean, pl.Decimal(10, 2), pl.Time,
    )  # fmt: skip
    for name, (head, rows) in _tables(rng.choice(INTERFACES)).items():
        frame = pl.DataFrame(rows, schema=dict.fromkeys(head, pl.String), orient="row")
        for column in rng.sample(head, min(2, len(head))):
            kind = rng.choice(types)
            nothing = pl.lit([""]) if kind == pl.List(pl.String) else pl.lit(None)
            cast = (
                pl.col(column).cast(kind, strict=False)
                if not isinstance(kind, pl.List | pl.Struct)
                else nothing.cast(kind)
            )
            try:
                frame = frame.with_columns(cast.alias(column))
            except pl.exceptions.PolarsError:
                continue
        frame.write_parquet(made / f"{name}.parquet")
    if rng.random() < 0.5:
        path = rng.choice(sorted(made.iterdir()))
        path.write_bytes(texts.spoiled(path.read_bytes(), rng))
    return Run(_check(made).arguments, ("pq",))


@cache
def _generated(interface: str, form: str) -> bytes:
    """A file of three generated stays, a row each, or of their charge lines."""
    with tempfile.TemporaryDirectory() as folder:
        generate.write(3, 7, 0, Path(folder) / "made", form, interface)
        (path,) = (Path(folder) / "made").iterdir()
        return path.read_bytes()


def _spoiled_text(data: bytes, rng: random.Random) -> bytes:
    """A CSV in GB18030 with some cells that are hostile, or its bytes changed."""
    if rng.random() < 0.3:
        return texts.spoiled(data, rng)
    grid = list(csv.reader(io.StringIO(data.decode("gb18030"))))
    for _ in range(rng.randint(0, 5)):
        row = rng.choice(grid)
        row[rng.randrange(len(row))] = str(rng.choice(texts.HOSTILE))
    made = io.StringIO()
    csv.writer(made).writerows(grid)
    return made.getvalue().encode("gb18030", "ignore")


def dbf(rng: random.Random, folder: Path) -> Run:
    """The statistics report's DBF, damaged."""
    path = folder / "wt4.dbf"
    data = _generated("WT4", "dbf")
    path.write_bytes(texts.spoiled(data, rng) if rng.random() < 0.9 else data[: rng.randrange(len(data))])
    return _check(path, *rng.choice(((), ("--format", "xlsx", "--out", str(folder / "out")))))


def stays(rng: random.Random, folder: Path) -> Run:
    """A folder of lists, case records and charge lines of the same stays, or each by its own option; some of them spoiled."""
    made = folder / "七月"
    made.mkdir()
    record = rng.choice(
        (("首页.csv", "HQMS", "wide-csv"), ("首页.csv", "4401", "wide-csv"), ("首页.dbf", "WT4", "dbf"))
    )
    for name, interface, form in (("清单.csv", "4101", "wide-csv"), record, ("费用.csv", "2301", "csv")):
        data, spoils = _generated(interface, form), rng.random() < 0.5
        binary = form == "dbf"
        (made / name).write_bytes((texts.spoiled if binary else _spoiled_text)(data, rng) if spoils else data)
    names = ("七月", "清单.csv", record[0], "费用.csv")
    if rng.random() < 0.5:
        return Run(["check", str(made), "--record-edition", "insurance"], names)
    own = ["--record", str(made / record[0]), "--fees", str(made / "费用.csv")]
    return Run(["check", str(made / "清单.csv"), *own], names)


def archive(rng: random.Random, folder: Path) -> Run:
    """A zip of messages and tables: names that lead elsewhere, doubled, nested, damaged."""
    path = folder / "a.zip"
    warnings.filterwarnings("ignore", "Duplicate name")
    with zipfile.ZipFile(path, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as new:
        for number in range(rng.randint(1, 4)):
            name = rng.choice(
                (
                    f"{number}.json",
                    f"../{number}.json",
                    f"/x/{number}.json",
                    "名.json",
                    "readme.txt",
                    "in.zip",
                    "a/",
                    "x.csv",
                    "x.xlsx",
                )
            )
            data = json.dumps(a_message(rng)).encode()
            new.writestr(name, texts.spoiled(data, rng) if rng.random() < 0.5 else data)
    if rng.random() < 0.5:
        path.write_bytes(texts.spoiled(path.read_bytes(), rng))
    return _check(path, *rng.choice(((), ("--fix", str(folder / "fixed")))))
