"""Typed contracts of every table, and of what comes out, as pandera schemas built from the field rows.

``contracts.setlinfo.validate(frame, lazy=True)`` checks a typed frame of the 4101 interface; ``contracts.of("4101A",
"bldinfo")`` names the interface. ``contracts.findings`` and ``contracts.outcomes`` describe a report's frames.
"""

from functools import cache
from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl

from validator.checks import fields, typing
from validator.checks import findings as _findings
from validator.checks.catalogue import load
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow

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
    """The contract of one table: typed columns (texts, dates and times, amounts in yuan), null = blank.

    A column is required to hold a value where its row says so without condition. Conditional requirements, and all about
    a field that is in force for a time only or of a case made of its rows, are the engine's. Raises ``KeyError`` for an interface
    or table that does not exist.
    """
    catalogue = load(profile)
    rows = catalogue.layouts[interface].tables[table].fields.values()
    return pa.DataFrameSchema(
        {row.field: _column(catalogue, row) for row in rows}, name=f"{interface}.{table}", strict="filter"
    )


def _column(catalogue: Catalogue, row: FieldRow) -> pa.Column:
    if row.dated or row.made:
        return pa.Column(_dtype(row), nullable=True, required=False, title=row.name_zh)
    return pa.Column(
        _dtype(row), checks=_checks(catalogue, row), nullable=not row.required or bool(row.blank), required=row.required,
        title=row.name_zh, description=row.note or None,
    )  # fmt: skip


def _dtype(row: FieldRow) -> pl.DataType:
    """The type of a typed column as people have it: amounts in yuan."""
    return pl.Decimal(18, row.scale) if row.type == "number" and row.scale else typing.dtype(row)


def _checks(catalogue: Catalogue, row: FieldRow) -> list[pa.Check]:
    """The row's columns in pandera's own words; ids are those of the field checks."""
    having = (each for each in fields.ASPECTS.values() if each.applies(catalogue, row))
    return [check for aspect in having for check in aspect.contract(catalogue, row)]


def _outcomes() -> pa.DataFrameSchema:
    """The denominator adds up."""
    from validator.checks.case_rows import OUTCOMES

    def adds_up(data: "PolarsData") -> pl.LazyFrame:
        parts = pl.sum_horizontal("passed", "failed", "not_applicable", "unjudged")
        return data.lazyframe.select(pl.col("rows") == parts)

    columns = {key: pa.Column(kind, nullable=kind == pl.String()) for key, kind in OUTCOMES.items()}
    return pa.DataFrameSchema(columns, checks=pa.Check(adds_up, name="denominator"), strict=True)
