"""What is kept between runs: a warm start needs neither Polars nor the parser, and a spoilt file is made anew."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from validator import check
from validator.checks.rows import start

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "schemas" / "layouts" / "4101" / "golden.json"
CODE = """
import json, sys
from validator import judge
message = json.load(open(sys.argv[1], encoding="utf-8"))
message["input"]["setlinfo"]["gend"] = "7"
record = json.load(open(sys.argv[1].replace("4101", "4401"), encoding="utf-8"))
judged = judge(message, record=record)
print(json.dumps([sorted({"polars", "sqlglot", "numpy", "rich"} & {*sys.modules}), judged.findings, len(judged.outcomes)]))
"""


COMMAND = """
import sys
from validator.cli.app import App
try:
    App().main(sys.argv[1:])
finally:
    print(sorted({"polars", "sqlglot", "numpy", "pandera", "yaml"} & {*sys.modules}))
"""


def command(cache: Path, *arguments: str) -> str:
    """What ``zhikong check`` prints, and which of the large libraries it imported."""
    environment = {**os.environ, "ZHIKONG_CACHE": str(cache), "PYTHONPATH": str(ROOT)}
    asked = [sys.executable, "-c", COMMAND, "check", *arguments]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, env=environment, encoding="utf-8")
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def run(cache: Path) -> list[object]:
    environment = {**os.environ, "ZHIKONG_CACHE": str(cache), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(GOLDEN)], capture_output=True, text=True, check=True, env=environment
    )
    found: list[object] = json.loads(done.stdout)
    return found


def test_a_warm_start_imports_neither_polars_nor_the_parser(tmp_path: Path) -> None:
    cold, warm = run(tmp_path), run(tmp_path)
    assert warm[0] == []
    assert cold[1:] == warm[1:]
    assert cold[1]
    assert tmp_path.stat().st_mode & 0o077 == 0
    lists = tmp_path / "lists"
    lists.mkdir()
    message = json.loads(GOLDEN.read_text(encoding="utf-8"))
    message["input"]["setlinfo"] |= {"gend": "7", "setl_id": "TWICE", "naty": "x"}
    for name in ("a.json", "b.json"):
        (lists / name).write_text(json.dumps(message), encoding="utf-8")
    formats = [each for name in ("console", "jsonl", "junit", "sarif") for each in ("--format", name)]
    printed = command(tmp_path, str(lists), *formats, "--out", str(tmp_path / "reports"))
    assert printed.splitlines()[-1] == "[]"
    assert "AD201" in printed
    lines = (tmp_path / "reports" / "lists-checked.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    expected = json.loads(json.dumps(check(lists).findings.to_dicts(), default=str))
    assert [{name: each[name] for name in expected[0]} for each in found] == expected


@pytest.mark.parametrize("content", [b"", b"junk", b"half"])
def test_a_spoilt_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    first = run(tmp_path)
    [kept] = tmp_path.glob("*.start")
    kept.write_bytes(kept.read_bytes()[:-100] if content == b"half" else content)
    assert run(tmp_path)[1:] == first[1:]
    assert run(tmp_path)[0] == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps profiles apart by itself")
def test_a_folder_or_file_that_others_can_write_is_not_trusted(tmp_path: Path) -> None:
    run(tmp_path)
    [kept] = tmp_path.glob("*.start")
    kept.chmod(0o666)
    assert run(tmp_path)[0] != []
    tmp_path.chmod(0o777)
    assert run(tmp_path)[0] != []


def test_changed_data_is_another_start(tmp_path: Path) -> None:
    before = start._key("national", ())
    page = tmp_path / "ZZ901.yaml"
    page.write_text("id: ZZ901\n", encoding="utf-8")
    with_page = start._key("national", (tmp_path,))
    page.write_text("id: ZZ902\n", encoding="utf-8")
    assert len({before, with_page, start._key("national", (tmp_path,)), start._key("other", ())}) == 4
