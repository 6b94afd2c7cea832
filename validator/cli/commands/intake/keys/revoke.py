"""``zhikong intake keys revoke``."""

from pathlib import Path

import click

from validator.base.language import say
from validator.cli.help import Command
from validator.cli.intake import actor_option, ledger_options, opened


def command() -> Command:
    """``zhikong intake keys revoke``."""
    about = say("吊销一个密钥，几秒内生效。", "Revoke a key, within seconds.")
    number = click.Argument(["number"], type=click.IntRange(1), help=say("密钥的号", "Number of the key"))
    return Command(run, about, number, actor_option(), *ledger_options())


def run(number: int, actor: str, ledger: Path | None, database: str) -> int:
    """Revoke it."""
    with opened(ledger, database) as book:
        from validator.intake import keys

        keys.revoke(book, number, actor)
    click.echo(say(f"密钥 {number} 已吊销", f"Key {number} is revoked"))
    return 0
