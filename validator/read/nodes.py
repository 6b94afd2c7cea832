"""Messages to tables: the nodes of many messages, gathered into one frame per table."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from validator.layouts import Layout
from validator.read.names import CASE, KEYS, Plan, case_id, names_of
from validator.read.parse import Repeated
from validator.tables import Note, Partition, Source

_CHUNK = 2000  #: messages kept as Python objects before they become a frame
_PLACE: dict[str, type[pl.DataType]] = {
    "_case": pl.UInt32,
    "_row": pl.UInt32,
    "_source": pl.UInt32,
    "_line": pl.UInt32,
}
_TEXTUAL = {str, type(None)}


class Gatherer:
    """Collects messages of one interface. A message is a whole list: a node it lacks is an empty table."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self._names = layout, names_of(layout)
        self._schemas: dict[str, dict[str, type[pl.DataType]]] = {
            name: {**dict.fromkeys(table.fields, pl.String), **_PLACE} for name, table in layout.tables.items()
        }
        self._schemas[CASE]["case_id"] = pl.String
        self._said = set[tuple[str, str, str]]()  # (file, table, field) of unknown fields already noted
        self._start()

    def _start(self) -> None:
        self.cases = 0
        self._rows: dict[str, list[dict[str, Any]]] = {name: [] for name in self._schemas}
        self._frames: dict[str, list[pl.DataFrame]] = {name: [] for name in self._schemas}
        self._sources, self._notes = list[Source](), list[Note]()
        self._source_ids = dict[tuple[str, str, int], int]()

    def add(self, nodes: dict[str, Any], path: str, file: str, line: int | None, ordinal: int) -> None:
        """One message; ``ordinal`` is its place in the file."""
        if len(self._rows[CASE]) >= _CHUNK:
            self._flush()
        self._at = _At(self.cases, file, line, path)
        self._repeated(nodes, "")
        for name in nodes.keys() - self._schemas.keys():
            if isinstance(nodes[name], list | dict):
                self._unknown(name, "", "read/unknown-table")
        self._add_case(nodes.get(CASE), ordinal)
        for name in self._schemas:
            if name != CASE and (node := nodes.get(name)):
                self._add_children(name, node)
        self.cases += 1

    def partition(self) -> Partition:
        """What was gathered since the last call."""
        self._flush()
        tables = {name: frames[0] if len(frames) == 1 else pl.concat(frames) for name, frames in self._frames.items()}
        result = Partition(self.layout.name, tables, self._sources, self._notes)
        self._start()
        return result

    def _flush(self) -> None:
        for name, rows in self._rows.items():
            if rows or not self._frames[name]:
                self._frames[name].append(pl.DataFrame(rows, schema=self._schemas[name]))
            self._rows[name] = []

    def _add_case(self, node: Any, ordinal: int) -> None:
        if isinstance(node, list):
            count = len(node)
            if count > 1:
                self._note("read/several-setlinfo", CASE, args={"count": str(count)})
            elif count == 1:
                self._note("read/is-a-list", CASE)
            node = node[0] if node else None
        if not isinstance(node, dict) or not node:
            self._note("read/missing-setlinfo", CASE)
            node = {}
        row = self._row(CASE, node, 1)
        row["case_id"] = case_id(map(row.get, KEYS), f"{self._at.file}#{self._at.line or ordinal}")
        self._rows[CASE].append(row)

    def _add_children(self, table: str, node: Any) -> None:
        if not isinstance(node, list):
            if isinstance(node, dict):
                self._note("read/not-a-list", table)
            node = [node]
        for number, row in enumerate(node, 1):
            if isinstance(row, dict):
                self._rows[table].append(self._row(table, row, number))
            else:
                self._note("read/not-an-object", table, row=number)

    def _row(self, table: str, row: dict[str, Any], number: int) -> dict[str, Any]:
        plan = self._names[table].plan(row)
        self._repeated(row, table, number)
        for name in plan.unknown:
            self._unknown(table, name, "read/unknown-field")
        if not _TEXTUAL.issuperset(map(type, row.values())):
            row = {key: self._text(each, table, key, number) for key, each in row.items() if key not in plan.unknown}
        if not plan.plain:
            row, differing = plan.apply(row)
            for name, key in differing:
                self._note("read/alias-differs", table, name, number, {"alias": key})
        at = self._at
        return {**row, "_case": at.case, "_row": number, "_source": self._source(table, plan), "_line": at.line}

    def _text(self, value: Any, table: str, key: str, number: int) -> str | None:
        if isinstance(value, dict | list):
            if value:
                self._note("read/nested-value", table, self._names[table].alias.get(key, key), number)
            return None
        return as_text(value)

    def _source(self, table: str, plan: Plan) -> int:
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
        said = (self._at.file, table, name)
        if said not in self._said:
            self._said.add(said)
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
