"""Rectangles of cells (a CSV file, a sheet) to partitions: find the tables in them and read their rows as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import PurePath
from typing import Any

from validator.base.language import say
from validator.base.lazy import pl
from validator.read import assemble, data_rows
from validator.read.cells import letters, texts
from validator.read.file_notes import FileNotes, empty
from validator.read.frames import choose
from validator.read.headings import Columns, FoundHeadings, Headings
from validator.read.memory import uncollected
from validator.read.partition import Note, Partition, Source
from validator.read.place import FileError, ForeignFileError, Place, some
from validator.read.shape import ShapedTable, shape
from validator.spec.layouts import FieldRow, Layout


@dataclass(frozen=True)
class SheetRemark:
    """Something about one cell that becomes a note if the cell belongs to a field."""

    check: str
    args: Mapping[str, str]


@dataclass
class Grid:
    """The cells of one sheet or CSV file."""

    place: Place
    name: str  #: the sheet's or file's name, which may say which table it is
    rows: list[list[Any]]
    lines: Sequence[int]  #: the line or sheet row of each row
    letters: bool = False  #: columns are named by letters, not headings
    remarks: dict[tuple[int, int], SheetRemark] = field(default_factory=dict)  #: by line and column index
    blank: int = 0  #: blank rows that are not in ``rows``
    merged: Sequence[data_rows.Area] = ()

    @property
    def source(self) -> Source:
        return Source(self.place.file, self.place.sheet)


@dataclass
class SheetTable:
    """A grid in which a table was found."""

    grid: Grid
    found: FoundHeadings


class Reader:
    """Turns grids into partitions."""

    def __init__(
        self,
        layouts: Mapping[str, Layout],
        layout: str | None,
        headings: Headings,
        partition_rows: int,
        about: FileNotes,
    ) -> None:
        """``about`` takes the notes of files and sheets without a table."""
        self._layouts, self._layout, self._headings, self._size = layouts, layout, headings, partition_rows
        self._about = about
        self.cases = {layout.case for layout in layouts.values()}  #: the tables with one row per case
        #: those, and the tables of whose rows cases are made
        self.whole = self.cases | {layout.interface.made_of for layout in layouts.values()}

    def located(self, grids: Sequence[Grid]) -> list[SheetTable]:
        """The grids in which a table is found."""
        found = ((grid, self._headings.locate(grid.rows, grid.name)) for grid in grids)
        return [SheetTable(grid, located) for grid, located in found if located]

    def tables(self, grids: Sequence[Grid], found: list[SheetTable], place: Place) -> list[SheetTable]:
        """Those found; the other grids become notes, and an error if there is no table at all."""
        if not any(any(row) for grid in grids for row in grid.rows):
            self._about.notes.append(empty(place.file))
        elif not found:
            raise self._nothing(grids, place)
        taken = {id(table.grid) for table in found}
        self._about.notes += [
            Note("read/skipped-sheet", "", source=grid.source, args={"sheet": grid.name})
            for grid in grids
            if id(grid) not in taken and any(any(row) for row in grid.rows)
        ]
        return found

    def partitions(self, tables: Sequence[SheetTable]) -> Iterator[Partition]:
        """The cases of some tables that belong together."""
        first = tables[0].grid.place
        layout = choose([table.found.columns for table in tables], self._layouts, self._layout, Place(first.file))
        self._refuse_strange(tables, layout)
        notes, sheets = list[Note](), list[ShapedTable]()
        for table in tables:
            name = table.found.columns.table
            if name not in layout.tables:
                notes.append(Note("read/unknown-table", name, source=table.grid.source))
                continue
            with uncollected():
                new_sheets, new = self._sheets(table, layout)
            sheets += new_sheets
            notes += new
        yield from assemble.partitions(layout, sheets, notes, self._size)

    def _refuse_strange(self, tables: Sequence[SheetTable], layout: Layout) -> None:
        """Fail where a case's sheet seems to hold codes of another table, and it is not understood which."""
        own = {table.found.columns.table for table in tables}
        for table in tables:
            columns = table.found.columns
            if columns.table != layout.case:
                continue
            words, seen = self._headings.wide[columns.table], dict[str, list[str]]()
            coded = {place for place, each in columns.rows.items() if layout.wide[place[0]].code in each.targets}
            for _, heading in columns.unknown:
                kind, number = words.strange(heading) or ("", 0)
                known = sum(name == kind for name, _ in coded)
                if kind in layout.wide and kind not in own and (not known or number > known):
                    seen.setdefault(kind, []).append(heading)
            for name, found in seen.items():
                example = f"{found[0]}: {name}[1].{layout.wide[name].code}"
                raise table.grid.place.fault(
                    f"一行一例的表，看不懂其中{layout.title(name)}的列：{some(found)}；请在 --mapping 对照文件里逐列写明"
                    f"是第几行的哪个字段，如 {example}；不属于清单的列，冒号后留空",
                    f"a sheet with a row a case, but these columns of {name} are not understood: {some(found)}; say in "
                    f"a file for --mapping which row and field each is, such as {example}; leave the right side blank "
                    "for a column of your own",
                )

    def _sheets(self, table: SheetTable, layout: Layout) -> tuple[list[ShapedTable], list[Note]]:
        grid, columns, found = table.grid, table.found.columns, table.found
        repeated = found.repeated(grid.rows)
        footers = {index for index in data_rows.footers(grid.rows) if index >= found.data} - repeated
        kept = [index for index in range(found.data, len(grid.rows)) if index not in repeated | footers]
        keys = {index for name, index in columns.targets.items() if name in layout.interface.case_keys}
        of_rows = set[int]() if columns.table == layout.case else keys
        whole, filled = data_rows.filled_down(grid.rows, grid.merged, of_rows, found.data)
        rows, lines = [whole[index] for index in kept], [grid.lines[index] for index in kept]
        fields = dict(_fields(columns, layout))
        wanted = {*columns.indices()}
        read, remarks = list[pl.Series](), dict(grid.remarks)
        for (top, left), _ in filled:
            remarks.pop((grid.lines[top], left), None)
        cells = dict(enumerate(zip_longest(*rows)))
        for index in range(len(columns.headings)):
            row, values = fields.get(index), cells.get(index, ()) if index in wanted else ()
            read.append(texts(values or [None] * len(rows), row.type if row else "").alias(f"{index}"))
        frame = pl.DataFrame([*read, pl.Series("_line", lines, dtype=pl.UInt32)])
        frame = frame.filter(pl.any_horizontal(pl.exclude("_line").is_not_null()))
        aside = {
            "above": found.heading, "heading": found.data - found.heading, "repeated": len(repeated),
            "footer": len(footers),
            "blank": grid.blank + len(rows) - frame.height,
        }  # fmt: skip
        labels = _labels(columns.headings, only_letters=grid.letters)
        sheets, notes = shape(frame, columns, labels, grid.source, layout, self._headings)
        own = sheets[0]
        own.aside = {reason: count for reason, count in aside.items() if count}
        rows_noted = {
            "read/repeated-heading": repeated,
            "read/footer": footers,
            "read/merged-key": {a[0][0] for a in filled},
        }
        for check, indices in rows_noted.items():
            if indices:
                args, line = {"count": str(len(indices))}, grid.lines[min(indices)]
                notes.append(Note(check, own.table, source=own.source, line=line, args=args))
        sources = {index: each.source for each in reversed(sheets) for index in each.indices()}
        for (line, index), remark in sorted(remarks.items(), key=lambda each: each[0]):
            row = fields.get(index)
            if row is not None and lines and line >= lines[0]:
                source = sources.get(index, own.source)
                notes.append(Note(remark.check, row.table, row.field, source=source, line=line, args=remark.args))
        return sheets, notes

    def _nothing(self, grids: Sequence[Grid], place: Place) -> FileError:
        """No grid holds a table: say what was expected, and which of its words were there (never what else was).

        A file is foreign where neither its name, nor a sheet's, nor a heading speaks of a table or the key of a case.
        """
        words = list(dict.fromkeys(word for grid in grids for word in self._headings.recognised(grid.rows)))
        titled = any(
            self._headings.titled(name) for name in (PurePath(place.file).stem, *(each.name for each in grids))
        )
        error = FileError if titled or any(map(self._headings.is_key, words)) else ForeignFileError
        expected = some(self._headings.examples(), 12)
        found = some(words, 12)
        return error(
            place,
            f"认不出结算清单的表：应有一行标题，如 {expected}；见到的标题里认识的有：{found or '无'}。"
            "标题另有叫法时，请用 --mapping 给出对照",
            f"no table of a settlement list: there should be a row of headings such as {expected}; of the headings "
            f"there, known are: {found or 'none'}. If you call them otherwise, say so with --mapping",
        )


def _labels(headings: Sequence[str], *, only_letters: bool) -> list[str]:
    """What people call each column: its letters, or its heading, with the letters where several have the same."""
    if only_letters:
        return [letters(index) for index in range(len(headings))]
    times = Counter(headings)
    called = enumerate(headings)
    return [
        say(f"{name}（{letters(at)} 列）", f"{name} (column {letters(at)})") if times[name] > 1 else name
        for at, name in called
    ]


def _fields(columns: Columns, layout: Layout) -> Iterator[tuple[int, FieldRow | None]]:
    """The field that each column holds."""
    table = layout.tables.get(columns.table)
    for name, index in columns.targets.items():
        yield index, table.fields.get(name) if table else None
    for each in columns.rows.values():
        yield from _fields(each, layout)
