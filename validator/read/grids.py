"""Rectangles of cells (a CSV file, a sheet) to partitions: find the tables in them and read their rows as text."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from validator.layouts import FieldRow, Layout
from validator.read import assemble
from validator.read.cells import texts
from validator.read.frames import choose
from validator.read.headings import Found, Headings
from validator.read.names import CASE
from validator.read.place import Place, some
from validator.read.shape import Sheet, shape
from validator.tables import Note, Partition, Source


@dataclass
class Grid:
    """The cells of one sheet or CSV file."""

    place: Place
    name: str  #: the sheet's or file's name, which may say which table it is
    rows: list[list[Any]]
    lines: Sequence[int]  #: the line or sheet row of each row
    letters: bool = False  #: columns are named by letters, not headings
    remarks: dict[tuple[int, int], "Remark"] = field(default_factory=dict)  #: by sheet row and column index


@dataclass(frozen=True)
class Remark:
    """Something about one cell that becomes a note if the cell belongs to a field."""

    check: str
    args: Mapping[str, str]


@dataclass
class Table:
    """A grid in which a table was found."""

    grid: Grid
    found: Found


class Reader:
    """Turns grids into partitions."""

    def __init__(
        self, layouts: Mapping[str, Layout], layout: str | None, headings: Headings, partition_rows: int
    ) -> None:
        self._layouts, self._layout, self._headings, self._size = layouts, layout, headings, partition_rows
        self._notes = list[Note]()

    def tables(self, grids: Iterable[Grid]) -> list[Table]:
        """The grids that hold a table; the others become notes, and an error if there is no table at all."""
        grids, found = list(grids), list[Table]()
        for grid in grids:
            if located := self._headings.locate(grid.rows, grid.name):
                found.append(Table(grid, located))
            elif any(grid.rows):
                source = Source(grid.place.file, grid.place.sheet)
                self._notes.append(Note("read/skipped-sheet", "", source=source, args={"sheet": grid.name}))
        if not found:
            raise self._nothing(grids)
        return found

    def partitions(self, tables: Sequence[Table]) -> Iterator[Partition]:
        """The cases of some tables that belong together."""
        first = tables[0].grid.place
        place = first if len(tables) == 1 else Place(first.file)
        layout = choose([table.found.columns for table in tables], self._layouts, self._layout, place)
        notes, sheets = self._notes, list[Sheet]()
        self._notes = []
        for table in tables:
            sheet, new = self._sheet(table, layout)
            sheets.append(sheet)
            notes += new
        yield from assemble.partitions(layout, sheets, notes, self._size)

    def _sheet(self, table: Table, layout: Layout) -> tuple[Sheet, list[Note]]:
        grid, columns = table.grid, table.found.columns
        if columns.table not in layout.tables:
            raise grid.place.fault(
                f"是 {columns.table} 表，接口 {layout.name} 没有它", f"holds {columns.table}, which {layout.name} does not have"
            )
        rows, lines = grid.rows[table.found.data :], grid.lines[table.found.data :]
        width = max(map(len, rows), default=0)
        width = max([width, *(index + 1 for index in columns.targets.values()), *(index + 1 for index, _ in columns.unknown)])
        fields = {index: layout.tables[columns.table].fields.get(name) for name, index in columns.targets.items()}
        used = fields | dict.fromkeys((index for _, index in columns.doubled))
        read = {f"{index}": self._column(rows, index, used) for index in range(width)}
        frame = pl.DataFrame(read, schema=dict.fromkeys(read, pl.String)).with_columns(
            _line=pl.Series(lines, dtype=pl.UInt32)
        )
        frame = frame.filter(pl.any_horizontal(pl.exclude("_line").is_not_null()))
        labels = [letters(index) for index in range(width)] if grid.letters else self._labels(table, width)
        source = Source(grid.place.file, grid.place.sheet)
        sheet, notes = shape(frame, columns, labels, source, layout, self._headings)
        return sheet, [*notes, *_remarks(table, fields, sheet.source)]

    @staticmethod
    def _column(rows: list[list[Any]], index: int, used: Mapping[int, FieldRow | None]) -> list[str | None]:
        if index not in used:
            return [None] * len(rows)
        row = used[index]
        return texts([cells[index] if index < len(cells) else None for cells in rows], row.type if row else "")
