"""How sex, age, weight and codes are written on lists and in exports, and what each way means."""

import re
from collections.abc import Callable
from typing import TypeVar
from unicodedata import normalize

import polars as pl

from validator.read.named_columns import NOTHING, tidy

T = TypeVar("T")
UNREAD = -1  #: something is written, and it cannot be read
_SEXES = {
    "1": 1, "男": 1, "男性": 1, "M": 1, "MALE": 1, "2": 2, "女": 2, "女性": 2, "F": 2, "FEMALE": 2,
    "0": None, "9": None, "未知": None, "未说明": None, "UNKNOWN": None,
}  # fmt: skip
_PLAIN = re.compile(r"([0-9]{1,3})(?:\.[0-9]*)?")
_AGE = re.compile(
    r"(?:(?P<years>[0-9]{1,3})(?:周岁|岁|年|Y))?(?:零|又)?(?:(?P<months>[0-9]{1,3})(?:个月|月龄|月|M))?"
    r"(?:(?P<weeks>[0-9]{1,2})(?:周|W))?(?:(?P<days>[0-9]{1,5})(?:日龄|天龄|天|日|D))?"
    r"(?P<hours>[0-9]{1,3}(?:小时|时|H))?(?P<minutes>[0-9]{1,3}(?:分钟|分))?"
)
_AGE_TURNED = re.compile(r"([YMWD])([0-9]{1,5})")  #: Y65, M3, D12
_DAYS = re.compile(r"([0-9]{1,5})(?:\.0*)?(?:日龄|天龄|天|日|D)?")
_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]*)?)(G|克|KG|千克|公斤)?")
_SEPARATORS = re.compile(r"[|,;、\n\r\t]+")
_LIGHTEST, _HEAVIEST = 100, 20_000  #: grams; what is lighter or heavier is another unit, or no newborn
_OLDEST = 150  #: years
YEAR = 365.25  #: days
_MONTH = 30  #: days; only whether a child is older than 28 days matters

#: A code that is not as the tables write it: width, blanks, letter case (``x`` after a digit or point, else capitals).
UNTIDY_CODE = r"[^A-Z0-9.x+*/]|[0-9.]X|\Ax"
#: Of a list of codes joined by ``|``, the same.
UNTIDY_LIST = r"[^A-Z0-9.x+*/|]|[0-9.]X|(?:\A|\|)x"


def sex(text: str) -> int | None:
    """1 or 2; None where it says that it is not known."""
    return _SEXES.get(tidy(text).removesuffix(".0"), UNREAD)


def age(text: str) -> tuple[int, int | None]:
    """Return completed years, and days where the text has them: ``65``, ``65岁``, ``3个月``, ``12天``, ``1岁2月``, ``Y65``."""
    text = tidy(text).replace(" ", "")
    if plain := _PLAIN.fullmatch(text):
        return (int(plain[1]), None) if int(plain[1]) <= _OLDEST else (UNREAD, UNREAD)
    if turned := _AGE_TURNED.fullmatch(text):
        text = turned[2] + turned[1]
    parts = _AGE.fullmatch(text)
    if not parts or not text:
        return UNREAD, UNREAD
    given = {name: int(value) for name in ("years", "months", "weeks", "days") if (value := parts[name])}
    months = given.get("months", 0)
    if given.keys() <= {"years"} and not parts["hours"] and not parts["minutes"]:
        return given["years"], None
    days = months * _MONTH + given.get("weeks", 0) * 7 + given.get("days", 0)
    years = given.get("years", 0) + (months // 12 if months else years_of(days))
    return years, None if years or text in ("0月", "0个月") else days


def years_of(days: int) -> int:
    """Completed years of an age in days: 365 days may still be before the first birthday."""
    return int(days / YEAR)


def days(text: str) -> int:
    """Whole days: ``12``, ``12天``."""
    found = _DAYS.fullmatch(tidy(text).replace(" ", ""))
    return int(found[1]) if found else UNREAD


def age_days(text: str) -> int | None:
    """An age in days: as :func:`days`, or with other units as :func:`age`."""
    found = days(text)
    return age(text)[1] if found == UNREAD else found


def weight(text: str) -> int | None:
    """Grams; the first of several, None for the 0 that stands for none."""
    first = next((part for part in _SEPARATORS.split(tidy(text)) if part.strip()), "")
    found = _NUMBER.fullmatch(first.replace(" ", ""))
    if not found:
        return UNREAD
    grams = round(float(found[1]) * (1000 if found[2] in ("KG", "千克", "公斤") else 1))
    return grams if _LIGHTEST <= grams <= _HEAVIEST else UNREAD if grams else None


def code(text: str) -> str:
    """A code as the tables write it; blank for a placeholder."""
    found = re.sub(r"\s", "", tidy(text))
    return "" if found in NOTHING else re.sub("(?<=[0-9.])X", "x", found)


def codes(text: str) -> str:
    """A list of codes, however they are separated, joined by ``|``; the first stays first even where it is blank."""
    return "|".join(code(part) for part in _SEPARATORS.split(normalize("NFKC", text)))


def read(texts: pl.Series, reader: Callable[[str], T], dtype: type[pl.Int32] | type[pl.String] = pl.Int32) -> pl.Series:
    """Every text read; each distinct one is read once. Blanks and placeholders are null."""
    known = texts.unique().drop_nulls()
    meaning = [None if text.strip() in NOTHING else reader(text) for text in known.to_list()]
    return texts.replace_strict(known, pl.Series(meaning, dtype=dtype), default=None, return_dtype=dtype)
