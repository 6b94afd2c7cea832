"""The two commands of the README; what they do in full, CI does."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import run

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["--help"], 0), (["dmeo"], 2), (["demo", "now"], 2)])
def test_usage(arguments, code):
    command = [sys.executable, str(ROOT / "run.py"), *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == code
    assert "run.py demo" in done.stdout


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_both_readmes_give_the_two_commands(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert "python3 run.py demo" in lines
    assert "python3 run.py test" in lines


def test_what_is_heavy_is_an_extra_of_its_own():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    heavy = {requirement for name in run.HEAVY for requirement in extras[name]}
    assert heavy.isdisjoint(extras["dev"])
    assert not any(requirement.startswith("zhikong[") for requirement in extras["dev"])


def test_run_needs_only_the_standard_library():
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import run"
    assert subprocess.run([sys.executable, "-S", "-I", "-c", code], check=False).returncode == 0


def test_the_batch_file_survives_names_with_brackets_and_runs_once():
    """A name such as 清单(1).xlsx comes without quotes and would close a block; findings (exit code 1) are no reason to try again."""
    raw = (ROOT / "zhikong.bat").read_bytes()
    assert raw.isascii(), "cmd.exe reads the file in the code page of the moment"
    assert raw.count(b"\r\n") == raw.count(b"\n"), "cmd.exe loses labels in files with bare line feeds"
    lines = [line for line in raw.decode().splitlines() if not line.startswith("rem")]
    assert not re.search(r"[()]|&&|\|\|", "\n".join(line for line in lines if "%*" in line))
    labels = {line[1:] for line in lines if line.startswith(":")}
    assert {line.rpartition(" ")[2] for line in lines if "goto" in line} <= labels
