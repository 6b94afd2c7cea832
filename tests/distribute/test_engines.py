"""Every engine calls a task once for each unit, tries again what fails, and names the unit that ends its process."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from validator.base import limits
from validator.base.errors import InputError
from validator.distribute import engines
from validator.distribute.engines import Unfinished


def task(unit: tuple[str, str]) -> str:
    """What a unit asks for; ``flaky`` goes well the third time."""
    what, folder = unit
    if what == "unreadable":
        raise InputError("读不了", "cannot be read")
    if what == "memory":
        raise MemoryError
    if what == "dies":
        os._exit(9)
    if what == "hangs":
        re.match("(a+)+b", "a" * 60)
    if what == "flaky":
        tries = Path(folder) / "tries"
        tries.write_text((tries.read_text() if tries.exists() else "") + "x")
        if len(tries.read_text()) < 3:
            raise RuntimeError("张三 is ill")
    return what


def run(make: Callable[[], engines.Engine], whats: list[str], folder: Path) -> dict[int, str | Unfinished]:
    pairs = list(make().map(task, [(what, str(folder)) for what in whats]))
    assert len(dict(pairs)) == len(pairs) == len(whats)
    return dict(pairs)


@pytest.mark.parametrize("name", ["local", "pool", "dask"])
def test_what_fails_is_tried_again_and_named(name: str, tmp_path: Path) -> None:
    if name == "dask":
        pytest.importorskip("distributed")
    whats = ["a", "unreadable", "memory", "flaky", "e", *(["dies", "g", "hangs", "i"] if name == "pool" else [])]
    with limits.using("unit-seconds=1"):
        found = run(lambda: engines.of_name(name, None if name == "local" else 2), whats, tmp_path)
    assert [found[0], found[3], found[4]] == ["a", "flaky", "e"]
    assert found[1] == Unfinished("读不了", 1)
    assert found[2] == Unfinished("内存不够", engines.ATTEMPTS)
    if name == "pool":
        assert [found[6], found[8]] == ["g", "i"]
        assert found[5] == found[7] == engines.ended(engines.ATTEMPTS)


def test_an_engine_there_is_not() -> None:
    with pytest.raises(InputError, match="没有引擎“ray”"):
        engines.of_name("ray")
    with pytest.raises(InputError, match="不用 --master"):
        engines.of_name("pool", 2, "spark://here")


def test_what_an_error_says_stays_inside(tmp_path: Path) -> None:
    def fails(_: str) -> str:
        raise ValueError("张三")

    assert dict(engines.of_name("local").map(fails, ["a"])) == {0: Unfinished("意外错误 ValueError", 3)}
