"""Files into which no mark can be written (CSV, .xls): their rows as sheets of a new workbook, the findings at its cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import cached_property
from typing import Any

import polars as pl

from validator.base.errors import InputError
from validator.checks.findings import SOURCE
from validator.read import file_grids, inputs
from validator.read.cells import letters, text
from validator.read.file_notes import FileNotes
from validator.read.grids import Grid
from validator.report.common.view import ReportView, RowsOfFrames
from validator.workbook.sheet import MOST_ROWS
from validator.workbook.tabs import free_name
from validator.workbook.text_sheet import MOST_COLUMNS

_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")  #: in the name of a sheet
_LONGEST = 31  #: letters of such a name


class AsSheets(RowsOfFrames):
    """A report whose findings are at cells of :attr:`sheets`, no longer at lines and headings of files."""

    def __init__(self, report: ReportView, grids: Sequence[Grid]) -> None:
        self._report = report
        self.sheets: dict[str, Grid] = {}  #: name -> rows; a row's number is its line in the file
        names = {}
        for grid in grids:
            wanted = _FORBIDDEN.sub("_", grid.name)[:_LONGEST].strip("' ") or "_"
            names[grid.place.file, grid.place.sheet] = name = free_name(wanted, list(self.sheets))
            self.sheets[name] = grid
        self._names = _frame([(*place, name) for place, name in names.items()], "file", "sheet", "_sheet")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._report, name)

    def iter_findings(self) -> Iterator[pl.DataFrame]:
        """The findings, each at the row and column of its sheet."""
        for part in self._report.iter_findings():
            source = part["source"].struct.unnest()
            for places, keys in ((self._columns, ["file", "sheet", "column"]), (self._names, ["file", "sheet"])):
                source = source.join(places, on=keys, how="left", nulls_equal=True, maintain_order="left")
            column = pl.coalesce("_letters", "column")
            yield part.with_columns(
                source=source.select(
                    pl.struct("file", "row", "path", sheet="_sheet", column=column).cast(SOURCE)
                ).to_series()
            )

    @cached_property
    def _columns(self) -> pl.DataFrame:
        """What columns are called, where they are not called by their letters."""
        found = {
            (source.file, source.sheet, name): "+".join(letters(at) for at in source.places[field][0] if at is not None)
            for source in self._report.sources
            for field, name in source.columns.items()
            if field in source.places and source.sheet is None
        }
        return _frame([(*place, shown) for place, shown in found.items()], "file", "sheet", "column", "_letters")


def as_sheets(report: ReportView) -> AsSheets | None:
    """The report with the rows that were checked; None where they are in no table, lie elsewhere, or are too many."""
    files = list(dict.fromkeys(source.file for source in report.sources if source.table))
    grids = list[Grid]()
    try:
        with ExitStack() as stack:
            items = {item.name: item for item in inputs.find(report.inputs, stack, FileNotes(strict=False))[0]}
            for item in (items[file] for file in files):
                if item.kind not in ("delimited", "workbook"):
                    return None
                grids += file_grids.grids(item.read(), item.place)
    except (InputError, KeyError):
        return None
    fits = all(grid.lines[-1] < MOST_ROWS and max(map(len, grid.rows)) <= MOST_COLUMNS for grid in grids if grid.rows)
    return AsSheets(report, grids) if grids and fits else None


def texts(grid: Grid) -> list[list[str]]:
    """The rows of a sheet as people see them."""
    if not grid.letters:  # the cells of a CSV are texts
        return grid.rows
    return [[each if isinstance(each, str) else text(each, "") or "" for each in row] for row in grid.rows]


def _frame(rows: Sequence[tuple[str | None, ...]], *columns: str) -> pl.DataFrame:
    return pl.DataFrame(rows, dict.fromkeys(columns, pl.String), orient="row")
