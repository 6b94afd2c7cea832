"""Excel: the user's own workbook back, bad cells filled and commented, with the findings and a summary in front.

If the input was not one workbook (JSON, CSV, Parquet, several files), a new workbook with summary, findings and cases.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO
from zipfile import BadZipFile

import polars as pl

from validator.base import files
from validator.base.errors import InputError
from validator.base.language import say
from validator.report.common.pages import Looks, Pages
from validator.report.common.view import ReportView
from validator.report.common.words import LEVELS, RANK, in_brackets, to_do
from validator.workbook import comments, marks, tabs
from validator.workbook.package import Package
from validator.workbook.styles import Styles

EXTENSION = ".xlsx"
STAYS = True  #: in the department: physicians and coders are named
#: Comments in one workbook; with many more, Excel takes minutes to open it.
MOST_COMMENTS = 20_000
_MOST_FINDINGS = 8  #: findings stated in one comment
_COMMENTED = ("level", "check", "message", "fix", "suggested", "applicability")
_LETTERS = r"\A[A-Z]{1,3}\z"
_MACROS = ".xlsm"
#: How each of our comments begins.
_BEGINNINGS = tuple(f"【{word}】" for level in LEVELS.values() for word in (level.zh, level.en))

Notes = dict[tuple[int, int], list[comments.Line]]


def write(report: ReportView, path: Path) -> Path:
    """Write the workbook; one with macros keeps its own extension in place of that of ``path``."""
    source = own_workbook(report)
    package, remark = _open(source)
    try:
        annotated = package.has_source
        path = path.with_suffix(_MACROS if annotated and source and source.suffix.lower() == _MACROS else EXTENSION)
        styles = Styles(package, {name: level.fill for name, level in LEVELS.items()})
        tabs.drop_ours(package)
        taken = [tab.name for tab in tabs.tabs(package)]
        bare = _mark_sheets(package, styles, report) if annotated else 0
        pages = Pages(report, Looks(styles), annotated=annotated)
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
    files = report.cases["file"].unique().to_list() or report.inputs
    path = Path(next(iter(files), ""))
    if (
        len(files) != 1
        or len(report.inputs) != 1
        or path.suffix.lower() not in (EXTENSION, _MACROS)
        or not path.is_file()
    ):
        return None
    return path


def _open(source: Path | None) -> tuple[Package, str]:
    """The user's workbook, or a new one with the remark why."""
    if source:
        try:
            return Package(source), ""
        except (InputError, BadZipFile, KeyError):
            return Package(), say(f"{source.name} 的格式不能批注，另建本工作簿", f"{source.name} cannot be annotated")
    return Package(), ""


def _mark_sheets(package: Package, styles: Styles, report: ReportView) -> int:
    """Fill and comment the bad cells; gives the number of cells that got no comment."""
    before = styles.unmarked()
    every = tabs.tabs(package)
    cells = _cells(report, every[0].name)
    commented = cells.unique(("sheet", "line", "column"), keep="first", maintain_order=True)
    notes = _notes(report, cells.join(commented.head(MOST_COMMENTS), on=("sheet", "line", "column"), how="semi"))
    for tab in every:
        levels: dict[int, dict[int, str]] = {}
        for line, column, level in commented.filter(sheet=tab.name).select("line", "column", "level").iter_rows():
            levels.setdefault(line, {})[column] = level
        marked = marks.mark(package.read(tab.part), levels, styles, before)
        if levels or before:
            drawing = comments.annotate(package, tab.part, marked.drawing, notes.get(tab.name, {}), _BEGINNINGS)
            if drawing:
                marked.relate(drawing)
        package.put(tab.part, partial(_write_marked, marked, package.original(tab.part)))
    return max(0, commented.height - MOST_COMMENTS)


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
    for (sheet, line, column), found in cells.group_by("sheet", "line", "column", maintain_order=True):
        lines = []
        for finding in found.head(_MOST_FINDINGS).iter_rows(named=True):
            level, title = LEVELS[finding["level"]], report.checks[finding["check"]].title(report.lang)
            lines.append(comments.Line(f"【{level}】{title}{in_brackets(finding['check'])}", bold=True, ink=level.ink))
            lines.append(comments.Line(finding["message"]))
            if what := to_do(finding):
                lines.append(comments.Line(say("改：", "Do: ") + what))
        if (more := found.height - _MOST_FINDINGS) > 0:
            lines.append(comments.Line(say(f"另有 {more} 处，见质控结果", f"{more} more: see the findings sheet")))
        notes.setdefault(str(sheet), {})[int(str(line)), int(str(column))] = lines
    return notes
