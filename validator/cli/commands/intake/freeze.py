"""``zhikong intake freeze``."""

from pathlib import Path

import click

from validator.base.language import say
from validator.cli.help import Command
from validator.cli.intake import actor_option, counted, hospital_option, ledger_options, opened


def command() -> Command:
    """``zhikong intake freeze``."""
    about = say(
        "冻结一个月：现行各版写成清册并签名，以后再报的另存，不影响结果。",
        "Freeze a month: what counts is written down and signed; what comes later is kept apart and changes nothing.",
    )
    period = click.Argument(["period"], metavar="YYYYMM", help=say("月份，如 202607", "The month, such as 202607"))
    return Command(run, about, period, hospital_option(), actor_option(), *ledger_options())


def run(period: str, hospital: str, actor: str, ledger: Path | None, database: str) -> int:
    """Freeze, and say what."""
    with opened(ledger, database) as book:
        from validator.intake.freeze import freeze

        made = freeze(book, period, actor, hospital)
        click.echo(
            say(f"{period} 已冻结：{made['cases']:,} 份病例；", f"{period} frozen: {made['cases']:,} cases; ")
            + counted(made["dispositions"])
        )
        click.echo(say(f"清册 {book.folder / made['file']}", f"Manifest {book.folder / made['file']}"), err=True)
    return 0
