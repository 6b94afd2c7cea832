"""Knowledge tables (``codebooks/knowledge``): what rules know about codes, matched by prefix, longest first."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from validator.base import files, yaml_csv

_RANGE = re.compile(r"([A-Z]?)([0-9]+)-([A-Z]?)([0-9]+)")
_CODE_COLUMNS = ("code", "left", "right", "needs")


@dataclass(frozen=True)
class Knowledge:
    """One table. ``rows``: row id -> cells; a code falls under a row when one of its prefixes does."""

    name: str
    rows: dict[str, dict[str, str]]  #: row id -> cells
    prefixes: dict[str, dict[str, list[str]]]  #: code column -> prefix -> row ids
    _memory: dict[str, dict[str, list[str]]] = field(default_factory=dict, repr=False)

    @cached_property
    def _lengths(self) -> dict[str, list[int]]:
        """Code column -> how long its prefixes are, longest first: a code may have a megabyte."""
        return {column: sorted({*map(len, table)}, reverse=True) for column, table in self.prefixes.items()}

    def matches(self, column: str, codes: Iterable[str]) -> dict[str, list[str]]:
        """The rows of the table that each code falls under; codes under none are left out."""
        return {code: rows for code in codes if (rows := self.under(column, code))}

    def attribute(self, column: str, code: str) -> str | None:
        """The cell ``column`` of the row with the longest prefix of ``code``; None where there is none or it is blank.

        In a table of pairs the code is looked for on the right, the side that a finding points at.
        """
        rows = self.under("code" if "code" in self.prefixes else "right", code)
        return self.rows[rows[0]][column] or None if rows else None

    def under(self, column: str, code: str) -> list[str]:
        """Ids of the rows with a prefix of ``code``, longest prefix first; remembered, for codes come again and again."""
        known = self._memory.setdefault(column, {})
        rows = known.get(code)
        if rows is None:
            table = self.prefixes[column]
            found = [
                row for length in self._lengths[column] if length <= len(code) for row in table.get(code[:length], ())
            ]
            rows = known[code] = list(dict.fromkeys(found))
        return rows


@cache
def load(root: Path | None = None) -> dict[str, Knowledge]:
    """Every table of ``codebooks/knowledge``; :class:`~validator.base.errors.ConfigError` names a wrong line."""
    root = root or files.data("codebooks") / "knowledge"
    return {path.stem: _table(path) for path in sorted(root.glob("*.csv"))}


def _table(path: Path) -> Knowledge:
    rows: dict[str, dict[str, str]] = {}
    prefixes: dict[str, dict[str, list[str]]] = {}
    for line, cells in yaml_csv.read_csv(path, {"id", "basis", "sure"}):
        if cells["id"] in rows:
            raise yaml_csv.fault(path, line, f"编号“{cells['id']}”重复", f"id '{cells['id']}' is there twice")
        rows[cells["id"]] = cells
        for column in _CODE_COLUMNS:
            if column in cells:
                try:
                    expanded = _expand(cells[column])
                except ValueError as error:
                    raise yaml_csv.fault(path, line, f"编码范围写错：{error}", f"wrong code range: {error}") from None
                for prefix in expanded:
                    prefixes.setdefault(column, {}).setdefault(prefix, []).append(cells["id"])
    return Knowledge(path.stem, rows, prefixes)


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
