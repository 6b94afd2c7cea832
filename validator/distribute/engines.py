"""Engines: what calls a task for each of many units, wherever it does so."""

import faulthandler
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, TypeVar

from validator.base import limits
from validator.base.errors import InputError, ZhikongError
from validator.base.language import say
from validator.read.place import is_panic

T = TypeVar("T")
R = TypeVar("R")
_LOG = logging.getLogger(__name__)
#: How often a unit is tried: what fails for want of memory or of a neighbour may go well the next time.
ATTEMPTS = 3
NAMES = ("local", "pool", "spark", "dask")
#: Engine -> the module that must be installed for it, the optional extra that installs it, and the class in the module of its name.
_EXTRAS = {"spark": ("pyspark", "spark", "Spark"), "dask": ("distributed", "dask", "Dask")}


@dataclass(frozen=True)
class Unfinished:
    """What became of a unit whose task never ended well."""

    reason: str  #: one sentence, which holds nothing of the data
    attempts: int


class Engine(Protocol):
    """Calls tasks. Task, units and results are pickled where they leave the process."""

    def map(self, task: Callable[[T], R], units: Sequence[T]) -> Iterator[tuple[int, R | Unfinished]]:
        """The place of each unit and what the task made of it, as they complete.

        A task that raises is called again, up to :data:`ATTEMPTS` times (:func:`attempt`); a unit that ends its process, or hangs in
        it (:func:`in_time`), fails alone.
        """
        ...


class Local:
    """One unit after another, in this process."""

    def map(self, task: Callable[[T], R], units: Sequence[T]) -> Iterator[tuple[int, R | Unfinished]]:
        """See :class:`Engine`."""
        for place, unit in enumerate(units):
            yield place, attempt(task, unit)


def attempt(task: Callable[[T], R], unit: T) -> R | Unfinished:
    """What the task makes of a unit, called again where it fails; data that cannot be read stay so, and are not tried again."""
    reason = ""
    for _ in range(ATTEMPTS):
        try:
            return task(unit)
        except ZhikongError as error:
            return Unfinished(str(error), 1)
        except BaseException as error:
            if not (isinstance(error, Exception) or is_panic(error)):
                raise
            _LOG.debug("a unit failed", exc_info=True)
            kind = type(error).__name__  # what the error says may be the data's
            memory = isinstance(error, MemoryError)
            reason = say("内存不够", "out of memory") if memory else say(f"意外错误 {kind}", f"unexpected {kind}")
    return Unfinished(reason, ATTEMPTS)


def in_time(task: Callable[[T], R]) -> Callable[[T], R | Unfinished]:
    """What calls the task by :func:`attempt` in a process of its own, and ends this after ``unit-seconds`` of the limits."""
    return partial(_in_time, task, limits.most("unit-seconds"))


def _in_time(task: Callable[[T], R], seconds: int, unit: T) -> R | Unfinished:
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)  # whatever holds the interpreter
        try:
            return attempt(task, unit)
        finally:
            faulthandler.cancel_dump_traceback_later()


def ended(attempts: int) -> Unfinished:
    """What became of a unit whose process ended each time."""
    return Unfinished(
        say(
            "处理它的进程被终止：可能内存不够，或超过了时限（--limits unit-seconds）",
            "the process at work on it ended: perhaps out of memory, or out of time (--limits unit-seconds)",
        ),
        attempts,
    )


def of_name(name: str, workers: int | None = None, master: str = "") -> Engine:
    """The engine of a name of :data:`NAMES`.

    ``workers``: how many tasks run at the same time, else one for each core; ``master``: the address of a cluster of Spark or
    Dask, else one on this machine. :class:`~validator.base.errors.InputError` where the engine is unknown or not installed.
    """
    if name not in NAMES:
        known = "、".join(NAMES)
        raise InputError(f"没有引擎“{name}”，可用：{known}", f"there is no engine '{name}'; use {', '.join(NAMES)}")
    if master and name not in _EXTRAS:
        raise InputError(f"引擎 {name} 不用 --master", f"engine {name} takes no --master")
    if name == "local":
        return Local()
    if name == "pool":
        from validator.distribute.pool import Pool

        return Pool(workers)
    module, extra, made = _EXTRAS[name]
    if find_spec(module) is None:
        raise InputError(
            f"引擎 {name} 没有安装；先运行 pip install 'zhikong[{extra}]'",
            f"engine {name} is not installed; run pip install 'zhikong[{extra}]'",
        )
    engine: Engine = getattr(import_module(f"validator.distribute.{name}"), made)(workers, master)
    return engine
