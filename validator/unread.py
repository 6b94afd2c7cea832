"""What cases need and the input does not hold, over the whole run: one finding at the file for a table or column."""

from collections.abc import Iterator
from pathlib import PurePath

import polars as pl

from validator.catalogue import Catalogue
from validator.outcome import Result
from validator.plan import CASE
from validator.read.headings import title
from validator.tables import Note, Partition, Source
from validator.text import current, say

TABLE, COLUMN = "read/missing-table", "read/missing-column"


class Unread:
    """Collects tables and required columns that were not read; the cases that need them cannot be judged."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._names = {
            (row.table, row.field): row.name(current())
            for layout in catalogue.layouts.values()
            for table in layout.tables.values()
            for row in table.fields.values()
        }
        self._found: dict[tuple[str, str, str], tuple[Source, int]] = {}
        self._near: dict[tuple[str, str], str] = {}  #: (table, field) -> a heading that was not recognised

    def add(self, part: Partition, result: Result) -> pl.Series:
        """Take a partition's result; return which of its cases cannot be judged."""
        for note in part.notes:
            if note.check == "read/unknown-heading" and note.field:
                self._near[note.table, note.args["suggestion"]] = note.field
        cases = pl.repeat(False, result.tables[CASE].height, dtype=pl.Boolean, eager=True)
        for (table, field), needing in result.unread.items():
            cases |= needing
            if part.bare and table == CASE:
                continue  # the reader's own note says so
            source = part.place(table if field else "")
            where = source.file if source.sheet else str(PurePath(source.file).parent)
            first, count = self._found.get((where, table, field), (source, 0))
            self._found[where, table, field] = first, count + int(needing.sum())
        return cases

    def notes(self) -> Iterator[Note]:
        """One note for each table and column, tables first."""
        for (_, table, field), (source, count) in sorted(self._found.items(), key=lambda each: bool(each[0][2])):
            if not field:
                yield Note(TABLE, table, source=source, args={"cases": str(count), "title": title(table)})
                continue
            near = self._near.get((table, f"{table}.{field}"), "")
            near = near and say(f"；没有认出的列“{near}”可能就是它", f"; column '{near}', not recognised, may be it")
            args = {"cases": str(count), "name": self._names[table, field], "near": near}
            yield Note(COLUMN, table, field, source=source, args=args)
