"""Messages, fixed: in JSON and JSON Lines only the changed literals differ, down to the byte."""

import heapq
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import IO, Any

from validator.fix.edits import Edit
from validator.fix.splice import Reason, Splices, Text
from validator.read import parse, recognise
from validator.read.encoding import LineDecoder
from validator.read.inputs import Item
from validator.read.message_rows import as_text
from validator.read.names import names_of
from validator.spec.layouts import Layout

Layouts = Mapping[str, Layout]
Span = tuple[int, int]
Tell = Callable[[Edit, Reason | None], None]
_scan_text: Callable[[str, int, bool], tuple[str, int]] = json.decoder.scanstring  # type: ignore[attr-defined]
_BLANK, _COLON, _COMMA = (re.compile(rf"[ \t\n\r]*{mark}[ \t\n\r]*") for mark in ("", ":", ",?"))
#: A character of a literal as it is written: a pair of surrogates, an escape, or itself.
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL
)
_value = parse.raw_decode
_Outer = tuple["_Message", list[int]]  #: the message that holds another as a text, and where its characters stand


def write_lines(item: Item, streams: Iterable[Iterable[Edit]], layouts: Layouts, out: IO[bytes], tell: Tell) -> None:
    """JSON Lines, read and written as it goes. ``streams``: the edits of each interface, in the order of the lines."""
    edits = heapq.merge(*streams, key=lambda edit: edit.line or 0)
    pending = groupby(edits, key=lambda edit: edit.line)
    decoder, (line, some) = LineDecoder(item.place), next(pending, (None, iter(())))
    for number, raw in enumerate(item.lines(), 1):
        text = decoder(raw)
        if number == line:
            encoding, splices = decoder.encoding or "ascii", Splices()
            mark = raw.decode(encoding).removesuffix(text)
            _Message(text, parse.start(text), layouts).change(some, splices, tell)
            out.write((mark + splices.made(text)).encode(encoding))
            line, some = next(pending, (None, iter(())))
        else:
            out.write(raw)


def write(item: Item, edits: Sequence[Edit], layouts: Layouts, layout: str | None, out: IO[bytes], tell: Tell) -> None:
    """A .json file: one message, an array of them, or several with their lines. ``layout``: the interface of silent ones."""
    text, splices = Text(item.read(), item.place), Splices()
    by_line, by_place = dict[int, list[int]](), dict[tuple[str, int], int]()
    seen = Counter[str]()
    for message, line, start in _starts(text.content, item):
        try:
            found, _, _ = recognise.message(message, layouts, layout, item.place)
        except recognise.NoListError:
            continue
        by_line.setdefault(line, []).append(start)
        by_place[found.name, seen[found.name]] = start
        seen[found.name] += 1
    pending: dict[int | None, list[Edit]] = {}
    for edit in edits:
        lone = by_line.get(edit.line or 0, [])
        at = lone[0] if len(lone) == 1 and edit.line else by_place.get((edit.layout, edit.nth))
        pending.setdefault(at, []).append(edit)
    for edit in pending.pop(None, []):
        tell(edit, Reason.CHANGED)
    for at, some in pending.items():
        _Message(text.content, at or 0, layouts).change(some, splices, tell)
    out.write(text.encoded(splices.made(text.content)))


def _starts(content: str, item: Item) -> Iterator[tuple[Any, int, int]]:
    """Each message of a file, its line (0: the file is one value), and where it starts."""
    found, alone = parse.single(content, item.place)
    if alone and isinstance(found, list):
        for each, (start, _) in zip(found, _elements(content, _after(_BLANK, content, 0)), strict=True):
            yield each, 0, start
    else:
        yield from parse.several(content, item.place)


class _Message:
    """One message in a text, taken apart as far as its edits need it."""

    def __init__(self, text: str, start: int, layouts: Layouts, outer: "_Outer | None" = None) -> None:
        self.text, self._start, self._layouts, self._outer = text, start, layouts, outer
        self._objects: dict[int, dict[str, Span]] = {}
        self.lists: dict[int, list[int]] = {}
        self._inner: dict[int, _Message] = {}

    def change(self, edits: Iterable[Edit], splices: Splices, tell: Tell) -> None:
        """Put the edits into ``splices``."""
        for edit in edits:
            inside, start = self._row(edit)
            made = inside.changes(edit, start)
            for (first, end), new in made:
                inside.put((first, end), json.dumps(new, ensure_ascii=inside.text[first:end].isascii()), splices)
            tell(edit, None if made else Reason.CHANGED)

    def put(self, span: Span, literal: str, splices: Splices) -> None:
        """Replace a piece; inside a text of another message, by what the text has to hold for it."""
        if self._outer is None:
            splices.put(*span, literal)
            return
        message, places = self._outer
        first, end = places[span[0]], places[span[1]]
        escaped = json.dumps(literal, ensure_ascii=message.text[first:end].isascii())[1:-1]
        message.put((first, end), escaped, splices)

    def changes(self, edit: Edit, start: int | None) -> list[tuple[Span, str]]:
        """The literals to replace; none where they do not say what the check saw. ``start``: the row's object."""
        row = self.members(start) if start is not None else {}
        plan = names_of(self._layouts[edit.layout])[edit.table].plan(row)
        keys = [edit.field, *(key for key, name in plan.renamed if name == edit.field)]
        found = [(row[key], edit.after) for key in keys if key in row and self._literal(row[key]) == edit.before]
        if found or (parts := dict(plan.joined).get(edit.field)) is None:
            return found
        old = [str(self._literal(row[part]) or 0) if part in row else "0" for part in parts]
        after = edit.after.split("/")
        if "/".join(old) != edit.before or len(after) != len(parts):
            return []
        return [(row[key], new) for key, was, new in zip(parts, old, after, strict=True) if key in row and was != new]

    def _row(self, edit: Edit) -> tuple["_Message", int | None]:
        """Return the start of the object that is the edit's row, and the message it is in: this, or one inside a text."""
        inside, at = self, _after(_BLANK, self.text, self._start)
        envelope = (edit.source.path or "").removesuffix(f".{edit.table}")
        for key in (*envelope.split(".")[1:], edit.table):
            members = inside.members(at)
            span = members.get(key) or next((span for name, span in members.items() if name.lower() == key), None)
            if span is None:
                return inside, None
            inside, at = inside.entered(span[0])
        if inside.text[at] != "[":
            return inside, at
        if at not in inside.lists:
            inside.lists[at] = [start for start, _ in _elements(inside.text, at)]
        rows = inside.lists[at]
        return inside, rows[edit.row - 1] if edit.row <= len(rows) else None

    def entered(self, at: int) -> tuple["_Message", int]:
        """Where a value begins: here, or in the JSON that it holds as a text."""
        if self.text[at] != '"':
            return self, at
        if at not in self._inner:
            content, places = _unescaped(self.text, at)
            self._inner[at] = _Message(content, 0, self._layouts, (self, places))
        inner = self._inner[at]
        return inner, _after(_BLANK, inner.text, 0)

    def members(self, at: int) -> dict[str, Span]:
        if at not in self._objects:
            self._objects[at] = dict(_members(self.text, at)) if self.text[at : at + 1] == "{" else {}
        return self._objects[at]

    def _literal(self, span: Span) -> Any:
        return as_text(_value(self.text, span[0])[0])


def _unescaped(text: str, at: int) -> tuple[str, list[int]]:
    """The content of the literal that starts here, and where each of its characters, and its end, stands."""
    content, end = _scan_text(text, at + 1, False)
    places = [found.start() for found in _CHARACTER.finditer(text, at + 1, end - 1)]
    return content, [*places, end - 1]


def _members(text: str, at: int) -> Iterator[tuple[str, Span]]:
    """The keys of the object that starts here, each with where its value stands."""
    at = _after(_BLANK, text, at + 1)
    while text[at] != "}":
        key, at = _scan_text(text, at + 1, False)
        start = _after(_COLON, text, at)
        _, end = _value(text, start)
        yield key, (start, end)
        at = _after(_COMMA, text, end)


def _elements(text: str, at: int) -> Iterator[Span]:
    """Return the position of each value of the list that starts here."""
    at = _after(_BLANK, text, at + 1)
    while text[at] != "]":
        _, end = _value(text, at)
        yield at, end
        at = _after(_COMMA, text, end)


def _after(mark: re.Pattern[str], text: str, at: int) -> int:
    """Return the position after blanks and the comma or colon between two values."""
    found = mark.match(text, at)
    assert found  # JSON that was read has it here
    return found.end()
