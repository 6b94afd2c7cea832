"""Running texts of the rule language on both roads, from the same values."""

from datetime import date, datetime, time
from decimal import Decimal

import polars as pl

from validator.checks.language import (
    DAY,
    MOMENT,
    TEXT,
    TIME,
    TRUTH,
    Expression,
    Function,
    Kind,
    Scope,
    columns,
    load,
    module,
    number,
)  # fmt: skip

#: The names of the examples, and of the random expressions.
NAMES = {
    "t": TEXT, "u": TEXT, "n": number(15), "k": number(9), "x": number(16, 2), "y": number(8, 3), "d": DAY, "d2": DAY, "m": MOMENT,
    "m2": MOMENT, "z": TIME, "b": TRUTH, "c": TRUTH, "parent.n": number(6),
}  # fmt: skip
SCOPE = Scope(NAMES, {"days": 28.0, "ratio": 0.7})
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - lists have no zone


def dtype(kind: Kind):
    """The type of the engine's column."""
    return {
        "text": pl.String, "truth": pl.Boolean, "day": pl.Date, "moment": pl.Datetime("us"), "time": pl.Time, "number": pl.Int64,
    }[kind.name]  # fmt: skip


def frame(rows: list[dict], names=NAMES) -> pl.DataFrame:
    """Rows as the engine's table; what a row lacks is null."""
    return pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in names},
        schema={name: dtype(kind) for name, kind in names.items()},
    )


def value(written, kind: Kind):
    """A value as an example writes it, as the engine has it."""
    if written is None or kind.name in ("text", "truth"):
        return written
    if kind.name == "number":
        return int(Decimal(written).scaleb(kind.scale))
    return {"day": date, "moment": datetime, "time": time}[kind.name].fromisoformat(written)


def units(series: pl.Series, kind: Kind) -> pl.Series:
    """A column of the engine in the units of the row road."""
    return pl.select(columns._inside(pl.lit(series.alias("v")), kind)).to_series().alias("v")


def row_dtype(kind: Kind):
    return {"text": pl.String, "truth": pl.Boolean}.get(kind.name, pl.Int64)


def by_columns(expressions: list[Expression], table: pl.DataFrame) -> list[pl.Series]:
    """What each expression gives by Polars, in the units of the row road."""
    exprs = [each.columns().alias(str(place)) for place, each in enumerate(expressions)]
    found = (
        table.select(pl.lit(1).alias("_rows").repeat_by(1).explode(), *exprs)
        if not table.width
        else table.select(exprs)
    )
    found = found if found.height == table.height else found[[0] * table.height]
    return [units(found[str(place)], each.kind) for place, each in enumerate(expressions)]


def by_source(expressions: list[Expression], table: pl.DataFrame, names=NAMES) -> list[pl.Series]:
    """What each expression gives by generated Python."""
    slots = {name: ("r", place) for place, name in enumerate(names)}
    function = load(module([Function("f", [each.tree for each in expressions], slots, {})]))["f"]
    rows = pl.DataFrame([units(table[name], kind).alias(name) for name, kind in names.items()]).rows()
    found = list(zip(*(function(row, ()) for row in rows), strict=True))
    return [pl.Series("v", values, dtype=row_dtype(each.kind)) for values, each in zip(found, expressions, strict=True)]


def differing(one: pl.Series, other: pl.Series) -> pl.Series:
    """The rows in which two columns differ, null being like null."""
    return one.ne_missing(other).arg_true()
