"""Weights of groups: relative weights (RW), or base points of which 100 are weight 1."""

from pathlib import Path

import polars as pl

from validator.base.errors import InputError
from validator.read import named_columns
from validator.read.place import quoted

#: Columns of a table of weights, and what else they are called.
COLUMNS = {
    "group": ("DRG编码", "DRG组", "DRG", "病组编码", "病种编码", "DIP编码", "DIP", "组", "分组编码"),
    "weight": ("权重", "RW", "相对权重", "病组权重"),
    "points": ("基准点数", "点数", "分值", "病种分值"),
}
_POINTS = 100  #: of weight 1


def read(path: Path) -> pl.DataFrame:
    """``group, weight`` of a CSV, workbook or Parquet file; :class:`~validator.base.errors.InputError` names a row that is wrong."""
    ways = "；".join("、".join((name, *others)) for name, others in COLUMNS.items())
    lacking = (
        f"不是权重表，应有病组、权重（或基准点数）两列（{ways}）",
        f"no table of weights; it should have a column of the group and one of weight or points ({ways})",
    )
    rows = named_columns.rows(
        path, COLUMNS, lambda names: "group" in names and bool({"weight", "points"} & names), lacking
    )
    rows = rows.drop_nulls("group")
    name = "weight" if "weight" in rows.columns else "points"
    found = rows.select("group", _text=name, weight=pl.col(name).cast(pl.Float64, strict=False))
    wrong = found.filter(~(pl.col("weight").is_finite() & (pl.col("weight") >= 0)).fill_null(value=False))
    if wrong.height:
        group, text, _ = wrong.row(0)
        raise InputError(
            f"{path}：病组 {quoted(group)} 的权重或点数应是不小于 0 的数，写的是“{quoted(text or '')}”",
            f"{path}: weight or points of group {quoted(group)} should be a number from 0 on, not '{quoted(text or '')}'",
        )
    if (twice := found.filter(pl.col("group").is_duplicated())).height:
        group = quoted(twice["group"][0])
        raise InputError(f"{path}：病组 {group} 写了两次", f"{path}: group {group} is there twice")
    return found.select("group", weight=pl.col("weight") / (1 if name == "weight" else _POINTS))
