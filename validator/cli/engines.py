"""Runs over many processes: the options that ask for them, and what is shown while they go on."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from validator.base.errors import InputError
from validator.base.language import say
from validator.cli import output

if TYPE_CHECKING:
    from validator.distribute.engines import Engine
    from validator.distribute.running import Ran, Show

LOCAL = "local"
_BETWEEN = 30  #: seconds between two lines where nobody waits at a terminal


def options() -> list[click.Parameter]:
    """``--engine``, ``--workers`` and ``--master``."""
    return [
        click.Option(
            ["--engine"],
            default=LOCAL,
            show_default=True,
            metavar="NAME",
            help=say(
                "在哪里跑：local 本进程，pool 本机多个进程，spark、dask 集群；被中断后再运行一次会接着做",
                "Where to run: local (this process), pool (processes of this machine), spark, dask (clusters); a run that was "
                "interrupted goes on when started again",
            ),
        ),
        click.Option(
            ["--workers"],
            type=click.IntRange(1),
            metavar="N",
            help=say("同时做几份（默认每核一份）", "How many tasks at the same time (default: one a core)"),
        ),
        click.Option(
            ["--master"],
            default="",
            metavar="URL",
            help=say(
                "Spark 或 Dask 集群的地址（默认在本机）", "Address of a Spark or Dask cluster (default: this machine)"
            ),
        ),
    ]


def refuse_unfit(engine: str, workers: int | None, master: str, paths: Sequence[str], **unfit: object) -> None:
    """Refuse options that do not go with an engine.

    ``paths``, among which no other engine takes standard input or output, and ``unfit`` are for this process alone.
    """
    if engine == LOCAL:
        unfit, paths = {"workers": workers, "master": master}, ()
    given = [f"--{name}" for name, value in unfit.items() if value] + ["-"] * ("-" in paths)
    if given:
        raise InputError(
            f"--engine {engine} 不能和 {'、'.join(given)} 一起用",
            f"--engine {engine} does not go with {', '.join(given)}",
        )


def of_name(name: str, workers: int | None, master: str) -> "Engine":
    """See ``distribute.engines.of_name``."""
    from validator.distribute import engines

    return engines.of_name(name, workers, master)


def say_what_became(ran: "Ran", folder: Path | None, *, quiet: bool) -> None:
    """Name the units that were not read, and where the results are."""
    for each in ran.failed:
        click.echo(say(f"没有读：{each}", f"Not read: {each}"), err=True)
    if folder and not quiet:
        click.echo(say(f"结果存于 {folder}", f"Results are kept in {folder}"), err=True)


@contextmanager
def progress(quiet: bool) -> Iterator["Show | None"]:
    """How far a run is, on the error stream: a bar at a terminal, else a line now and then."""
    with output.progress(quiet) as bar:
        last = time.monotonic()

        def show(state: "Ran") -> None:
            nonlocal last
            if bar:
                bar(state.words(), state.read, state.size)
            elif state.done == state.units or time.monotonic() - last >= _BETWEEN:
                last = time.monotonic()
                click.echo(state.words(), err=True)

        yield None if quiet else show


@contextmanager
def measuring(
    engine: str, workers: int | None, master: str, inputs: Sequence[str], to: Path | None, whole: Mapping[str, object],
    *, quiet: bool,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """How ``scoring.run.measure`` runs: ``progress`` in this process, else ``on``; ``to`` keeps what was done."""
    refuse_unfit(engine, workers, master, inputs, **whole)
    if engine == LOCAL:
        with output.progress(quiet) as tell:
            yield {"progress": tell}
        return
    from validator.distribute.running import Distributed

    with progress(quiet) as show:
        yield {"on": Distributed(of_name(engine, workers, master), to / "run" if to else None, show)}


def left_out(where: Mapping[str, Any], to: Path | None, *, quiet: bool) -> int:
    """Name what was not read; the exit code."""
    ran = where["on"].ran if "on" in where else None
    if ran:
        say_what_became(ran, to, quiet=quiet)
    return int(bool(ran and ran.failed))
