"""What cases need and the input does not hold, over the whole run: one finding at the file for a table or column."""

from collections.abc import Collection, Iterator
from pathlib import PurePath

import polars as pl

from validator.base.language import current, say
from validator.checks.outcomes import Result
from validator.checks.plan import Plan
from validator.read.partition import Note, Partition, Source
from validator.spec.catalogue import Catalogue

BARE, TABLE, COLUMN = "read/missing-case-table", "read/missing-table", "read/missing-column"


class Unread:
    """Collects tables and required columns that were not read; the cases that need them cannot be judged."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._names = {
            (row.table, row.field): row.name(current())
            for layout in catalogue.layouts.values()
            for table in layout.tables.values()
            for row in table.fields.values()
        }
        self._titles = {table: layout.title(table) for layout in catalogue.layouts.values() for table in layout.tables}
        self._bare = list[Note]()
        self._found: dict[tuple[str, str, str], tuple[Source, int]] = {}
        self._near: dict[tuple[str, str], str] = {}  #: (table, field) -> a heading that was not recognised

    @staticmethod
    def takes(note: Note) -> bool:
        """Whether a reader's note speaks of what was not read."""
        return note.check == BARE and note.case is None

    def add(self, plan: Plan, part: Partition, result: Result, wanted: Collection[str]) -> pl.Series:
        """Take a partition's result; return which of its cases cannot be judged.

        What none of the ``wanted`` checks reads is no finding; its cases cannot be judged all the same.
        """
        self._bare += filter(self.takes, part.notes)
        for note in part.notes:
            if note.check == "read/unknown-heading" and note.field:
                self._near[note.table, note.args["suggestion"]] = note.field
        cases = pl.repeat(False, result.tables[plan.case].height, dtype=pl.Boolean, eager=True)
        for (table, field), needing in result.unread.items():
            cases |= needing
            if (part.bare and table == plan.case) or not _concerns(plan, table, field, wanted):
                continue  # the reader's own note says that, or nobody asked
            source = part.place(table if field else "")
            where = source.file if source.sheet else str(PurePath(source.file).parent)
            first, count = self._found.get((where, table, field), (source, 0))
            self._found[where, table, field] = first, count + int(needing.sum())
        return cases

    def tables(self) -> dict[str, int]:
        """The tables that were not read, and how many cases need each."""
        found: dict[str, int] = {}
        for (_, table, field), (_, count) in self._found.items():
            if not field:
                found[table] = found.get(table, 0) + count
        return found

    def notes(self) -> Iterator[Note]:
        """One note for each table and column, tables first."""
        yield from self._bare
        for (_, table, field), (source, count) in sorted(self._found.items(), key=lambda each: bool(each[0][2])):
            if not field:
                yield Note(TABLE, table, source=source, args={"cases": str(count), "title": self._titles[table]})
                continue
            near = self._near.get((table, f"{table}.{field}"), "")
            line = f"{near}: {table}.{field}"
            near = near and say(
                f"；没有认出的列“{near}”可能就是它，是的话在对照文件里写一行 {line}",
                f"; column '{near}', not recognised, may be it: if so, write in a mapping file the line {line}",
            )
            args = {"cases": str(count), "name": self._names[table, field], "near": near}
            yield Note(COLUMN, table, field, source=source, args=args)


def _concerns(plan: Plan, table: str, field: str, wanted: Collection[str]) -> bool:
    """Whether one of the wanted checks reads a table, or demands a field of it."""
    if field:
        return f"{table}.{field}/required" in wanted
    return any(
        plan.checks[name].table == table or plan.table_of(plan.skipped.get(name, "")) == table for name in wanted
    )
