"""Parts of an input that can be read by themselves, in any process."""

from dataclasses import dataclass, replace
from pathlib import Path

from validator.read.partition import Note, Source


@dataclass(frozen=True)
class Piece:
    """Some rows of one file, or all of them."""

    path: Path
    start: int = 0  #: the first of them, from 0
    rows: int | None = None  #: how many; where ``key`` is given, about how many
    key: str = ""  #: only those of the wanted cases, which this key names
    first: bool = True  #: whether what is to be noted of the whole file is noted here


@dataclass(frozen=True)
class Unit:
    """Files, or rows of files, that hold all there is of some cases; it can be pickled (see :mod:`validator.read.units`)."""

    pieces: tuple[Piece, ...]
    kind: str  #: parquet, messages, or all: an input that is not to be parted
    layout: str = ""  #: the interface, where it is known
    size: int = 0  #: about how many bytes of the files
    wanted: tuple[int, ...] = ()  #: hashes of the cases, where their rows lie scattered
    all_here: bool = True  #: whether a row without its case has none anywhere
    notes: tuple[Note, ...] = ()  #: what was met in finding the parts
    sources: tuple[Source, ...] = ()  #: of rows that have no case in any part
    incomplete: bool = False  #: see :class:`~validator.read.partition.Partition`

    def with_notes(self, notes: list[Note]) -> "Unit":
        """The unit with further notes."""
        return replace(self, notes=(*self.notes, *notes)) if notes else self
