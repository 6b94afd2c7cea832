"""CSV and its kin, fixed: all bytes but those of the changed cells stay as they are."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import StringIO
from typing import IO

from validator.fix.cells import ChangedRow
from validator.fix.edits import Edit
from validator.fix.splice import Reason, Splices, Text
from validator.read import delimited
from validator.read.inputs import Item

_QUOTED = re.compile('"(?:[^"]|"")*"')
Tell = Callable[[Edit, Reason | None], None]


def write(item: Item, edits: Iterable[Edit], out: IO[bytes], tell: Tell) -> None:
    """Write the file with the edits made; ``tell`` is called for each with what kept it from being made."""
    text = Text(item.read(), item.place)
    pending: dict[int, list[Edit]] = {}
    for edit in edits:
        pending.setdefault(edit.line or 0, []).append(edit)
    splices, delimiter = Splices(), delimited.delimiter(text.content)
    for line, start, cells in _records(text.content, delimiter):
        if line not in pending:
            continue
        spans = _spans(text.content, start, delimiter, len(cells))
        row = ChangedRow()
        for edit in pending.pop(line):
            tell(edit, None if row.change(edit, partial(_shown, cells)) is not None else Reason.CHANGED)
        for column, new in row.new.items():
            splices.put(*spans[column], _written(text.content, spans[column], cells[column], new, delimiter))
    for edit in (each for left in pending.values() for each in left):
        tell(edit, Reason.CHANGED)
    out.write(text.encoded(splices.made(text.content)))


def _records(content: str, delimiter: str) -> Iterator[tuple[int, int, list[str]]]:
    """Every record: its first line, where it starts and its cells, as the reader counts and splits them."""
    starts, place = [0], 0

    def lines() -> Iterator[str]:
        nonlocal place
        for line in StringIO(content, newline=""):
            place += len(line)
            starts.append(place)
            yield line

    reader, line = csv.reader(lines(), delimiter=delimiter, strict=True), 1
    for cells in reader:
        yield line, starts[line - 1], cells
        line = reader.line_num + 1


def _spans(content: str, start: int, delimiter: str, count: int) -> list[tuple[int, int]]:
    """Return the span of each cell of the record, its quotes included."""
    spans = []
    plain = re.compile(f"[^{re.escape(delimiter)}\r\n]*")
    for _ in range(count):
        found = _QUOTED.match(content, start) or plain.match(content, start)
        assert found
        spans.append(found.span())
        start = found.end() + 1
    return spans


def _shown(cells: list[str], column: int) -> str | None:
    return delimited.kept(cells[column]) or None if column < len(cells) else None


def _written(content: str, span: tuple[int, int], cell: str, new: str, delimiter: str) -> str:
    """The new cell the way the old one was written: in quotes, as ``="0012"``, or plain while that will do."""
    if cell != delimited.kept(cell):
        new = f'="{new}"'
    if content[span[0] : span[0] + 1] == '"' or delimiter in new or new[:1] == '"' or "\n" in new or "\r" in new:
        return '"' + new.replace('"', '""') + '"'
    return new
