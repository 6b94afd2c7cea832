"""Typed contracts of every table, and of what comes out, as pandera schemas built from the field rows.

``contracts.setlinfo.validate(frame, lazy=True)`` checks a typed frame of the 4101 interface; ``contracts.of("4101A",
"bldinfo")`` names the interface. ``contracts.findings`` and ``contracts.outcomes`` describe a report's frames.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl

from validator.checks import findings as _findings
from validator.checks import typing
from validator.spec.catalogue import Catalogue, load
from validator.spec.layouts import FieldRow
from validator.spec.patterns import Pattern

if TYPE_CHECKING:
    from pandera.api.polars.types import PolarsData

INTERFACE = "4101"


def __getattr__(name: str) -> pa.DataFrameSchema:
    """A table of the 4101 interface by its official name; ``findings`` and ``outcomes`` of a report."""
    if name == "findings":
        return pa.DataFrameSchema(
            {key: pa.Column(kind, nullable=True) for key, kind in _findings.SCHEMA.items()}, strict=True
        )
    if name == "outcomes":
        return _outcomes()
    if name.startswith("_") or name not in load().layouts[INTERFACE].tables:
        raise AttributeError(name)
    return of(INTERFACE, name)


@cache
def of(interface: str, table: str, profile: str = "national") -> pa.DataFrameSchema:
    """The contract of one table: typed columns (as :class:`validator.checks.typing.Typing` gives them), null = blank.

    A column is required to hold a value where its row says so without condition. Conditional requirements, and all about
    a field that is in force for a time only, are the engine's. Raises ``KeyError`` for an interface or table that does
    not exist.
    """
    catalogue = load(profile)
    rows = catalogue.layouts[interface].tables[table].fields.values()
    return pa.DataFrameSchema(
        {row.field: _column(catalogue, row) for row in rows}, name=f"{interface}.{table}", strict="filter"
    )


def _column(catalogue: Catalogue, row: FieldRow) -> pa.Column:
    if row.dated:
        return pa.Column(typing.dtype(row), nullable=True, required=False, title=row.name_zh)
    return pa.Column(
        typing.dtype(row), checks=_checks(catalogue, row), nullable=not row.required, required=row.required,
        title=row.name_zh, description=row.note or None,
    )  # fmt: skip


def _checks(catalogue: Catalogue, row: FieldRow) -> list[pa.Check]:
    """The row's columns in pandera's own words; ids are those of the field checks."""
    name, found = f"{row.table}.{row.field}", []
    if row.type in ("string", "code") and row.length:
        found.append(pa.Check.str_length(max_value=row.length, error=f"{name}/length"))
    if row.domain:
        domain = catalogue.domains[row.domain]
        if domain.children:
            found.append(
                _test(
                    lambda value: pl.any_horizontal(value.str.starts_with(code) for code in domain.names),
                    f"{name}/value",
                )
            )
        else:
            found.append(pa.Check.isin(list(domain.names), error=f"{name}/value"))
    if row.pattern:
        found += _shapes(catalogue.patterns[row.pattern], name)
    if row.type == "number" and row.length:
        limit = 10 ** (row.length - row.scale)
        found.append(pa.Check.in_range(-limit, limit, include_min=False, include_max=False, error=f"{name}/length"))
    if row.min is not None:
        found.append(pa.Check.ge(row.min, error=f"{name}/range"))
    if row.max is not None:
        found.append(pa.Check.le(row.max, error=f"{name}/range"))
    return found


def _shapes(pattern: Pattern, name: str) -> list[pa.Check]:
    """How a code is written, in Rust's syntax, which pandera's own ``str_matches`` would not take."""
    short, joined = pattern.category, pattern.joined
    known = "|".join(f"(?:{each})" for each in (pattern.regex, short, joined) if each)
    found = [_test(lambda value: value.str.contains(known), f"{name}/pattern")]
    if short:
        found.append(_test(lambda value: ~value.str.contains(short), f"{name}/category"))
    if joined:
        found.append(_test(lambda value: ~value.str.contains(joined), f"{name}/joined"))
    return found


def _test(test: Callable[[pl.Expr], pl.Expr], name: str) -> pa.Check:
    """A check of each value by a Polars condition."""

    def holds(data: "PolarsData") -> pl.LazyFrame:
        return data.lazyframe.select(test(pl.col(data.key)))

    return pa.Check(holds, name=name)


def _outcomes() -> pa.DataFrameSchema:
    """The denominator adds up."""
    from validator.api import OUTCOMES

    def adds_up(data: "PolarsData") -> pl.LazyFrame:
        parts = pl.sum_horizontal("passed", "failed", "not_applicable", "unjudged")
        return data.lazyframe.select(pl.col("rows") == parts)

    columns = {key: pa.Column(kind, nullable=kind == pl.String()) for key, kind in OUTCOMES.items()}
    return pa.DataFrameSchema(columns, checks=pa.Check(adds_up, name="denominator"), strict=True)
