"""Grouping cut into units: what a unit yields, made anywhere, and the results that all of them make together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from validator.base import files, language, limits
from validator.base.errors import InputError
from validator.cli.groups import Results
from validator.distribute.checking import CheckOptions
from validator.grouping.grouper import Grouper, of_partition
from validator.grouping.outside import Outside
from validator.read import units
from validator.read.file_notes import UNREADABLE
from validator.read.units import Unit
from validator.spec.catalogue import Catalogue


@dataclass(frozen=True)
class GroupTask:
    """Groups the cases of a unit; the result is bytes, for :class:`MergedGroups`."""

    options: CheckOptions
    scheme: str

    @property
    def about(self) -> dict[str, Any]:
        """On what the results depend, but for the data."""
        return {**self.options.about, "scheme": self.scheme}

    def __call__(self, unit: Unit) -> bytes:
        """Read the unit and group it; a file that cannot be read is an error: a rate without its cases would be made up."""
        using = limits.using(self.options.limits)
        with using, language.speaking(self.options.lang), files.scratch_folder() as folder:
            grouper = Grouper(self.scheme, self.options.profile, self.options.codebooks)
            results, outside = Results(grouper, Path(folder)), Outside(grouper.catalogue)
            for part in units.partitions(unit, grouper.catalogue, **self.options.reading):
                for note in part.notes:
                    if note.check == UNREADABLE and note.source:
                        why = f"{note.source.file}：{note.args['reason']}"
                        raise InputError(why, why)
                if part.height(part.case):
                    results.add(grouper.batch(of_partition(part, grouper.catalogue, outside)))
            return results.to_bytes()


class MergedGroups:
    """Results out of what units yielded."""

    def __init__(self, results: Results, inputs: Sequence[str]) -> None:
        self.results, self.inputs = results, inputs
        self.catalogue: Catalogue = results.grouper.catalogue

    @property
    def cases(self) -> int:
        """How many are there."""
        return self.results.cases

    def add(self, number: int, content: bytes) -> None:
        """Take what a task made of a unit; ``number``: its place among all units."""
        self.results.merge(number, content)

    def unread(self, number: int, files: Sequence[str], reason: str) -> None:
        """Results have no notes: units that failed are named by the command."""

    def reasons(self) -> list[str]:
        """Why nothing was read, where that is known."""
        return []
