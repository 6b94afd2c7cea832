"""From the text in a cell to its value: the one meaning of cells, for a single list as for a batch.

Values are in the units of the rule language (:mod:`validator.checks.language.kinds`): amounts as whole numbers of the field's
smallest unit (fen), dates as days from 1970-01-01, moments as microseconds, durations as minutes, all else as text.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import cached_property
from unicodedata import normalize

from validator.base.certainty import NULL_WORDS, PLACEHOLDERS
from validator.base.regexes import Regex
from validator.checks import damage
from validator.checks.language.kinds import (
    AMOUNT_DIGITS,
    DAY,
    DAY_US,
    FIRST_DAY,
    LAST_DAY,
    MOMENT,
    TEXT,
    WHOLE_DIGITS,
    Kind,
    number,
)  # fmt: skip
from validator.codes.value_sets import Domain
from validator.spec.layouts import FieldRow

Value = str | int | None

MONEY = 2  #: digits behind the point that facts are always shown with; of quantities and prices those that are not 0
#: Unicode's white space: what Polars strips when it is not given what to strip.
BLANKS = "\t\n\x0b\x0c\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
_INVISIBLE = "\u200b\ufeff"  #: marks that codes and numbers are sometimes pasted with
#: What a pattern's ``fold`` does to letter case, and the cells that need it.
UNFOLDED = {"icd": r"[a-wyz]|[0-9.]X", "upper": r"[a-z]"}
_UNFOLDED = {fold: re.compile(pattern) for fold, pattern in UNFOLDED.items()}
_DASHES = re.compile("[－—–]")
_LARGE_X = re.compile("([0-9.])X")
_WHOLE = re.compile(r"([+-]?[0-9]+)(?:\.0*)?")
_DECIMAL = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?")
_DURATION = re.compile(r"([0-9]{1,4})/([0-9]{1,4})/([0-9]{1,4})")
#: The forms of dates and times that are met, besides Excel's count of days (1954 to 2091).
_DATE = re.compile(
    r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?:[ T]([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:\.([0-9]+))?)?)?"
)
_CHINESE = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:([0-9]{2})([0-9]{2})([0-9]{2}))?")
_SERIAL = re.compile(r"[2-6][0-9]{4}(?:\.[0-9]+)?")
_EPOCH = date(1970, 1, 1).toordinal()
_EXCEL = date(1899, 12, 30).toordinal() - _EPOCH
_FIRST, _LAST = FIRST_DAY.toordinal() - _EPOCH, LAST_DAY.toordinal() - _EPOCH
_KINDS = {"date": DAY, "datetime": MOMENT, "duration": number(8)}


def kind(row: FieldRow) -> Kind:
    """The kind of the row's typed value in rules."""
    if row.type == "number":
        return number(AMOUNT_DIGITS, row.scale) if row.scale else number(WHOLE_DIGITS)
    return _KINDS.get(row.type, TEXT)


def text_column(row: FieldRow) -> str:
    """The column with the field's cleaned text: its value where that is text, else one of its own."""
    return row.field if row.type in ("string", "code") else f"v:{row.field}"


class CellTyping:
    """How the texts of one field become values."""

    def __init__(self, row: FieldRow, fold: str, domain: Domain | None = None) -> None:
        """``fold``: the letter case of its codes, blank for none; ``domain``: its value set."""
        self._row, self._domain = row, domain
        self._free = row.type == "string"
        self._suspect, self._lost = Regex(damage.suspect(row)), Regex(damage.lost(row))
        self._fold, self._unfolded = fold, _UNFOLDED.get(fold)
        #: A cleaned text as a value; None where it cannot be read.
        self.value: Callable[[str], Value] = _reader(row)

    @cached_property
    def _nothing(self) -> frozenset[str]:
        return frozenset(nothing(self._row, self._domain))

    def clean(self, raw: str) -> str | None:
        """The text stripped, in half width but for free text, in the usual letter case; None for blanks, placeholders and texts
        of which something is lost (:mod:`validator.checks.damage`).
        """
        text = raw.strip(BLANKS)
        if self._suspect.search(text):
            text = damage.bare(text).strip(BLANKS)
            if self._lost.search(text):
                return None
        if not self._free and not text.isascii():
            text = _DASHES.sub("-", normalize("NFKC", text)).strip(BLANKS + _INVISIBLE)
        if self._unfolded and self._unfolded.search(text):
            text = text.upper()
            if self._fold == "icd":
                text = _LARGE_X.sub(r"\1x", text)
        return None if text in self._nothing else text

    def cell(self, raw: str | None) -> tuple[str | None, Value]:
        """The cleaned text and the value; each may be None."""
        text = None if raw is None else self.clean(raw)
        return text, None if text is None else self.value(text)


def day_text(days: int) -> str:
    """A day as the interfaces write it."""
    return date.fromordinal(days + _EPOCH).isoformat()


def moment_text(microseconds: int) -> str:
    """A moment as the interfaces write it, without parts of a second."""
    days, rest = divmod(microseconds, DAY_US)
    seconds = rest // 1_000_000
    return f"{day_text(days)} {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def value_text(value: int | bool, kind: Kind) -> str:
    """A value of a kind as findings show it."""
    match kind.name:
        case "truth":
            return "是" if value else "否"
        case "day":
            return day_text(value)
        case "moment":
            return moment_text(value)
        case "number" if kind.scale:
            whole, rest = divmod(abs(value), 10**kind.scale)
            text = f"{'-' if value < 0 else ''}{whole}.{rest:0{kind.scale}}"
            return text if kind.scale <= MONEY else text.rstrip("0").rstrip(".")
    return str(value)


def nothing(row: FieldRow, domain: Domain | None) -> list[str]:
    """The texts that say nothing in this field; ``domain``: its value set."""
    return ["", *row.blank, *placeholders(domain), *NULL_WORDS]


def placeholders(domain: Domain | None) -> list[str]:
    """The placeholders that people write for nothing in a field of a value set: where 无 is the name of a code, it is none."""
    return [each for each in PLACEHOLDERS if not (domain and each in domain.written_as)]


def stripped(text: str) -> str:
    """The text without blanks around it: what Polars strips."""
    return text.strip(BLANKS)


def _reader(row: FieldRow) -> Callable[[str], Value]:
    match row.type:
        case "number" if row.scale:
            scale, several = row.scale, bool(row.pattern)
            return (lambda text: _lowest(text, scale)) if several else (lambda text: amount(text, scale))
        case "number":
            return _whole
        case "date":
            return day
        case "datetime":
            return _moment
        case "duration":
            return duration_minutes
    return lambda text: text


def _whole(text: str) -> int | None:
    """A whole number; None where it has more digits than rules can calculate with."""
    found = _WHOLE.fullmatch(text)
    if not found or len(found[1].lstrip("+-0")) > WHOLE_DIGITS:
        return None
    return int(found[1])


def amount(text: str, scale: int) -> int | None:
    """A number in units of ``10**-scale``, rounded half to even; None for powers of ten and what has too many digits."""
    found = _DECIMAL.fullmatch(text)
    if not found:
        return None
    sign, whole, rest = found[1], found[2].lstrip("0"), found[3] or ""
    if not (found[2] or rest) or len(whole) + scale > AMOUNT_DIGITS:
        return None
    units = int(whole + rest[:scale].ljust(scale, "0"))
    if more := rest[scale:].rstrip("0"):
        units += more > "5" or (more == "5" and units % 2 == 1)
    if units >= 10**AMOUNT_DIGITS:
        return None
    return -units if sign == "-" else units


def _lowest(text: str, scale: int) -> int | None:
    """The lowest of several numbers joined by commas; None where one of them is none."""
    found = [amount(part, scale) for part in text.split(",")]
    known = [each for each in found if each is not None]
    return min(known) if len(known) == len(found) else None


def duration_minutes(text: str) -> int | None:
    """The minutes of ``d/h/m``."""
    if parts := duration_parts(text):
        day, hour, minute = parts
        return day * 1440 + hour * 60 + minute
    return None


def duration_parts(text: str) -> tuple[int, int, int] | None:
    """Days, hours and minutes of a ``d/h/m`` text; None where it has another form."""
    found = _DURATION.fullmatch(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def day(text: str) -> int | None:
    """Days from 1970 of a date or time in any of the forms; None as :func:`_moment`."""
    moment = _moment(text)
    return None if moment is None else moment // DAY_US


def _moment(text: str) -> int | None:
    """Microseconds from 1970 of a date or time in any of the forms; None outside the years that are typed as such."""
    if found := _DATE.fullmatch(text):
        year, _, *rest = found.groups("")
        return _at(year, *rest)
    if found := _DIGITS.fullmatch(text) or _CHINESE.fullmatch(text):
        return _at(*found.groups(""))
    if _SERIAL.fullmatch(text):
        seconds = round(float(text) * 86_400)
        return _EXCEL * DAY_US + seconds * 1_000_000
    return None


def _at(
    year: str, month: str, day: str, hour: str = "", minute: str = "", second: str = "", part: str = ""
) -> int | None:
    """The microseconds; None where there is no such day or time, or not in the years that are typed."""
    try:
        days = date(int(year), int(month), int(day)).toordinal() - _EPOCH
    except ValueError:
        return None
    h, m, s = int(hour or 0), int(minute or 0), int(second or 0)
    if h > 23 or m > 59 or s > 59 or not _FIRST <= days <= _LAST:
        return None
    return days * DAY_US + (h * 3600 + m * 60 + s) * 1_000_000 + int(part[:6].ljust(6, "0"))
