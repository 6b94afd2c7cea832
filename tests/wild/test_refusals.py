"""Inputs and disks that once gave an error of our own: now one sentence in the language asked for, with the file and place."""

import json
import os
import resource
import shutil
import zipfile
from contextlib import ExitStack
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner

from tests.fuzz.judge import Run, faults, judged, named
from tests.grouping import scheme
from tests.loaders import drg_workbook
from validator import loaders, report
from validator.base.errors import InputError
from validator.cli.app import App
from validator.codes.tables import Store
from validator.read import inputs

HERE = Path(__file__).parent / "broken"
ROOT = Path(__file__).parents[2]
GOLDEN, RECORD = (ROOT / "schemas/layouts" / name / "golden.json" for name in ("4101", "4401"))
PAGE = (HERE / "page_onlist" / "ZZ904.yaml").read_text(encoding="utf-8").replace("{oprninfo: diseinfo}", "oprninfo")
PROFILE = "name: city\ntitle_zh: 某市\ntitle_en: A city\nbase: national\n"
PAIRS = [["序号", "频度", "主项名称", "从项名称", "从项编码"], [1, "单日", "主项甲", "从项甲", "001102000030000"]]
#: What is wrong with a rule page -> the line, and words of the message.
PAGES = {
    "since: 2026-02-30": (":7：", "2026-02-30"), "blocks: drg": (":7：", "blocks 应是一列"), "level: !!int abc": (":6：", "level"),
    "cases: 5": (":21：", "cases 应是一列"), "on: [x]": (":7：", "x"), 'message: "{diag_name!r:>9}"': (":10：", "花括号"),
}  # fmt: skip
#: Profiles -> the same.
PROFILES = {
    "base: nope": (":4：", "nope"), "base:": (":1：", "多半少了 base: national"), f"base: {'x' * 9_000}": (":4：", "没有方案"),
    "ignore: 5": (":5：", "ignore 应是一列"), "levels: {DX101: !!int abc}": (":5：", "DX101"),
    "intake: {deadline: {anchor: settlement, days: 99999999999999999999}}": (":5：", "days"),
}  # fmt: skip
#: Tables for an option of a command -> words of the message.
TABLES = [
    (["measure", GOLDEN, "--period", "2026", "--leave"], "setl_id,leave_begin,leave_end\n", "没有一行数据"),
    (["measure", GOLDEN, "--period", "2026", "--leave"], "setl_id,leave_begin,leave_end\n1,20260230,20260301\n", "20260230”不是日期"),
    (["measure", GOLDEN, "--period", "2026", "--weights"], "DRG,权重\n测试甲,高\n", "病组 测** 的权重"),
    (["group", GOLDEN, "--actual"], "病案号,分组结果\n", "没有一行数据"),
    (["codebooks", "add", "--version", "1.0"], f"病种编码,主要诊断编码,手术操作编码\n,{'9' * 9_000},\n", "第 2 行"),
    (["codebooks", "add", "--version", "1.0"], "病种,\x1b[2J类型\n1,2\n", "␛[2J类型"),
    (["sample", RECORD, "--verdicts"], "\n\n", "空的"),
    (["sample", RECORD, "--verdicts"], "病例,科室\n1,2\n", "不是抽查表"),
    (["codebooks", "map", "--column", "编码", "--file"], "编码,名称\n1\n", "格数与标题行"),
    (["codebooks", "add", "--version", "1.0"], "病种编码,病种类型,主要诊断编码,手术操作编码,病例数\nA,核心病种,K80.1,,-1\n", "“-1”不是数"),
]  # fmt: skip


def refused(arguments, place, words, monkeypatch, tmp_path):
    """The sentence with which a run is refused."""
    monkeypatch.chdir(tmp_path)
    found, result = judged(Run([str(each) for each in arguments], named(Path(place))))
    assert (found, result.exit_code) == ([], 2), result.output
    assert words in result.output
    return result.output


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("[书] *?"))  # a place that looks like a pattern
    scheme.keep(store)
    loaders.add(ROOT / "tests/madeup/codebooks/icd10_clinical20_to_nhsa20.csv", store, version="2.0")
    return store.folder


@pytest.mark.parametrize("line", PAGES)
def test_a_wrong_page(line, monkeypatch, tmp_path):
    key = line.partition(":")[0]
    rest = [each for each in PAGE[: PAGE.index("cases:")].splitlines() if not each.startswith(f"{key}:")]
    at, words = PAGES[line]
    number = int(at.strip(":：")) - 1
    if key == "cases":
        rest[number:] = [line]
        page = "\n".join(rest)
    else:
        page = "\n".join([*rest[:number], line, *rest[number:], PAGE[PAGE.index("cases:") :]])
    (tmp_path / "ZZ904.yaml").write_text(page, encoding="utf-8")
    assert f"ZZ904.yaml{at}" in refused(["rules", "--rules", tmp_path], "ZZ904.yaml", words, monkeypatch, tmp_path)


@pytest.mark.parametrize("line", PROFILES)
def test_a_wrong_profile(line, monkeypatch, tmp_path):
    at, words = PROFILES[line]
    page = PROFILE.replace("base: national\n", "") if line.startswith("base") else PROFILE
    (tmp_path / "p.yaml").write_text(f"{page}{line}\n", encoding="utf-8")
    assert f"p.yaml{at}" in refused(["rules", "--profile", "p.yaml"], "p.yaml", words, monkeypatch, tmp_path)


@pytest.mark.parametrize(("command", "text", "words"), TABLES)
def test_a_wrong_table(command, text, words, books, monkeypatch, tmp_path):
    (tmp_path / "给.csv").write_text(text, encoding="gb18030")
    where = [] if command[0] == "sample" else ["--codebooks", books]
    refused([*command, "给.csv", *where], "给.csv", words, monkeypatch, tmp_path)
    assert faults(Run([*map(str, (*command, "给.csv", *where, "--lang", "en"))], ("给.csv",))) == []


def test_files_that_cannot_be_read(books, monkeypatch, tmp_path):
    shutil.copy(ROOT / "examples/message/4101-00001.json", tmp_path / "清单[1].json")
    pl.DataFrame({"setl_id": ["1"], "gend": ["7"]}).write_parquet(
        tmp_path / "setlinfo[1].parquet"
    )  # as browsers name them
    for name in ("清单[1].json", "setlinfo[1].parquet"):
        assert faults(Run(["check", str(tmp_path / name)], (name,))) == []
    nested = pl.DataFrame({"setl_id": ["1"], "psn_name": [[{"a": 1}]]})
    nested.write_parquet(tmp_path / "setlinfo.parquet")
    refused(["check", "setlinfo.parquet"], "setlinfo.parquet", "“psn_name”列的类型是", monkeypatch, tmp_path)
    refused(["check", HERE / "zip_oserror.zip", "--fix", "f"], "setlinfo.csv", "读不了", monkeypatch, tmp_path)
    arguments = ["group", HERE / "flat_empty.csv", "--out", "g.csv", "--codebooks", books]
    done = CliRunner().invoke(App(), [*map(str, arguments)])
    assert (done.exit_code, done.exception is None or done.exit_code) == (0, 0) or "flat_empty" in done.output
    book = drg_workbook.sheets()
    book["ADRG"][1][3] = "(" * 2_000 + "ZYSS in OP_AA1" + ")" * 2_000
    made = openpyxl.Workbook()
    for name, rows in book.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    del made["Sheet"]
    made.save(tmp_path / "方案.xlsx")
    add = ["codebooks", "add", "方案.xlsx", "--version", "1.0", "--codebooks", tmp_path / "[b]"]
    refused(add, "方案.xlsx", "ADRG", monkeypatch, tmp_path)
    made = openpyxl.Workbook()
    made.active.title = "知识点明细"
    for row in PAIRS:
        made.active.append(row)
    made.save(tmp_path / "【第七批】项目规则库（重复收费）.xlsx")
    add[2] = "【第七批】项目规则库（重复收费）.xlsx"
    refused(add[:3] + add[5:], add[2], "应有“主项编码”“频度”两列", monkeypatch, tmp_path)


def test_what_stands_in_a_folder_and_is_no_file(monkeypatch, tmp_path):
    """Broken links and circles of them, links to other folders, pipes: nothing of them was read, and the report says so."""
    lists = tmp_path / "七月"
    lists.mkdir()
    shutil.copy(GOLDEN, lists / "a.json")
    (lists / "self").symlink_to(lists)
    (lists / "now").symlink_to("a.json")  # of no kind that is read
    assert judged(Run(["check", str(lists)], ("七月",)))[1].exit_code == 0
    (lists / "circle.json").symlink_to("circle.json")
    (lists / "gone.csv").symlink_to("nothing")
    (lists / "elsewhere").symlink_to(ROOT / "examples")
    os.mkfifo(lists / "pipe.log")
    monkeypatch.chdir(tmp_path)
    found, done = judged(Run(["check", "七月", "--format", "jsonl", "--out", "o"], ("七月",)))
    assert (found, done.exit_code) == ([], 1)
    text = next(Path("o").glob("*.jsonl")).read_text(encoding="utf-8")
    for name, words in (
        ("circle.json", "断了的链接"),
        ("gone.csv", "断了的链接"),
        ("elsewhere", "指向别处"),
        ("pipe.log", "管道"),
    ):
        assert any(name in line and words in line for line in text.splitlines()), (name, text)
    refused(["check", "七月/pipe.log"], "pipe.log", "管道用 - 从标准输入读", monkeypatch, tmp_path)
    refused(["check", ""], "路径", "空的", monkeypatch, tmp_path)


def test_reports_among_the_lists_are_not_read_as_lists(monkeypatch, tmp_path):
    """``zhikong check .`` writes next to what it checks: the second run finds what the first one found."""
    shutil.copy(ROOT / "examples/workbook/lists.xlsx", tmp_path / "清单.xlsx")
    monkeypatch.chdir(tmp_path)
    forms = [part for name in report.formats() for part in ("--format", name)]
    found = []
    for _ in range(2):
        CliRunner().invoke(App(), ["check", ".", *forms])
        lines = next(tmp_path.glob("*.jsonl")).read_text(encoding="utf-8").splitlines()
        found.append([line for line in lines if "read/report-file" not in line])
    assert found[0] == found[1]
    assert len(lines) - len(found[1]) == len([*tmp_path.glob("*-checked*")])


def test_a_command_line_that_cannot_be_followed(monkeypatch, tmp_path):
    """Files where folders should be, numbers that are none, in Chinese alone; a name that no file may have; no standard input."""
    golden, long = str(GOLDEN), "9" * 400
    for arguments, words in (
        (["check", golden, "--fix", golden], f"“{golden}”是文件，应是文件夹"),
        (["measure", golden, "--period", "2026", "--weights", "w.csv"], "“w.csv”不存在"),
        (["generate", "--cases", "x"], "“x”不是整数"),
        (["generate", "--cases", "-5"], "“-5”不在 x>=1 之内"),
        (["check", long], "名称太长"),
    ):
        refused(arguments, arguments[-1][:300], words, monkeypatch, tmp_path)
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(InputError, match="标准输入是关着的"):
        inputs.find(["-"], ExitStack())


def test_names_of_files_that_are_no_text(monkeypatch, tmp_path):
    """GB18030 names from an archive or a disk of a Chinese Windows, on a system of UTF-8."""
    monkeypatch.chdir(tmp_path)
    path = Path(os.fsdecode("七月清单".encode("gb18030") + b".json"))
    path.write_bytes(GOLDEN.read_bytes().replace(b'"gend": "2"', b'"gend": "7"'))
    forms = [part for name in ("html", "jsonl", "parquet", "sarif", "junit", "xlsx") for part in ("--format", name)]
    done = CliRunner().invoke(App(), ["check", str(path), "--out", "out", *forms, "--fix", "fixed"])
    assert done.exit_code in (0, 1), done.output
    with zipfile.ZipFile("a.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("xxxxxxxx.json"), b"{")
    data = Path("a.zip").read_bytes().replace(b"xxxxxxxx.json", "七月清单".encode("gb18030") + b".json")
    Path("a.zip").write_bytes(data)
    assert faults(Run(["check", "a.zip"], ("七月清单.json",))) == []


def test_a_full_disk_is_named_with_the_file(books, monkeypatch, tmp_path):
    """As where a file may have 3,000 bytes, a copy, a scratch file and a database too; nothing half-written stays."""
    lists, soft = ROOT / "examples/message", resource.getrlimit(resource.RLIMIT_FSIZE)
    runs = [
        (["check", lists, "--out", "a", "--format", "html"], "a/message-checked.html"),
        (["check", lists, "--out", "b", "--format", "parquet"], "b/message-checked"),
        (["check", lists, "--fix", "c"], "c/message/4101-00001.json"),
        (["group", lists, "--out", "d/g.xlsx", "--codebooks", books], "zhikong-"),
        (["measure", lists, "--period", "2026", "--to", "e"], "e/measures.html"),
        (["codebooks", "add", ROOT / "tests/madeup/codebooks/icd10_nhsa.csv", "--version", "9", "--codebooks", "f"], "icd10"),
        (["intake", "receive", lists, "--ledger", "g"], "g/ledger.sqlite"),
        (["generate", "--cases", "40", "--as", "xlsx", "--to", "h"], "h/lists.xlsx"),
    ]  # fmt: skip
    monkeypatch.chdir(tmp_path)
    for arguments, place in runs:
        if arguments[0] == "intake":
            pytest.importorskip("alembic", reason="needs the extra service")
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, soft[1]))
        try:
            found, done = judged(Run([*map(str, arguments)], (place,)))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, soft)
        assert found == [], arguments
        assert done.exit_code == 2, (arguments, done.output)
        assert "超过系统允许" in done.output or "磁盘" in done.output
    left = [each for each in tmp_path.rglob("*") if each.is_file() and "ledger.sqlite" not in each.name]
    assert left == []


def test_messages_of_the_intake_may_be_anything(monkeypatch, tmp_path):
    """Fields that are no texts, text that is no character, lists where objects should be: refused, or read without them."""
    pytest.importorskip("alembic", reason="needs the extra service")
    monkeypatch.chdir(tmp_path)
    ledger = ["--ledger", "l"]
    for number, node in enumerate(({"detailinfo": 5}, {"qltctrl_rslt": "\ud800"}, {"detailinfo": [[1]]})):
        path = Path(f"{number}.json")
        path.write_text(json.dumps({"infcode": 0, "output": {"result": [{"setl_id": "S1", **node}]}}), encoding="utf-8")
        assert faults(Run(["intake", "platform", str(path), *ledger], named(path))) == []
    for case in ("欧阳隐测,", "欧阳隐测：应入外科组,", "欧阳隐测：应入外科组,不符"):
        Path("request.csv").write_text(f"病例,理由\n{case}\n", encoding="utf-8")
        assert faults(Run(["intake", "request", "request.csv", *ledger], ("欧**",))) == []
    Path("request.csv").write_bytes("结算ID,理由\nS0001,患".encode()[:-1])
    assert faults(Run(["intake", "request", "request.csv", *ledger], ("request.csv",))) == []
    Path("4102.json").write_bytes(
        '{"input": {"stastinfo": {"setl_id": ["1"], "stas_type": 0, "备注": "甲"}}}'.encode("gb18030")
    )
    refused(["intake", "withdraw", "4102.json", *ledger], "4102.json", "不是 4102 报文", monkeypatch, tmp_path)
