"""The sheet of verdicts: written for the cases drawn, filled in by a person, read back."""

import csv
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from validator.base import files
from validator.base.errors import InputError
from validator.inspection.indicators import RIGHT, WRONG, judged

_ABOUT = {
    "病例": "case_id", "科室": "department", "医师": "physician", "编码员": "coder", "错误": "errors", "警告": "warnings",
    "得分": "score", "扣分项": "lost",
}  # fmt: skip


def write(path: Path, drawn: pl.DataFrame) -> None:
    """A CSV that Excel opens: a row for each case, and a column for each verdict, to be filled with 对 or 错."""
    names = [each.verdict for each in judged()]
    with files.replacing(path) as scratch, scratch.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*_ABOUT, *names])
        for row in drawn.iter_rows(named=True):
            writer.writerow(
                [*("" if row[name] is None else row[name] for name in _ABOUT.values()), *("" for _ in names)]
            )


def read(path: Path) -> dict[str, tuple[int, int]]:
    """Column -> (right, judged); :class:`InputError` names the line of a verdict that is neither."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError):
        raise InputError(
            f"{path} 读不了，应是抽查表（UTF-8 的 CSV）", f"{path} is no sheet of verdicts (CSV in UTF-8)"
        ) from None
    names = [each.verdict for each in judged()]
    if not rows or not set(names) <= rows[0].keys():
        raise InputError(
            f"{path} 不是抽查表：应有列 {'、'.join(names)}", f"{path} is no sheet of verdicts: columns are missing"
        )
    return {name: _counted(path, name, (row[name] for row in rows)) for name in names}


def _counted(path: Path, name: str, cells: Iterable[str | None]) -> tuple[int, int]:
    right = wrong = 0
    for line, cell in enumerate(cells, 2):
        text = (cell or "").strip()
        if text not in ("", RIGHT, WRONG):
            zh = f"{path} 第 {line} 行“{name}”应填 {RIGHT}、{WRONG} 或留空，填的是“{text[:12]}”"
            raise InputError(zh, f"{path}, line {line}: '{name}' is {RIGHT}, {WRONG} or blank, not '{text[:12]}'")
        right, wrong = right + (text == RIGHT), wrong + (text == WRONG)
    return right, right + wrong
