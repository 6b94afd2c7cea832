"""Broken tables of offices and coders: code tables and schemes to keep, and what measures, groups, samples and the intake are given."""

import csv
import io
import json
import random
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl

from tests.fuzz import lists, settings, texts
from tests.fuzz.judge import PERSON, Run, named
from tests.fuzz.lists import ROOT, UNWRITABLE
from tests.grouping import dip_workbook
from tests.grouping import scheme as made_up
from tests.intake.deliveries import HOSPITAL, a_list, as_file
from tests.loaders import drg_workbook
from validator import loaders
from validator.codes.tables import Store
from validator.inspection.indicators import judged

Grid = list[list[Any]]
GOLDEN = ROOT / "schemas/layouts/4101/golden.json"
_CELLS = [each for each in texts.HOSTILE if not isinstance(each, list | dict)]
_SCRATCH = tempfile.TemporaryDirectory(prefix="fuzz-")  #: what is made once for a process
_HELD = 30_000  #: characters of a cell of a workbook


def _spoiled(grid: Grid, rng: random.Random) -> Grid:
    """The grid with up to four of its cells, rows and headings replaced, lost, doubled or moved."""
    grid = [list(row) for row in grid]
    for _ in range(rng.randint(0, 4)):
        row = rng.choice(grid)
        match rng.randrange(7):
            case 0 if len(grid) > 1:
                grid.remove(row)
            case 1:
                grid.insert(
                    rng.randrange(len(grid) + 1),
                    rng.choice((list(row), ["合计"], [""] * len(row), list(PERSON.values()))),
                )
            case 2 if row:
                del row[rng.randrange(len(row))]
            case _ if row:
                row[rng.randrange(len(row))] = rng.choice((*_CELLS, *PERSON.values(), rng.choice(row)))
            case _:
                row.append("x")
    return grid


def _as_csv(grid: Grid, encoding: str) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(grid)
    return text.getvalue().encode(encoding, "ignore")


def _book(path: Path, sheets: dict[str, Grid]) -> None:
    book = openpyxl.Workbook(write_only=True)
    for name, grid in sheets.items():
        sheet = book.create_sheet(name)
        for row in grid:
            sheet.append([UNWRITABLE.sub("", each)[:_HELD] if isinstance(each, str) else each for each in row])
    book.save(path)


def _table(rng: random.Random, folder: Path, name: str, grid: Grid, kinds: str = "csv csv xlsx json parquet") -> Path:
    """A table as a file of one of the kinds; its cells are spoiled, or its bytes."""
    path, grid = folder / f"{name}.{rng.choice(kinds.split())}", _spoiled(grid, rng)
    grid[0] = grid[0] or ["x"]
    width, texts_of = len(grid[0]), [["" if each is None else str(each) for each in row] for row in grid]
    match path.suffix:
        case ".csv":
            path.write_bytes(_as_csv(grid, rng.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16"))))
        case ".xlsx":
            _book(path, {"表": grid})
        case ".json":
            rows = [dict(zip(map(str, grid[0]), row, strict=False)) for row in grid[1:]]
            node = texts.tree({"infcode": "0", "output": {"data": rows}}, rng) if rng.random() < 0.5 else rows
            path.write_bytes(json.dumps(node, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass"))
        case _:
            heads = [
                f"{at}" * (head in texts_of[0][:at]) + UNWRITABLE.sub("", head) for at, head in enumerate(texts_of[0])
            ]
            cells = [[UNWRITABLE.sub("", each) for each in (row + [""] * width)[:width]] for row in texts_of[1:]]
            pl.DataFrame(cells, schema=dict.fromkeys(heads, pl.String), orient="row").write_parquet(path)
    if rng.random() < 0.25:
        path.write_bytes(texts.spoiled(path.read_bytes(), rng))
    return path


def _kept(path: Path, rng: random.Random, folder: Path, *more: str) -> Run:
    language = rng.choice(((), ("--lang", "zh")))
    return Run(["codebooks", "add", str(path), *more, "--codebooks", str(folder / "books"), *language], (path.name,))


def code_table(rng: random.Random, folder: Path) -> Run:
    """A code table as a CSV file or workbook."""
    long = "x" * 3_000
    rows = [["诊断代码", "诊断名称"], ["A00.000x001", "霍乱"], ["K35.800", "急性阑尾炎"]]
    grid = [[rng.choice((each, each, each, "", long, "=1", "A00.000x001")) for each in row] for row in rows]
    return _kept(_table(rng, folder, "codes", grid, "csv csv csv xlsx"), rng, folder, "--version", "2.0")


def drg_folder(rng: random.Random, folder: Path) -> Run:
    """A grouping scheme as a folder of tables, one of them changed or lost."""
    made = folder / "scheme"
    shutil.copytree(ROOT / "tests" / "madeup" / "scheme", made)
    path = rng.choice(sorted(made.iterdir()))
    data = path.read_bytes()
    if rng.random() < 0.1:
        path.unlink()
    elif rng.random() < 0.5:
        path.write_bytes(texts.spoiled(data, rng))
    else:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        row = rng.choice(rows)
        row[rng.randrange(len(row))] = str(rng.choice(texts.HOSTILE))
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        path.write_bytes(text.getvalue().encode("utf-8", "surrogatepass"))
    return _kept(made, rng, folder)


def _workbook(rng: random.Random, folder: Path, name: str, sheets: dict[str, Grid]) -> Path:
    """A workbook with one sheet spoiled or lost, or its bytes changed."""
    path, spoilt = folder / f"{name}.xlsx", rng.choice([*sheets])
    made = {title: _spoiled(grid, rng) if title == spoilt else grid for title, grid in sheets.items()}
    if rng.random() < 0.1:
        del made[spoilt]
    _book(path, made)
    if rng.random() < 0.15:
        path.write_bytes(texts.spoiled(path.read_bytes(), rng))
    return path


def drg_book(rng: random.Random, folder: Path) -> Run:
    """A DRG scheme as the published workbook."""
    return _kept(_workbook(rng, folder, "drg", drg_workbook.sheets()), rng, folder, "--version", "2.0")


def dip(rng: random.Random, folder: Path) -> Run:
    """A DIP scheme as the published workbook, or a region's catalogue of groups."""
    if rng.random() < 0.6:
        path = _workbook(rng, folder, "dip", dip_workbook.SHEETS)
    else:
        grid = [
            ["病种编码", "病种名称", "病种类型", "主要诊断编码", "手术操作编码", "治疗方式", "病例数", "例均费用"],
            ["K80.1:51.2300", "胆囊切除", "核心病种", "K80.1", "51.2300", "", 30, 12345.67],
            ["K80", "胆石症", "综合病种", "K80", "", "保守治疗", 12, 4567],
        ]
        path = _table(rng, folder, "dip", grid, "csv xlsx")
    return _kept(path, rng, folder, "--version", "2.0")


def points(rng: random.Random, folder: Path) -> Run:
    """A workbook of knowledge points."""
    pairs = [["序号", "频度", "主项名称", "主项编码", "从项名称", "从项编码", "备注"],
             [1, "单日", "主项甲", "001103000010000", "从项甲", "001102000030000", None],
             [2, "6小时", "主项甲", "001103000010000", "从项丁", "001206000010000", None]]  # fmt: skip
    most = [["序号", "项目名称", "限制数量", "数量单位", "项目编码"], [1, "诊查", 1, "日", "001102000050000"],
            [2, "监测", 24, "小时", "003107010220000"], ["合计"]]  # fmt: skip
    name, grid = rng.choice((("【第七批】项目规则库（重复收费）", pairs), ("【第八批-1】项目规则库（限定频次）", most)))
    return _kept(_workbook(rng, folder, name, {"知识点明细": grid}), rng, folder)


@cache
def _books() -> Path:
    """A registry with a small scheme and the maps of codes."""
    store = Store(Path(_SCRATCH.name) / "books")
    made_up.keep(store)
    loaders.add(ROOT / "tests/madeup/codebooks/icd10_clinical20_to_nhsa20.csv", store, version="2.0")
    return store.folder


def codes_to_map(rng: random.Random, folder: Path) -> Run:
    """A table with a column of codes of the clinical edition."""
    path = _table(rng, folder, "codes", [["病案号", "编码"], ["1", "A00.000"], ["2", "K35.800"]], "csv")
    done = ["codebooks", "map", "--file", str(path), "--column", "编码", "--out", str(folder / "mapped.csv")]
    return Run([*done, "--codebooks", str(_books())], (path.name,))


def grouped(rng: random.Random, folder: Path) -> Run:
    """A flat table of cases to be grouped, or the groups that came back."""
    if rng.random() < 0.5:
        heads = ["case_id", "sex", "age", "age_days", "weight_g", "diagnoses", "procedures"]
        path = _table(
            rng,
            folder,
            "flat",
            [
                heads,
                ["1", "1", "65", "", "", "I63.900|I10.x00", "51.2300"],
                ["2", "女", "0", "3天", "900", "P22.000", ""],
            ],
        )
        done = ("group", str(path))
    else:
        path = _table(rng, folder, "back", [["病案号", "分组结果"], ["1", "HC11"], ["2", "未入组：主诊不符"]])
        done = ("group", str(GOLDEN), "--actual", str(path))
    wanted = rng.choice(((), ("--out", str(folder / "groups.csv")), ("--report", str(folder / "report"))))
    return Run([*done, *wanted, "--codebooks", str(_books())], (path.name,))


def measured(rng: random.Random, folder: Path) -> Run:
    """The weights of groups or the leaves that measures are given."""
    which, grid = rng.choice((
        ("--weights", [["病组编码", "权重"], ["HC11", 1.5], ["HU15", "0.8"]]),
        ("--weights", [["DIP编码", "病种分值"], ["K80.1:51.2300", 1500], ["K80", 80]]),
        ("--leave", [["setl_id", "leave_begin", "leave_end"], ["0000001", "2026-07-11", "2026-07-12"], ["2", "20260711", "2026/7/13"]]),
    ))  # fmt: skip
    path = _table(rng, folder, "given", grid)
    done = ["measure", str(GOLDEN), "--period", "2026", which, str(path), "--codebooks", str(_books())]
    return Run([*done, *rng.choice(((), ("--to", str(folder / "out"))))], (path.name,))


def scored(rng: random.Random, folder: Path) -> Run:
    """What a scoring is given: the assessment table, indicators, marks, hospitals, cases judged again; or what it wrote."""
    figures = [
        ["hospital", "measure", "numerator", "denominator"],
        ["H1", "passed", 91, 100],
        ["H2", "own_share", "1520.55", 10000],
    ]
    grids = {
        "measures": figures, "last": figures,
        "marks": [["机构编码", "项目", "分值", "评分人", "日期", "依据"], ["*", "satisfaction", 3.5, "考核组", "2026-12-01", "纪要"]],
        "hospitals": [["机构编码", "名称", "等级", "类型", "医联体"], ["H1", "甲", 3, "综合", "H1"], ["H2", "乙", 2, "综合", "H1"]],
        "rejudged": [
            ["机构编码", "病例", "指标", "改判", "认定人", "日期", "依据"],
            ["H1", "C1", "passed", "计入", "考核组", "20261201", "复核"],
        ],
    }  # fmt: skip
    which = rng.choice(("scheme", "manifest", *grids))
    if which == "manifest":
        text = json.dumps({"outputs": {"scores.html": "00"}, "period": ["2026-01-01", "2026-12-31"]})
        (folder / "manifest.json").write_bytes(texts.spoiled(text.encode(), rng))
        return Run(["score", "--verify", str(folder)], named(folder / "manifest.json"))
    table = folder / "measures.parquet"
    pl.DataFrame([("H1", "passed", 91.0, 100.0)], schema=figures[0], orient="row").write_parquet(table)
    pl.DataFrame({"hospital": ["H1"], "case_id": ["C1"], "passed": ["no"]}).write_parquet(folder / "cases.parquet")
    paths, scheme, name = {"measures": table}, "wuhan-dip", "own.yaml"
    if which == "scheme":
        source = rng.choice(sorted((ROOT / "schemas/scoring/schemes").glob("*.yaml")))
        (folder / name).write_bytes(settings.spoiled_yaml(source, rng))
        scheme = str(folder / name)
    else:
        paths[which] = _table(rng, folder, f"{which}-given", grids[which])
        name = paths[which].name
    given = [part for option, path in paths.items() for part in (f"--{option}", str(path))]
    more = rng.choice(((), ("--to", str(folder / "out"))))
    return Run(
        ["score", "--scheme", scheme, "--period", "2026", *given, *more],
        (name, "改判", "appeal", "评分表里的机构", "marks of"),
    )


def verdicts(rng: random.Random, folder: Path) -> Run:
    """The sheet of verdicts of case records."""
    names = [each.verdict for each in judged()]
    path = _table(rng, folder, "抽查", [["病例", "科室", *names], ["1", "01", *("对" for _ in names)]], "csv csv xlsx")
    return Run(["sample", str(ROOT / "schemas/layouts/4401/golden.json"), "--verdicts", str(path)], (path.name,))


@cache
def _ledger() -> list[str]:
    """The options of commands on a ledger with two lists of a month."""
    from validator.intake.ledger import open_ledger  # needs the extra service
    from validator.intake.receive import receive

    folder = Path(_SCRATCH.name)
    ledger = open_ledger(folder / "ledger")
    try:
        receive(ledger, [as_file(folder / "two.jsonl", a_list(1, gend=""), a_list(2))])
    finally:
        ledger.close()
    return ["--ledger", str(folder / "ledger")]


def delivery(rng: random.Random, folder: Path) -> Run:
    """Lists delivered to the bureau: messages, tables or a workbook, spoiled, with receipts."""
    run = rng.choice((lists.message, lists.message, lists.delimited, lists.workbook))(rng, folder)
    path = Path(run.arguments[1])
    (folder / "inbox").mkdir()
    moved = path.rename(folder / "inbox" / path.name)
    if rng.random() < 0.3:
        return Run(["intake", "watch", str(folder / "inbox"), "--once", "--settle", "0", *_ledger()], named(path))
    done = ["intake", "receive", str(moved), "--out", str(folder / "out"), *_ledger()]
    return Run([*done, *rng.choice(((), ("--hospital", HOSPITAL, "--whole", "--declared", "3")))], run.names)


def roll(rng: random.Random, folder: Path) -> Run:
    """The roll of settlements of a month, or counts of them."""
    each = [["setl_id", "定点医药机构编号", "结算时间", "医疗费总额", "退费结算标志"], ["S0001", HOSPITAL, "2026-07-18", "57220.00", "0"],
            ["S0009", HOSPITAL, "2026-07-18 10:00:00", "1", "1"]]  # fmt: skip
    counts = [["机构编码", "结算年月", "病例数"], [HOSPITAL, "2026年7月", 10]]
    path = _table(rng, folder, "roll", rng.choice((each, each, counts)))
    return Run(
        ["intake", "notice", "202607", "--roll", str(path), "--out", str(folder / "out"), *_ledger()], (path.name,)
    )


def platform(rng: random.Random, folder: Path) -> Run:
    """What the platform found, as its answer or as a table."""
    answer = {"infcode": 0, "inf_refmsgid": "1", "err_msg": PERSON["psn_name"], "output": {"result": [
        {"setl_id": "S0001", "psn_no": "1", "qltctrl_rslt": "0", "detailinfo": [
            {"exam_data_fld": "gend", "qltctrl_chkrslt": "性别为空", "err_lv": "1", "retn_flag": "1", "init_val": PERSON["certno"]},
        ]},
    ]}}  # fmt: skip
    if rng.random() < 0.6:
        path = folder / rng.choice(("4104.json", "4104.jsonl"))
        data = json.dumps(texts.tree(answer, rng), ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
        path.write_bytes(texts.spoiled(data, rng) if rng.random() < 0.3 else data)
    else:
        heads = ["结算ID", "质控结果", "检查数据字段", "质控校验结果", "错误等级", "初始值"]
        path = _table(rng, folder, "4104", [heads, ["S0001", "0", "gend", "性别为空", "1", PERSON["certno"]]])
    page = rng.choice(((), ("--out", str(folder / "agreement.html"))))
    return Run(["intake", "platform", str(path), *page, *_ledger()], (path.name,))


def stated(rng: random.Random, folder: Path) -> Run:
    """What a hospital states of its cases, or what hospitals are called, as a table."""
    command = rng.choice(("answer", "request", "hospitals"))
    heads, row = ["结算ID", "理由"], ["S0001", f"{PERSON['psn_name']}：应入外科组"]
    if command == "hospitals":
        heads, row = ["机构编码", "机构名称"], [HOSPITAL, "某医院"]
    path = _table(rng, folder, command, [heads, row])
    known = ("S0001 已申请过特例单议", "还没有下发", "没有现行的清单", "请写明理由")
    return Run(["intake", command, str(path), *_ledger()], (path.name, *known))


def withdrawn(rng: random.Random, folder: Path) -> Run:
    """Settlements undone, as a message of 4102."""
    path = folder / "4102.json"
    message = {"infno": "4102", "input": {"stastinfo": [{"psn_no": "1", "setl_id": "S0002", "stas_type": "0"}]}}
    data = json.dumps(texts.tree(message, rng), ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    path.write_bytes(texts.spoiled(data, rng) if rng.random() < 0.3 else data)
    return Run(["intake", "withdraw", str(path), *_ledger()], (path.name, "没有可撤回的现行清单："))
