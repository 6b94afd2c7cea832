"""The user pages in Chinese: their commands run, their links lead somewhere."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from validator.cli.app import App

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs/zh").glob("*.md"))
COMMANDS = [
    (page.name, line.removeprefix("zhikong ").removeprefix("python3 run.py "))
    for page in PAGES
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
]


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_every_command_runs(page, command, tmp_path, monkeypatch):
    assert page
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZHIKONG_CODEBOOKS", str(tmp_path / "books"))
    if "--mapping" in command:
        CliRunner().invoke(App(), command.replace("--mapping", "--save-mapping").split())
    done = CliRunner().invoke(App(), command.split())
    assert done.exit_code in (0, 1), done.output
    assert "用法错误" not in done.output


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_pages(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
