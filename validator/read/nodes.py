"""Messages to tables: the nodes of many messages, collected into one frame per table."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from validator.base.lazy import pl
from validator.read.names import NodePlan, case_id, names_of
from validator.read.parse import Repeated
from validator.read.partition import HOUSEKEEPING, Note, Partition, Source
from validator.spec.layouts import Layout

_CHUNK = 2000  #: messages kept as Python objects before they become a frame


@dataclass
class _Rows:
    """Rows of one table that wait to become a frame, and the place of each."""

    rows: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    places: list[tuple[int, int, int, int | None]] = dataclasses.field(default_factory=list)  #: as HOUSEKEEPING


def no_case(file: str) -> Note:
    """The note of a file without any case."""
    return Note("read/no-case", "", source=Source(file), args={"file": file})


class Collector:
    """Collects messages of one interface. A message is a whole list: a node it lacks is an empty table."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self._names, self._case = layout, names_of(layout), layout.case
        self._title, self._inner = layout.title(self._case), layout.interface.inner
        self._noted = set[tuple[str, str, str]]()  # (file, table, field) of unknown fields already noted
        self._start()

    def _start(self) -> None:
        self.cases = 0
        self._waiting = {name: _Rows() for name in self._names}
        self._frames: dict[str, list[pl.DataFrame]] = {name: [] for name in self._names}
        self._sources, self._notes = list[Source](), list[Note]()
        self._source_ids = dict[tuple[str, str, int], int]()

    def add(self, nodes: dict[str, Any], path: str, file: str, line: int | None, ordinal: int) -> None:
        """One message; ``ordinal`` is its place in the file."""
        if self.cases and self.cases % _CHUNK == 0:
            self._flush()
        self._at = _At(self.cases, file, line, path)
        self._repeated(nodes, "")
        for name in nodes.keys() - self._names.keys():
            if isinstance(nodes[name], list | dict):
                self._unknown(name, "", "read/unknown-table")
        self._add_case(nodes.get(self._case), ordinal)
        for name in self._names:
            if name != self._case and (node := nodes.get(name)):
                self._add_children(name, node)
        self.cases += 1

    def full(self, size: int) -> bool:
        """Whether what was collected should become a partition."""
        return self.cases >= size

    def finish(self, size: int) -> Iterator[Partition]:  # noqa: ARG002 (it was asked whether it is full)
        """What is left at the end."""
        if self.cases:
            yield self.partition()

    def partition(self) -> Partition:
        """What was collected since the last call."""
        self._flush()
        tables = {name: frames[0] if len(frames) == 1 else pl.concat(frames) for name, frames in self._frames.items()}
        result = Partition(self.layout.name, self._case, tables, self._sources, self._notes)
        self._start()
        return result

    def _flush(self) -> None:
        for name, waiting in self._waiting.items():
            if waiting.rows or not self._frames[name]:
                self._frames[name].append(self._frame(name, waiting))
        self._waiting = {name: _Rows() for name in self._names}

    def _frame(self, table: str, waiting: _Rows) -> pl.DataFrame:
        if not waiting.rows:
            return self._names[table].empty
        try:
            frame = pl.DataFrame(waiting.rows, schema=self._names[table].schema)
        except (pl.exceptions.ComputeError, OverflowError):  # something that is no text or number that Polars knows
            rows = [self._flat(row, table, place) for row, place in zip(waiting.rows, waiting.places, strict=True)]
            frame = pl.DataFrame(rows, schema=self._names[table].schema)
        places = zip(HOUSEKEEPING, zip(*waiting.places, strict=True), strict=True)
        return frame.hstack([pl.Series(name, each, pl.UInt32) for name, each in places])

    def _flat(self, row: dict[str, Any], table: str, place: tuple[int, int, int, int | None]) -> dict[str, str | None]:
        """The row as texts; a value that is an object or a list becomes null and a note."""
        case, number, source, line = place
        for key in self._names[table].schema:
            if isinstance(value := row.get(key), dict | list) and value:
                note = Note("read/nested-value", table, key, None, case, number, self._sources[source], line)
                self._notes.append(note)
        return {key: None if isinstance(value, dict | list) else as_text(value) for key, value in row.items()}

    def _add_case(self, node: Any, ordinal: int) -> None:
        if isinstance(node, list):
            count = len(node)
            if count > 1:
                self._note("read/several-cases", self._case, args={"count": str(count), "title": self._title})
            elif count == 1:
                self._note("read/is-a-list", self._case)
            node = node[0] if node else None
        if not isinstance(node, dict) or not node:
            self._note("read/missing-case-table", self._case, args={"title": self._title})
            node = {}
        row = dict(self._add_row(self._case, node, 1))
        row["case_id"] = case_id(
            map(row.get, self.layout.interface.keys), f"{self._at.file}#{self._at.line or ordinal}"
        )
        self._waiting[self._case].rows[-1] = row

    def _add_children(self, table: str, node: Any) -> None:
        if not isinstance(node, list):
            if isinstance(node, dict):
                self._note("read/not-a-list", table)
            node = [node]
        for number, row in enumerate(node, 1):
            if isinstance(row, dict):
                self._add_row(table, row, number)
            else:
                self._note("read/not-an-object", table, row=number)

    def _add_row(self, table: str, row: dict[str, Any], number: int) -> dict[str, Any]:
        self._repeated(row, table, number)
        if isinstance(inner := row.get(self._inner), dict):
            own = {name: value for name, value in row.items() if name != self._inner and value not in (None, "")}
            row = {**dict.fromkeys(row.keys() - {self._inner}), **inner, **own}
        plan, at = self._names[table].plan(row), self._at
        for name in plan.unknown:
            self._unknown(table, name, "read/unknown-field")
        if not plan.plain:
            row, differing = plan.apply(row)
            for name, key in differing:
                self._note("read/alias-differs", table, name, number, {"alias": key})
        waiting = self._waiting[table]
        waiting.rows.append(row)
        waiting.places.append((at.case, number, self._source(table, plan), at.line))
        return row

    def _source(self, table: str, plan: NodePlan) -> int:
        key = (self._at.file, table, id(plan.columns) if plan.columns else 0)
        if (known := self._source_ids.get(key)) is None:
            known = self._source_ids[key] = len(self._sources)
            self._sources.append(Source(self._at.file, path=f"{self._at.path}.{table}", columns=plan.columns))
        return known

    def _repeated(self, node: dict[str, Any], table: str, number: int | None = None) -> None:
        if isinstance(node, Repeated):
            for key in node.twice:
                self._note("read/duplicate-key", table or key, key if table else None, number, {"key": key})

    def _unknown(self, table: str, name: str, check: str) -> None:
        noted = (self._at.file, table, name)
        if noted not in self._noted:
            self._noted.add(noted)
            self._note(check, table, name or None, of_case=False)

    def _note(
        self,
        check: str,
        table: str,
        field: str | None = None,
        row: int | None = None,
        args: Mapping[str, str] | None = None,
        *,
        of_case: bool = True,
    ) -> None:
        at = self._at
        source = Source(at.file, path=f"{at.path}.{table}")
        case = at.case if of_case else None
        self._notes.append(Note(check, table, field, None, case, row, source, at.line, args or {}))


class _At:
    """Where the message being added stands."""

    __slots__ = ("case", "file", "line", "path")

    def __init__(self, case: int, file: str, line: int | None, path: str) -> None:
        self.case, self.file, self.line, self.path = case, file, line, path


def as_text(value: Any) -> str | None:
    """A scalar as its interface would write it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return value.isoformat() if isinstance(value, date) else str(value)
