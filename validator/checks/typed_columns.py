"""Columns of texts in officers' tables as days, amounts and counts; a text that is none is an error that names its row."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from validator.checks.cell_typing import amount, day
from validator.read.place import Place, quoted


def days(path: Path, frame: pl.DataFrame, name: str) -> pl.Series:
    """The days of a column of texts in any of the forms that lists have them."""
    return _read(path, frame, name, day, pl.Int32, ("不是日期", "is no date")).cast(pl.Date)


def fen(path: Path, frame: pl.DataFrame, name: str) -> pl.Series:
    """The amounts of a column of texts in yuan, as whole fen."""
    return _read(path, frame, name, _fen, pl.Int64, ("不是金额", "is no amount"))


def _fen(text: str) -> int | None:
    return amount(text.replace(",", ""), 2)


def _read(
    path: Path, frame: pl.DataFrame, name: str, reader: Callable[[str], int | None], kind: Any, wrong: tuple[str, str]
) -> pl.Series:
    texts = frame[name]
    known = texts.unique().drop_nulls()
    meaning = [reader(text) for text in known]
    if None in meaning:
        bad = known[meaning.index(None)]
        row = int((texts == bad).arg_max() or 0) + 1
        zh = f"第 {row} 行数据的 {name}：“{quoted(bad)}”{wrong[0]}"
        raise Place(str(path)).fault(zh, f"data row {row}, {name}: '{quoted(bad)}' {wrong[1]}")
    return texts.replace_strict(known, pl.Series(meaning, dtype=kind), default=None, return_dtype=kind)


def whole(path: Path, frame: pl.DataFrame, name: str) -> pl.Series:
    """The whole numbers of a column of texts."""
    return _read(path, frame, name, _whole, pl.Int64, ("不是整数", "is no whole number"))


def _whole(text: str) -> int | None:
    units = amount(text.replace(",", ""), 0)
    return units if units is not None and units >= 0 else None
