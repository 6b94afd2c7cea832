"""Leaves during stays: days on which the patient was away with leave."""

from pathlib import Path

import polars as pl

from validator.base.errors import InputError
from validator.checks import typed_columns
from validator.read import named_columns
from validator.read.place import quoted

COLUMNS = {
    "case_id": ("setl_id", "结算ID", "就诊ID", "mdtrt_id", "病案号", "medcasno"),
    "leave_begin": ("请假开始", "请假开始日期", "请假日期", "离院日期"),
    "leave_end": ("请假结束", "请假结束日期", "返院日期"),
}


def read(path: Path) -> pl.DataFrame:
    """``case_id, leave_days`` of a table of leaves: days from leaving to coming back, each day once, a leave within one day 1.

    Raises :class:`~validator.base.errors.InputError` for a date that is none, or a leave that ends before it begins.
    """
    lacking = (
        "不是请假文件，应有 setl_id、leave_begin、leave_end 三列",
        "no file of leaves; it should have the columns setl_id, leave_begin, leave_end",
    )
    rows = named_columns.rows(path, COLUMNS, lambda names: names >= COLUMNS.keys(), lacking).drop_nulls()
    rows = rows.with_columns(typed_columns.days(path, rows, name).alias(name) for name in ("leave_begin", "leave_end"))
    if (wrong := rows.filter(pl.col("leave_end") < pl.col("leave_begin"))).height:
        case = quoted(wrong["case_id"][0])
        raise InputError(f"{path}：{case} 的请假结束早于开始", f"{path}: a leave of {case} ends before it begins")
    last = pl.max_horizontal("leave_begin", pl.col("leave_end") - pl.duration(days=1))
    away = rows.select("case_id", day=pl.date_ranges("leave_begin", last)).explode("day")
    return away.unique().group_by("case_id").agg(leave_days=pl.len().cast(pl.Int64))
