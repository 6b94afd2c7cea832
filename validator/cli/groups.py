"""What ``zhikong group`` prints and writes: rows, counts, disagreements."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click
import polars as pl

from validator import paths
from validator.errors import InputError
from validator.grouping import feedback, reasons
from validator.text import say

if TYPE_CHECKING:
    from rich.console import Console

    from validator.grouping.cases import Cases

STANDARD = "-"
#: What each column of a result is called in a workbook.
_TITLES = {
    "case_id": ("病例", "Case"), "mdc": ("主要诊断大类（MDC）", "MDC"), "adrg": ("ADRG", "ADRG"), "drg": ("DRG", "DRG"),
    "dip": ("DIP 病种", "DIP group"), "name": ("名称", "Name"), "kind": ("类别", "Kind"), "status": ("结果", "Result"),
    "reason": ("原因", "Reason"), "ours": ("预测", "Predicted"), "our_status": ("预测结果", "Our result"),
    "our_reason": ("预测原因", "Our reason"), "theirs": ("反馈", "Returned"), "their_status": ("反馈结果", "Their result"),
    "their_text": ("反馈原文", "As returned"), "our_trace": ("我方分组过程", "Our way"),
    "their_trace": ("反馈组在本方案中的条件", "Their group in our scheme"),
}  # fmt: skip
_FIELDS = {
    "sex": ("性别", "sex"), "age": ("年龄", "age"), "age_days": ("天龄", "age in days"), "weight": ("体重", "weight"),
    "los": ("住院天数", "length of stay"), "cost": ("费用", "cost"),
}  # fmt: skip
_SHOWN = 10  #: disagreements and texts on the console


@dataclass
class Tally:
    """The counts of a run."""

    cases: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)

    def add(self, cases: "Cases", result: pl.DataFrame) -> None:
        """Count one batch."""
        self.cases += result.height
        counted = result.group_by("status", "reason").len().iter_rows()
        for status, reason, count in counted:
            self.statuses[status] = self.statuses.get(status, 0) + count
            if reason:
                self.reasons[reason] = self.reasons.get(reason, 0) + count
        for name, count in cases.unread.items():
            self.unread[name] = self.unread.get(name, 0) + count

    @property
    def due(self) -> int:
        """The cases that take part in grouping."""
        return self.cases - self.statuses.get("excluded", 0)

    @property
    def grouped(self) -> int:
        """The cases that have a group."""
        return self.statuses.get("grouped", 0)


class Spool:
    """Results kept on disk until all are there, so that memory stays flat."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._count = folder, 0

    def add(self, frame: pl.DataFrame) -> None:
        """Keep some rows."""
        frame.write_parquet(self._folder / f"{self._count:06}.parquet")
        self._count += 1

    def scan(self) -> pl.LazyFrame:
        """All rows in order."""
        return pl.scan_parquet(sorted(self._folder.glob("*.parquet")))


@contextmanager
def spool() -> Iterator[Spool]:
    """An empty spool, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="zhikong-") as folder:
        yield Spool(Path(folder))


def _csv(rows: pl.LazyFrame, scratch: Path) -> None:
    rows.sink_csv(scratch, include_bom=True)


def _xlsx(sheets: Mapping[str, pl.LazyFrame], scratch: Path) -> None:
    from validator.report._pages import Looks
    from validator.report.ooxml import workbook
    from validator.report.ooxml.package import Package
    from validator.report.ooxml.sheet import MOST_ROWS, Cell, Sheet
    from validator.report.ooxml.styles import Styles

    package = Package()
    looks = Looks(Styles(package))

    def sheet(name: str, rows: pl.LazyFrame) -> Sheet:
        frame = rows.collect()
        if frame.height >= MOST_ROWS:
            raise InputError(
                f"{frame.height} 例超过一张工作表能容纳的行数，请改用 parquet 或 csv",
                f"{frame.height} cases do not fit into a sheet; use parquet or csv",
            )
        columns = [
            (*_TITLES.get(column, (column, column)), 60 if "trace" in column else 20) for column in frame.columns
        ]

        def cells() -> Iterator[Sequence[Cell]]:
            yield looks.heads(columns)
            for row in frame.iter_rows(named=True):
                yield [looks.text(_word(column, value)) for column, value in row.items()]

        return looks.sheet(name, columns, cells, header=1, filtered=True)

    workbook.put_in_front(package, [sheet(name, rows) for name, rows in sheets.items()])
    package.save(scratch)
    package.close()


def _word(column: str, value: object) -> str | None:
    """Codes of statuses and reasons in words, as people read them in a workbook."""
    if value is None:
        return None
    if column.endswith("status"):
        return reasons.status(str(value))
    if column.endswith("reason"):
        return reasons.reason(str(value))
    if column == "kind" and value in feedback.KINDS:
        return say(*feedback.KINDS[str(value)])
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


#: How rows are written, but for workbooks.
_WRITERS: dict[str, Callable[[pl.LazyFrame, Path], None]] = {
    "jsonl": lambda rows, path: rows.sink_ndjson(path),
    "parquet": lambda rows, path: rows.sink_parquet(path),
    "csv": _csv,
}
FORMATS = (*_WRITERS, "xlsx")


def write(name: str, path: Path, rows: pl.LazyFrame, disagreements: pl.DataFrame | None) -> list[Path]:
    """Write the rows, and the disagreements as a second sheet or as ``NAME-disagreements.jsonl``; gives the files."""
    with paths.replacing(path) as scratch:
        if name == "xlsx":
            sheets = {say("分组结果", "Groups"): rows}
            if disagreements is not None:
                sheets[say("分歧", "Disagreements")] = disagreements.lazy()
            _xlsx(sheets, scratch)
        else:
            _WRITERS[name](rows, scratch)
    if disagreements is None or name == "xlsx":
        return [path]
    beside = path.with_name(f"{path.stem}-disagreements.jsonl")
    with paths.replacing(beside) as scratch:
        disagreements.write_ndjson(scratch)
    return [path, beside]


def to_standard_output(name: str, rows: pl.LazyFrame) -> None:
    """Print the rows as a file of that format."""
    with tempfile.TemporaryDirectory(prefix="zhikong-") as folder:
        [path] = write(name, Path(folder) / f"rows.{name}", rows, None)
        click.echo(path.read_bytes(), nl=False)


def show(screen: "Console", tally: Tally, schemes: Sequence[str]) -> None:
    """Counts per result and reason, the grouping rate, and what could not be read."""
    from rich import box
    from rich.table import Table

    screen.print(say(f"分组方案：{'、'.join(schemes)}", f"Scheme: {', '.join(schemes)}"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(say("结果和原因", "Result and reason"))
    table.add_column(say("病例", "Cases"), justify="right")
    table.add_column(say("占比", "Share"), justify="right")
    for status in reasons.STATUSES:
        if count := tally.statuses.get(status, 0):
            table.add_row(reasons.status(status), f"{count:,}", _share(count, tally.cases))
    for reason, count in sorted(tally.reasons.items(), key=lambda each: -each[1]):
        table.add_row("  " + reasons.reason(reason), f"{count:,}", _share(count, tally.cases))
    screen.print(table)
    rate = _share(tally.grouped, tally.due)
    left = say("，不参加分组的不计", ", those left out not counted") if tally.due < tally.cases else ""
    screen.print(
        say(
            f"入组率 {rate}（入组 {tally.grouped:,} 例 / {tally.due:,} 例{left}）",
            f"Grouping rate {rate} ({tally.grouped:,} of {tally.due:,} cases{left})",
        )
    )
    if tally.unread:
        zh = "、".join(f"{_FIELDS[name][0]} {count} 处" for name, count in tally.unread.items())
        en = ", ".join(f"{_FIELDS[name][1]} {count}" for name, count in tally.unread.items())
        screen.print(say(f"读不懂、按未知处理的值：{zh}", f"Values that cannot be read, taken as unknown: {en}"))


def _share(count: int, whole: int) -> str:
    return f"{count / whole:.2%}" if whole else "–"


def show_feedback(screen: "Console", summary: feedback.Summary) -> None:
    """The real rate beside the predicted one, and how the results differ."""
    actual, predicted = _share(summary.actual, summary.matched), _share(summary.predicted, summary.matched)
    screen.print(
        say(
            f"反馈对上 {summary.matched:,} 例：实际入组率 {actual}，预测 {predicted}；结果相同 {summary.same:,} 例",
            f"Feedback for {summary.matched:,} cases: real grouping rate {actual}, predicted {predicted}; "
            f"{summary.same:,} results are the same",
        )
    )
    for kind, count in summary.kinds.items():
        screen.print(f"  {say(*feedback.KINDS[kind])} {count:,}")
    for text, count in list(summary.failures.items())[:_SHOWN]:
        screen.print(
            say("  反馈未入组的说法：", "  Returned without a group: ") + f"{text or '–'} {count:,}", markup=False
        )
    if summary.matched < summary.cases:
        lacking = summary.cases - summary.matched
        screen.print(say(f"  {lacking:,} 例没有反馈", f"  {lacking:,} cases have no feedback"))
    if summary.unknown or summary.repeated:
        screen.print(
            say(
                f"  反馈里 {summary.unknown:,} 例不在数据中，{summary.repeated:,} 行重复（取最后一行）",
                f"  {summary.unknown:,} cases of the feedback are not in the data, {summary.repeated:,} rows repeat one",
            )
        )
