"""A check cut into units: what a unit yields, made anywhere, and the report that all of them make together."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePath
from typing import Any, Protocol

import polars as pl

from validator import api
from validator.base import language, limits
from validator.base.errors import InputError
from validator.base.language import Lang
from validator.checks import judge
from validator.checks.results import PartitionResult
from validator.checks.rows.frames import framed
from validator.checks.rows.partition import FewResult
from validator.checks.running import plan_for, results
from validator.grouping import ungrouped
from validator.read.file_notes import UNREADABLE
from validator.read.names import names_of
from validator.read.partition import Note, Partition, Source
from validator.spec.catalogue import Catalogue

#: Partitions that a unit may have: each has its place among those of all units.
_PLACES = 1 << 12


class Unit(Protocol):
    """Cases that can be read by themselves, in any process."""

    name: str
    files: Sequence[str]  #: as the user named them

    def partitions(self, catalogue: Catalogue) -> Iterable[Partition]:
        """The cases."""
        ...


class Watch(Protocol):
    """What is taken from partitions besides the check's results."""

    def watching(self, parts: Iterable[Partition]) -> Iterator[Partition]:
        """The partitions, something of each taken as it passes."""
        ...

    def to_bytes(self) -> bytes:
        """What was taken, for :meth:`merge` in another process."""
        ...

    def merge(self, content: bytes) -> None:
        """Add what :meth:`to_bytes` says of other cases."""
        ...


@dataclass(frozen=True)
class Options:
    """What a check is asked for (:func:`validator.check`); every process loads the rules by it."""

    profile: str = "national"
    rules: tuple[str, ...] = ()
    codebooks: str | None = None
    stage: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    mask: bool = True
    lang: Lang = "zh"
    limits: str = ""

    def report(self, inputs: Sequence[str] = ()) -> api.Report:
        """An empty report, its catalogue loaded."""
        catalogue, select = _catalogue(self)
        return api.Report(catalogue, self.lang, inputs, masked=self.mask, select=select, ignore=self.ignore)


@lru_cache(2)
def _catalogue(options: Options) -> tuple[Catalogue, Sequence[str]]:
    known = options.profile, options.rules, options.codebooks
    return api.chosen(*known, options.stage, options.select, options.ignore)


def counter(options: Options) -> Watch | None:
    """What counts the cases without a group, where a scheme is loaded and every check is asked for."""
    return None if options.select else ungrouped.counter(options.profile, options.codebooks)


@dataclass(frozen=True)
class Task:
    """Checks a unit; the result is bytes, for :class:`Merging`. ``watch`` makes what takes more from the partitions."""

    options: Options
    watch: Callable[[Options], Watch | None] = counter

    def __call__(self, unit: Unit) -> bytes:
        """Read the unit and check it."""
        return self.of(unit.partitions)

    def of(self, read: Callable[[Catalogue], Iterable[Partition]]) -> bytes:
        """Check the partitions that ``read`` makes by the catalogue."""
        limits.use(self.options.limits)
        with language.speaking(self.options.lang):
            report, watch = self.options.report(), self.watch(self.options)
            parts = read(report.catalogue)
            watched = watch.watching(parts) if watch else parts
            found = results(report.catalogue, watched, report.choice, mask=self.options.mask, all_keys=True)
            contents = [(framed(each) if isinstance(each, FewResult) else each).to_bytes() for each in found]
            contents.append(watch.to_bytes() if watch else b"")
        held = io.BytesIO()
        pl.DataFrame({"content": contents}, schema={"content": pl.Binary}).write_ipc(held)
        return held.getvalue()


class Merging:
    """A report out of what units yielded, in any order: the same as that of a run in one process."""

    def __init__(self, report: api.Report, watch: Watch | None = None) -> None:
        self.report, self.watch, self.cases = report, watch, 0
        self._layout = ""  #: an interface that was met

    def add(self, number: int, content: bytes) -> None:
        """Take what a task made of a unit; ``number``: its place among all units."""
        *parts, watched = pl.read_ipc(content)["content"]
        for each in parts:
            result = PartitionResult.from_bytes(each)
            place = number * _PLACES + result.about.place
            about = replace(result.about, place=place)
            cases = result.cases.with_columns(_part=pl.lit(place, pl.UInt32))
            self.report.merge(replace(result, about=about, cases=cases))
            self.cases += cases.height
            self._layout = about.plan.layout
        if self.watch and watched:
            self.watch.merge(watched)

    def unread(self, number: int, files: Sequence[str], reason: str, layout: str = "") -> None:
        """Note in the report that the cases of a unit were not read, as for a file that cannot be.

        Raises :class:`~validator.base.errors.InputError` where nothing else was read.
        """
        if not (layout or self._layout):
            names = "、".join(files)
            raise InputError(f"{names}：{reason}", f"{names}: {reason}")
        catalogue = self.report.catalogue
        known = catalogue.layouts[layout or self._layout]
        empty: dict[str, Any] = {name: each.empty for name, each in names_of(known).items()}
        notes = [
            Note(UNREADABLE, "", source=Source(file), args={"file": PurePath(file).name, "reason": reason})
            for file in files
        ]
        part = Partition(known.name, known.case, empty, notes=notes)
        plan = plan_for(catalogue, part)
        with language.speaking(self.report.lang):
            wanted = self.report.choice.among(plan)
            self.report.merge(judge.judge(plan, part, wanted, number * _PLACES, mask=self.report.masked))
