"""Files made from the schemas and commands: ``python -m validator.docs`` writes them, ``--check`` compares.

They are pages of ``docs/``, and the JSON Schemas by which editors complete and check rule pages, profiles and interfaces.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from validator import api
from validator.base import files
from validator.docs import coverage, items, json_schemas, options, rule_language, score_schema, standards
from validator.spec.catalogue import Catalogue

#: Path in the checkout -> what writes the file.
PAGES: dict[str, Callable[[Catalogue], str]] = {
    "docs/items.md": items.page,
    "docs/zh/清单项目.md": items.chinese_page,
    "docs/coverage.md": coverage.page,
    "docs/standards.md": standards.page,
    "docs/zh/编码标准.md": standards.chinese_page,
    "docs/rule-language.md": rule_language.page,
    "docs/options.md": options.page,
    "docs/zh/选项.md": options.chinese_page,
    "schemas/json/rule.schema.json": json_schemas.rule,
    "schemas/json/house-rule.schema.json": json_schemas.house_rule,
    "schemas/json/profile.schema.json": json_schemas.profile,
    "schemas/json/interface.schema.json": json_schemas.interface,
    "schemas/json/layout.tableschema.json": json_schemas.layout,
    "schemas/json/score-scheme.schema.json": score_schema.scheme,
}


def root() -> Path:
    """The checkout."""
    return files.data("schemas").parent


def stale() -> Iterator[str]:
    """The names of the pages that are not what the schemas say now."""
    catalogue = api.load()
    for name, page in PAGES.items():
        path = root() / name
        if not path.is_file() or path.read_text(encoding="utf-8") != page(catalogue):
            yield name


def write() -> None:
    """Write every page."""
    catalogue = api.load()
    for name, page in PAGES.items():
        path = root() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(catalogue), encoding="utf-8", newline="\n")
