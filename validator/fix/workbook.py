"""Workbooks, fixed in place: formats, other sheets, charts and formulas stay as they are."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from io import BytesIO
from typing import IO
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

from validator.fix.cells import ChangedRow
from validator.fix.edits import Edit
from validator.fix.splice import Reason
from validator.read import workbook
from validator.read.cells import text
from validator.read.grids import Grid
from validator.read.inputs import Item
from validator.spec.layouts import Layout
from validator.workbook import texts
from validator.workbook.marks import Marked
from validator.workbook.package import Package, child
from validator.workbook.styles import Styles
from validator.workbook.tabs import tabs

Tell = Callable[[Edit, Reason | None], None]
_Sheets = Mapping[str, tuple[list["Pending"], dict[texts.Place, str]]]
Pending = tuple[Edit, list[texts.Place]]  #: an edit and the cells it changes


def write(item: Item, edits: Iterable[Edit], layouts: Mapping[str, Layout], out: IO[bytes], tell: Tell) -> None:
    """Write the workbook with the edits made as texts; a cell with a formula is left alone."""
    data = item.read()
    sheets = _cells(edits, {grid.name: grid for grid in workbook.grids(data, item.place)}, layouts, tell)
    try:
        _write_edited(Package(BytesIO(data)), sheets, out, tell)
    except (BadZipFile, ExpatError, KeyError, IndexError):  # readable, but a part is missing or damaged
        raise item.place.fault(
            "工作簿缺少部件或部件损坏，不能修正；请用 Excel 打开后另存为 .xlsx 再试",
            "parts of the workbook are missing or damaged, so that it cannot be fixed; open it in Excel and save it as .xlsx",
        ) from None


def _write_edited(package: Package, sheets: _Sheets, out: IO[bytes], tell: Tell) -> None:
    try:
        styles = Styles(package)
        for tab in tabs(package):
            pending, new = sheets.get(tab.name, ([], {}))
            if pending:
                marked, formulas = texts.put(package.read(tab.part), new, styles.quoted)
                package.put(tab.part, partial(_write, marked, package.original(tab.part)))
                for edit, places in pending:
                    tell(edit, Reason.FORMULA if formulas.intersection(places) else None)
        _calculate_anew(package)
        package.save(out)
    finally:
        package.close()


def _cells(
    edits: Iterable[Edit], grids: Mapping[str, Grid], layouts: Mapping[str, Layout], tell: Tell
) -> dict[str, tuple[list[Pending], dict[texts.Place, str]]]:
    """By sheet: the edits, and what to write."""
    made: dict[str, list[Pending]] = {}
    rows: dict[tuple[str, int], ChangedRow] = {}
    for edit in edits:
        line, sheet = edit.line or 0, edit.source.sheet or ""
        row = rows.setdefault((sheet, line), ChangedRow())
        columns = row.change(edit, partial(_shown, grids[sheet].rows[line - 1], _kind(edit, layouts)))
        if columns is None:
            tell(edit, Reason.CHANGED)
        else:
            made.setdefault(sheet, []).append((edit, [(line, column + 1) for column in columns]))
    new: dict[str, dict[texts.Place, str]] = {sheet: {} for sheet in made}
    for (sheet, line), row in rows.items():
        new.get(sheet, {}).update({(line, column + 1): text for column, text in row.new.items()})
    return {sheet: (edits_of_sheet, new[sheet]) for sheet, edits_of_sheet in made.items()}


def _kind(edit: Edit, layouts: Mapping[str, Layout]) -> str:
    """The type by which the reader shows the edit's cells: that of the field, where one cell holds it."""
    row = layouts[edit.layout].tables[edit.table].fields.get(edit.field)
    return row.type if row and len(edit.source.places[edit.field][0]) == 1 else ""


def _shown(row: list[object], kind: str, column: int) -> str | None:
    return (text(row[column], kind) or None) if column < len(row) else None


def _write(marked: Marked, original: Callable[[], bytes], file: IO[bytes]) -> None:
    marked.write(original(), file)


def _calculate_anew(package: Package) -> None:
    """Have the formulas that read changed cells calculated when the workbook is opened."""
    settings = child(package.root(package.workbook), "calcPr")
    if settings is not None:
        settings.setAttribute("fullCalcOnLoad", "1")
