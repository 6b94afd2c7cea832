"""Fixes as cells, for formats with rows and columns."""

from collections.abc import Callable, Sequence

from validator.fix.edits import Edit

Read = Callable[[int], str | None]  #: the text in a column of the edit's row, null where it is blank


def changes(edit: Edit, read: Read) -> list[tuple[int, str]] | None:
    """The columns to write and what to write there; None where the cells do not hold what the check saw."""
    value, *repeats = edit.source.places[edit.field]
    found = _parts(edit, value, read)
    if found is None:
        return None
    return found + [change for each in repeats for change in _parts(edit, each, read) or []]


def _parts(edit: Edit, columns: Sequence[int | None], read: Read) -> list[tuple[int, str]] | None:
    """A value stands in one column, or its parts between slashes in several."""
    texts = [None if column is None else read(column) for column in columns]
    if len(columns) == 1:
        column, text = columns[0], texts[0]
        same = text is not None and (text.strip() == edit.before.strip() if edit.is_key else text == edit.before)
        return [(column, edit.after)] if same and column is not None else None
    after = edit.after.split("/")
    if "/".join(text or "0" for text in texts) != edit.before or len(after) != len(columns):
        return None
    changed = [(column, new) for column, old, new in zip(columns, texts, after, strict=True) if new != (old or "0")]
    return [(column, new) for column, new in changed if column is not None]
