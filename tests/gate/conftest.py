import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from validator.base import language
from validator.cli.app import App


@pytest.fixture(autouse=True)
def _chinese():
    language.use("zh")
    yield
    language.use("zh")


@pytest.fixture
def suite(tmp_path: Path) -> Callable[..., Path]:
    """Write a suite of these expectations."""

    def write(*expectations: Any, **more: Any) -> Path:
        path = tmp_path / "门槛.json"
        page = {"name": "own", "expectations": list(expectations), **more}
        path.write_text(json.dumps(page, ensure_ascii=False, indent=1), encoding="utf-8")
        return path

    return write


@pytest.fixture
def zhikong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Run the command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ZHIKONG_LANG", raising=False)
    return lambda *arguments: CliRunner().invoke(App(), [str(each) for each in arguments])
