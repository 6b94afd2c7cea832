"""The two commands of the README; what they do in full, CI does."""

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
