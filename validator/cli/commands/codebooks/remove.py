"""``zhikong codebooks remove``."""

from pathlib import Path

import click

from validator.base.language import say
from validator.cli import completion
from validator.cli.help import Command, codebooks_option
from validator.cli.registry import named


def command() -> Command:
    """``zhikong codebooks remove``."""
    return Command(
        run,
        say("移除一张码表的一个版本。", "Remove one version of a table."),
        click.Argument(
            ["table"], metavar="TABLE", shell_complete=completion.loaded_tables, help=say("如 icd10", "Such as icd10")
        ),
        click.Argument(
            ["version"], metavar="VERSION", shell_complete=completion.loaded_versions, help=say("如 2.0", "Such as 2.0")
        ),
        codebooks_option(),
    )


def run(table: str, version: str, codebooks: Path | None) -> int:
    """Forget a version."""
    from validator.codes.tables import Store

    store = Store(codebooks)
    found = named(store, table, version)
    store.remove(found)
    click.echo(say(f"已移除 {table} {version} 版（{found.rows} 行）", f"Removed {table} {version} ({found.rows} rows)"))
    return 0
