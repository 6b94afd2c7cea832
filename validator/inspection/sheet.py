"""The sheet of verdicts: written for the cases drawn, filled in by a person, read back."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from validator.base import files
from validator.base.errors import InputError
from validator.base.formulas import plain
from validator.inspection.indicators import RIGHT, WRONG, judged
from validator.read import delimited, file_grids
from validator.read.place import Place, quoted

_ABOUT = {
    "病例": "case_id", "科室": "department", "医师": "physician", "编码员": "coder", "错误": "errors", "警告": "warnings",
    "得分": "score", "扣分项": "lost",
}  # fmt: skip


def write(path: Path, drawn: pl.DataFrame, names: Sequence[str]) -> None:
    """A CSV that Excel opens: a row for each case, and a column for each verdict (``names``), to be filled with 对 or 错."""
    with files.replacing(path) as scratch, scratch.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*_ABOUT, *names])
        for row in drawn.iter_rows(named=True):
            writer.writerow(
                [
                    *("" if row[name] is None else plain(str(row[name])) for name in _ABOUT.values()),
                    *("" for _ in names),
                ]
            )


def read(path: Path) -> dict[str, tuple[int, int]]:
    """Column -> (right, judged); :class:`InputError` names the line of a verdict that is neither."""
    try:
        sheets = file_grids.grids(path.read_bytes(), Place(str(path)))
    except OSError:
        raise InputError(
            f"{path} 找不到或打不开，应是填好的抽查表",
            f"{path} is not there or cannot be opened; it should be the filled sheet of verdicts",
        ) from None
    grid = next((each for each in sheets if each.rows), None)
    if grid is None:
        raise InputError(f"{path} 是空的", f"{path} is empty")
    heads, every = grid.rows[0], judged()
    usual = [each.verdict for each in every if each.of != "tcm"]
    if not set(usual) <= set(heads):
        raise InputError(
            f"{path} 不是抽查表：应有列 {'、'.join(usual)}", f"{path} is no sheet of verdicts: columns are missing"
        )
    names = [each.verdict for each in every if each.verdict in heads]
    delimited.check_widths(grid, 0)
    cells = list(zip(grid.lines[1:], grid.rows[1:], strict=True))
    return {name: _counted(path, name, ((line, row[heads.index(name)]) for line, row in cells)) for name in names}


def _counted(path: Path, name: str, cells: Iterable[tuple[int, Any]]) -> tuple[int, int]:
    right = wrong = 0
    for line, cell in cells:
        text = str(cell or "").strip()
        if text not in ("", RIGHT, WRONG):
            zh = f"{path} 第 {line} 行“{name}”应填 {RIGHT}、{WRONG} 或留空，填的是“{quoted(text)}”"
            raise InputError(zh, f"{path}, line {line}: '{name}' is {RIGHT}, {WRONG} or blank, not '{quoted(text)}'")
        right, wrong = right + (text == RIGHT), wrong + (text == WRONG)
    return right, right + wrong
