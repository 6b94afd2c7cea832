"""The rows that a task of Spark gets: of every table those of its cases, each row one list of texts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from validator.read import assemble, editions, frames
from validator.read.partition import Note, Partition
from validator.spec.catalogue import Catalogue

_MOST = 100_000  #: cases that are checked together
_ORPHAN = "read/orphan-row"
#: Notes of which a table has one for all its rows.
_ONE_OF_ALL = ("read/alias-differs", "read/blank-key", "read/key-form")
#: ``table``: its place among the tables; ``line``: the row's in it; ``found``: false if it has no case; ``values``: of its columns.
ROWS = pl.Schema({"table": pl.Int32(), "line": pl.Int64(), "found": pl.Boolean(), "values": pl.List(pl.String())})


@dataclass(frozen=True)
class Packed:
    """One table, as the tasks must know it."""

    name: str  #: as the caller calls it
    columns: tuple[str, ...]
    key: str  #: by which its rows find their case; blank for the cases' own table
    elsewhere: bool  #: the partitions are cut by another key: a row that comes without a partition has no case


@dataclass(frozen=True)
class PackedRows:
    """Reads the rows of one partition in its task."""

    tables: tuple[Packed, ...]
    layout: str | None  #: the interface, where the caller names it
    edition: str  #: of the codes of case records, where it is known

    def partitions(self, rows: pl.DataFrame, aside: list[Note], catalogue: Catalogue) -> Iterator[Partition]:
        """The cases of some rows. ``aside`` takes the notes of which a table has one, whatever its partitions."""
        for part in self._parts(rows, catalogue):
            aside += [note for note in part.notes if note.check in _ONE_OF_ALL]
            part.notes = [note for note in part.notes if note.case is not None or note.check == _ORPHAN]
            yield part

    def of_tables(self, aside: Sequence[Note], catalogue: Catalogue) -> Partition:
        """A partition without cases, for what is to be noted of the tables: by their columns, and what tasks put ``aside``."""
        part = next(iter(self._parts(ROWS.to_frame(), catalogue)))
        part.notes += _as_one(aside)
        return part

    def _parts(self, rows: pl.DataFrame, catalogue: Catalogue) -> Iterator[Partition]:
        given, lost = dict[str, pl.DataFrame](), dict[str, pl.DataFrame]()
        for number, table in enumerate(self.tables):
            own = rows.filter(pl.col("table") == number).sort("line", nulls_last=True)
            given[table.name] = _unpacked(own.filter("found") if table.elsewhere else own, table.columns)
            lost[table.name] = (
                _unpacked(own.filter(~pl.col("found")), table.columns) if table.elsewhere else given[table.name].clear()
            )
        found = frames.recognised(
            {name: frame.drop("_line") for name, frame in given.items()}, catalogue.layouts, self.layout
        )
        sheets, notes = frames.shaped(given, found)
        keys = {table.name: table.key for table in self.tables}
        for sheet in sheets:
            if sheet.within is None:
                sheet.key_used = keys[sheet.source.file]
        for sheet in frames.shaped(lost, found)[0]:
            if sheet.frame.height:
                notes += assemble.lost(sheet, keys[sheet.source.file], sheet.frame, found.layout)
        for part in assemble.partitions(found.layout, sheets, notes, _MOST):
            if self.edition and found.layout.interface.document == "record":
                part.editions = editions.of_files([part], catalogue.layouts, catalogue.judge, self.edition)
            yield part


def _unpacked(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The rows of a table with its columns, and ``_line``."""
    flat, width = rows["values"].explode(), len(columns)
    texts = {name: flat.gather_every(width, place) for place, name in enumerate(columns)} if rows.height else {}
    lines = rows["line"].cast(pl.UInt32).alias("_line")
    return pl.DataFrame(texts, schema=dict.fromkeys(columns, pl.String)).with_columns(lines)


def _as_one(notes: Sequence[Note]) -> Iterator[Note]:
    """One note for those of the same table and field that partitions have: how many rows, and the first of them."""
    same = dict[tuple[str, ...], list[Note]]()
    for note in notes:
        same.setdefault((note.check, note.table, note.field or "", note.source.file if note.source else ""), []).append(
            note
        )
    for some in same.values():
        first = min(some, key=lambda note: note.line or 0)
        counts = [int(note.args["count"]) for note in some if "count" in note.args]
        yield replace(first, args={**first.args, "count": str(sum(counts))}) if counts else first
