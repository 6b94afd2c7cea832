"""Excel: the user's own workbook back, bad cells filled and commented, with the findings and a summary in front.

Of CSV and other tables the rows come in sheets of a new workbook, marked likewise. If the input was neither (JSON,
Parquet), a new workbook with summary, findings and cases.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

import polars as pl

from validator.base import files
from validator.base.errors import InputError
from validator.base.language import say
from validator.report.common.as_sheets import AsSheets, as_sheets, texts
from validator.report.common.pages import Looks, Pages
from validator.report.common.view import ReportView
from validator.report.common.words import LEVELS, RANK, in_brackets, to_do
from validator.workbook import comments, marks, tabs
from validator.workbook.package import Package
from validator.workbook.styles import Styles
from validator.workbook.text_sheet import TextSheet

EXTENSION = ".xlsx"
STAYS = True  #: in the department: physicians and coders are named
#: Comments in one workbook; with many more, Excel takes minutes to open it.
MOST_COMMENTS = 20_000
_MOST_FINDINGS = 8  #: findings stated in one comment
_COMMENTED = ("level", "check", "message", "fix", "suggested", "applicability")
_LETTERS = r"\A[A-Z]{1,3}\z"
_MACROS = ".xlsm"
_TEXT = 49  #: the number format of text: 01 typed into such a cell stays 01
#: How each of our comments begins.
_BEGINNINGS = tuple(f"【{word}】" for level in LEVELS.values() for word in (level.zh, level.en))

Notes = dict[tuple[int, int], list[comments.Line]]


def write(report: ReportView, path: Path) -> Path:
    """Write the workbook; one with macros keeps its own extension in place of that of ``path``."""
    source = own_workbook(report)
    try:
        return _write(report, path, source, "")
    except (InputError, BadZipFile, ExpatError, KeyError, IndexError):
        if source is None:
            raise
        return _write(
            report, path, None, say(f"{source.name} 的格式不能批注，另建本工作簿", f"{source.name} cannot be annotated")
        )


def _write(report: ReportView, path: Path, source: Path | None, remark: str) -> Path:
    """``source``: the user's workbook, to be annotated; without it a new one, with the remark why."""
    package = Package(source)
    own = package.has_source
    rows = None if own else as_sheets(report)
    try:
        path = path.with_suffix(_MACROS if own and source and source.suffix.lower() == _MACROS else EXTENSION)
        styles = Styles(package, {name: level.fill for name, level in LEVELS.items()})
        tabs.drop_ours(package)
        bare = _mark_sheets(package, styles, report) if own else _write_sheets(package, styles, rows) if rows else 0
        taken = [tab.name for tab in tabs.tabs(package)]
        annotated = own or rows is not None
        pages = Pages(rows or report, Looks(styles), annotated=annotated)
        findings = pages.findings(tabs.free_name(say("质控结果", "Findings"), taken), bare)
        summary = pages.summary(tabs.free_name(say("质控汇总", "Summary"), taken), remark)
        ours = [summary, findings] if annotated else [summary, findings, pages.cases(say("病例", "Cases"))]
        tabs.put_in_front(package, ours)
        with files.replacing(path) as scratch:
            package.save(scratch)
    finally:
        package.close()
    return path


def own_workbook(report: ReportView) -> Path | None:
    """The workbook to annotate: the only file of the input (or of the folder), if it is one and is still there."""
    files = list(report.count_cases("file")) or report.inputs
    path = Path(next(iter(files), ""))
    if (
        len(files) != 1
        or len(report.inputs) != 1
        or path.suffix.lower() not in (EXTENSION, _MACROS)
        or not path.is_file()
    ):
        return None
    return path


def _mark_sheets(package: Package, styles: Styles, report: ReportView) -> int:
    """Fill and comment the bad cells; gives the number of cells that got no comment."""
    before = styles.unmarked()
    every = tabs.tabs(package)
    marked = _marks(report, every[0].name)
    for tab in every:
        levels = marked.levels.get(tab.name, {})
        sheet = marks.mark(package.read(tab.part), levels, styles, before)
        if levels or before:
            notes = marked.notes.get(tab.name, {})
            drawing = comments.annotate(package, tab.part, sheet.drawing, notes, _BEGINNINGS)
            if drawing:
                sheet.relate(drawing)
        package.put(tab.part, partial(_write_marked, sheet, package.original(tab.part)))
    return marked.bare


def _write_sheets(package: Package, styles: Styles, rows: AsSheets) -> int:
    """Write the rows of the files as sheets, bad cells filled and commented, as :func:`_mark_sheets` does."""
    plain, heading = (styles.own(size=11, number=_TEXT, bold=bold) for bold in (False, True))
    marked = _marks(rows, next(iter(rows.sheets)))
    for name, grid in rows.sheets.items():
        levels = marked.levels.get(name, {})
        formats = {
            line: {column: styles.marked(plain, level) for column, level in of_row.items()}
            for line, of_row in levels.items()
        }
        sheet = TextSheet(texts(grid), grid.lines, plain, heading, formats)
        part = tabs.put_behind(package, name, sheet.write)
        sheet.drawing = comments.annotate(package, part, "", marked.notes.get(name, {}), _BEGINNINGS)
    return marked.bare


@dataclass
class _Marks:
    """What is marked, by sheet."""

    levels: dict[str, dict[int, dict[int, str]]]  #: row -> column -> level
    notes: dict[str, Notes]
    bare: int  #: cells without a comment, because there are too many


def _marks(report: ReportView, first: str) -> _Marks:
    cells = _cells(report, first)
    commented = cells.unique(("sheet", "line", "column"), keep="first", maintain_order=True)
    levels: dict[str, dict[int, dict[int, str]]] = {}
    for sheet, line, column, level in commented.select("sheet", "line", "column", "level").iter_rows():
        levels.setdefault(sheet, {}).setdefault(line, {})[column] = level
    notes = _notes(report, cells.join(commented.head(MOST_COMMENTS), on=("sheet", "line", "column"), how="semi"))
    return _Marks(levels, notes, max(0, commented.height - MOST_COMMENTS))


def _write_marked(marked: marks.Marked, original: Callable[[], bytes], file: IO[bytes]) -> None:
    """Write a marked sheet; the original is read again here, so that only one sheet is in memory at a time."""
    marked.write(original(), file)


def _cells(report: ReportView, first: str) -> pl.DataFrame:
    """One row per finding and cell, gravest first: sheet, line, column (a number), and what is known.

    A field that comes from several columns (``A+B+C``) marks them all; one without a column of its own, the row's first cell.
    What is wrong with a whole sheet or file marks the first cell of the sheet, or of the ``first`` one.
    """
    source = pl.col("source").struct
    parts = [
        part.select(
            sheet=source.field("sheet").fill_null(first), line=source.field("row").fill_null(1),
            column=source.field("column").fill_null("A").str.split("+"), **{name: name for name in _COMMENTED},
        )
        for part in report.iter_findings()
    ]  # fmt: skip
    if not parts:
        return pl.DataFrame(schema=dict.fromkeys(("sheet", "line", "column", *_COMMENTED), pl.String))
    cells = pl.concat(parts).explode("column").filter(pl.col("column").str.contains(_LETTERS))
    numbers = {letters: marks.column_number(letters) for letters in cells["column"].unique()}
    rank = pl.col("level").replace_strict(RANK, return_dtype=pl.Int8)
    return cells.with_columns(pl.col("column").replace_strict(numbers, return_dtype=pl.Int64)).sort(
        rank, maintain_order=True
    )


def _notes(report: ReportView, cells: pl.DataFrame) -> dict[str, Notes]:
    """The comments, by sheet and cell: title, message and fix of each finding."""
    notes: dict[str, Notes] = {}
    checks, more = report.checks, Counter[tuple[str, int, int]]()
    for finding in cells.iter_rows(named=True):
        sheet, line, column = place = finding["sheet"], finding["line"], finding["column"]
        lines = notes.setdefault(sheet, {}).setdefault((line, column), [])
        more[place] += 1
        if more[place] > _MOST_FINDINGS:
            continue
        level, title = LEVELS[finding["level"]], checks[finding["check"]].title(report.lang)
        lines.append(comments.Line(f"【{level}】{title}{in_brackets(finding['check'])}", bold=True, ink=level.ink))
        lines.append(comments.Line(finding["message"]))
        if what := to_do(finding):
            lines.append(comments.Line(say("改：", "Do: ") + what))
    for (sheet, line, column), count in more.items():
        if (left := count - _MOST_FINDINGS) > 0:
            words = say(f"另有 {left} 处，见质控结果", f"{left} more: see the findings sheet")
            notes[sheet][line, column].append(comments.Line(words))
    return notes
