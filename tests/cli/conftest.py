from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from validator.base import files, language
from validator.cli.app import App


@pytest.fixture(autouse=True)
def _chinese():
    yield
    language.use("zh")


@pytest.fixture
def zhikong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Run the command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ZHIKONG_LANG", raising=False)
    return lambda *arguments, **more: CliRunner().invoke(App(), [str(each) for each in arguments], **more)


@pytest.fixture
def clean() -> Path:
    return files.data("schemas") / "layouts" / "4101" / "golden.json"


@pytest.fixture
def faulty(clean: Path, tmp_path: Path) -> Path:
    """A list with one error: the sex is no code."""
    path = tmp_path / "清单.json"
    text = clean.read_text(encoding="utf-8").replace('"gend": "1"', '"gend": "7"').replace('"gend": "2"', '"gend": "7"')
    path.write_text(text, encoding="utf-8")
    return path
