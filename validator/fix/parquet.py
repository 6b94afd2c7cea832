"""Parquet, fixed: the same columns of the same types, the same rows in the same order."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import polars as pl

from validator.base import files
from validator.fix.cells import ChangedRow
from validator.fix.edits import Edit
from validator.fix.splice import Reason
from validator.read.inputs import Item

Tell = Callable[[Edit, Reason | None], None]
_ROWS = 250_000  #: in memory at a time
_OWN = "ARROW:schema"  #: metadata that the writer writes itself


def write(item: Item, edits: Iterable[Edit], out: Path, tell: Tell) -> None:
    """Write the file with the edits made; a column that holds no texts cannot take one."""
    assert item.path
    pending: dict[int, list[Edit]] = {}
    for edit in edits:
        pending.setdefault(((edit.line or 1) - 1) // _ROWS, []).append(edit)
    scan = pl.scan_parquet(item.path, glob=False)
    rows = scan.select(pl.len()).collect().item()
    kept = {key: value for key, value in pl.read_parquet_metadata(item.path).items() if key != _OWN}
    with files.scratch_folder() as folder:
        for number in range(max(1, -(-rows // _ROWS))):
            frame = scan.slice(number * _ROWS, _ROWS).collect()
            frame = _fixed(frame, number * _ROWS, pending.get(number, []), tell)
            frame.write_parquet(Path(folder) / f"{number:06}.parquet")
        pl.scan_parquet(sorted(Path(folder).iterdir()), glob=False).sink_parquet(
            out, metadata=kept, maintain_order=True
        )


def _fixed(frame: pl.DataFrame, first: int, edits: Iterable[Edit], tell: Tell) -> pl.DataFrame:
    """Return some rows of the file with their edits made; ``first`` is the number of the first row."""
    schema = frame.schema
    names = [name for name in frame.columns if name != "_line"]  # as the reader counts columns
    texts: dict[int, pl.Series] = {}
    rows: dict[int, ChangedRow] = {}
    for edit in edits:
        place = (edit.line or 1) - 1 - first
        columns = [schema[names[column]] for column in edit.source.places[edit.field][0] if column is not None]
        if not all(isinstance(each, pl.String | pl.Categorical) for each in columns):
            tell(edit, Reason.TYPE)
            continue
        found = rows.setdefault(place, ChangedRow()).change(edit, partial(_text, frame, names, texts, place))
        tell(edit, Reason.CHANGED if found is None else None)
    new: dict[int, dict[int, str]] = {}
    for place, row in rows.items():
        for column, text in row.new.items():
            new.setdefault(column, {})[place] = text
    return frame.with_columns(
        texts[column].scatter(list(places), list(places.values())).cast(schema[names[column]])
        for column, places in new.items()
    )


def _text(frame: pl.DataFrame, names: list[str], texts: dict[int, pl.Series], place: int, column: int) -> str | None:
    if column not in texts:
        texts[column] = frame[names[column]].cast(pl.String)
    text = texts[column][place] if place < frame.height else None
    return text or None
