"""The user pages in Chinese: their commands run, their links lead somewhere."""

import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.grouping import scheme as tiny
from validator.cli.app import App
from validator.codes.tables import Store

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs/zh").glob("*.md"))
COMMANDS = [
    (page.name, line.removeprefix("zhikong ").removeprefix("python3 run.py "))
    for page in PAGES
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
]
#: Page -> the files that it shows: blocks of YAML or CSV whose first line is a comment with the name.
FILES = {
    page.name: re.findall(
        r"```(?:yaml|csv)\n# (\S+\.(?:yaml|csv))\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL
    )
    for page in PAGES
}
#: What a user asks for, each a page.
NEEDED = (
    "命令",
    "选项",
    "规则页",
    "地方方案",
    "码表",
    "分组",
    "DIP",
    "批次验收",
    "结果",
    "一次住院",
    "统计",
    "评分",
    "编码标准",
    "清单项目",
    "五分钟上手",
    "常见问题",
    "安全",
    "经办机构收单",
    "经办一个月",
    "服务",
    "大批量",
    "限制",
)


def test_every_subject_has_its_page_that_the_first_one_leads_to():
    assert {page.stem for page in PAGES} == set(NEEDED)
    first = (ROOT / "docs/zh/五分钟上手.md").read_text(encoding="utf-8")
    assert [name for name in NEEDED if f"({name}.md)" not in first and name != "五分钟上手"] == []


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_every_command_runs(page, command, tmp_path, monkeypatch):
    for name, text in FILES[page]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    if "--gate" in command and find_spec("great_expectations") is None:
        pytest.skip("needs the extra 'gate'")
    tiny.keep(Store(tmp_path / "books"))
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZHIKONG_CODEBOOKS", str(tmp_path / "books"))
    if "--mapping" in command:
        CliRunner().invoke(App(), command.replace("--mapping", "--save-mapping").split())
    if "--scheme dip-ours" in command:
        CliRunner().invoke(
            App(), ["dip-catalogue", "examples/workbook/lists.xlsx", "--name", "dip-ours", "--critical", "1"]
        )
    if "--record" in command:
        for _, before in (each for each in COMMANDS if each[0] == page and each[1].startswith("generate")):
            CliRunner().invoke(App(), before.split())
    done = CliRunner().invoke(App(), command.split())
    assert done.exit_code in (0, 1), done.output
    assert "用法错误" not in done.output


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_pages(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
