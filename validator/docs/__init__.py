"""The pages of ``docs/`` that are made from the schemas and commands: ``python -m validator.docs`` writes them, ``--check`` compares."""

from collections.abc import Callable, Iterator
from pathlib import Path

from validator import api
from validator.base import files
from validator.docs import coverage, items, options, rule_language, standards
from validator.spec.catalogue import Catalogue

#: File name -> what writes it.
PAGES: dict[str, Callable[[Catalogue], str]] = {
    "items.md": items.page,
    "coverage.md": coverage.page,
    "standards.md": standards.page,
    "rule-language.md": rule_language.page,
    "options.md": options.page,
}


def folder() -> Path:
    """``docs`` of the checkout."""
    return files.data("schemas").parent / "docs"


def stale() -> Iterator[str]:
    """The names of the pages that are not what the schemas say now."""
    catalogue = api.load()
    for name, page in PAGES.items():
        path = folder() / name
        if not path.is_file() or path.read_text(encoding="utf-8") != page(catalogue):
            yield name


def write() -> None:
    """Write every page."""
    catalogue = api.load()
    for name, page in PAGES.items():
        (folder() / name).write_text(page(catalogue), encoding="utf-8", newline="\n")
