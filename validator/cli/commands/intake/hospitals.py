"""``zhikong intake hospitals``."""

from pathlib import Path

import click

from validator.base.language import say
from validator.cli import output
from validator.cli.help import Command
from validator.cli.intake import actor_option, ledger_options, opened


def command() -> Command:
    """``zhikong intake hospitals``."""
    about = say(
        "机构名称：从两列的表（机构编码、机构名称，结算名册也行）记下，回执和通知书里用；不给文件就列出已有的。",
        "Names of hospitals for receipts and notices, from a table of code and name (a roll does too); without a file those known.",
    )
    file = click.Path(dir_okay=False, path_type=Path)
    return Command(
        run,
        about,
        click.Argument(
            ["file"], required=False, type=file, metavar="[FILE]", help=say("表或工作簿", "A table or workbook")
        ),
        output.format_option(),
        actor_option(),
        *ledger_options(),
    )


def run(file: Path | None, style: str, actor: str, ledger: Path | None, database: str) -> int:
    """Keep the names, or show them."""
    with opened(ledger, database) as book:
        from validator.intake import names

        if file:
            done = names.add(book, file, actor)
            click.echo(say(f"已记 {done} 家机构的名称", f"{done} names"))
            return 0
        with book.reading() as session:
            known = names.of_all(session)
    headings = {"hospital": say("机构编码", "Code"), "name": say("名称", "Name")}
    output.show([{"hospital": code, "name": name} for code, name in sorted(known.items())], headings, style)
    return 0
