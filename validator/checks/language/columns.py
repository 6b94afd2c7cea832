"""From a tree to a Polars expression. Dates and times come in and go out as Polars has them, numbers as the whole numbers that
all are in between.
"""

from typing import TYPE_CHECKING, Any

from validator.checks.language.kinds import Kind
from validator.checks.language.tree import Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl


def columns(node: Term) -> "pl.Expr":
    """The expression, in the type that the engine's columns have (Date, Datetime; numbers as whole numbers)."""
    return _outside(_expr(node), node.kind)


def as_column(values: "Sequence[Any]", kind: Kind) -> "pl.Series":
    """Values in the units of the language (null: None) as a column of the engine."""
    import polars as pl

    column = pl.Series("value", values, _dtype(kind))
    return column.to_frame().select(_outside(pl.first(), kind)).to_series()


def _expr(node: Term) -> "pl.Expr":
    import polars as pl

    match node.op.name:
        case "name":
            return _inside(pl.col(node.value), node.kind)
        case "literal":
            return pl.lit(node.value, _dtype(node.kind))
        case "null":
            return pl.lit(None, _dtype(node.kind))
    return node.op.columns(node, *map(_expr, node.kids))


def _dtype(kind: Kind) -> "pl.DataType":
    import polars as pl

    return {"text": pl.String(), "truth": pl.Boolean()}.get(kind.name, pl.Int64())


def _inside(column: "pl.Expr", kind: Kind) -> "pl.Expr":
    """A column as the whole number that calculations use."""
    import polars as pl

    match kind.name:
        case "text" | "truth":
            return column
        case "time":
            return column.to_physical() // 1000  # Polars counts nanoseconds
        case "moment":
            return column.cast(pl.Datetime("us")).to_physical()
        case "number":
            return column.cast(pl.Int64)
    return column.to_physical().cast(pl.Int64)


def _outside(value: "pl.Expr", kind: Kind) -> "pl.Expr":
    """The whole number as a column of the engine."""
    import polars as pl

    match kind.name:
        case "day":
            return value.cast(pl.Int32).cast(pl.Date)
        case "moment":
            return value.cast(pl.Datetime("us"))
        case "time":
            return (value * 1000).cast(pl.Time)
    return value
