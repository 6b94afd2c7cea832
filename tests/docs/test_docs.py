"""What the documents name exists."""

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from validator import api
from validator.spec import layouts

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/zh/*.md")]
INVENTED = {"DX311", "DX901", "ZZ901", "ZZ902"}  # the rules that CONTRIBUTING, `new-rule --help` and docs/zh write


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_rules_fields_and_links_of_a_page_exist(page):
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"\b[A-Z]{2}[0-9]{3}\b(?!#)", text)) - INVENTED
    catalogue = api.load()
    assert named <= set(catalogue.rules) | {pair.id for pair in catalogue.story.pairs}
    fields = {
        f"{table}.{name}"
        for each in layouts.load().values()
        for table, rows in each.tables.items()
        for name in rows.fields
    }
    assert set(re.findall(r"\bsetlinfo\.[a-z]+_?[a-z_]{2,}\b", text)) <= fields
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_options_modules_and_files_of_a_page_exist(page):
    text = page.read_text(encoding="utf-8")
    options = (ROOT / "docs" / "options.md").read_text(encoding="utf-8")
    wrong = []
    for name, rest in re.findall(r"(?:^|`|bin/|\\)zhikong ([a-z][a-z-]+)([^`\n]*)", text, re.MULTILINE):
        part = options.partition(f"## zhikong {name}\n")[2].partition("\n## zhikong ")[0]
        part += (
            "".join(re.findall(rf"## zhikong {name} .*?(?=\n## |\Z)", options, re.DOTALL))
            + "--lang --limits --debug --help"
        )
        wrong += [name] if f"## zhikong {name}\n" not in options else []
        wrong += [f"{name} {option}" for option in re.findall(r"--[a-z-]+", rest) if option not in part]
    wrong += [name for name in re.findall(r"python -m (validator[.\w]*|tests[.\w]*)", text) if not find_spec(name)]
    paths = re.findall(r"`((?:tests|validator|schemas|codebooks|reports)/[\w./-]+)`", text)
    wrong += [path for path in paths if not list(ROOT.glob(path.rstrip("/").replace("NAME", "*")))]
    paths = re.findall(r"run\.py test (.+?)[ `]", text)
    wrong += [path for path in paths if path.startswith("tests") and not (ROOT / path).exists()]
    assert wrong == []


def test_architecture_describes_every_package_in_the_order_of_the_layers():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree = text.partition("\nvalidator/ ")[2].partition("```")[0]
    described = re.findall(r"^  (\w+?)(?:/|\.py) ", tree, re.MULTILINE)
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"][
        0
    ]
    floor = {
        name: number for number, layer in enumerate(reversed(layers["layers"])) for name in re.findall(r"\w+", layer)
    }
    there = {path.parent.name for path in ROOT.glob("validator/*/__init__.py")}
    there |= {path.stem for path in ROOT.glob("validator/*.py")} - {"__init__"}
    assert set(described) == there
    assert [floor[name] for name in described] == sorted(floor[name] for name in described)


def test_invented_rules_stay_free():
    assert not INVENTED & set(api.load().rules)
