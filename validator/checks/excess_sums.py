"""What findings say was charged too much, summed so that a report of any size holds it."""

from collections.abc import Iterable, Mapping

import polars as pl

#: One row per check, ordering department and physician. Of a line that several rules object to, the ``line_`` columns count the
#: finding with most money alone, so that sums over rules do not count a line twice.
EXCESS: dict[str, pl.DataType] = {
    "check": pl.String(), "department": pl.String(), "physician": pl.String(),
    "findings": pl.Int64(), "quantity": pl.Decimal(38, 4), "fen": pl.Int64(),
    "unpriced": pl.Int64(),  #: findings of which the money cannot be known
    "lines": pl.Int64(), "line_quantity": pl.Decimal(38, 4), "line_fen": pl.Int64(),
}  # fmt: skip
_BY = ("check", "department", "physician")


def summed(parts: Iterable[pl.DataFrame], departments: Mapping[str, str]) -> pl.DataFrame:
    """Return the sums (:data:`EXCESS`) of findings in the compact form; each part has all findings of its cases.

    ``departments``: code -> the name that is shown.
    """
    sums = [pl.DataFrame(schema=EXCESS), *(_of_part(part) for part in parts)]
    found = pl.concat(sums).with_columns(pl.col("department").replace(dict(departments)))
    return found.group_by(_BY).agg(pl.exclude(_BY).sum()).select(*EXCESS).sort(_BY)


def _of_part(part: pl.DataFrame) -> pl.DataFrame:
    some = part.filter(pl.any_horizontal(pl.col("excess_quantity", "excess_fen").is_not_null()))
    if not some.height:
        return pl.DataFrame(schema=EXCESS)
    line = ("_case", "table", "row")
    most = some.select(pl.col("excess_fen").fill_null(0), "excess_quantity", _i=pl.int_range(pl.len())).with_columns(
        some.select(line)
    )
    first = most.sort("excess_fen", "excess_quantity", "_i", descending=[True, True, False], nulls_last=True)
    counted = first.unique(line, keep="first", maintain_order=True)["_i"]
    own = pl.Series(range(some.height), dtype=pl.Int64).is_in(counted.implode())
    quantity, fen = pl.col("excess_quantity").cast(pl.Decimal(38, 4)), pl.col("excess_fen")
    each = some.with_columns(_own=own).group_by(_BY).agg(
        findings=pl.len().cast(pl.Int64), quantity=quantity.sum(), fen=fen.sum(),
        unpriced=fen.is_null().sum().cast(pl.Int64), lines=pl.col("_own").sum().cast(pl.Int64),
        line_quantity=quantity.filter("_own").sum(), line_fen=fen.filter("_own").sum(),
    )  # fmt: skip
    return each.select(pl.col(name).cast(kind) for name, kind in EXCESS.items())
