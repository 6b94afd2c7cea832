"""What a look at a few rows already tells, so that one list alone needs no query for it.

Nothing here decides an outcome that the queries would decide otherwise: a field check is passed over only when every value
passes it, a rule only when part of its condition is false on every row.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import polars as pl

from validator.checks import typing
from validator.checks.language.reads import Guard
from validator.spec.catalogue import Catalogue, Check
from validator.spec.interfaces import split


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


class Look:
    """The values of a few rows, fetched as they are asked for."""

    def __init__(self, frame: pl.DataFrame, cases: pl.DataFrame) -> None:
        self.frames = frame, cases
        self.columns = set(frame.columns), set(cases.columns)
        self.seen: dict[str, list[Any] | None] = {}

    def of(self, name: str) -> list[Any] | None:
        """The values of a column of the table, or of the case, as guards take them; None where there is no such column."""
        if name not in self.seen:
            table, field = split(name)
            place = next((at for at in (0, 1) if field in self.columns[at] and (at or not table)), None)
            self.seen[name] = None if place is None else _units(self.frames[place].get_column(field))
        return self.seen[name]

    def rules_out(self, guards: Iterable[Guard]) -> bool:
        """Whether some part of the condition is false on every row."""
        return any((seen := self.of(each.name)) is not None and all(map(each.rules_out, seen)) for each in guards)


def _units(column: pl.Series) -> list[Any]:
    """The values in the units of the language: whole numbers for amounts, dates and times."""
    kind = column.dtype
    return (column.to_physical() if kind.is_temporal() or kind.is_decimal() else column).to_list()
