"""Knowledge tables (``codebooks/knowledge``): what rules know about codes, matched by prefix, longest first."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from validator import config, paths

_RANGE = re.compile(r"([A-Z]?)([0-9]+)-([A-Z]?)([0-9]+)")
_CODE_COLUMNS = ("code", "left", "right", "needs")


@dataclass(frozen=True)
class Knowledge:
    """One table; ``rows`` keep their cells, ``prefixes`` holds each code column's codes one per row."""

    name: str
    rows: dict[str, dict[str, str]]  #: row id -> cells
    prefixes: dict[str, pl.DataFrame]  #: code column -> frame of id, prefix

    def matches(self, column: str, codes: Iterable[str]) -> pl.DataFrame:
        """Which rows of the table each distinct code falls under: frame of ``code``, ``id``, ``prefix``."""
        table = self.prefixes[column]
        frame = pl.DataFrame({"code": pl.Series(codes, dtype=pl.String)})
        lengths = table["prefix"].str.len_chars().unique().to_list()
        found = [
            frame.with_columns(prefix=pl.col("code").str.slice(0, n)).filter(pl.col("prefix").str.len_chars() == n)
            for n in lengths
        ]
        every = pl.concat(found) if found else frame.with_columns(prefix=pl.lit(None, pl.String))
        return every.join(table, on="prefix").select("code", "id", "prefix")

    def attribute(self, column: str, codes: pl.Series) -> pl.Series:
        """For each code the cell ``column`` of the row with the longest matching prefix; null where none or blank."""
        matched = self.matches("code", codes.drop_nulls().unique())
        best = matched.sort(pl.col("prefix").str.len_chars(), descending=True).unique("code", keep="first")
        values = {row["code"]: self.rows[row["id"]][column] or None for row in best.iter_rows(named=True)}
        return codes.replace_strict(values, default=None, return_dtype=pl.String)


@cache
def load(root: Path | None = None) -> dict[str, Knowledge]:
    """Every table of ``codebooks/knowledge``; :class:`~validator.errors.ConfigError` names a wrong line."""
    root = root or paths.data("codebooks") / "knowledge"
    return {path.stem: _table(path) for path in sorted(root.glob("*.csv"))}


def _table(path: Path) -> Knowledge:
    rows: dict[str, dict[str, str]] = {}
    prefixes: dict[str, list[tuple[str, str]]] = {}
    for line, cells in config.read_csv(path, {"id", "basis", "sure"}):
        if cells["id"] in rows:
            raise config.fault(path, line, f"编号“{cells['id']}”重复", f"id '{cells['id']}' is there twice")
        rows[cells["id"]] = cells
        for column in _CODE_COLUMNS:
            if column in cells:
                try:
                    expanded = _expand(cells[column])
                except ValueError as error:
                    raise config.fault(path, line, f"编码范围写错：{error}", f"wrong code range: {error}") from None
                prefixes.setdefault(column, []).extend((cells["id"], prefix) for prefix in expanded)
    frames = {
        column: pl.DataFrame(pairs, schema={"id": pl.String, "prefix": pl.String}, orient="row")
        for column, pairs in prefixes.items()
    }
    return Knowledge(path.stem, rows, frames)


def _expand(cell: str) -> list[str]:
    """``O80-O82 Z37.0`` to ``O80 O81 O82 Z37.0``; a range counts its last digits, within one letter."""
    result: list[str] = []
    for part in cell.split():
        span = _RANGE.fullmatch(part)
        if not span:
            if "-" in part:
                raise ValueError(part)
            result.append(part)
            continue
        first, low, last, high = span.groups()
        if (last or first) != first or len(low) != len(high) or int(low) > int(high):
            raise ValueError(part)
        result += [f"{first}{n:0{len(low)}d}" for n in range(int(low), int(high) + 1)]
    return result
