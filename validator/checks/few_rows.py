"""What a look at a few rows already tells, so that one list alone needs no query for it.

Nothing here decides an outcome that the queries would decide otherwise: a field check is passed over only when every value
passes it, a rule only when part of its condition is false on every row.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import polars as pl

from validator.checks import typing
from validator.spec.catalogue import Catalogue, Check
from validator.spec.interfaces import split
from validator.spec.sql import Sql

Guard = tuple[str, Callable[[Any], bool]]  #: a column, and the values for which the condition is false

_NAME = r"([A-Za-z_][\w.]*)"
_THERE = re.compile(rf"{_NAME} IS NOT NULL")
_FACT = re.compile(rf"(NOT )?{_NAME}")
_EQUAL = re.compile(rf"{_NAME} = '([^']*)'")
_AMONG = re.compile(rf"{_NAME} IN \(((?:'[^']*'(?:, *)?)+)\)")
_MORE = re.compile(rf"{_NAME} (>=|>) ([0-9]+)")


def passes(catalogue: Catalogue, check: Check, few: dict[str, list[Any]]) -> bool:
    """Whether every one of a few values passes the field check for sure. ``few``: column -> values of the typed table."""
    row = check.row
    assert row
    texts = [text for text in few[typing.text_column(row)] if text is not None]
    match check.aspect:
        case "format" if row.type not in ("date", "datetime"):
            return texts == [text for text in few[f"raw:{row.field}"] if text]
        case "length" if row.type != "number":
            return all(len(text) <= (row.length or 0) for text in texts)
        case "value":
            return not catalogue.domains[row.domain].spans and all(
                text in catalogue.domains[row.domain].names for text in texts
            )
        case "pattern" | "category" | "joined":
            return all(map(_compiled(catalogue.patterns[row.pattern].regex).match, texts))
        case "range" if row.type == "number":
            low, high = (-float("inf") if row.min is None else row.min), (float("inf") if row.max is None else row.max)
            return all(
                value is not None and low <= float(value) <= high for value in few[row.field] if value is not None
            )
    return False


@cache
def _compiled(regex: str) -> re.Pattern[str]:
    return re.compile(regex.replace(r"\z", r"\Z"), re.ASCII)


def guards(when: Sql | None) -> list[Guard]:
    """The parts of a condition that can be looked at by themselves: if one is false, so is the whole.

    A condition with OR, CASE or BETWEEN outside brackets has no such parts.
    """
    if when is None or re.search(r"\b(OR|CASE|BETWEEN)\b", _outside_brackets(when.text)):
        return []
    return [guard for part in _conjuncts(when.text) if (guard := _guard(part))]


def _guard(part: str) -> Guard | None:
    if found := _THERE.fullmatch(part):
        return found[1], lambda value: value is None
    if found := _EQUAL.fullmatch(part):
        expected = found[2]
        return found[1], lambda value: value is not None and value != expected
    if found := _AMONG.fullmatch(part):
        allowed = set(re.findall("'([^']*)'", found[2]))
        return found[1], lambda value: value is not None and value not in allowed
    if found := _MORE.fullmatch(part):
        least, strict = int(found[3]), found[2] == ">"
        return found[1], lambda value: value is not None and (value <= least if strict else value < least)
    if found := _FACT.fullmatch(part):
        wrong = found[1] is not None
        return found[2], lambda value: value is wrong
    return None


def _outside_brackets(text: str) -> str:
    """The text without quoted parts and without what stands in brackets."""
    text = re.sub("'[^']*'", "''", text)
    while (shorter := re.sub(r"\([^()]*\)", "", text)) != text:
        text = shorter
    return text


def _conjuncts(text: str) -> list[str]:
    """The parts that AND joins outside brackets and quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for place, sign in enumerate(text):
        quoted ^= sign == "'"
        depth += (sign == "(") - (sign == ")") if not quoted else 0
        if not quoted and not depth and text[place : place + 5] == " AND ":
            parts.append(text[start:place].strip())
            start = place + 5
    return [*parts, text[start:].strip()]


class Look:
    """The values of a few rows, fetched as they are asked for."""

    def __init__(self, frame: pl.DataFrame, cases: pl.DataFrame) -> None:
        self.frames = frame, cases
        self.columns = set(frame.columns), set(cases.columns)
        self.seen: dict[str, list[Any] | None] = {}

    def of(self, name: str) -> list[Any] | None:
        """The values of a column of the table, or of the case; None where there is no such column."""
        if name not in self.seen:
            table, field = split(name)
            place = next((at for at in (0, 1) if field in self.columns[at] and (at or not table)), None)
            self.seen[name] = None if place is None else self.frames[place].get_column(field).to_list()
        return self.seen[name]

    def rules_out(self, found: list[Guard]) -> bool:
        """Whether some part of the condition is false on every row."""
        return any((seen := self.of(name)) is not None and all(map(wrong, seen)) for name, wrong in found)
