"""An input in parts that any process can read, and that together give the partitions of the whole.

    for unit in units(paths, catalogue):         # small and picklable: send it wherever
        for part in partitions(unit, catalogue): # Partition as validator.read gives them: names of files, lines, notes
            ...

Each case, each note of a file and each row without a case comes with exactly one unit. What belongs together (the tables of a
CSV set, a workbook, lists with case records or with charge lines of other files) is one unit of kind ``all``. A file that
cannot be read is a note of its unit, never an error: whoever reads all units and meets no case has read nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import lru_cache
from itertools import chain
from pathlib import Path

from validator.base.errors import InputError
from validator.read import messages, parquet, recognise
from validator.read.file_notes import FileNotes
from validator.read.given import Given
from validator.read.headings import Headings
from validator.read.inputs import Item, find
from validator.read.mapping import load
from validator.read.partition import Partition
from validator.read.pieces import Piece, Unit
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import Layouts

__all__ = ["Piece", "Unit", "partitions", "units"]

_MESSAGES = 32 << 20  #: bytes of messages that are read at once


def units(
    paths: Sequence[str | Path],
    catalogue: Catalogue,
    *,
    layout: str | None = None,
    mapping: Path | None = None,
    settlement: Path | None = None,
    partition_rows: int = 100_000,
) -> Iterator[Unit]:
    """The parts of what lies behind some paths; ``layout`` to ``partition_rows`` as for :func:`validator.read.partitions`.

    Parquet is parted by files and by ranges of cases or rows, files of messages into groups of some megabytes each.
    Raises :class:`InputError` where there is nothing that can be read.
    """
    about = FileNotes(strict=False)
    with ExitStack() as stack:
        items, skipped = find(paths, stack, about)
    about.skipped(skipped)
    found = None
    if settlement is None and all(item.path and item.kind in ("json", "lines", "parquet") for item in items):
        found = _parted(items, catalogue, layout, mapping, partition_rows, about)
    if found is None:
        yield Unit(tuple(Piece(Path(path)) for path in paths), "all", size=sum(item.size for item in items))
        return
    for unit in found:
        notes, about.notes = about.notes, []
        yield unit.with_notes(notes)
    if about.notes:
        yield Unit((), "messages", notes=tuple(about.notes))


def partitions(
    unit: Unit,
    catalogue: Catalogue,
    *,
    edition: str = "",
    layout: str | None = None,
    mapping: Path | None = None,
    settlement: Path | None = None,
    partition_rows: int = 100_000,
) -> Iterator[Partition]:
    """The cases of one unit; the options are those with which it was found, ``edition`` that of case records."""
    if unit.kind == "all":
        options = {"layout": layout, "mapping": mapping, "settlement": settlement, "partition_rows": partition_rows}
        given = Given([str(piece.path) for piece in unit.pieces])
        yield from given.partitions(catalogue, edition=edition, **options)[0]
        return
    about, layouts = FileNotes(strict=False), catalogue.layouts
    with ExitStack() as stack:
        items = find([piece.path for piece in unit.pieces], stack, about)[0] if unit.pieces else []
    if unit.kind == "parquet":
        own, headings = next(each for each in _documents(catalogue, layout, mapping) if unit.layout in each[0])
        found = parquet.ParquetReader(own, layout, headings, partition_rows, about).read(unit, items)
    else:
        about.notes += unit.notes
        texts = ((each.name, messages.of(each, each.lines())) for each in items)
        found = messages.collect(texts, layouts, layout, partition_rows, about)
    yield from about.on(found, layouts, unit.layout or layout or next(iter(layouts)))


def _parted(
    items: Sequence[Item],
    catalogue: Catalogue,
    layout: str | None,
    mapping: Path | None,
    size: int,
    about: FileNotes,
) -> Iterator[Unit] | None:
    """The parts; None where these may belong together: case records and what they are of, messages with charge lines and lists."""
    layouts, texts = catalogue.layouts, [item for item in items if item.kind != "parquet"]
    columnar = [item for item in items if item.kind == "parquet"]
    readers = [
        parquet.ParquetReader(each, layout, headings, size, about)
        for each, headings in _documents(catalogue, layout, mapping)
    ]
    found = parquet.of_documents(columnar, [each.headings for each in readers])
    if any(layouts.of("record").keys() & readers[number].layouts.keys() for number in found):
        return None
    if not all(map(_Lists(layouts).alone, texts)):
        return None
    of_parquet = (unit for number, some in found.items() for unit in readers[number].units(some))
    return chain(_groups(texts), of_parquet)


@lru_cache(4)
def _documents(catalogue: Catalogue, layout: str | None, mapping: Path | None) -> list[tuple[Layouts, Headings]]:
    """The interfaces of each document and their headings; kept, as a process reads many units by them."""
    targets = load(mapping, catalogue.layouts) if mapping else {}
    return [(each, Headings(each, targets)) for each in recognise.apart(catalogue.layouts, layout)]


def _groups(items: Sequence[Item]) -> Iterator[Unit]:
    """Files of messages, some megabytes together."""
    some, size = list[Piece](), 0
    for item in items:
        assert item.path
        if some and size + item.size > _MESSAGES:
            yield Unit(tuple(some), "messages", size=size)
            some, size = [], 0
        some.append(Piece(item.path))
        size += item.size
    if some:
        yield Unit(tuple(some), "messages", size=size)


class _Lists:
    """Tells files that hold nothing but messages of lists: no other node is named in them."""

    def __init__(self, layouts: Layouts) -> None:
        lists = {name for each in layouts.of("list").values() for name in each.tables}
        others = {name for each in layouts.of("record", "fees").values() for name in each.tables} - lists
        numbers = {each.interface.cancels["number"] for each in layouts.values() if each.interface.cancels}
        named = "|".join(map(re.escape, sorted(others)))
        cancelled = "|".join(map(re.escape, sorted(numbers)))
        hidden = rb"\\u00|\x00"  # letters written as numbers, and UTF-16
        self._other = re.compile(rf"{named}|infno\W{{0,9}}(?:{cancelled})".encode() + rb"|" + hidden)

    def alone(self, item: Item) -> bool:
        """Whether the file surely holds lists alone; one that cannot be read holds nothing."""
        try:
            return self._other.search(item.read().lower()) is None
        except InputError:
            return True
