"""Messages to rows: the nodes of messages as plain rows of text, table by table, with the place of each."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from validator.base.masking import persons_in
from validator.read import parse, recognise
from validator.read.names import NodePlan, case_id, names_of
from validator.read.parse import Repeated
from validator.read.partition import Note, RowPlace, Source, TableRows
from validator.read.place import Place
from validator.spec.layouts import Layout

_TEXT = {str, type(None)}


class MessageRows:
    """Collects the rows of messages of one interface. A message is a whole list: a node it lacks is an empty table."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self._names, self._case = layout, names_of(layout), layout.case
        self._title, self._inner = layout.title(self._case), layout.interface.inner
        self._noted = set[tuple[str, str, str]]()  # (file, table, field) of unknown fields already noted
        self._start()

    def _start(self) -> None:
        """Forget what was collected."""
        self.cases = 0
        self.tables = {name: TableRows() for name in self._names}
        self.sources, self.notes = list[Source](), list[Note]()
        self._source_ids = dict[tuple[str, str, int], int]()

    def add(self, nodes: dict[str, Any], path: str, file: str, line: int | None, ordinal: int) -> None:
        """One message; ``ordinal`` is its place in the file."""
        self._at = _At(self.cases, file, line, path)
        self._repeated(nodes, "")
        for name in nodes.keys() - self._names.keys():
            if isinstance(nodes[name], list | dict):
                self._unknown(str(name), "", "read/unknown-table")
        self._add_case(nodes.get(self._case), ordinal)
        for name in self._names:
            if name != self._case and (node := nodes.get(name)):
                self._add_children(name, node)
        self.cases += 1

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
        self.tables[self._case].rows[-1] = row

    def _add_children(self, table: str, node: Any) -> None:
        if not isinstance(node, list):
            if isinstance(node, dict):
                self._note("read/not-a-list", table)
            node = [node]
        if all(row is None for row in node):
            node = [{}] * len(node)
        blank = list[int]()
        for number, row in enumerate(node, 1):
            if isinstance(row, dict) and not any(map(_says_something, row.values())):
                blank.append(number)
            elif isinstance(row, dict):
                self._add_row(table, row, number)
            else:
                self._note("read/not-an-object", table, row=number)
        if blank:
            self._note("read/blank-node", table, row=blank[0], args={"count": str(len(blank))})

    def _add_row(self, table: str, row: dict[str, Any], number: int) -> dict[str, Any]:
        self._repeated(row, table, number)
        if isinstance(inner := row.get(self._inner), dict):
            own = {name: value for name, value in row.items() if name != self._inner and value not in (None, "")}
            row = {**dict.fromkeys(row.keys() - {self._inner}), **inner, **own}
        plan, at = self._names[table].plan(row), self._at
        for name in plan.unknown:
            self._unknown(table, str(name), "read/unknown-field")
        if plan.styled and (self._at.file, "", "") not in self._noted:
            self._noted.add((self._at.file, "", ""))
            (key, name), *_ = plan.styled
            self._note("read/key-style", table, name, args={"key": key, "name": name}, of_case=False)
        if not plan.plain:
            row, differing = plan.apply(row)
            for name, key in differing:
                self._note("read/alias-differs", table, name, number, {"alias": key})
        place = at.case, number, self._source(table, plan), at.line
        if not _TEXT.issuperset(map(type, row.values())):
            row = self._flat(row, table, place)
        self.tables[table].rows.append(row)
        self.tables[table].places.append(place)
        return row

    def _flat(self, row: dict[str, Any], table: str, place: RowPlace) -> dict[str, str | None]:
        """The row as texts; a value that is an object or a list becomes null and a note."""
        case, number, source, line = place
        for key in self._names[table].table.fields:
            if isinstance(value := row.get(key), dict | list) and value:
                note = Note("read/nested-value", table, key, None, case, number, self.sources[source], line)
                self.notes.append(note)
        return {key: None if isinstance(value, dict | list) else as_text(value) for key, value in row.items()}

    def _source(self, table: str, plan: NodePlan) -> int:
        path = f"{self._at.path}.{table}"
        key = (self._at.file, path, id(plan.columns) if plan.columns else 0)
        if (known := self._source_ids.get(key)) is None:
            known = self._source_ids[key] = len(self.sources)
            self.sources.append(Source(self._at.file, path=path, columns=plan.columns))
        return known

    def _repeated(self, node: dict[str, Any], table: str, number: int | None = None) -> None:
        if isinstance(node, Repeated):
            for key in node.twice:
                self._note("read/duplicate-key", table or key, key if table else None, number, {"key": key})

    def _unknown(self, table: str, name: str, check: str) -> None:
        table, name = persons_in(table), persons_in(name)  # anything may be a key
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
        self.notes.append(Note(check, table, field, None, case, row, source, at.line, args or {}))


_Rows = TypeVar("_Rows", bound=MessageRows)


def of_message(
    content: Mapping[str, Any] | bytes, layouts: Mapping[str, Layout], layout: str | None, ordinal: int
) -> MessageRows:
    """The rows of one message, parsed already or as the bytes of its JSON; ``ordinal``: its place among others, from 1.

    Raises :class:`~validator.base.errors.InputError` for what is no message, or several.
    """
    known, nodes, path, place = opened(content, layouts, layout)
    if known.interface.made_of:
        raise place.fault(
            f"是 {known.name} 的费用明细，一条报文不是一个病例；请用 check，或与清单一起给 judge",
            f"charge lines of {known.name}: a message is no case; use check, or give judge the list as well",
        )
    return of_nodes(MessageRows, known, nodes, path, place, ordinal)


def of_nodes(kind: type[_Rows], layout: Layout, nodes: dict[str, Any], path: str, place: Place, ordinal: int) -> _Rows:
    """The rows of the nodes of one message; halves of characters, which no file can hold, are replaced."""
    rows = kind(layout)
    rows.add(nodes, path, place.file, None, ordinal)
    return of_nodes(kind, layout, parse.sound(nodes, place), path, place, ordinal) if lone(rows.tables) else rows


def lone(tables: Mapping[str, TableRows]) -> bool:
    """Whether a text holds half of a character."""
    try:
        for table in tables.values():
            for row in table.rows:
                "".join(filter(None, row.values())).encode()
    except UnicodeEncodeError:
        return True
    return False


def opened(
    content: Mapping[str, Any] | bytes, layouts: Mapping[str, Layout], layout: str | None
) -> tuple[Layout, dict[str, Any], str, Place]:
    """The interface of one message, its nodes, their JSON path, and how errors call it."""
    place = Place("message")
    if isinstance(content, bytes):
        found = [each for each, _ in parse.whole(content, place)]
        if len(found) != 1:
            raise place.fault(f"应是一条报文，有 {len(found)} 条", f"should be one message, not {len(found)}")
        [content] = found
    return *recognise.message(content, layouts, layout, place), place


class _At:
    """Where the message being added stands."""

    __slots__ = ("case", "file", "line", "path")

    def __init__(self, case: int, file: str, line: int | None, path: str) -> None:
        self.case, self.file, self.line, self.path = case, file, line, path


def _says_something(value: Any) -> bool:
    """Whether a value of a node is any."""
    return bool(value.strip()) if isinstance(value, str) else value is not None


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
    if isinstance(value, date):
        return value.isoformat()
    return "NaN" if value != value else str(value)  # noqa: PLR0124 - no number
