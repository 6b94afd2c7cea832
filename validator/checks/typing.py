"""From texts to typed columns; what is not written in the usual form is read by hand (:mod:`validator.checks.cell_typing`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from validator.base.certainty import NULL_WORDS
from validator.base.lazy import pl
from validator.checks import damage
from validator.checks.cell_typing import UNFOLDED, CellTyping, Value, nothing, placeholders
from validator.checks.language.kinds import AMOUNT_DIGITS, FIRST_DAY, LAST_DAY, WHOLE_DIGITS
from validator.read.partition import text_of
from validator.spec.layouts import FieldRow

_WHOLE = r"\A[+-]?[0-9]+(\.0*)?\z"
_DURATION = r"\A([0-9]{1,4})/([0-9]{1,4})/([0-9]{1,4})\z"
#: The interface's own form of dates and times: the only one that columns are read by.
_DAY_FORM, _DAY_SHAPE = "%Y-%m-%d", r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z"
_MOMENT_FORM = "%Y-%m-%d %H:%M:%S"
_MOMENT_SHAPE = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-5][0-9]\z"


def dtype(row: FieldRow) -> pl.DataType:
    """The Polars type of the row's typed value."""
    match row.type:
        case "date":
            return pl.Date()
        case "datetime":
            return pl.Datetime("us")
        case "number" if row.scale:
            return pl.Decimal(18, row.scale)
        case "number" | "duration":
            return pl.Int64()
    return pl.String()


def in_years(day: pl.Expr) -> pl.Expr:
    """A date or moment; null outside the years that are typed as such."""
    return pl.when(day.is_between(FIRST_DAY, pl.lit(LAST_DAY) + pl.duration(days=1), closed="left")).then(day)


def usual_day(text: pl.Expr) -> pl.Expr:
    """The dates of texts in the interface's own form; null for all others."""
    return in_years(pl.when(text.str.contains(_DAY_SHAPE)).then(text).str.to_date(_DAY_FORM, strict=False))


def usual_moment(text: pl.Expr) -> pl.Expr:
    """The times of texts in the interface's own form; null for all others."""
    return in_years(pl.when(text.str.contains(_MOMENT_SHAPE)).then(text).str.to_datetime(_MOMENT_FORM, strict=False))


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
        case "number" if row.scale:
            return (column.cast(pl.Decimal(38, 0)) * Decimal(1).scaleb(-row.scale)).cast(pl.Decimal(18, row.scale))
    return column


def units(column: pl.Series) -> list[Any]:
    """The values in the units of the language: whole numbers for amounts, dates and times."""
    kind = column.dtype
    return (column.to_physical() if kind.is_temporal() or kind.is_decimal() else column).to_list()


def in_digits(value: pl.Expr, row: FieldRow) -> pl.Expr:
    """A number; null where it has more digits than rules can calculate with."""
    most = Decimal(10**AMOUNT_DIGITS - 1).scaleb(-row.scale) if row.scale else 10**WHOLE_DIGITS - 1
    return pl.when(value.is_between(-most, most)).then(value)


_SMALL = 2_000


def collect(lazy: pl.LazyFrame, height: int) -> pl.DataFrame:
    """Collect the way that is quickest for so many rows: optimising a query costs more than running it on a few."""
    if height > _SMALL:
        return lazy.collect(engine="streaming")
    return lazy.collect(engine="in-memory", optimizations=pl.QueryOptFlags.none())


@dataclass(frozen=True)
class Sound:
    """A quick test of whether a text is right as it stands: then nothing needs fixing and no check of the text fails."""

    test: pl.Expr  #: over ``raw:f`` and the typed value
    typed: pl.Expr | None = None  #: the typed value of such texts, from ``raw:f``; None = the text itself


class Typed(NamedTuple):
    """A table typed: the raw texts as ``raw:f``, the values as ``f``; what is not text has its cleaned text as ``v:f``.

    A field that the input lacks is null throughout; housekeeping columns stay.
    """

    frame: pl.DataFrame
    irregular: dict[
        str, pl.Series
    ]  #: field looked at by its quick test -> the rows whose text is not right as it stands


class Typing:
    """How the texts of one table become values; the expressions are made once for each shape of input."""

    def __init__(
        self, rows: Sequence[FieldRow], folds: Mapping[str, str], sound: Mapping[str, Sound] = MappingProxyType({})
    ) -> None:
        """``folds``: field -> letter case rule; ``sound``: field -> its quick test, for those that have one."""
        self.rows, self.sound = rows, sound
        self.cells = {row.field: CellTyping(row, folds.get(row.field, "")) for row in rows}
        self._shapes: dict[object, list[pl.Expr]] = {}
        slow = [row for row in rows if row.field not in sound]
        self._plain = [_clean(row).alias(text_column(row)) for row in slow]
        self._irregular = {row.field: _is_irregular(row, folds.get(row.field, "")) for row in slow}
        self._typed = {row.field: _typed(row).alias(row.field) for row in rows if text_column(row) != row.field}
        self._slow = [self._typed[row.field] for row in slow if row.field in self._typed]
        self._quick = [each.typed.alias(name) for name, each in sound.items() if each.typed is not None]
        self._tests = [each.test.alias(f"ok:{name}") for name, each in sound.items()]

    def apply(self, frame: pl.DataFrame) -> Typed:
        """The texts of the table as values."""
        raw = self._raw(frame)
        query = frame.lazy().select(raw).with_columns(*self._plain, *self._quick).with_columns(self._tests)
        table = self._repaired(collect(query, frame.height).rechunk())
        if self._slow:
            table = self._otherwise(table.hstack(collect(table.lazy().select(self._slow), frame.height).rechunk()))
        table, irregular = self._unsound(table)
        return Typed(table, irregular)

    def _otherwise(self, table: pl.DataFrame) -> pl.DataFrame:
        """Values that columns do not read, read by hand; each distinct text once."""
        for row in self.rows:
            name, text = row.field, text_column(row)
            if name in self.sound or name == text or table[name].null_count() == table[text].null_count():
                continue
            lost = (table[name].is_null() & table[text].is_not_null()).arg_true()
            texts, known = table[text].gather(lost).to_list(), dict[str, Value]()
            for each in texts:
                if each not in known:
                    known[each] = self.cells[name].value(each)
            read = values(row, [known[each] for each in texts])
            table = table.with_columns(table[name].scatter(lost, read))
        return table

    def _unsound(self, table: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
        """The texts of fields with a quick test: as they stand where sound, cleaned by hand in the rows given."""
        irregular, columns = dict[str, pl.Series](), list[pl.Series]()
        for row in self.rows:
            if row.field not in self.sound:
                continue
            text, good = table[f"raw:{row.field}"].alias(text_column(row)), table[f"ok:{row.field}"]
            if good.sum() < text.len() - text.null_count():
                text = text.to_frame().select(pl.when(pl.first() != "").then(pl.first())).to_series()
            rows = (text.is_not_null() & ~good.fill_null(False)).arg_true()
            irregular[row.field] = rows
            if rows.len():
                found = [self.cells[row.field].cell(each) for each in text.gather(rows)]
                clean = pl.Series([each for each, _ in found], dtype=pl.String)
                text = text.clone().scatter(rows, clean)  # scatter writes into the Series itself
                if row.field in self._typed:
                    read = values(row, [value for _, value in found])
                    columns.append(table[row.field].clone().scatter(rows, read))
            columns.append(text)
        return table.with_columns(columns).drop(f"ok:{name}" for name in self.sound), irregular

    def _repaired(self, table: pl.DataFrame) -> pl.DataFrame:
        """Full width and unusual letter case fixed by hand, cell by cell: such cells are few."""
        tests = [test.any().alias(name) for name, test in self._irregular.items()]
        found = collect(table.lazy().select(tests), table.height).row(0, named=True) if tests else {}
        columns = []
        for row in self.rows:
            if found.get(row.field):
                raw = table[f"raw:{row.field}"]
                cells = table.select(self._irregular[row.field]).to_series().arg_true()
                clean = [self.cells[row.field].clean(text) for text in raw.gather(cells)]
                columns.append(table[text_column(row)].scatter(cells, pl.Series(clean, dtype=pl.String)))
        return table.with_columns(columns) if columns else table

    def _raw(self, frame: pl.DataFrame) -> list[pl.Expr]:
        """Housekeeping columns and every field's raw text."""
        shape = tuple(frame.schema.items())
        if shape not in self._shapes:
            keep = [pl.col(name) for name in frame.columns if name.startswith("_") or name == "case_id"]
            self._shapes[shape] = keep + [_raw(frame, row).alias(f"raw:{row.field}") for row in self.rows]
        return self._shapes[shape]


def text_column(row: FieldRow) -> str:
    """The column with the field's cleaned text: its value where that is text, else one of its own."""
    return row.field if row.type in ("string", "code") else f"v:{row.field}"


def _raw(frame: pl.DataFrame, row: FieldRow) -> pl.Expr:
    if row.field not in frame.columns:
        return pl.lit(None, pl.String)
    return text_of(row.field, frame.schema[row.field])


def _is_irregular(row: FieldRow, fold: str) -> pl.Expr:
    """Cells that plain cleaning does not do for: damaged ones, full width (but in free text), another letter case."""
    text = pl.col(text_column(row))
    wide = [text.str.len_bytes() != text.str.len_chars()] if row.type != "string" else []
    lower = [text.str.contains(UNFOLDED[fold])] if fold else []
    return pl.any_horizontal(text.str.contains(damage.suspect(row)), *wide, *lower)


def _clean(row: FieldRow) -> pl.Expr:
    """Stripped; blanks and placeholders are null."""
    text = pl.col(f"raw:{row.field}").str.strip_chars()
    return pl.when(~text.is_in(nothing(row))).then(text)


def is_blank(row: FieldRow) -> pl.Expr:
    """Whether nothing was written that says something: blank, or what the row accepts as having nothing to say."""
    return pl.col(f"raw:{row.field}").fill_null("").str.strip_chars().is_in(["", *row.blank, *NULL_WORDS])


def is_nothing(row: FieldRow) -> pl.Expr:
    """Whether a word was written that the row accepts as having nothing to say."""
    return pl.col(f"raw:{row.field}").fill_null("").str.strip_chars().is_in([each for each in row.blank if each])


def is_empty(row: FieldRow) -> pl.Expr:
    """Whether nothing was written at all, not even that there is nothing to say."""
    return pl.col(f"raw:{row.field}").fill_null("").str.strip_chars().is_in(["", *NULL_WORDS])


def refused(row: FieldRow) -> list[str]:
    """The placeholders that the row does not accept."""
    return [each for each in placeholders(row) if each not in row.blank]


def _typed(row: FieldRow) -> pl.Expr:
    value = pl.col(f"v:{row.field}")
    match row.type:
        case "number":
            if row.scale:  # the cast itself refuses all but numbers and powers of ten
                power = value.str.contains("e", literal=True) | value.str.contains("E", literal=True)
                plain = pl.when(~power).then(value)
                one = plain.cast(pl.Decimal(18, row.scale), strict=False)
                return in_digits(pl.coalesce(one, _lowest(row, plain)) if row.pattern else one, row)
            whole = pl.when(value.str.contains(_WHOLE)).then(value)
            return in_digits(whole.cast(pl.Decimal(18, 2), strict=False).cast(pl.Int64, strict=False), row)
        case "date":
            return usual_day(value)
        case "datetime":
            return usual_moment(value)
        case "duration":
            day, hour, minute = duration_parts(value)
            return day * 1440 + hour * 60 + minute
    raise ValueError(row.type)


def _lowest(row: FieldRow, value: pl.Expr) -> pl.Expr:
    """The lowest of several numbers joined by commas; null where one of them is none."""
    parts = value.str.split(",").list.eval(pl.element().cast(pl.Decimal(18, row.scale), strict=False))
    return pl.when(parts.list.drop_nulls().list.len() == parts.list.len()).then(parts.list.min())


def duration_parts(value: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Days, hours and minutes of ``d/h/m`` texts; null where the text has another form."""
    parts = value.str.extract_groups(_DURATION).struct
    return tuple(parts.field(str(place)).cast(pl.Int64) for place in (1, 2, 3))  # type: ignore[return-value]
