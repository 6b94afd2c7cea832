"""Facts collected from the rows of a child table, a value per case or part of one: the number of each row's group is all it takes."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from validator.base.rows import rows_where
from validator.checks.steps import FactStep

Numbers = NDArray[np.int64]


def of_cases(cases: pl.DataFrame, frame: pl.DataFrame, steps: Sequence[FactStep]) -> pl.DataFrame:
    """The cases with a column for each fact, and ``bad:<fact>`` where something it reads failed its own check in some row.

    ``frame``: the rows of the child table, ``_case`` being the row of their case in ``cases``.
    """
    return cases.hstack(_facts(_Groups(frame["_case"].to_numpy().astype(np.int64), cases.height), frame, steps))


def of_parts(frame: pl.DataFrame, steps: Sequence[FactStep]) -> pl.DataFrame:
    """The rows with a column for each fact of the rows of their case that agree in its ``per``; null where one of these is."""
    for per in {step.fact.per: None for step in steps}:
        here = [step for step in steps if step.fact.per == per]
        keys = ["_case", *per]
        parts = frame.select(keys).unique().with_row_index("_part")
        of = frame.select(keys).join(parts, on=keys, how="left", nulls_equal=True, maintain_order="left")["_part"]
        found = _facts(_Groups(of.to_numpy().astype(np.int64), parts.height), frame, here)
        known = frame.select(pl.all_horizontal(pl.col(name).is_not_null() for name in per)).to_series()
        columns = (column.gather(of) for column in found)
        frame = frame.hstack(
            [each if each.name.startswith("bad:") else each.set(~known, None).alias(each.name) for each in columns]
        )
    return frame


def spoilt(frame: pl.DataFrame) -> set[str]:
    """The columns that mark values which failed their own check."""
    return {name for name in frame.columns if name.startswith("bad:")}


def _facts(groups: "_Groups", frame: pl.DataFrame, steps: Sequence[FactStep]) -> list[pl.Series]:
    """A column of each fact, a row per group, with ``bad:<fact>`` where something it reads may be wrong."""
    marks = spoilt(frame)
    exprs = [expr for step in steps for expr in step.parts]
    found = frame.lazy().select("_case", *exprs).collect(engine="streaming")
    columns = []
    for step in steps:
        name, column = step.fact.name, _fact(groups, found, step)
        if bad := [frame[f"bad:{each}"] for each in dict.fromkeys(step.reads) if f"bad:{each}" in marks]:
            doubtful = np.zeros(groups.count, bool)
            for mark in bad:
                doubtful[groups.of[rows_where(mark).to_numpy()]] = True
            columns.append(pl.Series(f"bad:{name}", doubtful))
            column = column.set(columns[-1], None)
        columns.append(column.alias(name))
    return columns


class _Groups:
    """The number of the group of each row: its case, or a part of that."""

    def __init__(self, of: Numbers, count: int) -> None:
        self.of, self.count = of, count

    def first(self, rows: Numbers) -> pl.Series:
        """The first of some rows (ascending) in each group; null where one has none of them."""
        return self._last(rows[::-1])

    def extreme(self, rows: Numbers, column: pl.Series, least: bool) -> pl.Series:
        """Where the least or greatest value of some rows stands in each group; null where one has none of them."""
        return self._last(rows[column[rows].arg_sort(descending=least).to_numpy()])

    def _last(self, rows: Numbers) -> pl.Series:
        """The last of some rows in each group; null where one has none of them."""
        place, lacking, of = np.zeros(self.count, np.uint32), np.ones(self.count, bool), self.of[rows]
        place[of], lacking[of] = rows, False
        return pl.Series(place).set(pl.Series(lacking), None)

    def total(self, values: Numbers, most: int) -> pl.Series:
        """The sum of the values of the rows in each group; null where it is beyond ``most``."""
        if int(np.abs(values).max(initial=0)) * self._longest < 2**63:  # what wraps on the way comes right in the end
            until = np.concatenate([[0], (values if self._order is None else values[self._order]).cumsum()])
            total = until[self._ends] - until[self._ends - self._heights]
        else:
            total = np.zeros(self.count, object)  # Python's numbers have no end
            np.add.at(total, self.of, values.astype(object))
        beyond = (np.abs(total) > most).astype(bool)
        return pl.Series(np.where(beyond, 0, total).astype(np.int64)).set(pl.Series(beyond), None)

    @cached_property
    def _heights(self) -> Numbers:
        return np.bincount(self.of, minlength=self.count)

    @cached_property
    def _longest(self) -> int:
        return int(self._heights.max(initial=0))

    @cached_property
    def _ends(self) -> Numbers:
        """Where the rows of each group end, in the order of the groups."""
        return self._heights.cumsum()

    @cached_property
    def _order(self) -> Numbers | None:
        """The rows in the order of their groups; None where they are."""
        return None if (self.of[1:] >= self.of[:-1]).all() else np.argsort(self.of, kind="stable")


def _fact(groups: _Groups, found: pl.DataFrame, step: FactStep) -> pl.Series:
    """One fact of each group. A case without rows has none of it, which is not the same as unknown."""
    name, shape = step.fact.name, step.fact.shape
    if shape in ("any", "count"):
        held = np.bincount(groups.of[rows_where(found[f"{name}="]).to_numpy()], minlength=groups.count)
        return pl.Series(held > 0) if shape == "any" else pl.Series(held.astype(np.int64))
    value = found[f"{name}="]
    if shape == "sum":
        total, unsure = groups.total(value.to_numpy(), step.kind.most), found[f"{name}?"]
        if unsure.any():  # a total with an unknown part is unknown
            without = np.zeros(groups.count, bool)
            without[groups.of[rows_where(unsure).to_numpy()]] = True
            total = total.set(pl.Series(without), None)
        return total
    where = found[f"{name}?"] if step.where else None
    if shape == "first":
        kept = np.arange(value.len()) if where is None else rows_where(where).to_numpy().astype(np.int64)
        return value[groups.first(kept)]
    known = value.is_not_null() if where is None else value.is_not_null() & where
    kept = rows_where(known).to_numpy().astype(np.int64)
    return value[groups.extreme(kept, value, least=shape == "min")]
