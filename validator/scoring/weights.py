"""Weights of groups: relative weights (RW), or base points of which 100 are weight 1."""

from pathlib import Path

import polars as pl

from validator.base.errors import InputError
from validator.grouping import written
from validator.read import flat

#: Columns of a table of weights, and what else they are called.
COLUMNS = {
    "group": ("DRG编码", "DRG组", "DRG", "病组编码", "病种编码", "DIP编码", "DIP", "组", "分组编码"),
    "weight": ("权重", "RW", "相对权重", "病组权重"),
    "points": ("基准点数", "点数", "分值", "病种分值"),
}
_POINTS = 100  #: of weight 1


def is_weights(names: list[str]) -> bool:
    """Whether these are the headings of a table of weights."""
    found = written.columns(names, COLUMNS)
    return "group" in found and bool({"weight", "points"} & found.keys())


def read(path: Path) -> pl.DataFrame:
    """``group, weight`` of a CSV, workbook or Parquet file; :class:`~validator.base.errors.InputError` names a row that is wrong."""
    frames = flat.frames([path], is_weights)
    rows = pl.concat(list(frames), how="diagonal_relaxed") if frames else pl.DataFrame()
    if rows.is_empty():
        names = "；".join("、".join((name, *ways)) for name, ways in COLUMNS.items())
        raise InputError(
            f"{path}：不是权重表，应有病组、权重（或基准点数）两列（{names}）",
            f"{path}: no table of weights; it should have a column of the group and one of weight or points ({names})",
        )
    found = written.columns(rows.columns, COLUMNS)
    name = "weight" if "weight" in found else "points"
    number = pl.col(found[name]).cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)
    read = rows.select(
        group=pl.col(found["group"]).cast(pl.String).str.strip_chars(), weight=number, _text=pl.col(found[name])
    ).filter(pl.col("group") != "")
    wrong = read.filter(pl.col("weight").is_null() | ~pl.col("weight").is_finite() | (pl.col("weight") < 0))
    if wrong.height:
        group, _, text = wrong.row(0)
        raise InputError(
            f"{path}：病组 {group} 的“{found[name]}”应是不小于 0 的数，写的是“{text or ''}”",
            f"{path}: '{found[name]}' of group {group} should be a number from 0 on, not '{text or ''}'",
        )
    if (twice := read.filter(pl.col("group").is_duplicated())).height:
        raise InputError(
            f"{path}：病组 {twice['group'][0]} 写了两次", f"{path}: group {twice['group'][0]} is there twice"
        )
    return read.select("group", weight=pl.col("weight") / (1 if name == "weight" else _POINTS))
