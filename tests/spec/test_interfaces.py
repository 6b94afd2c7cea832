"""An interface is what its folder says: nothing of one interface stands in the code, and a further one needs no code."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from tests.spec import scratch
from validator.base import files
from validator.base.errors import ConfigError
from validator.spec import layouts

ROOT = Path(__file__).parents[2]
GENERAL = ("checks", "spec", "read", "report")  #: packages that know no interface


def test_no_table_and_no_key_of_an_interface_stands_in_the_code() -> None:
    known = layouts.load().values()
    names = {name for each in known for name in (*each.tables, *each.interface.keys)}
    word = re.compile(rf"\b({'|'.join(sorted(names))})\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for package in GENERAL
        for path in sorted((ROOT / "validator" / package).rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if word.search(line)
    ]
    assert not found


ABOUT = {
    "document": "record",
    "title_zh": "虚构首页",
    "title_en": "Made-up record",
    "case": "record.baseinfo",
    "keys": ["record_no"],
    "day": ["out_time"],
    "roles": {"department": ["out_dept"], "physician": ["doctor"], "coder": ["coder"], "discharge": ["out_time"]},
    "counts": {"diag_rows": "record.diagnosis"},
    "tables": {"record.baseinfo": "首页基本信息", "record.diagnosis": "首页诊断"},
    "needs": {"record.diagnosis": "always"},
}
CASE = scratch.table(
    "record_no,首页序号,Record number,string,30,Y",
    "sex,性别,Sex,code,1,Y,,gend",
    "in_time,入院时刻,Admitted,datetime,,Y",
    "out_time,出院时刻,Discharged,datetime,,Y",
    "out_dept,出院病区,Department,string,40,N",
    "doctor,经治医师,Physician,string,40,N",
    "coder,编目员,Coder,string,40,N",
    "diag_rows,诊断行数,Diagnoses,number,3,N",
)
CHILD = scratch.table(
    "serial,诊断序号,Place,number,3,Y",
    "icd,疾病编号,Code,code,20,Y",
    "found_on,确诊日,Found on,date,,N",
)
RULE = """\
id: RX901
name: found-after-discharge
title: 确诊日不晚于出院
title_en: Found before the discharge
kind: 一致性
level: error
on: record.diagnosis
since: 2026-01-01
when: record.baseinfo.sex IS NOT NULL AND found_on IS NOT NULL
expect: found_on <= CAST(record.baseinfo.out_time AS DATE)
message: "{record.baseinfo.out_time} 出院，{found_on} 才确诊"
message_en: "Discharged on {record.baseinfo.out_time}, found on {found_on}"
fix: 核对确诊日
fix_en: Check the day
why: 因为
why_en: Because
basis: {doc: interface-meaning, item: 虚构, sure: practice}
cases:
  - pass: 出院当天
    record.diagnosis: [{found_on: 2026-03-09}]
  - fail: 出院之后
    record.diagnosis: [{found_on: 2026-03-10}]
"""
LISTS: list[dict[str, Any]] = [
    {
        "record.baseinfo": {
            "record_no": f"R{number}", "sex": sex, "in_time": "2026-03-01 08:00:00", "out_time": "2026-03-09 10:00:00",
            "out_dept": "一病区", "doctor": "林一", "coder": "编目甲", "diag_rows": "2",
        },
        "record.diagnosis": [
            {"serial": "1", "icd": "K80.100", "found_on": "2026-03-02"},
            {"serial": "2", "icd": "I10.x00", "found_on": day},
        ],
    }
    for number, sex, day in ((1, "1", "2026-03-09"), (2, "7", "2026-03-09"), (3, "2", "2026-03-10"))
]  # fmt: skip
FOUND = [
    ("R2", "record.baseinfo.sex/value", "record.baseinfo", 1, "sex", "7"),
    ("R3", "RX901", "record.diagnosis", 2, "found_on", "2026-03-10"),
]


def written(folder: Path, **changes: object) -> Path:
    """The made-up interface in a folder of its own."""
    folder.mkdir(parents=True)
    about = {key: value for key, value in {**ABOUT, **changes}.items() if value is not None}
    text = yaml.safe_dump(about, allow_unicode=True, sort_keys=False)
    (folder / "interface.yaml").write_text(text, encoding="utf-8")
    (folder / "record.baseinfo.csv").write_text(CASE, encoding="utf-8")
    (folder / "record.diagnosis.csv").write_text(CHILD, encoding="utf-8")
    return folder


def test_the_interface_says_what_its_tables_are(tmp_path: Path) -> None:
    written(tmp_path / "layouts" / "R1")
    layout = layouts.load(tmp_path / "layouts")["R1"]
    assert (layout.case, list(layout.tables)) == ("record.baseinfo", ["record.baseinfo", "record.diagnosis"])
    assert layout.interface.case_keys == ("record_no", "case_id")
    assert layout.interface.roles["department"] == ("out_dept",)
    assert layout.interface.roles["patient"] == ()
    assert layout.title("record.diagnosis") == "首页诊断（record.diagnosis）"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"kees": ["a"]}, "不认识的键“kees”"),
        ({"document": "invoice"}, "document：没有“invoice”"),
        ({"document": 1}, "document 应是文字"),
        ({"case": "setlinfo"}, "case：没有“setlinfo”"),
        ({"case": None}, "还没填：case"),
        ({"keys": ["psn_no"]}, "keys：没有“psn_no”"),
        ({"keys": "record_no"}, "keys 应是一列字段"),
        ({"keys": [{"a": 1}]}, "keys：没有“{'a': 1}”"),
        ({"day": ["dscg_time"]}, "day：没有“dscg_time”"),
        ({"roles": {"boss": ["doctor"]}}, "roles：没有“boss”"),
        ({"roles": {"coder": ["nobody"]}}, "roles：没有“nobody”"),
        ({"roles": {"coder": "coder"}}, "roles 应是“名称: 一列字段”的映射"),
        ({"counts": {"diag_rows": "nothing"}}, "counts：没有“nothing”"),
        ({"tables": {"nothing": "无"}}, "tables：没有“nothing”"),
        ({"needs": {"nothing": "always"}}, "“nothing”应是这个接口的表"),
        ({"needs": ["record.diagnosis"]}, "needs 应是“名称: 文字”的映射"),
        ({"number": 5}, "number 应是文字"),
        ({"blocks": {"nobody/required": ["drg"]}}, "blocks：没有“nobody”"),
        ({"blocks": {"sex/required": ["icd"]}}, "blocks：没有“icd”"),
    ],
)
def test_a_wrong_interface_is_refused_with_its_line(tmp_path: Path, changes: dict[str, object], text: str) -> None:
    folder = written(tmp_path / "layouts" / "R1", **changes)
    with pytest.raises(ConfigError) as error:
        layouts.load(tmp_path / "layouts")
    where = str(folder / "interface.yaml")
    assert error.value.zh.startswith(where)
    assert text in error.value.zh
    written_lines = (folder / "interface.yaml").read_text(encoding="utf-8").splitlines()
    number = int(error.value.zh.removeprefix(where).partition("：")[0].removeprefix(":"))
    key = next(iter(changes))
    top = [place for place, each in enumerate(written_lines, 1) if each.startswith(f"{key}:")] or [1]
    assert top[0] <= number <= top[0] + 1


@pytest.mark.parametrize("file", ["interface.yaml", "record.baseinfo.csv"])
def test_a_folder_that_lacks_its_interface_or_case_table_is_named(tmp_path: Path, file: str) -> None:
    folder = written(tmp_path / "layouts" / "R1")
    (folder / file).unlink()
    with pytest.raises(ConfigError, match=re.escape(str(folder))):
        layouts.load(tmp_path / "layouts")


def test_a_need_that_reads_no_field_ends_without_a_traceback(tmp_path: Path) -> None:
    folder = scratch.copied(tmp_path) / "layouts" / "R1"
    written(folder, needs={"record.diagnosis": "nobody IS NULL"})
    done = scratch.run(tmp_path, "rules")
    assert done.returncode == 2
    assert "interface.yaml:" in done.stderr
    assert "nobody" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def third(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Schemas with a third interface, of another document, and one rule page about its child table."""
    folder: Path = tmp_path_factory.mktemp("third")
    schemas = scratch.copied(folder)
    written(schemas / "layouts" / "R1")
    (schemas / "rules" / "RX").mkdir()
    (schemas / "rules" / "RX" / "RX901.yaml").write_text(RULE, encoding="utf-8")
    golden = {"infno": "R1", "input": LISTS[0]}
    (schemas / "layouts" / "R1" / "golden.json").write_text(json.dumps(golden, ensure_ascii=False), encoding="utf-8")
    return folder


def sets(folder: Path) -> dict[str, Path]:
    """The lists as messages, as a CSV set and as frames in Parquet."""
    folder.mkdir()
    (folder / "lists.jsonl").write_text("".join(json.dumps({"input": each}) + "\n" for each in LISTS), encoding="utf-8")
    cases = [each["record.baseinfo"] for each in LISTS]
    rows = [
        {"record_no": each["record.baseinfo"]["record_no"], **row} for each in LISTS for row in each["record.diagnosis"]
    ]
    for kind in ("csv", "parquet"):
        (folder / kind).mkdir()
    for table, content in (("record.baseinfo", cases), ("record.diagnosis", rows)):
        with (folder / "csv" / f"{table}.csv").open("w", encoding="gb18030", newline="") as file:
            writer = csv.DictWriter(file, list(content[0]))
            writer.writeheader()
            writer.writerows(content)
        pl.DataFrame(content).write_parquet(folder / "parquet" / f"{table}.parquet")
    return {"json": folder / "lists.jsonl", "csv": folder / "csv", "parquet": folder / "parquet"}


FORMATS = ("console", "html", "jsonl", "junit", "parquet", "sarif", "xlsx")


@pytest.mark.parametrize("kind", ["json", "csv", "parquet"])
def test_a_third_interface_is_read_checked_and_reported(third: Path, tmp_path: Path, kind: str) -> None:
    data = sets(tmp_path / "data")[kind]
    formats = [part for name in FORMATS for part in ("--format", name)]
    done = scratch.run(third, "check", str(data), "--no-mask", "--out", str(tmp_path / "out"), *formats)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "确诊日不晚于出院" in done.stdout
    reports = {path.suffix for path in (tmp_path / "out").iterdir()}
    assert reports >= {".html", ".jsonl", ".xlsx", ".sarif", ".xml"}, reports
    lines = next((tmp_path / "out").glob("*.jsonl")).read_text(encoding="utf-8").splitlines()
    findings = [json.loads(line) for line in lines]
    seen = [
        (each["case_id"], each["check"], each["table"], each["row"], each["field"], each["value"])
        for each in findings
        if "check" in each
    ]
    assert sorted(seen) == FOUND
    message = next(each["message"] for each in findings if each.get("check") == "RX901")
    assert message == "2026-03-09 10:00:00 出院，2026-03-10 才确诊"
    if kind == "json":
        path = next(each["source"]["path"] for each in findings if each.get("check") == "RX901")
        assert path == "$.input.record.diagnosis[1].found_on"


def test_a_third_interface_is_taken_as_frames_by_ids_and_by_roles(third: Path, tmp_path: Path) -> None:
    folder = sets(tmp_path / "data")["parquet"]
    code = (
        "import polars as pl, validator, json\n"
        f"tables = {{name: pl.read_parquet(r'{folder}/' + name + '.parquet')"
        " for name in ('record.baseinfo', 'record.diagnosis')}\n"
        "r = validator.check(tables, mask=False)\n"
        "one = validator.check(tables, select=['record.baseinfo.sex'], mask=False)\n"
        "print(json.dumps([r.findings.sort('case_id').select('case_id', 'check', 'table', 'row', 'field', 'value').rows(),"
        " r.cases.select('department', 'physician', 'coder').row(0), str(r.cases['discharged'][0]),"
        " one.findings['check'].to_list(), sorted(set(r.cases['layout']))]))\n"
    )
    done = scratch.run(third, code=code)
    assert done.returncode == 0, done.stderr
    found, roles, discharged, selected, names = json.loads(done.stdout)
    assert [tuple(each) for each in found] == FOUND
    assert roles == ["一病区", "林一", "编目甲"]
    assert (discharged, selected, names) == ("2026-03-09", ["record.baseinfo.sex/value"], ["R1"])


def test_the_cases_of_a_page_of_a_third_interface_hold(third: Path) -> None:
    done = scratch.run(third, "rule", "RX901")
    assert done.returncode == 0, done.stderr
    assert "确诊日不晚于出院" in done.stdout
    code = (
        "from validator import api, read\n"
        "from validator.checks import examples\n"
        "c = api.load(); rule = c.rules['RX901']\n"
        "for case in rule.cases:\n"
        "    part = read.from_messages([examples.message(rule, case, c)], c.layouts)\n"
        "    print(case.fails, api.run(c, part, select=['RX901']).findings.height)\n"
    )
    done = scratch.run(third, code=code)
    assert done.stdout.split() == ["False", "0", "True", "1"], done.stderr


@pytest.mark.parametrize(
    "arguments", [["fields", "record.diagnosis", "--interface", "R1"], ["template", "--interface", "R1"], ["rules"]]
)
def test_commands_take_tables_with_a_dot(
    third: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    done = scratch.run(third, *arguments)
    assert done.returncode == 0, done.stderr


def test_no_cases_are_made_of_another_document(third: Path) -> None:
    code = "from validator import generate\ntry:\n    list(generate.partitions(3, 1, interface='R1'))\nexcept Exception as e:\n    print(e)"
    assert "R1 不是结算清单" in scratch.run(third, code=code).stdout


@pytest.mark.parametrize("fmt", ["csv", "4101", "xlsx"])
def test_a_further_child_table_is_checked_by_its_rows_and_left_empty_by_the_generator(tmp_path: Path, fmt: str) -> None:
    schemas = scratch.copied(tmp_path)
    rows = (
        "fee_no,费用序号,Fee number,string,30,Y",
        "fee_amt,费用金额数,Amount,number,16,Y",
        "sold,出售日,Sold,date,,N",
    )
    (schemas / "layouts" / "4101" / "feeinfo.csv").write_text(scratch.table(*rows), encoding="utf-8")
    data = tmp_path / "data"
    done = scratch.run(tmp_path, "generate", "--cases", "20", "--as", fmt, "--defects", "0.3", "--to", str(data))
    assert done.returncode == 0, done.stderr
    if fmt == "xlsx":
        return
    if fmt == "csv":
        first = pl.read_csv(data / "setlinfo.csv", infer_schema=False, encoding="gb18030")["setl_id"][0]
        content = f"setl_id,fee_no,fee_amt,sold\n{first},F1,12,2026-01-02\n{first},,1x,2026-13-01\n"
        (data / "feeinfo.csv").write_text(content, encoding="gb18030")
    else:
        path = min(data.glob("*.json"))
        message = json.loads(path.read_text(encoding="utf-8"))
        assert message["input"]["feeinfo"] == []
        message["input"]["feeinfo"] = [
            {"fee_no": "F1", "fee_amt": "12", "sold": "2026-01-02"}, {"fee_no": "", "fee_amt": "1x", "sold": "2026-13-01"}
        ]  # fmt: skip
        path.write_text(json.dumps(message), encoding="utf-8")
    done = scratch.run(tmp_path, "check", str(data), "--select", "feeinfo", "--out", "-", "--format", "jsonl")
    assert done.returncode == 1, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    seen = {(each["check"], each["row"]) for each in found if "check" in each}
    assert seen == {("feeinfo.fee_no/required", 2), ("feeinfo.fee_amt/type", 2), ("feeinfo.sold/type", 2)}


def test_the_data_folders_of_tests_are_a_copy(third: Path) -> None:
    done = scratch.run(
        third, code="from validator.base import files\nprint(files.data('schemas'), files.data('reports'))"
    )
    assert done.stdout.split() == [str((third / "schemas").resolve()), str(files.data("reports"))]


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_a_fix_finds_its_place_in_a_table_with_a_dot(third: Path, tmp_path: Path, kind: str) -> None:
    data = sets(tmp_path / "data")[kind]
    file = data if kind == "json" else data / "record.diagnosis.csv"
    encoding = "utf-8" if kind == "json" else "gb18030"
    before = file.read_text(encoding=encoding)
    file.write_text(before.replace("2026-03-02", "2026/3/2"), encoding=encoding)
    done = scratch.run(third, "check", str(data), "--fix", str(tmp_path / "fixed"), "--out", str(tmp_path))
    assert done.returncode == 1, done.stderr
    copy = next((tmp_path / "fixed").rglob(file.name))
    assert copy.read_text(encoding=encoding) == before
    log = (tmp_path / "fixed" / "fixes.csv").read_text(encoding="utf-8-sig")
    assert log.count(",record.diagnosis.found_on,") == 3
    if kind == "json":
        assert "$.input.record.diagnosis[0].found_on" in log
