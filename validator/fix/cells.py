"""Fixes as cells, for formats with rows and columns."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from validator.fix.edits import Edit
from validator.read.wide import SEVERAL

Read = Callable[[int], str | None]  #: the text in a column of the edit's row, null where it is blank


@dataclass
class ChangedRow:
    """A row that edits change one after the other."""

    new: dict[int, str] = field(default_factory=dict)  #: column -> what to write there

    def change(self, edit: Edit, read: Read) -> list[int] | None:
        """Make an edit; gives the columns it changes, None where the cells do not hold what the check saw."""
        found = _changes(edit, lambda column: self.new[column] if column in self.new else read(column))
        if found is None:
            return None
        self.new.update(found)
        return [column for column, _ in found]


def _changes(edit: Edit, read: Read) -> list[tuple[int, str]] | None:
    """The columns to write and what to write there; None where the cells do not hold what the check saw."""
    if edit.field not in edit.source.places:  # what a row is by its place in a wide sheet is in no cell
        return None
    value, *repeats = edit.source.places[edit.field]
    found = _parts(edit, value, read)
    if found is None:
        return None
    return found + [change for each in repeats for change in _parts(edit, each, read) or []]


def _parts(edit: Edit, columns: Sequence[int | None], read: Read) -> list[tuple[int, str]] | None:
    """A value stands in one column, or its parts between slashes in several."""
    texts = [None if column is None else read(column) for column in columns]
    if edit.source.part is not None:
        return _of_several(edit, edit.source.part, columns[0], texts[0])
    if len(columns) == 1:
        column, text = columns[0], texts[0]
        same = text is not None and (text.strip() == edit.before.strip() if edit.is_key else text == edit.before)
        return [(column, edit.after)] if same and column is not None else None
    after = edit.after.split("/")
    if "/".join(text or "0" for text in texts) != edit.before or len(after) != len(columns):
        return None
    changed = [(column, new) for column, old, new in zip(columns, texts, after, strict=True) if new != (old or "0")]
    return [(column, new) for column, new in changed if column is not None]


def _of_several(edit: Edit, place: int, column: int | None, text: str | None) -> list[tuple[int, str]] | None:
    """One of the values that a cell holds; one that stands alone holds for each code of its row."""
    pieces = re.split(f"({SEVERAL})", text or "")  # values, and between them what parts them
    number = 2 * place if len(pieces) > 1 else 0
    if column is None or number >= len(pieces) or pieces[number].strip() != edit.before.strip():
        return None
    pieces[number] = edit.after
    return [(column, "".join(pieces))]
