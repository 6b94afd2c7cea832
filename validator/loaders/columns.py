"""Which of the national tables a sheet may hold: by its headings, its name and title, and the form of its codes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import Any

import polars as pl

from validator.loaders import tables
from validator.loaders.tables import CodeTable
from validator.read.cells import letters, text
from validator.read.grids import Grid
from validator.read.headings import stacked
from validator.read.plain import spellings

_SEARCHED = 30  #: rows in which a heading row may stand
_LONGEST = 40  #: characters of a heading
_TRIED = 2_000  #: codes that tell one table from another
_FITTING = 0.5  #: share of them that must fit
_COMMON = 100  #: rank from which headings are those that any table may have
_NUMBER = re.compile("v?[0-9]+")


@dataclass(frozen=True)
class CodeColumns:
    """What the columns of a sheet are, if it holds ``table``."""

    table: CodeTable
    roles: dict[str, list[int]]  #: columns of each role, the best first
    headings: list[str]  #: of every column, as written; blank where there is none
    own: int  #: how many of the roles have headings that are this table's own
    first: int  #: index of the first row of data

    @property
    def editions(self) -> str:
        """The headings of the codes, which may name their edition (国临版2.0编码); of a map those of both sides."""
        roles = ("code", "target") if self.table.is_map else ("code",)
        return " ".join(self.headings[self.roles[role][0]] for role in roles)

    def label(self, grid: Grid, role: str) -> tuple[str, str]:
        """A column for messages, in Chinese and in English."""
        column = self.roles[role][0]
        zh, en = (f" {letters(column)} ", f" {letters(column)} ") if grid.letters else ("", " ")
        return f"{zh}列“{self.headings[column]}”", f"column{en}'{self.headings[column]}'"


def choices(grid: Grid, asked: str = "") -> list[CodeColumns]:
    """The tables that a sheet may hold, all equally likely; none if it holds no table. ``asked``: the only one to try."""
    known = tables.load()
    found = [each for table in ([known[asked]] if asked else known.values()) if (each := locate(grid, table))]
    if asked or not found:
        return found
    text = " ".join((PurePath(grid.place.file).name, grid.name, *titles(grid, found[0].first)))
    ranks = [(_rank(each, grid, text), each) for each in found]
    best = max(rank for rank, _ in ranks)
    return [each for rank, each in ranks if rank == best and rank > _NOT]


_NOT = (-1, 0, 0)


def _rank(columns: CodeColumns, grid: Grid, text: str) -> tuple[int, int, int]:
    """How likely it is that the sheet holds this table: by what names say, by headings, by the form of the codes."""
    table = columns.table
    named = bool(table.named and re.search(table.named, text, re.IGNORECASE))
    if (table.named and not named) or (table.not_named and re.search(table.not_named, text, re.IGNORECASE)):
        return _NOT
    fits = _fit(columns, grid)
    if (not fits and not columns.own) or (fits is False and table.enforced):
        return _NOT
    return int(named), columns.own, int(bool(fits))


def _fit(columns: CodeColumns, grid: Grid) -> bool | None:
    """Whether most of the first codes are built as this table's; None where that cannot be known."""
    column = columns.roles[columns.table.coded][0]
    rows = grid.rows[columns.first : columns.first + _TRIED]
    cells = (text(row[column], "") or "" for row in rows if column < len(row))
    codes = [cell for cell in cells if any(char.isdecimal() for char in cell)]
    if not columns.table.regex or not codes:
        return None
    fitting = folded(pl.Series(codes, dtype=pl.String), columns.table).str.contains(columns.table.regex)
    return int(fitting.sum()) >= _FITTING * len(codes)


def numbers(grid: Grid, found: CodeColumns) -> list[int]:
    """The rows whose code is stored as a number, which keeps no zero in front or behind."""
    column = found.roles[found.table.coded][0]
    rows = zip(grid.lines[found.first :], grid.rows[found.first :], strict=True)
    return [line for line, row in rows if column < len(row) and isinstance(row[column], int | float)]


def folded(codes: pl.Series, table: CodeTable) -> pl.Series:
    """Codes in half width, without blanks, in the letter case of the table's forms."""
    codes = codes.str.normalize("NFKC").str.replace_all("[\u200b\ufeff]|_x000D_", "").str.strip_chars()
    folds = {form.fold for form in table.forms}
    if folds & {"icd", "upper"}:
        codes = codes.str.to_uppercase()
    return codes.str.replace_all("([0-9.])X", "${1}x") if "icd" in folds else codes


def titles(grid: Grid, first: int) -> list[str]:
    """The texts above the headings."""
    cells = (cell for row in grid.rows[: max(first - 1, 0)] for cell in row)
    return [cell for cell in cells if isinstance(cell, str) and cell.strip()]


def locate(grid: Grid, table: CodeTable) -> CodeColumns | None:
    """The columns of a sheet that has all that ``table`` needs; the row with most of its headings counts."""
    best: CodeColumns | None = None
    for index, row in enumerate(grid.rows[:_SEARCHED]):
        if sum(isinstance(cell, str) and bool(cell.strip()) for cell in row) < len(table.needs):
            continue
        found = _resolve(grid, table, index, 1)
        if found and _two_rows(grid, found, index):
            found = _resolve(grid, table, index, 2)
        if found and (best is None or (found.own, len(found.roles)) > (best.own, len(best.roles))):
            best = found
    return best


def _two_rows(grid: Grid, found: CodeColumns, index: int) -> bool:
    """Whether the heading of the codes is a cell of two merged rows."""
    remark = grid.remarks.get((grid.lines[index], found.roles["code"][0]))
    area = re.findall("[0-9]+", remark.args.get("area", "")) if remark else []
    return len(area) == 2 and int(area[1]) == int(area[0]) + 1


def _resolve(grid: Grid, table: CodeTable, index: int, depth: int) -> CodeColumns | None:
    ranked, headings = dict[str, list[tuple[int, int]]](), list[str]()
    for column, candidates in enumerate(stacked(grid.rows, index, depth)):
        headings.append(candidates[-1] if candidates else "")
        matches = [match for each in candidates if len(each) <= _LONGEST and (match := _role(table.name, each))]
        if matches:
            rank, role = min(matches)
            ranked.setdefault(role, []).append((rank, column))
    if not all(role in ranked for role in table.needs):
        return None
    own = sum(min(ranked[role])[0] < _COMMON for role in ranked)
    roles = {role: [column for _, column in sorted(some)] for role, some in ranked.items()}
    return CodeColumns(table, roles, headings, own, index + depth)


@lru_cache(maxsize=20_000)
def _role(table: str, heading: str) -> tuple[int, str] | None:
    """Return the rank and the role of a heading in a table, None where it has none."""
    words = [_NUMBER.sub("", each) for each in spellings(heading)]
    own = tables.load()[table].headings
    for offset, known in ((0, own), (_COMMON, tables.common())):
        matches = [
            (offset + rank, role)
            for role, expressions in known.items()
            for rank, expression in enumerate(expressions)
            if any(re.fullmatch(expression, word) for word in words if word)
        ]
        if matches:
            return min(matches)
    return None


def is_heading(table: CodeTable, text: str) -> bool:
    """Whether a text is a heading of the table's codes."""
    found = _role(table.name, text) if len(text) <= _LONGEST else None
    return bool(found and found[1] == "code")


def headings_of(rows: Sequence[Sequence[Any]]) -> list[str]:
    """The texts of the row that looks most like headings, for messages."""
    texts = [[cell.strip() for cell in row if isinstance(cell, str) and cell.strip()] for row in rows[:_SEARCHED]]
    return max(texts, key=len, default=[])
