"""From the text in a cell to a typed value: blanks, placeholders, full-width characters, letter case, dates, durations."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple
from unicodedata import normalize

import polars as pl

from validator.base.certainty import PLACEHOLDERS
from validator.checks.language import DAY, MOMENT, TEXT, Kind, number
from validator.checks.language.kinds import AMOUNT_DIGITS, FIRST_DAY, LAST_DAY, WHOLE_DIGITS
from validator.spec.layouts import FieldRow

#: Unicode's white space: what Polars strips when it is not given what to strip.
_BLANKS = "\t\n\x0b\x0c\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
_INVISIBLE = "\u200b\ufeff"  #: marks that codes and numbers are sometimes pasted with
_WHOLE = r"\A[+-]?[0-9]+(\.0+)?\z"
_DURATION = r"\A([0-9]{1,4})/([0-9]{1,4})/([0-9]{1,4})\z"
#: Dates: the interface's own form, and the others that are met.
DATETIME_FORM = "%Y-%m-%d %H:%M:%S"
_OTHER_FORMS = (
    "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y%m%d%H%M%S",
    "%Y%m%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y.%m.%d", "%Y年%m月%d日",
)  # fmt: skip
_SERIAL = r"\A[2-6][0-9]{4}(\.[0-9]+)?\z"  #: Excel's count of days, 1954 to 2091
#: What a pattern's ``fold`` does to letter case, and the cells that need it.
_UNFOLDED = {"icd": r"[a-wyz]|[0-9.]X", "upper": r"[a-z]"}

DTYPES: dict[str, pl.DataType] = {
    "string": pl.String(), "code": pl.String(), "date": pl.Date(), "datetime": pl.Datetime("us"), "duration": pl.Int64(),
}  # fmt: skip


def dtype(row: FieldRow) -> pl.DataType:
    """The Polars type of the row's typed value."""
    if row.type != "number":
        return DTYPES[row.type]
    return pl.Decimal(18, row.scale) if row.scale else pl.Int64()


_KINDS = {"date": DAY, "datetime": MOMENT, "duration": number(8)}


def kind(row: FieldRow) -> Kind:
    """The kind of the row's typed value in rules."""
    if row.type == "number":
        return number(AMOUNT_DIGITS, row.scale) if row.scale else number(WHOLE_DIGITS)
    return _KINDS.get(row.type, TEXT)


def in_years(day: pl.Expr) -> pl.Expr:
    """A date or moment; null outside the years that are typed as such."""
    return pl.when(day.is_between(FIRST_DAY, pl.lit(LAST_DAY) + pl.duration(days=1), closed="left")).then(day)


def in_digits(value: pl.Expr, row: FieldRow) -> pl.Expr:
    """A number; null where it has more digits than rules can calculate with."""
    most = Decimal(10**AMOUNT_DIGITS - 1).scaleb(-row.scale) if row.scale else 10**WHOLE_DIGITS - 1
    return pl.when(value.is_between(-most, most)).then(value)


_SMALL = 2_000
#: Up to so many rows a look by hand is quicker than a query.
FEW = 200
_PLAIN = pl.QueryOptFlags.none()


def collect(lazy: pl.LazyFrame, height: int) -> pl.DataFrame:
    """Collect the way that is quickest for so many rows: optimising a query costs more than running it on a few."""
    if height > _SMALL:
        return lazy.collect(engine="streaming")
    return lazy.collect(engine="in-memory", optimizations=_PLAIN)


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
        self.rows, self.folds, self.sound = rows, folds, sound
        self._shapes: dict[object, list[pl.Expr]] = {}
        slow = [row for row in rows if row.field not in sound]
        self._plain = [_clean(row).alias(text_column(row)) for row in slow]
        self._irregular = {
            row.field: test for row in slow if (test := _is_irregular(row, folds.get(row.field, ""))) is not None
        }
        self._typed = {row.field: _typed(row).alias(row.field) for row in rows if text_column(row) != row.field}
        self._slow = [self._typed[row.field] for row in slow if row.field in self._typed]
        self._quick = [each.typed.alias(name) for name, each in sound.items() if each.typed is not None]
        self._tests = [each.test.alias(f"ok:{name}") for name, each in sound.items()]
        self._again = {row.field: _any_date(row).alias(row.field) for row in rows if row.type in ("date", "datetime")}

    def apply(self, frame: pl.DataFrame) -> Typed:
        """The texts of the table as values."""
        raw = self._raw(frame)
        if frame.height <= FEW:
            return Typed(self._otherwise_dated(self._typed_few(frame.select(raw))), {})
        query = frame.lazy().select(raw).with_columns(*self._plain, *self._quick).with_columns(self._tests)
        table = self._repaired(collect(query, frame.height).rechunk())
        if self._slow:
            table = table.hstack(collect(table.lazy().select(self._slow), frame.height).rechunk())
        table, irregular = self._unsound(table)
        return Typed(self._otherwise_dated(table), irregular)

    def _otherwise_dated(self, table: pl.DataFrame) -> pl.DataFrame:
        """Dates that the usual form does not read, read in the other forms."""
        for name, expr in self._again.items():
            if table[name].null_count() > table[f"v:{name}"].null_count():
                lost = (table[name].is_null() & table[f"v:{name}"].is_not_null()).arg_true()
                read = table.select(name, f"v:{name}")[lost].select(expr).to_series()
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
                fold = self.folds.get(row.field, "")
                clean = pl.Series(text.name, [_cleaned(row, fold, each) for each in text.gather(rows)], dtype=pl.String)
                text = text.clone().scatter(rows, clean)  # scatter writes into the Series itself
                if row.field in self._typed:
                    few = clean.to_frame().select(self._typed[row.field]).to_series()
                    columns.append(table[row.field].clone().scatter(rows, few))
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
                clean = [_cleaned(row, self.folds.get(row.field, ""), text) for text in raw.gather(cells)]
                columns.append(table[text_column(row)].scatter(cells, pl.Series(clean, dtype=pl.String)))
        return table.with_columns(columns) if columns else table

    def _typed_few(self, raw: pl.DataFrame) -> pl.DataFrame:
        """Clean a few rows by hand and type only what is there: much quicker than a query of many small steps."""
        columns, typed, blank = list[pl.Series](), list[FieldRow](), list[FieldRow]()
        for row in self.rows:
            series = raw.get_column(f"raw:{row.field}")
            texts = series.to_list()
            clean = [None if text is None else _cleaned(row, self.folds.get(row.field, ""), text) for text in texts]
            name = text_column(row)
            columns.append(series.alias(name) if clean == texts else pl.Series(name, clean, dtype=pl.String))
            if name != row.field:
                (typed if any(clean) else blank).append(row)
        columns += [pl.Series(row.field, [None] * raw.height, dtype=dtype(row)) for row in blank]
        table = raw.hstack(columns)
        exprs = [self._typed[row.field] for row in typed]
        return collect(table.lazy().with_columns(exprs), raw.height) if exprs else table

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
    column, kind = pl.col(row.field), frame.schema[row.field]
    if kind == pl.Datetime:
        return column.dt.to_string("%Y-%m-%d %H:%M:%S")
    return column if kind == pl.String else column.cast(pl.String)


def _is_irregular(row: FieldRow, fold: str) -> pl.Expr | None:
    """Cells that plain cleaning does not do for: full width (but in free text), another letter case. None = never."""
    text = pl.col(text_column(row))
    wide = [text.str.len_bytes() != text.str.len_chars()] if row.type != "string" else []
    lower = [text.str.contains(_UNFOLDED[fold])] if fold else []
    return pl.any_horizontal(wide + lower) if wide or lower else None


def _clean(row: FieldRow) -> pl.Expr:
    """Stripped; blanks and placeholders are null."""
    text = pl.col(f"raw:{row.field}").str.strip_chars()
    return pl.when(~text.is_in(["", *row.blank, *PLACEHOLDERS])).then(text)


def _cleaned(row: FieldRow, fold: str, text: str) -> str | None:
    """One text cleaned: what :func:`_clean` does, and half width and the usual letter case where those are wanted."""
    text = text.strip(_BLANKS)
    if row.type != "string" and not text.isascii():
        text = re.sub("[－—–]", "-", normalize("NFKC", text)).strip(_BLANKS + _INVISIBLE)
    if fold and re.search(_UNFOLDED[fold], text):
        text = text.upper()
        text = re.sub("([0-9.])X", r"\1x", text) if fold == "icd" else text
    return None if not text or text in PLACEHOLDERS or text in row.blank else text


def is_blank(row: FieldRow) -> pl.Expr:
    """Whether nothing was written that says something: blank, or what the row accepts as having nothing to say."""
    return pl.col(f"raw:{row.field}").fill_null("").str.strip_chars().is_in(["", *row.blank])


def is_empty(row: FieldRow) -> pl.Expr:
    """Whether nothing was written at all, not even that there is nothing to say."""
    return pl.col(f"raw:{row.field}").fill_null("").str.strip_chars() == ""


def refused(row: FieldRow) -> list[str]:
    """The placeholders that the row does not accept."""
    return [each for each in PLACEHOLDERS if each not in row.blank]


def stripped(text: str) -> str:
    """The text without blanks around it: what Polars strips."""
    return text.strip(_BLANKS)


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
            return in_years(value.str.to_date("%Y-%m-%d", strict=False))
        case "datetime":
            return in_years(value.str.to_datetime(DATETIME_FORM, strict=False))
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


def _any_date(row: FieldRow) -> pl.Expr:
    """The other date forms seen in the wild, Excel's day count among them."""
    value = pl.col(f"v:{row.field}")
    forms = [value.str.to_datetime(form, strict=False, time_unit="us") for form in _OTHER_FORMS if "%H" in form]
    forms += [
        value.str.to_date(form, strict=False).cast(pl.Datetime("us")) for form in _OTHER_FORMS if "%H" not in form
    ]
    serial = pl.when(value.str.contains(_SERIAL)).then(value.cast(pl.Float64, strict=False))
    microseconds = (serial * 86_400).round().cast(pl.Int64) * 1_000_000
    excel = pl.datetime(1899, 12, 30, time_unit="us") + pl.duration(microseconds=microseconds)
    read = in_years(pl.coalesce(pl.col(row.field).cast(pl.Datetime("us")), *forms, excel))
    return read if row.type == "datetime" else read.cast(pl.Date)
