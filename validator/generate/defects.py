"""What can be planted in a field: for every field check a way to break a value so that this check must fire."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from validator.codes import lookup
from validator.spec.catalogue import Catalogue, Check
from validator.spec.layouts import FieldRow

Value = str | None
#: A wrong value from the one that was there (None = blank) and a number that varies the choice.
Spoil = Callable[[Value, int], Value]
_WRONG = {
    "number": ("约3", "十二", "12元"),
    "date": ("2026-02-30", "2026年", "不详"),
    "datetime": ("2026-02-30 10:00:00", "昨天上午", "2026-07-06 25:10:00"),
    "duration": ("3天", "1-2-3", "72小时"),
}
_STRANGERS = ("Q7", "77", "其它")  #: some of these lie outside any set of codes
#: Codes that stop at a category, of one standard or another.
_CUT_SHORT = ("K80", "K80.1", "51.2", "51.23")
_SHAPELESS = ("K80", "X1", "1-")  #: and some of these fit no pattern
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_EXAMPLES = {
    "string": "示例", "code": "1", "date": "2026-07-06", "datetime": "2026-07-06 09:10:00", "duration": "0/1/0",
}  # fmt: skip


@dataclass(frozen=True)
class Defect:
    """One way to break one field."""

    check: str
    table: str
    field: str
    says: str  #: what was done, for the truth table
    spoil: Spoil
    condition: FieldRow | None = None  #: the row whose ``required_when`` must hold for the defect to show


def of_fields(catalogue: Catalogue, interface: str) -> list[Defect]:
    """A defect for every field check of an interface, in the order of the layout."""
    rows = [row for table in catalogue.layouts[interface].tables.values() for row in table.fields.values()]
    checks = [check for check in catalogue.field_checks(rows) if check.aspect not in lookup.ASPECTS]
    return [_defect(catalogue, check) for check in checks]


def _defect(catalogue: Catalogue, check: Check) -> Defect:
    row = check.row
    assert row
    says, spoil = _ways(catalogue, check.aspect, row)
    condition = row if check.aspect == "required" and not row.required else None
    return Defect(check.id, row.table, row.field, f"{row.name_zh}：{says}", spoil, condition)


def _ways(catalogue: Catalogue, aspect: str, row: FieldRow) -> tuple[str, Spoil]:
    """What to say of a defect, and how to make it."""
    match aspect:
        case "required":
            return "删去", lambda _, __: None
        case "length":
            return "超过长度", _too_long(row)
        case "format":
            return "书写形式不规范", _untidy(catalogue, row)
    says, wrong = _WAYS[aspect], _wrong(catalogue, aspect, row)
    return says, lambda _, n: wrong[n % len(wrong)]


_WAYS = {
    "placeholder": "填占位符",
    "type": "填读不成的内容",
    "value": "填值域外的代码",
    "pattern": "代码写法错误",
    "category": "编码不到最细一级",
    "joined": "编码后连写形态学编码",
    "range": "超出范围",
}


def _wrong(catalogue: Catalogue, aspect: str, row: FieldRow) -> list[str]:
    """Texts any of which fails the field check, whatever was there."""
    match aspect:
        case "placeholder":
            return [mark for mark in ("-", "无", "/", "—") if mark not in row.blank]
        case "type":
            return list(_WRONG[row.type])
        case "value":
            names = catalogue.domains[row.domain].names
            return [text for text in _STRANGERS if not any(text.startswith(code) for code in names)]
        case "pattern":
            pattern, texts = catalogue.patterns[row.pattern], pl.Series(_SHAPELESS)
            known = "|".join(each for each in (pattern.regex, pattern.category) if each)
            return texts.filter(~texts.str.contains(known)).to_list()
        case "category":
            pattern, texts = catalogue.patterns[row.pattern], pl.Series(_CUT_SHORT)
            return texts.filter(texts.str.contains(pattern.category) & ~texts.str.contains(pattern.regex)).to_list()
        case "joined":
            return ["C22.101M81600/3"]
    return _out_of_range(row)


def _too_long(row: FieldRow) -> Spoil:
    length = row.length or 0
    if row.type == "number":
        return lambda _, __: "9" * (length - row.scale + 1)
    more = "9" if row.type == "code" else "长"
    return lambda value, _: (value or "").ljust(length + 1, more)


def _out_of_range(row: FieldRow) -> list[str]:
    if row.type == "duration":
        return ["0/25/0", "0/1/61", "1/30/0"]
    bounds = ((row.min, -1), (row.max, 1))
    return [f"{bound + step:g}" for bound, step in bounds if bound is not None]


def _untidy(catalogue: Catalogue, row: FieldRow) -> Spoil:
    """Stray blanks, full-width digits, small letters, slashes in dates: readable all the same."""
    example = _example(catalogue, row)
    fold = catalogue.patterns[row.pattern].fold if row.pattern else ""

    def spoil(value: Value, n: int) -> Value:
        text = example if value is None or value in row.blank else value
        ways = [f"{text} ", f" {text}", f"{text}\u3000"]
        if row.type in ("date", "datetime"):
            ways.append(text.replace("-", "/"))
        elif row.type != "string" and re.search("[0-9]", text):
            ways.append(text.translate(_FULL_WIDTH))
        if fold and re.match("[A-Z]", text):
            ways.append(text[0].lower() + text[1:])
        return ways[n % len(ways)]

    return spoil


def _example(catalogue: Catalogue, row: FieldRow) -> str:
    """A value that the field accepts, for cases that have none."""
    if row.domain:
        return next(iter(catalogue.domains[row.domain].names))
    if row.type == "number":
        return f"{max(row.min or 0, 1):g}"
    return {"weights": "2650,2480", "dept_chain": "A04.01"}.get(row.pattern, _EXAMPLES[row.type])
