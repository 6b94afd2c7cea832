"""``zhikong intake verify``."""

from pathlib import Path

import click

from validator.base.language import say
from validator.cli.help import Command
from validator.cli.intake import ledger_options, opened


def command() -> Command:
    """``zhikong intake verify``."""
    about = say(
        "核对台账：日志的散列链、各批文件的散列、冻结清册的签名。退出码：0 一致；1 有出入。",
        "Verify the ledger: the chain of its log, the hashes of its files, the signatures of frozen months. Exit codes: 0 whole; 1 not.",
    )
    return Command(run, about, *ledger_options())


def run(ledger: Path | None, database: str) -> int:
    """Print what is not as it was written."""
    with opened(ledger, database) as book:
        from validator.intake.verify import verify

        wrong = verify(book)
    for line in wrong:
        click.echo(line)
    if not wrong:
        click.echo(
            say(
                "台账完好：日志、文件、冻结清册都与写下时一致",
                "The ledger is whole: log, files and frozen months are as written",
            )
        )
    return int(bool(wrong))
