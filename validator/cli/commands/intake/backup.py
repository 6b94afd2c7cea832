"""``zhikong intake backup``."""

from pathlib import Path

import click

from validator.base.language import say
from validator.cli.help import Command
from validator.cli.intake import ledger_options, opened


def command() -> Command:
    """``zhikong intake backup``."""
    about = say(
        "备份台账：到一个新目录（SQLite，含全部文件），那个目录本身就是可用的台账。\n"
        "恢复：zhikong intake backup --ledger 备份目录 新目录；恢复到 PostgreSQL 加 --to-database。",
        "Back the ledger up to a new folder (SQLite, with all files), which is a ledger itself.\n"
        "To restore: zhikong intake backup --ledger BACKUP NEW; to PostgreSQL with --to-database.",
    )
    target = click.Argument(
        ["target"], type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help=say("新目录", "A new folder")
    )
    to = click.Option(
        ["--to-database"],
        default="",
        metavar="URL",
        help=say("写到这个数据库，而不是 SQLite", "Write to this database instead of SQLite"),
    )
    return Command(run, about, target, to, *ledger_options())


def run(target: Path, to_database: str, ledger: Path | None, database: str) -> int:
    """Copy the ledger."""
    with opened(ledger, database) as book, opened(target, to_database) as other:
        from validator.intake.backup import copy

        copy(book, other)
    click.echo(say(f"已备份到 {target}", f"Backed up to {target}"))
    return 0
