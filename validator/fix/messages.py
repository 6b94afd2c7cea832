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
from validator.read import recognise
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
_value = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str, strict=False).raw_decode


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
            _Message(text, 0, layouts).change(some, splices, tell)
            out.write((mark + splices.made(text)).encode(encoding))
            line, some = next(pending, (None, iter(())))
        else:
            out.write(raw)


def write(item: Item, edits: Sequence[Edit], layouts: Layouts, layout: str | None, out: IO[bytes], tell: Tell) -> None:
    """A .json file: one message, an array of them, or one per line. ``layout`` names the interface of silent ones."""
    text, splices = Text(item.read(), item.place), Splices()
    pending: dict[tuple[str, int], list[Edit]] = {}
    for edit in edits:
        pending.setdefault((edit.layout, edit.nth) if edit.line is None else ("", edit.line), []).append(edit)
    for key, start in _starts(
        text.content, by_line=("", edits[0].line) in pending, layouts=layouts, layout=layout, item=item
    ):
        _Message(text.content, start, layouts).change(pending.pop(key, []), splices, tell)
    for edit in (each for left in pending.values() for each in left):
        tell(edit, Reason.CHANGED)
    out.write(text.encoded(splices.made(text.content)))


def _starts(
    content: str, *, by_line: bool, layouts: Layouts, layout: str | None, item: Item
) -> Iterator[tuple[tuple[str, int], int]]:
    """Where each message starts: its line, or its interface and place among the messages of that interface."""
    if by_line:
        start = 0
        for number, line in enumerate(content.split("\n"), 1):
            yield ("", number), start
            start += len(line) + 1
        return
    seen, first = Counter[str](), _after(_BLANK, content, 0)
    for start, _ in _elements(content, first) if content[first] == "[" else [(first, 0)]:
        message, _ = _value(content, start)
        found, _, _ = recognise.message(message, layouts, layout, item.place)
        yield (found.name, seen[found.name]), start
        seen[found.name] += 1


class _Message:
    """One message in a text, taken apart as far as its edits need it."""

    def __init__(self, text: str, start: int, layouts: Layouts) -> None:
        self._text, self._start, self._layouts = text, start, layouts
        self._objects: dict[int, dict[str, Span]] = {}
        self._lists: dict[int, list[int]] = {}

    def change(self, edits: Iterable[Edit], splices: Splices, tell: Tell) -> None:
        """Put the edits into ``splices``."""
        for edit in edits:
            made = self._changes(edit)
            for (start, end), new in made or ():
                splices.put(start, end, json.dumps(new, ensure_ascii=self._text[start:end].isascii()))
            tell(edit, None if made else Reason.CHANGED)

    def _changes(self, edit: Edit) -> list[tuple[Span, str]]:
        """The literals to replace; none where they do not say what the check saw."""
        start = self._row(edit)
        row = self._members(start) if start is not None else {}
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

    def _row(self, edit: Edit) -> int | None:
        """Return the start of the object that is the edit's row."""
        at: int | None = _after(_BLANK, self._text, self._start)
        envelope = (edit.source.path or "").removesuffix(f".{edit.table}")
        for key in (*envelope.split(".")[1:], edit.table):
            span = self._members(at).get(key) if at is not None else None
            at = span[0] if span else None
        if at is None or self._text[at] != "[":
            return at
        if at not in self._lists:
            self._lists[at] = [start for start, _ in _elements(self._text, at)]
        rows = self._lists[at]
        return rows[edit.row - 1] if edit.row <= len(rows) else None

    def _members(self, at: int) -> dict[str, Span]:
        if at not in self._objects:
            self._objects[at] = dict(_members(self._text, at)) if self._text[at : at + 1] == "{" else {}
        return self._objects[at]

    def _literal(self, span: Span) -> Any:
        return as_text(_value(self._text, span[0])[0])


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
