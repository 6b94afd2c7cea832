"""From texts to typed columns; each distinct text is read once, by hand (:mod:`validator.checks.cell_typing`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from validator.base.certainty import NULL_WORDS
from validator.base.distinct import distinct, hashed
from validator.base.lazy import pl
from validator.base.rows import rows_where
from validator.checks.cell_typing import Value, text_column
from validator.checks.cells import FieldCells
from validator.checks.columns import ColumnCells
from validator.checks.language.kinds import FIRST_DAY, LAST_DAY
from validator.read.partition import text_of
from validator.spec.catalogue import Catalogue, Check
from validator.spec.layouts import FieldRow

#: So many rows, from all over a table, show whether a column's texts repeat.
_SAMPLE = 4_000


def dtype(row: FieldRow) -> pl.DataType:
    """The Polars type of the row's typed value."""
    match row.type:
        case "date":
            return pl.Date()
        case "datetime":
            return pl.Datetime("us")
        case "number" | "duration":
            return pl.Int64()
    return pl.String()


def values(row: FieldRow, found: Iterable[Value]) -> pl.Series:
    """Values of :class:`CellTyping` as a column of the row's type."""
    if row.type in ("string", "code"):
        return pl.Series(found, dtype=pl.String)
    column = pl.Series(found, dtype=pl.Int64)
    match row.type:
        case "date":
            return column.cast(pl.Int32).cast(pl.Date)
        case "datetime":
            return column.cast(pl.Datetime("us"))
    return column


def units(column: pl.Series) -> list[Any]:
    """The values in the units of the language: whole numbers for amounts, dates and times."""
    return (column.to_physical() if column.dtype.is_temporal() else column).to_list()


class Typed(NamedTuple):
    """A table typed: the raw texts as ``raw:f``, the values as ``f``; what is not text has its cleaned text as ``v:f``.

    A field that the input lacks is null throughout; housekeeping columns stay.
    """

    frame: pl.DataFrame
    cells: dict[str, ColumnCells]  #: field -> its cells, by no list's day


class Typing:
    """How the texts of one table become values."""

    def __init__(self, catalogue: Catalogue, rows: Iterable[FieldRow], checks: Sequence[Check] = ()) -> None:
        """``checks``: the field checks that cells are judged by; their numbers are their places."""
        numbered = list(enumerate(checks))
        self.fields = [
            FieldCells(catalogue, row, [each for each in numbered if each[1].field == row.field]) for row in rows
        ]
        self._tests = {
            each.field: each.usual.column(pl.col(f"raw:{each.field}")).alias(each.field)
            for each in self.fields
            if each.usual
        }

    def apply(self, frame: pl.DataFrame, wanted: Collection[str] | None = None) -> Typed:
        """The texts of the table as values: of the ``wanted`` fields, or of all; the others stay raw texts."""
        fields = [each for each in self.fields if wanted is None or each.field in wanted]
        tests = {each.field: self._tests[each.field] for each in fields if each.field in self._tests}
        keep = [pl.col(name) for name in frame.columns if name.startswith("_") or name == "case_id"]
        schema = frame.schema
        raw = frame.select(*keep, *(_raw(schema, each.row).alias(f"raw:{each.field}") for each in self.fields))
        every = max(1, frame.height // _SAMPLE)
        kinds = raw.select(hashed(pl.col(f"raw:{name}").gather_every(every)).n_unique() for name in tests)
        many = {name for name in tests if kinds.item(0, f"raw:{name}") > max(frame.height // every // 5, 200)}
        numbers = {each.field for each in fields if each.field in many and each.row.type == "number"}
        found = raw.select(
            tests[each.field] if each.field in many else hashed(pl.col(f"raw:{each.field}")).alias(each.field)
            for each in fields
            if each.field not in numbers
        )
        columns, cells = list[pl.Series](), dict[str, ColumnCells]()
        for each in fields:
            texts, read = raw[f"raw:{each.field}"], _of_many if each.field in many else _of_few
            known = (
                each.usual.numbers(texts).alias(each.field)
                if each.usual and each.field in numbers
                else found[each.field]
            )
            cells[each.field], *made = read(each, texts, known)
            columns += made
        return Typed(raw.hstack(columns), cells)


def _of_few(field: FieldCells, raw: pl.Series, hashes: pl.Series) -> tuple[ColumnCells, *tuple[pl.Series, ...]]:
    """A column of which each text is judged once: its cells, its cleaned texts and, where these are not text, its values."""
    texts, at = distinct(raw, hashes.to_numpy())
    known = [field.memory.get(text) or field.cell(text, None) for text in texts]
    cells, row = ColumnCells(field, known, at, raw.len()), field.row
    clean = [cell.text for cell in known]
    text = raw if clean == texts else pl.Series(clean, dtype=pl.String)[at]
    text = text.alias(text_column(row))
    if text.name == row.field:
        return cells, text
    return cells, text, values(row, [cell.value for cell in known])[at].alias(row.field)


def _of_many(field: FieldCells, raw: pl.Series, usual: pl.Series) -> tuple[ColumnCells, *tuple[pl.Series, ...]]:
    """The same for a column whose texts hardly repeat; ``usual``: its usual texts or their values, as ``Usual.column`` gives."""
    row, is_text = field.row, text_column(field.row) == field.field
    rows = rows_where(~usual.fill_null(value=False) if is_text else usual.is_null())
    texts, at = distinct(raw[rows])
    known = [field.memory.get(text) or field.cell(text, None) for text in texts]
    cells = ColumnCells(field, known, at, raw.len(), rows.to_numpy())
    changed = [place for place, cell in enumerate(known) if cell.text != cell.raw]
    text = raw.clone()
    if changed:
        text = text.scatter(rows, pl.Series([cell.text for cell in known], dtype=pl.String)[at])
    text = text.alias(text_column(row))
    if is_text:
        return cells, text
    if any(cell.value is not None for cell in known):
        usual = usual.clone().scatter(rows, values(row, [cell.value for cell in known])[at])
    return cells, text, usual


def in_years(day: pl.Expr) -> pl.Expr:
    """A date or moment; null outside the years that are typed as such."""
    return pl.when(day.is_between(FIRST_DAY, pl.lit(LAST_DAY) + pl.duration(days=1), closed="left")).then(day)


def is_blank(row: FieldRow) -> pl.Expr:
    """Whether nothing was written that says something: blank, or what the row accepts as having nothing to say."""
    return pl.col(f"raw:{row.field}").fill_null("").str.strip_chars().is_in(["", *row.blank, *NULL_WORDS])


def _raw(schema: pl.Schema, row: FieldRow) -> pl.Expr:
    if row.field not in schema:
        return pl.repeat(None, pl.len(), dtype=pl.String)
    return text_of(row.field, schema[row.field])
