"""What cases need and the input does not hold, over the whole run: one finding at the file for a table or column."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from validator.base.language import current, say
from validator.checks.plan import Plan
from validator.read.partition import Note, Partition, Source
from validator.spec.catalogue import Catalogue
from validator.spec.interfaces import split

BARE, TABLE, COLUMN = "read/missing-case-table", "read/missing-table", "read/missing-column"


@dataclass(frozen=True)
class Missing:
    """A table, or a column of it, that was not read; ``field`` is blank for the table."""

    where: str  #: the file or folder that lacks it
    table: str
    field: str
    source: Source
    cases: int  #: how many need it


@dataclass
class Unread:
    """Tables and required columns that were not read; the cases that need them cannot be judged."""

    missing: list[Missing] = field(default_factory=list)
    bare: list[Note] = field(default_factory=list)  #: the reader's own: there is no table of cases
    near: dict[str, str] = field(default_factory=dict)  #: ``table.field`` -> a heading that was not recognised

    @staticmethod
    def takes(note: Note) -> bool:
        """Whether a reader's note speaks of what was not read."""
        return note.check == BARE and note.case is None

    def add(self, other: "Unread") -> None:
        """Take what a later partition lacks."""
        at = {(each.where, each.table, each.field): place for place, each in enumerate(self.missing)}
        for each in other.missing:
            place = at.setdefault((each.where, each.table, each.field), len(self.missing))
            if place == len(self.missing):
                self.missing.append(each)
            else:
                self.missing[place] = replace(self.missing[place], cases=self.missing[place].cases + each.cases)
        self.bare += other.bare
        self.near |= other.near

    def tables(self) -> dict[str, int]:
        """The tables that were not read, and how many cases need each."""
        found: dict[str, int] = {}
        for each in self.missing:
            if not each.field:
                found[each.table] = found.get(each.table, 0) + each.cases
        return found

    def notes(self, catalogue: Catalogue) -> Iterator[Note]:
        """One note for each table and column, tables first."""
        yield from self.bare
        titles = {table: layout.title(table) for layout in catalogue.layouts.values() for table in layout.tables}
        for each in sorted(self.missing, key=lambda each: bool(each.field)):
            count, table = str(each.cases), each.table
            if not each.field:
                yield Note(TABLE, table, source=each.source, args={"cases": count, "title": titles[table]})
                continue
            near = self.near.get(f"{table}.{each.field}")
            line = f"{near}: {table}.{each.field}"
            hint = say("；没有认出的列里没有像它的", "; none of the columns not recognised is like it")
            if near:
                hint = say(
                    f"；没有认出的列“{near}”可能就是它，是的话在对照文件里写一行 {line}",
                    f"; column '{near}', not recognised, may be it: if so, write in a mapping file the line {line}",
                )
            args = {"cases": count, "name": _name(catalogue, table, each.field), "near": hint}
            yield Note(COLUMN, table, each.field, near, source=each.source, args=args)


def of_partition(plan: Plan, part: Partition, needed: Mapping[tuple[str, str], int], wanted: Collection[str]) -> Unread:
    """What a partition lacks; what none of the ``wanted`` checks reads is no finding.

    ``needed``: table and column (blank: the table) that the input does not hold -> how many cases need it.
    """
    found = Unread(bare=list(filter(Unread.takes, part.notes)))
    for note in part.notes:
        if note.check == "read/unknown-heading" and note.field and split(note.args["suggestion"])[0] == note.table:
            found.near[note.args["suggestion"]] = note.field
    for (table, field_), cases in needed.items():
        if (part.bare and table == plan.case) or not _concerns(plan, table, field_, wanted):
            continue  # the reader's own note says that, or nobody asked
        source = part.place(table if field_ else "")
        where = source.file if source.sheet else str(PurePath(source.file).parent)
        found.missing.append(Missing(where, table, field_, source, cases))
    return found


def _name(catalogue: Catalogue, table: str, field: str) -> str:
    """What people call a field, by the last interface that has it."""
    rows = [layout.tables[table].fields.get(field) for layout in catalogue.layouts.values() if table in layout.tables]
    return [row.name(current()) for row in rows if row][-1]


def _concerns(plan: Plan, table: str, field: str, wanted: Collection[str]) -> bool:
    """Whether one of the wanted checks reads a table, or demands a field of it."""
    if field:
        return plan.rows[table][field].check("required") in wanted
    return any(
        plan.checks[name].table == table or plan.table_of(plan.skipped.get(name, "")) == table for name in wanted
    )
