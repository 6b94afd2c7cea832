"""A check cut into units: what a unit yields, made anywhere, and the report that all of them make together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from validator import api
from validator.base import frame_bytes, language, limits
from validator.base.language import Lang
from validator.checks import judge
from validator.checks.results import PartitionResult
from validator.checks.rows.frames import framed
from validator.checks.rows.partition import FewResult
from validator.checks.running import plan_for, results
from validator.grouping import ungrouped
from validator.grouping.ungrouped import Ungrouped
from validator.read import units
from validator.read.file_notes import of_notes, unreadable
from validator.read.partition import Partition
from validator.read.units import Unit
from validator.spec.catalogue import Catalogue

#: Partitions that a unit may have: each has its place among those of all units.
_PLACES = 1 << 12


class Extra(Protocol):
    """What is taken from partitions besides the check's results."""

    def watching(self, parts: Iterable[Partition]) -> Iterator[Partition]:
        """The partitions, something of each taken as it passes."""
        ...

    def to_bytes(self) -> bytes:
        """What was taken, for :meth:`merge` in another process."""
        ...

    def merge(self, content: bytes, number: int) -> None:
        """Add what :meth:`to_bytes` says of the cases of a unit; ``number``: its place among all units."""
        ...


@dataclass(frozen=True)
class CheckOptions:
    """What a check is asked for (:func:`validator.check`); every process loads the rules by it."""

    profile: str = "national"
    rules: tuple[Path, ...] = ()
    codebooks: Path | None = None
    stage: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    mask: bool = True
    lang: Lang = "zh"
    limits: str = ""
    layout: str | None = None
    mapping: Path | None = None
    record_edition: str = ""
    partition_rows: int = 100_000  #: cases of a unit at most, where the data let themselves be cut

    @property
    def reading(self) -> dict[str, Any]:
        """How the data are to be read."""
        return {"layout": self.layout, "mapping": self.mapping, "partition_rows": self.partition_rows}

    @property
    def about(self) -> dict[str, Any]:
        """On what the results depend; not on the time that a unit may take: what takes longer has none."""
        kept = [each for each in self.limits.split(",") if not each.startswith("unit-seconds=")]
        return {**asdict(self), "limits": ",".join(kept)}

    def report(self, inputs: Sequence[str] = ()) -> api.Report:
        """An empty report, its catalogue loaded."""
        catalogue, select = _catalogue(self)
        return api.Report(catalogue, self.lang, inputs, masked=self.mask, select=select, ignore=self.ignore)


@lru_cache(2)
def _catalogue(options: CheckOptions) -> tuple[Catalogue, Sequence[str]]:
    known = options.profile, options.rules, options.codebooks
    return api.chosen(*known, options.stage, options.select, options.ignore)


def counter(options: CheckOptions) -> Ungrouped | None:
    """What counts the cases without a group, where a scheme is loaded and every check is asked for."""
    return None if options.select else ungrouped.counter(options.profile, options.codebooks)


@dataclass(frozen=True)
class Task:
    """Checks a unit; the result is bytes, for :class:`Merging`. ``watch`` makes what takes more from the partitions."""

    options: CheckOptions
    watch: Callable[[CheckOptions], Extra | None] = counter

    @property
    def about(self) -> dict[str, Any]:
        """On what the results depend, but for the data."""
        return {**self.options.about, "watch": getattr(self.watch, "__name__", repr(self.watch))}

    def __call__(self, unit: Unit) -> bytes:
        """Read the unit and check it."""
        edition = self.options.record_edition
        return self.of(lambda catalogue: units.partitions(unit, catalogue, edition=edition, **self.options.reading))

    def of(self, read: Callable[[Catalogue], Iterable[Partition]]) -> bytes:
        """Check the partitions that ``read`` makes by the catalogue."""
        with limits.using(self.options.limits), language.speaking(self.options.lang):
            report, watch = self.options.report(), self.watch(self.options)
            parts = read(report.catalogue)
            watched = watch.watching(parts) if watch else parts
            found = results(report.catalogue, watched, report.choice, mask=self.options.mask, all_keys=True)
            contents = [(framed(each) if isinstance(each, FewResult) else each).to_bytes() for each in found]
            contents.append(watch.to_bytes() if watch else b"")
        return frame_bytes.to_bytes(pl.DataFrame({"content": contents}, schema={"content": pl.Binary}))


def place_of(unit: int) -> int:
    """The place of a unit's first partition among those of all units."""
    return unit * _PLACES


class Merging:
    """A report out of what units yielded, in any order: the same as that of a run in one process."""

    def __init__(self, report: api.Report, watch: Extra | None = None) -> None:
        self.report, self.watch, self.cases = report, watch, 0
        self._layout = ""  #: an interface that was met
        self.catalogue, self.inputs = report.catalogue, tuple(report.inputs)

    def reasons(self) -> list[str]:
        """Why nothing was read, where that is known."""
        return self.report.findings["message"].to_list()

    def add(self, number: int, content: bytes) -> None:
        """Take what a task made of a unit; ``number``: its place among all units."""
        *parts, watched = pl.read_ipc(content)["content"]
        for each in parts:
            result = PartitionResult.from_bytes(each)
            place = place_of(number) + result.about.place
            about = replace(result.about, place=place)
            cases = result.cases.with_columns(_part=pl.lit(place, pl.UInt32))
            self.report.merge(replace(result, about=about, cases=cases))
            self.cases += cases.height
            self._layout = about.plan.layout
        if self.watch and watched:
            self.watch.merge(watched, number)

    def unread(self, number: int, files: Sequence[str], reason: str) -> None:
        """Note in the report that the cases of a unit were not read, as for a file that cannot be; others must have been."""
        catalogue = self.report.catalogue
        part = of_notes(catalogue.layouts[self._layout], [unreadable(file, reason) for file in files])
        plan = plan_for(catalogue, part)
        with language.speaking(self.report.lang):
            wanted = self.report.choice.among(plan)
            self.report.merge(judge.judge(plan, part, wanted, place_of(number), mask=self.report.masked))
