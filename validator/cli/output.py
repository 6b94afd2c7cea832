"""Printing lists for people (a table) and for programs (JSON, CSV)."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.base.errors import InputError
from validator.base.formulas import plain
from validator.base.language import say

if TYPE_CHECKING:
    from rich.console import Console

Row = Mapping[str, object]
Progress = Callable[[str, int, int], None]


def format_option() -> click.Option:
    """``--format table|json|csv``."""
    return click.Option(
        ["--format", "style"],
        type=click.Choice(["table", "json", "csv"]),
        default="table",
        show_default=True,
        help=say("输出形式", "How to print"),
    )


def console(*, err: bool = False) -> "Console":
    """Return the console to print to: as wide as the terminal, wide enough for whole lines in a pipe. ``err``: the error stream."""
    from validator.base.screen import Screen

    screen = Screen(highlight=False, soft_wrap=False, stderr=err)
    return screen if screen.is_terminal else Screen(highlight=False, width=200, no_color=True, stderr=err)


def show(rows: Sequence[Row], headings: Mapping[str, str], style: str) -> None:
    """Print ``rows``: the columns of ``headings`` as a table, every column as JSON or CSV."""
    if style == "json":
        click.echo(json.dumps(list(rows), ensure_ascii=False, indent=1))
    elif style == "csv":
        click.echo(as_csv(rows, rows[0].keys() if rows else headings), nl=False)
    else:
        _table(rows, headings)


def as_csv(rows: Iterable[Row], columns: Iterable[str]) -> str:
    """CSV text without formulas; lists are joined by blanks."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    names = list(columns)
    writer.writerow(names)
    writer.writerows([plain(_cell(row[name])) for name in names] for row in rows)
    return buffer.getvalue()


def _table(rows: Sequence[Row], headings: Mapping[str, str]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row[name])) for name in headings))
    screen = console()
    screen.print(table)
    screen.print(say(f"共 {len(rows)} 条", f"{len(rows)} in all"))


def _cell(value: object) -> str:
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


@contextmanager
def progress(quiet: bool = False) -> Iterator[Progress | None]:
    """A progress bar on the error stream, where a person is waiting at a terminal: the file, the share, the rate, the time left."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich import progress as bars

    from validator.base.screen import Screen

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TaskProgressColumn(),
        bars.TransferSpeedColumn(),
        bars.TextColumn(say("还需", "left")),
        bars.TimeRemainingColumn(),
    )
    # parts of large data take many seconds each: the rate is that of the last ten minutes
    with bars.Progress(*columns, console=Screen(stderr=True), transient=True, speed_estimate_period=600) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total or None)


def apart(out: Path, inputs: Iterable[str | Path]) -> Path:
    """``out``; :class:`InputError` where it is one of the files that are read, which would be lost."""
    if out.exists() and any(Path(each).exists() and out.samefile(each) for each in inputs):
        raise InputError(f"{out} 是要读的文件，请写到别处", f"{out} is read; write somewhere else")
    return out
