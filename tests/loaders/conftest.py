"""Tables as users have them, written where a test can read them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from validator.codes.tables import Store


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "codebooks")


@pytest.fixture
def workbook(tmp_path) -> Callable[..., Path]:
    """A workbook of some sheets, each a list of rows; ``merged``: areas to merge, by sheet."""

    def make(name: str, sheets: dict[str, Sequence[Sequence[Any]]], merged: dict[str, list[str]] | None = None) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
            for area in (merged or {}).get(title, []):
                sheet.merge_cells(area)
        book.save(tmp_path / name)
        return tmp_path / name

    return make


@pytest.fixture
def text_file(tmp_path) -> Callable[..., Path]:
    """A CSV file, in any encoding."""

    def make(name: str, *lines: str, encoding: str = "utf-8") -> Path:
        (tmp_path / name).write_bytes("\n".join([*lines, ""]).encode(encoding))
        return tmp_path / name

    return make
