"""``zhikong check --gate``: judges the batch as a whole."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.base.language import say
from validator.cli import completion, output

if TYPE_CHECKING:
    from validator.gate import Suite, Verdict

_COLOURS = {"passed": "green", "failed": "red", "not_judged": ""}


def options() -> list[click.Parameter]:
    """The options of the gate."""
    return [
        click.Option(
            ["--gate"],
            metavar="NAME",
            shell_complete=completion.gates,
            help=say(
                "批次门槛：名称（default、either、strict）或 JSON 文件；退回整批时退出码为 1",
                "Gate for the batch: a name (default, either, strict) or a JSON file; exit with 1 if the batch is returned",
            ),
        ),
        click.Option(
            ["--declared"],
            type=click.IntRange(min=0),
            metavar="N",
            help=say("申报的病例数，供 --gate 核对", "How many cases were declared, for --gate"),
        ),
        click.Option(
            ["--gate-docs"],
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DIR",
            help=say("批次验收记录（网页）放在哪里", "Folder for the protocol of --gate as a web page"),
        ),
    ]


def read(gate: str | None, declared: int | None, docs: Path | None) -> "Suite | None":
    """The suite asked for, read before the long work begins; options that would do nothing are refused."""
    if gate:
        from validator import gate as package

        return package.read(gate)
    for name, value in (("--declared", declared), ("--gate-docs", docs)):
        if value is not None:
            raise click.UsageError(say(f"{name} 要和 --gate 一起用", f"{name} goes with --gate"))
    return None


def show(verdict: "Verdict", full: bool) -> None:
    """Print the verdict for a person: ``full``, or in one line after another report."""
    if not full:
        click.echo(verdict.summary, err=True)
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    colour = "green" if verdict.disposition == "accept" else "red"
    table = Table(
        title=Text(verdict.summary, style=f"bold {colour}"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for name in (say("结果", "Result"), say("要求", "Demand"), say("实际", "Observed")):
        table.add_column(name, overflow="fold")
    for each in verdict.judgements:
        critical = each.outcome != "failed" or each.demand.severity == "critical"
        word = Text(str(each.word), style=_COLOURS[each.outcome] if critical else "yellow")
        table.add_row(word, Text(each.demand.text), Text(each.reason or each.observed))
    screen = output.console()
    screen.print(table)
    screen.print(Text(verdict.suite.note, style="dim"))
