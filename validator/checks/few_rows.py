"""What a look at a few rows already tells, so that one list alone needs no query for it.

Nothing here decides an outcome that the queries would decide otherwise: a rule is passed over only when part of its condition
is false on every row.
"""

from collections.abc import Iterable
from typing import Any

import polars as pl

from validator.checks.language.reads import Guard
from validator.checks.typing import units
from validator.spec.interfaces import split


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
            self.seen[name] = None if place is None else units(self.frames[place].get_column(field))
        return self.seen[name]

    def rules_out(self, guards: Iterable[Guard]) -> bool:
        """Whether some part of the condition is false on every row."""
        return any((seen := self.of(each.name)) is not None and all(map(each.rules_out, seen)) for each in guards)
