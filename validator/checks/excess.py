"""What failing rows charge too much: quantity and money, exact on both roads."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from validator.base.lazy import pl
from validator.checks.steps import RuleStep

#: Digits behind the point of a quantity, and of an amount in yuan.
DIGITS = {"quantity": 4, "amount": 2}


def of_rows(step: RuleStep, frame: pl.DataFrame, marks: Collection[str]) -> pl.DataFrame:
    """Columns ``excess_quantity`` and ``excess_fen`` of failing rows, null where what says so failed its own check.

    ``frame``: these rows with what the step's excess reads. ``marks``: its columns that mark values which failed.
    """

    def value(name: str) -> pl.Expr:
        expression = step.excess.get(name)
        if expression is None:
            return pl.lit(None, pl.Int64)
        doubtful = [pl.col(f"bad:{each}") for each in expression.reads if f"bad:{each}" in marks]
        found = expression.columns() * 10 ** (DIGITS[name] - expression.kind.scale)
        return pl.when(~pl.any_horizontal(doubtful)).then(found) if doubtful else found

    digits = DIGITS["quantity"]
    quantity = value("quantity").cast(pl.Decimal(38, 0)) * pl.lit(Decimal(1).scaleb(-digits))
    return frame.select(excess_quantity=quantity.cast(pl.Decimal(18, digits)), excess_fen=value("amount"))
