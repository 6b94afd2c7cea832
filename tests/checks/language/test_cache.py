"""Kept code: only from a folder of the user's own, never what is not whole."""

import marshal
import os
import subprocess
import sys
from types import CodeType

import pytest

from validator.base import kept
from validator.checks.language import read, trees
from validator.checks.language.source import load

CODE = compile("def f(r, c):\n return (1, )", "<rules>", "exec")
OTHER = compile("def f(r, c):\n return (2, )", "<rules>", "exec")


def code(folder, name, make):
    return kept.value(folder / f"{name}.code", make, CodeType)


def value(code):
    return load(code)["f"]((), ())[0]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "own"


def broken():
    pytest.fail("made again")


def test_code_is_made_once_and_kept(folder):
    assert value(code(folder, "k", lambda: CODE)) == 1
    assert value(code(folder, "k", broken)) == 1
    assert [path.name for path in folder.iterdir()] == ["k.code"]
    if sys.platform != "win32":
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "harm",
    [lambda b: b[:-3], lambda b: b"", lambda b: b[:60] + b"x" + b[61:], lambda _: b"zhikong rules\n" + b"0" * 99],
)
def test_a_corrupt_file_is_made_anew(folder, harm):
    code(folder, "k", lambda: OTHER)
    path = folder / "k.code"
    path.write_bytes(harm(path.read_bytes()))
    assert value(code(folder, "k", lambda: CODE)) == 1
    assert value(code(folder, "k", broken)) == 1


def test_a_file_under_another_name_is_not_taken(folder):
    code(folder, "a", lambda: OTHER)
    (folder / "a.code").rename(folder / "b.code")
    assert value(code(folder, "b", lambda: CODE)) == 1


def test_what_is_no_code_is_not_taken(folder):
    code(folder, "k", lambda: OTHER)
    body = marshal.dumps({"a": 1})
    (folder / "k.code").write_bytes(kept._MARK + kept._digest("k.code", body) + body)
    assert value(code(folder, "k", lambda: CODE)) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
def test_a_folder_open_to_others_is_neither_read_nor_written(folder):
    code(folder, "k", lambda: OTHER)
    folder.chmod(0o755)
    assert value(code(folder, "k", lambda: CODE)) == 1
    assert value(code(folder, "new", lambda: CODE)) == 1
    assert not (folder / "new.code").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
def test_a_link_or_a_file_that_others_can_write_is_not_taken(folder, tmp_path):
    code(folder, "k", lambda: OTHER)
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert value(code(link, "k", lambda: CODE)) == 1
    (folder / "k.code").chmod(0o666)
    assert value(code(folder, "k", lambda: CODE)) == 1
    (folder / "k.code").rename(tmp_path / "outside.code")
    (folder / "k.code").symlink_to(tmp_path / "outside.code")
    assert kept.read(folder / "k.code") is None


def test_a_folder_that_cannot_be_made_costs_time_only(tmp_path):
    (tmp_path / "file").write_text("")
    assert value(code(tmp_path / "file" / "own", "k", lambda: CODE)) == 1


def test_only_the_newest_are_kept(folder):
    for number in range(kept.KEPT + 3):
        code(folder, f"k{number}", lambda: CODE)
        os.utime(folder / f"k{number}.code", (number, number))
    assert len(list(folder.iterdir())) <= kept.KEPT + 1


def test_kept_code_needs_neither_polars_nor_sqlglot(folder):
    code(folder, "k", lambda: CODE)
    script = (
        "import sys; from pathlib import Path; from types import CodeType; from validator.base import kept;"
        "from validator.checks.language import load;"
        f"print(load(kept.value(Path({str(folder)!r}, 'k.code'), None, CodeType))['f']((), ()));"
        "print({'polars', 'sqlglot', 'validator.checks.language.read'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["(1,)", "set()"]


# ---- parsed texts

TEXT = "LEFT(t, 2) IN ('a', 'b') AND t ~ '\\A[0-9]{2}\\z' OR d + INTERVAL '1 day' > DATE '2026-01-31' OR x * $ratio > -12.50"


@pytest.fixture
def unparsed(monkeypatch):
    """No text is known, and none can be parsed until it is wanted."""
    monkeypatch.setattr(trees, "_known", {})
    return monkeypatch


def test_a_text_is_parsed_once_and_its_tree_kept(folder, unparsed):
    with trees.keeping(folder):
        parsed = trees.tree(TEXT)
    unparsed.setattr(trees, "_known", {})
    unparsed.setattr(read, "read", lambda _: broken())
    with trees.keeping(folder):
        assert trees.tree(TEXT) == parsed
    assert [path.suffix for path in folder.iterdir()] == [".trees"]


@pytest.mark.parametrize(
    "content", [{"a": 1}, [1], {TEXT: ("no construct", (), None, (1, 1), ("text", 0, 0, True))}, None]
)
def test_trees_that_are_none_are_parsed_anew(folder, unparsed, content):
    with trees.keeping(folder):
        parsed = trees.tree(TEXT)
    (path,) = folder.iterdir()
    kept.write(path, content)
    unparsed.setattr(trees, "_known", {})
    with trees.keeping(folder):
        assert trees.tree(TEXT) == parsed


@pytest.mark.skipif(sys.platform == "win32", reason="profiles are kept apart by Windows itself")
def test_trees_of_a_folder_that_others_can_write_are_not_taken(folder, unparsed):
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    with trees.keeping(folder):
        trees.tree(TEXT)
    assert list(folder.iterdir()) == []
