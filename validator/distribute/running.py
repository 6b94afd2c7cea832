"""A run over the units of some paths: those that are not there yet are handed to an engine, and all merged into one report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from validator.api import Report
from validator.base import files, language, limits
from validator.base.errors import InputError
from validator.base.language import say
from validator.codes.tables import Store
from validator.distribute.checking import CheckOptions, Extra, Merging, Task, counter
from validator.distribute.engines import Engine, Unfinished
from validator.distribute.kept import Kept
from validator.read import units as reading
from validator.read.units import Unit
from validator.spec.catalogue import Catalogue


@dataclass
class Ran:
    """What a run did, as it goes on."""

    units: int
    size: int  #: bytes of the data
    kept: int = 0  #: units that an earlier run had done
    done: int = 0  #: units, those among them
    read: int = 0  #: bytes of the data that are done
    fresh: int = 0  #: bytes that this run did itself
    cases: int = 0
    fresh_cases: int = 0
    on_disk: int = 0  #: bytes that the results take
    failed: list[str] = field(default_factory=list)  #: units that were not read, each with the reason
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it runs."""
        return time.monotonic() - self.started

    @property
    def rate(self) -> float:
        """Cases a second, of those that this run did itself."""
        return self.fresh_cases / max(self.seconds, 1e-9)

    @property
    def left(self) -> float | None:
        """Seconds until it ends; None where that is not known yet."""
        return (self.size - self.read) * self.seconds / self.fresh if self.fresh else None

    def words(self) -> str:
        """How far it is."""
        pace = ""
        if self.left is not None:
            pace = say(
                f"每秒 {self.rate:,.0f} 例，约剩 {_time(self.left)}，",
                f"{self.rate:,.0f} a second, {_time(self.left)} left, ",
            )
        disk = f"{self.on_disk / 1e6:,.0f} MB"
        return say(
            f"{self.done}/{self.units} 份，{self.cases:,} 例，{pace}结果占盘 {disk}",
            f"{self.done}/{self.units} units, {self.cases:,} cases, {pace}results take {disk}",
        )


Show = Callable[[Ran], None]


class UnitTask(Protocol):
    """What an engine calls for each unit."""

    @property
    def options(self) -> CheckOptions:
        """How the data are read, among others."""
        ...

    @property
    def about(self) -> Mapping[str, Any]:
        """On what the results depend, but for the data."""
        ...

    def __call__(self, unit: Unit) -> bytes:
        """What the unit yields."""
        ...


class MergedUnits(Protocol):
    """What the units make together (``checking.Merging``)."""

    @property
    def catalogue(self) -> Catalogue:
        """By which the data are read."""
        ...

    @property
    def inputs(self) -> Sequence[str]:
        """What to call the data."""
        ...

    @property
    def cases(self) -> int:
        """How many are there."""
        ...

    def add(self, number: int, content: bytes) -> None:
        """Take what a task made of a unit; ``number``: its place among all units."""
        ...

    def unread(self, number: int, files: Sequence[str], reason: str) -> None:
        """Note that the cases of a unit were not read."""
        ...

    def reasons(self) -> list[str]:
        """Why nothing was read, where that is known."""
        ...


@dataclass
class Distributed:
    """Where a check runs that is part of something else; ``ran`` is there afterwards."""

    engine: Engine
    folder: Path | None = None  #: keeps what was done
    show: Show | None = None
    ran: Ran | None = None

    def check(
        self, paths: Sequence[str | Path] | None, make: Callable[[CheckOptions], Extra], extra: Extra, **options: Any
    ) -> Report:
        """Check the data behind paths; ``make`` makes for each unit what is taken besides, ``extra`` gets all of it."""
        if paths is None:
            raise InputError("只有文件能分给多个进程", "only files can be given to many processes")
        known = CheckOptions(**options, lang=language.current(), limits=limits.chosen())
        names = [*map(str, paths)]
        report = known.report(names)
        self.ran = run(names, Merging(report, extra), Task(known, make), self.engine, self.folder, self.show)
        return report


def check(
    paths: Sequence[str], options: CheckOptions, engine: Engine, folder: Path | None = None, tell: Show | None = None
) -> tuple[Report, Ran]:
    """Check the data behind paths: the report is that of :func:`validator.check`. See :func:`run`."""
    report, watch = options.report(paths), counter(options)
    report.ungrouped = watch
    return report, run(paths, Merging(report, watch), Task(options), engine, folder, tell)


def run(
    paths: Sequence[str],
    merging: MergedUnits,
    task: UnitTask,
    engine: Engine,
    folder: Path | None,
    tell: Show | None = None,
) -> Ran:
    """Check the data behind paths into ``merging``; ``folder`` keeps what was done, so that a killed run goes on.

    A unit that fails becomes a note of the report for each of its files. Raises :class:`~validator.base.errors.InputError` where
    no case was read, or the folder holds another run.
    """
    options, catalogue = task.options, merging.catalogue
    with language.speaking(options.lang), _kept(folder) as place:
        found = list(reading.units(paths, catalogue, **options.reading))
        inputs: list[str | Path] = [
            *paths,
            *options.rules,
            *([options.mapping] if options.mapping else []),
            Store(options.codebooks).folder,
        ]
        kept = Kept(
            place,
            task.about,
            inputs,
            [_named(unit) for unit in found],
        )
        state = Ran(len(found), sum(unit.size for unit in found))
        errors = dict[int, Unfinished]()
        for number, content in _contents(found, task, engine, kept, state):
            if isinstance(content, Unfinished):
                errors[number] = content
            else:
                merging.add(number, content)
            state.done, state.read = state.done + 1, state.read + found[number].size
            state.cases, fresh = merging.cases, merging.cases - state.cases
            state.fresh_cases += fresh if state.done > state.kept else 0
            if tell:
                tell(state)
        _note(found, errors, merging, state)
    return state


def _contents(
    found: Sequence[Unit], task: UnitTask, engine: Engine, kept: Kept, state: Ran
) -> Iterator[tuple[int, bytes | Unfinished]]:
    """What each unit yielded: first those that are kept, then the others as they complete, which are kept."""
    there = [number for number in kept.there() if number < len(found)]
    state.kept = len(there)
    for number in there:
        content = kept.read(number)
        state.on_disk += len(content)
        yield number, content
    missing = [number for number in range(len(found)) if number not in set(there)]
    for at, result in engine.map(task, [found[number] for number in missing]):
        number = missing[at]
        state.fresh += found[number].size
        if not isinstance(result, Unfinished):
            kept.write(number, result)
            state.on_disk += len(result)
        yield number, result


def _note(found: Sequence[Unit], errors: dict[int, Unfinished], merging: MergedUnits, state: Ran) -> None:
    """Note the units that failed, in their order."""
    for number, failed in sorted(errors.items()):
        state.failed.append(f"{_named(found[number])}：{failed.reason}")
        if merging.cases:
            merging.unread(number, _files(found[number]), _reason(found[number], failed))
    if not merging.cases:
        reasons = [failed.reason for _, failed in sorted(errors.items())] or merging.reasons()
        names = "、".join(merging.inputs)
        why = reasons[0] if reasons else say(f"{names}：没有病例", f"{names}: no case in it")
        raise InputError(why, why)


def _files(unit: Unit) -> list[str]:
    return list(dict.fromkeys(str(piece.path) for piece in unit.pieces))


def _named(unit: Unit) -> str:
    """A unit as a person finds it: its first file, with the rows, and how many more files."""
    if not unit.pieces:
        return "-"
    first, more = unit.pieces[0], len(_files(unit)) - 1
    rows = "" if first.rows is None else f"[{first.start + 1}–{first.start + first.rows}]"
    return f"{first.path}{rows}" + (f" +{more}" if more > 0 else "")


def _reason(unit: Unit, failed: Unfinished) -> str:
    first, part = unit.pieces[0], ""
    if first.rows is not None:
        rows = f"{first.start + 1}–{first.start + first.rows}"
        part = say(f"第 {rows} 行的病例没有读：", f"cases of rows {rows} were not read: ")
    tries = say(f"（试了 {failed.attempts} 次）", f" (tried {failed.attempts} times)") if failed.attempts > 1 else ""
    return part + failed.reason + tries


@contextmanager
def _kept(folder: Path | None) -> Iterator[Path]:
    if folder:
        yield folder
        return
    with files.scratch_folder() as scratch:
        yield Path(scratch)


def _time(seconds: float) -> str:
    """Seconds as a person reads them."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return say(f"{hours} 小时 {minutes} 分", f"{hours} h {minutes} min")
    return say(f"{minutes} 分 {rest} 秒", f"{minutes} min {rest} s") if minutes else say(f"{rest} 秒", f"{rest} s")
