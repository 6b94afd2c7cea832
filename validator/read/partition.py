"""What readers hand to the engine: the tables of some cases, as text, with the place each row came from."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from validator.base.lazy import pl
from validator.codes.editions import Edition

RowPlace = tuple[int, int, int, int | None]  #: the columns :data:`HOUSEKEEPING` of a row
#: Columns that every table carries besides its official fields (see :class:`Partition`).
HOUSEKEEPING = ("_case", "_row", "_source", "_line")
KEY = "_key:"  #: prefix of a column that names the case but is no field of the table


def text_of(name: str, kind: pl.DataType) -> pl.Expr:
    """A column of the kind as raw text: what is not text was typed by whoever gave the data."""
    column = pl.col(name)
    if kind == pl.Datetime:
        return column.dt.to_string("%Y-%m-%d %H:%M:%S")
    return column if kind == pl.String else column.cast(pl.String)


@dataclass(frozen=True)
class Rows:
    """What became of the rows of a sheet or file: ``total`` = ``read`` + all that was set aside, by reason."""

    total: int
    aside: Mapping[str, int]  #: reason (:data:`ASIDE`) -> rows

    @property
    def read(self) -> int:
        """Rows that were read as rows of the table."""
        return self.total - sum(self.aside.values())


#: Why rows are set aside: above the heading, the heading itself, the heading again, the end of a page, blank, belonging to no case.
ASIDE = ("above", "heading", "repeated", "footer", "blank", "orphan")


@dataclass(frozen=True)
class Source:
    """Where rows of one table came from."""

    file: str  #: as the user named it; a zip's member as ``lists.zip/a.json``
    sheet: str | None = None
    path: str | None = None  #: JSON path of the node, ``$.input.table``
    columns: Mapping[str, str] = dataclasses.field(default_factory=dict)  #: field -> column letter or name as written
    #: field -> the 0-based columns that hold it (several where joined, None where one is lacking), then others that
    #: repeat it; a case key that is no field of the table has ``KEY`` before its name
    places: Mapping[str, Sequence[Sequence[int | None]]] = dataclasses.field(default_factory=dict, compare=False)
    table: str = ""  #: where it is a sheet or file of one table
    part: int | None = None  #: which of several values in one cell its rows are, from 0; None: cells hold one each
    rows: Rows | None = dataclasses.field(default=None, compare=False)  #: None where a message has no rows of a sheet

    def cell(self, field: str | None, row: int | None, line: int | None) -> dict[str, str | int | None]:
        """The ``source`` of a finding here. ``row``: the row's 1-based place in its case; None for the case's own node."""
        heading, path = self.columns.get(field) if field else None, self.path
        if path is not None:
            path += "" if row is None else f"[{row - 1}]"
            path += f".{heading or field}" if heading or field else ""
        column = heading if path is None else None
        return {"file": self.file or None, "sheet": self.sheet, "row": line, "column": column, "path": path}


@dataclass(frozen=True)
class Note:
    """Something a reader met that is a finding of its own: an unknown field, a node that should be a list."""

    check: str  #: an id under ``read/`` in ``schemas/field_checks.yaml``
    table: str
    field: str | None = None
    value: str | None = None
    case: int | None = None  #: row of the case in the case's table; None = the whole input
    row: int | None = None
    source: Source | None = None
    line: int | None = None
    args: Mapping[str, str] = dataclasses.field(default_factory=dict)  #: what fills the message's placeholders


@dataclass
class TableRows:
    """Rows of one table, and the place of each."""

    rows: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    places: list[RowPlace] = dataclasses.field(default_factory=list)


class RowTables(MutableMapping[str, "pl.DataFrame"]):
    """The tables of a few messages: plain rows, which become a frame when one is asked for."""

    def __init__(self, rows: Mapping[str, TableRows], frame: Callable[[str, TableRows], pl.DataFrame]) -> None:
        self.rows, self._frame = dict(rows), frame
        self._frames: dict[str, pl.DataFrame] = {}

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self._frames:
            self._frames[name] = self._frame(name, self.rows[name])
        return self._frames[name]

    def __setitem__(self, name: str, frame: pl.DataFrame) -> None:
        self._frames[name] = frame
        self.rows.pop(name, None)

    def __delitem__(self, name: str) -> None:
        self.rows.pop(name, None)
        self._frames.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self.rows, *self._frames)))

    def __len__(self) -> int:
        return len(self.rows.keys() | self._frames.keys())


@dataclass(frozen=True)
class Companion:
    """The case records of some of a partition's cases."""

    part: Partition  #: as read; it is checked for itself as well
    home: pl.Series  #: for each of its cases, the case of the list that it tells of too; null where there is none here
    key: (
        pl.Series
    )  #: for each of its cases, the place in ``schemas/story`` of the key by which it was found; null as above


@dataclass
class Partition:
    """All tables of at most some 100,000 cases of one interface.

    A table is a frame of official field columns (raw text; null = missing) plus :data:`HOUSEKEEPING`:
    ``_case`` UInt32 row of the case in ``case``; ``_row`` UInt32 1-based place within the case;
    ``_source`` UInt32 index into ``sources``; ``_line`` UInt32 1-based line of the file or sheet, null for a lone JSON.
    ``case``, the table with one row per case, also has ``case_id`` (String, never null); ``_of_list`` (Boolean) where a list of
    that ``case_id`` is checked in the same run. A table the input knows nothing of is absent.
    """

    layout: str
    case: str
    tables: MutableMapping[str, pl.DataFrame]
    sources: list[Source] = dataclasses.field(default_factory=list)
    notes: list[Note] = dataclasses.field(default_factory=list)
    bare: bool = False  #: nothing is known of the cases but their keys: there was no such table
    companions: list[Companion] = dataclasses.field(default_factory=list)  #: what is to be compared with the cases
    editions: Mapping[str, Edition] = dataclasses.field(
        default_factory=dict
    )  #: file -> that of its codes; of records alone
    incomplete: bool = False  #: rows of the cases may lack: a file that belongs with theirs could not be read

    @property
    def source_editions(self) -> list[Edition]:
        """The edition of the codes of each source."""
        return [self.editions.get(source.file, "unknown") for source in self.sources]

    def rows(self, table: str) -> TableRows | None:
        """The plain rows of a table; None where it is a frame, or not there."""
        return self.tables.rows.get(table) if isinstance(self.tables, RowTables) else None

    def height(self, table: str) -> int:
        """How many rows a table has."""
        rows = self.rows(table)
        return self.tables[table].height if rows is None else len(rows.rows)

    def columns(self, table: str) -> Collection[str] | None:
        """The columns of a table; None for those of a message, which has every field of its interface."""
        return self.tables[table].columns if self.rows(table) is None else None

    def place(self, table: str) -> Source:
        """The file (and sheet) of a table's first row; where it has none, the file of the first case."""
        for name in (table, self.case):
            if name in self.tables and self.height(name):
                rows = self.rows(name)
                source = self.sources[self.tables[name]["_source"][0] if rows is None else rows.places[0][2]]
                return source if name == table else Source(source.file)
        return self.sources[0] if self.sources else Source("")
