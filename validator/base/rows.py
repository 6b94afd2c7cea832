"""Numbers of rows."""

from __future__ import annotations

from validator.base.lazy import pl


def rows_where(mask: pl.Series) -> pl.Series:
    """The numbers of the rows where a mask holds (where it is null it does not): a third of what ``mask.arg_true()``, a query, takes."""
    return pl.int_range(mask.len(), dtype=pl.UInt32, eager=True).filter(mask)
