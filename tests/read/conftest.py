import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from validator import read
from validator.base import files
from validator.read.partition import Partition
from validator.spec import layouts
from validator.spec.layouts import Layout

LAYOUTS = files.data("schemas") / "layouts"


@pytest.fixture(scope="session")
def known() -> dict[str, Layout]:
    return layouts.load()


@pytest.fixture
def message() -> Callable[..., dict[str, Any]]:
    """A golden message; keyword arguments replace fields of setlinfo."""

    def make(interface: str = "4101", **changes: Any) -> dict[str, Any]:
        content = json.loads((LAYOUTS / interface / "golden.json").read_text(encoding="utf-8"))
        content["input"]["setlinfo"] |= changes
        return content

    return make


@pytest.fixture
def one(known) -> Callable[..., Partition]:
    """The only partition of some paths."""

    def read_one(*given: Path, **options: Any) -> Partition:
        parts = list(read.partitions(given, known, **options))
        assert len(parts) == 1
        return parts[0]

    return read_one


@pytest.fixture
def tables(message) -> Callable[..., dict[str, list[dict[str, Any]]]]:
    """Some cases as rows per table, child rows carrying the setl_id of their case."""

    def make(cases: int = 2, interface: str = "4101") -> dict[str, list[dict[str, Any]]]:
        rows: dict[str, list[dict[str, Any]]] = {}
        for number in range(cases):
            setl_id = f"ST{number:010}"
            nodes = message(interface, setl_id=setl_id)["input"]
            for table, node in nodes.items():
                own = [node] if isinstance(node, dict) else node
                rows.setdefault(table, []).extend({"setl_id": setl_id, **row} for row in own)
        return rows

    return make


def notes(part: Partition) -> set[str]:
    return {note.check for note in part.notes}


def texts(frame: pl.DataFrame) -> pl.DataFrame:
    """The fields of a table, without where its rows came from."""
    return frame.drop("_source", "_line").sort("_case", "_row")
