"""The messages of one stay brought together as plain rows: a list, its charge lines and its case record."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import normalize

from validator.base.certainty import PLACEHOLDERS
from validator.base.errors import InputError
from validator.read.message_rows import MessageRows, of_nodes, opened
from validator.read.partition import Note, TableRows
from validator.read.place import quoted
from validator.spec.layouts import Layouts
from validator.spec.story import DAY, Story

Message = Mapping[str, Any] | bytes


class _Lines(MessageRows):
    """The rows of messages that hold rows of cases and no case."""

    def _add_case(self, node: Any, ordinal: int) -> None:
        """Nothing: see above."""


def add_lines(stay: MessageRows, contents: Message | Sequence[Message], layouts: Layouts) -> None:
    """Add the charge lines of a list as a further table; ``contents``: a message with lines, or several.

    Raises :class:`~validator.base.errors.InputError` for lines of another stay.
    """
    given = [contents] if isinstance(contents, Mapping | bytes) else contents
    lines = [_lines(each, number, layouts) for number, each in enumerate(given, 1)]
    for each in lines:
        name = f"{stay.layout.name}+{each.layout.name}"
        if name not in layouts or each.layout is not lines[0].layout:
            zh = f"{each.layout.name} 的费用明细不能与 {stay.layout.name} 同查"
            raise InputError(zh, f"charge lines of {each.layout.name} cannot be checked with {stay.layout.name}")
        _refuse_others(stay, each)
    if lines:
        _join(stay, lines)
        stay.layout = layouts[f"{stay.layout.name}+{lines[0].layout.name}"]


def _lines(content: Message, ordinal: int, layouts: Layouts) -> _Lines:
    known, nodes, path, place = opened(content, layouts.of("fees"), None)
    about = known.interface
    if about.cancels and about.cancels["node"] in nodes:
        zh, en = "是撤销费用明细的报文，请用 check", "takes charge lines back; use check"
        raise place.fault(zh, en)
    return of_nodes(_Lines, known, nodes, path, place, ordinal)


def _refuse_others(stay: MessageRows, lines: MessageRows) -> None:
    """Fail where a line is not of the stay, by the first key that both may have and the lines do."""
    case, theirs_too = stay.layout.tables[stay.layout.case], lines.layout.tables[lines.layout.case].fields
    own, rows = stay.tables[case.name].rows[0], lines.tables[lines.layout.interface.made_of].rows
    keys = [key for key in stay.layout.interface.keys if key in theirs_too]
    key = next((key for key in keys if any(_text(row.get(key)) for row in rows)), "")
    for row in rows:
        theirs, mine = _text(row.get(key)), _text(own.get(key))
        if not theirs or theirs != mine:
            name = case.fields[key or keys[0]].name_zh
            zh = f"费用明细不是这次住院的：{name}是“{quoted(theirs) or '空'}”，清单是“{quoted(mine) or '空'}”"
            raise InputError(
                zh,
                f"the charge lines are of another stay: {key or keys[0]} is '{quoted(theirs)}', not '{quoted(mine)}'",
            )


def _text(value: str | None) -> str:
    return (value or "").strip()


def _join(stay: MessageRows, lines: Sequence[MessageRows]) -> None:
    """Add the rows of the lines to the stay."""
    table = lines[0].layout.interface.made_of
    rows = stay.tables[table] = TableRows()
    for each in lines:
        first = len(stay.sources)
        stay.sources += each.sources
        stay.notes += each.notes
        rows.rows += each.tables[table].rows
        for _, _, source, line in each.tables[table].places:
            rows.places.append((0, len(rows.places) + 1, source + first, line))


def joining_key(mine: MessageRows, theirs: MessageRows, story: Story) -> int | None:
    """The place in ``schemas/story`` of the key by which list and record are of one stay; None where they are not."""
    for number, key in enumerate(story.keys):
        one, other = (_key(each, key.parts, story) for each in (mine, theirs))
        if one and other:
            return number if one == other else None
    return None


def _key(rows: MessageRows, parts: Sequence[str], story: Story) -> list[str] | None:
    """The texts of a key; None where a part of it says nothing. :func:`validator.read.together.match` has the same of columns."""
    layout, own = rows.layout, rows.tables[rows.layout.case].rows[0]
    fields = story.documents[layout.parts[0] if layout.parts else layout.name].keys
    found = [_part(part, _text(own.get(fields.get(part, "")))) for part in parts]
    return [text for text in found if text] if all(found) else None


def _part(name: str, text: str) -> str | None:
    if name.endswith("_day"):
        day = re.search(DAY, text)
        return day and "-".join(each.zfill(2) for each in day.groups())
    form = re.sub(r"\s", "", normalize("NFKC", text).upper()).lstrip("0")
    return None if text in PLACEHOLDERS else form


def note_of_case(rows: MessageRows, check: str) -> Note:
    """A note about the case as a whole."""
    table = rows.tables[rows.layout.case]
    _, _, source, line = table.places[0]
    return Note(check, rows.layout.case, case=0, row=1, source=rows.sources[source], line=line)
