"""What the shell offers behind Tab, in each shell."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.grouping import scheme as tiny
from validator.codes.tables import Store


def run(environment: dict[str, str], folder: Path) -> str:
    code = "from validator.cli import main; import sys; sys.argv = ['zhikong']; main()"
    known = {**os.environ, "ZHIKONG_CODEBOOKS": str(folder), "ZHIKONG_LANG": "zh"}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**known, **environment}, capture_output=True, encoding="utf-8", check=False
    )
    assert "Traceback" not in done.stderr
    return done.stdout


def bash(words: str, folder: Path) -> list[str]:
    """What bash is given for the last of the words."""
    place = str(len(words.split(" ")) - 1)
    out = run({"_ZHIKONG_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": place}, folder)
    return [line.partition(",")[2] for line in out.splitlines()]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("zhikong ru", ["rule", "rules"]),
        ("zhikong rule dx10", ["DX101", "DX102", "DX103"]),
        ("zhikong rule setlinfo.gend/", ["setlinfo.gend/required", "setlinfo.gend/value"]),
        ("zhikong check --select OP204,DX107", ["OP204,DX107"]),
        ("zhikong check --ignore 编", ["编码"]),
        ("zhikong check --profile s", ["shandong-like", "sichuan-like"]),
        ("zhikong check --format j", ["jsonl", "junit"]),
        ("zhikong check --gate s", ["strict"]),
        ("zhikong fields d", ["diseinfo"]),
        ("zhikong rules --table icu", ["icuinfo"]),
        ("zhikong new-rule ZZ901 --on pay", ["payinfo"]),
        ("zhikong template --interface 4101", ["4101", "4101A"]),
        ("zhikong codebooks add x.csv --table icd9", ["icd9cm3", "icd9cm3_map"]),
    ],
)
def test_bash_is_offered(words, offered, tmp_path):
    assert set(offered) <= set(bash(words, tmp_path))


def test_what_is_loaded_is_offered(tmp_path):
    tiny.keep(Store(tmp_path))
    assert bash("zhikong group x.csv --scheme m", tmp_path) == ["mini-1.0"]
    assert bash("zhikong codebooks remove d", tmp_path) == ["drg_scheme"]
    assert bash("zhikong codebooks remove drg_scheme ", tmp_path) == ["mini-1.0"]
    assert bash("zhikong codebooks diff drg_scheme@", tmp_path) == ["drg_scheme@mini-1.0"]


def test_powershell_is_offered_values_with_their_titles(tmp_path):
    words = {"ZHIKONG_WORDS": "zhikong\nrule", "ZHIKONG_WORD": "OP204"}
    line = run({"_ZHIKONG_COMPLETE": "powershell_complete", **words}, tmp_path).strip()
    assert line.startswith("OP204\t手术")
    words = {"ZHIKONG_WORDS": "zhikong\ncheck\n--profile", "ZHIKONG_WORD": "./my"}
    assert run({"_ZHIKONG_COMPLETE": "powershell_complete", **words}, tmp_path).strip() == ""


@pytest.mark.parametrize(
    ("shell", "registers"),
    [
        ("zsh", "compdef _zhikong"),
        ("fish", "complete --no-files --command zhikong"),
        ("powershell", "-CommandName zhikong"),
    ],
)
def test_a_shell_gets_its_script(shell, registers, tmp_path):
    script = run({"_ZHIKONG_COMPLETE": f"{shell}_source"}, tmp_path)
    assert registers in script
    assert "%(" not in script
