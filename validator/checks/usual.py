"""The usual texts of a field: a quick test, of one text and of a column, for those that need no cleaning and fail no check."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from validator.base.lazy import pl
from validator.base.regexes import Regex
from validator.base.rows import rows_where
from validator.checks import damage
from validator.checks.cell_typing import BLANKS, UNFOLDED, Value, nothing
from validator.checks.language.kinds import AMOUNT_DIGITS, WHOLE_DIGITS
from validator.checks.plain_numbers import plain_numbers
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow

_TEXTS = ("string", "code")
#: So many texts are judged one by one sooner than Polars compiles a regular expression.
_FEW = 200
#: Those that are typed (:data:`~validator.checks.language.kinds.FIRST_DAY`).
_YEAR = "(?:19|20|21)[0-9]{2}"
_SHAPES = {
    "date": rf"\A{_YEAR}-[0-9]{{2}}-[0-9]{{2}}\z",
    "datetime": rf"\A{_YEAR}-[0-9]{{2}}-[0-9]{{2}} [0-9]{{2}}:[0-9]{{2}}:[0-5][0-9]\z",
}
_BLANK = "[" + "".join(rf"\x{{{ord(each):X}}}" for each in BLANKS) + "]"


@dataclass(frozen=True)
class Usual:
    """What the usual texts of a field are like. One that is so, and whose value can be read, passes all checks of its field."""

    row: FieldRow
    fits: str = ""  #: the regular expression that they match
    refused: tuple[str, ...] = ()  #: the regular expressions that they do not match
    codes: Collection[str] = ()  #: the texts that they are; empty = any
    longest: int | None = None  #: the most characters that they have
    ascii: bool = False

    def test(self, read: Callable[[str], Value]) -> Callable[[str], Value]:
        """A function from a text to its value, which is None where the text is not usual; ``read``: the value of a usual one."""
        read = _ISO.get(self.row.type, read)
        if self.row.type == "number" and self.row.scale and not self.row.pattern:
            read = partial(_plain, scale=self.row.scale)
        fits, refused = self.fits and Regex(self.fits), [Regex(each) for each in self.refused]
        codes, longest, row = frozenset(self.codes), self.longest, self.row
        least, most = (None if each is None else each * 10**row.scale for each in (row.min, row.max))

        def value(text: str) -> Value:
            if codes:
                return text if text in codes else None
            if (longest and len(text) > longest) or (self.ascii and not text.isascii()):
                return None
            if fits and not fits.search(text):
                return None
            for each in refused:
                if each.search(text):
                    return None
            found = read(text)
            if found is None or isinstance(found, str):
                return found
            return None if (least is not None and found < least) or (most is not None and found > most) else found

        return value

    def numbers(self, texts: pl.Series) -> pl.Series:
        """The same as :meth:`column` for numbers, which are mostly written plainly; a few others are null."""
        row, found = self.row, pl.Series(texts.name, [None], pl.Int64).new_from_index(0, texts.len())
        if not any(word[:1].isdigit() for word in row.blank):
            found = plain_numbers(texts, (row.length or 0) - row.scale, row.scale)
            found = found.to_frame().select(self._within(pl.first())).to_series()
        rest = rows_where(found.is_null() & texts.is_not_null())
        if rest.len() <= _FEW:
            return found
        return found.scatter(rest, texts[rest].to_frame().select(self.column(pl.first())).to_series())

    def _within(self, value: pl.Expr) -> pl.Expr:
        """The values within the field's limits."""
        limits = [value >= self.row.min * 10**self.row.scale] if self.row.min is not None else []
        limits += [value <= self.row.max * 10**self.row.scale] if self.row.max is not None else []
        return pl.when(*limits).then(value) if limits else value

    def column(self, text: pl.Expr) -> pl.Expr:
        """The values of a column's usual texts; null for all others. Of text, only whether it is usual."""
        row = self.row
        if self.codes:
            return text.is_in(list(self.codes))
        usual = pl.all_horizontal(
            *([text.str.contains(self.fits)] if self.fits else []),
            *(~text.str.contains(each) for each in self.refused),
            *([text.str.len_bytes() == text.str.len_chars()] if self.ascii else []),
            *([text.str.len_chars() <= self.longest] if self.longest else []),
        )
        if row.type in _TEXTS:
            return usual
        return self._within(pl.when(usual).then(_read(row, text)))


def _day(text: str) -> int | None:
    """Days from 1970 of a date in its usual shape; None where there is no such day."""
    try:
        return date.fromisoformat(text).toordinal() - _EPOCH.toordinal()
    except ValueError:
        return None


def _plain(text: str, scale: int) -> int:
    """A number with no more digits than its field has, in units of ``10**-scale``."""
    whole, _, rest = text.partition(".")
    return int(whole + rest[:scale].ljust(scale, "0"))


def _moment(text: str) -> int | None:
    """Microseconds from 1970 of a time in its usual shape; None where there is no such time."""
    try:
        return (datetime.fromisoformat(text) - _EPOCH) // _MICROSECOND
    except ValueError:
        return None


_EPOCH, _MICROSECOND = datetime(1970, 1, 1), timedelta(microseconds=1)  # noqa: DTZ001 (times of lists have no zone)
#: What reads the usual shapes, much faster than any of their forms can be read.
_ISO: Mapping[str, Callable[[str], Value]] = {"date": _day, "datetime": _moment}


def _read(row: FieldRow, text: pl.Expr) -> pl.Expr:
    """The values of a column's usual texts."""
    if row.type == "date":
        return text.str.to_date("%Y-%m-%d", strict=False, cache=False)
    if row.type == "datetime":
        return text.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, cache=False)
    value = text.cast(pl.Decimal(18, row.scale or 2), strict=False)
    return (value.to_physical() if row.scale else value).cast(pl.Int64, strict=False)


def usual(catalogue: Catalogue, row: FieldRow) -> Usual | None:
    """What the usual texts of a field are like; None = each text is judged by itself."""
    domain, pattern = catalogue.domains.get(row.domain), catalogue.patterns.get(row.pattern)
    match row.type:
        case "number" if row.length and row.length <= (AMOUNT_DIGITS if row.scale else WHOLE_DIGITS):
            blank = "|".join(map(re.escape, row.blank))
            return Usual(row, digits(row), (rf"\A(?:{blank})\z",) if blank else ())
        case "date" | "datetime":
            return Usual(row, _SHAPES[row.type])
        case "code" if domain and not pattern and not domain.spans:
            return Usual(row, codes=[code for code in domain.names if len(code) <= (row.length or len(code))])
        case "code" if pattern and not domain:
            return Usual(
                row,
                pattern.regex,
                tuple(UNFOLDED[each] for each in (pattern.fold,) if each),
                longest=row.length,
                ascii=True,
            )
        case "string" | "code" if not domain and not pattern:
            words = "|".join(re.escape(each) for each in nothing(row, None) if each)
            refused = (rf"\A{_BLANK}|{_BLANK}\z|\A(?:{words})?\z", damage.suspect(row))
            return Usual(row, refused=refused, longest=row.length, ascii=row.type == "code")
    return None


def digits(row: FieldRow) -> str:
    """The regular expression of a number, or several, with no more digits before and after the point than the row allows."""
    whole = (row.length or 0) - row.scale
    one = rf"[+-]?0*[0-9]{{1,{whole}}}(\.[0-9]{{0,{row.scale}}}0*)?"
    return rf"\A{one}(,{one})*\z" if row.pattern else rf"\A{one}\z"
