"""``zhikong intake status``."""

from pathlib import Path

import click

from validator.base.language import say
from validator.cli import output
from validator.cli.help import Command
from validator.cli.intake import DISPOSITIONS, hospital_option, ledger_options, opened


def command() -> Command:
    """``zhikong intake status``."""
    about = say("各月各机构的收单情况，等待处理的工作。", "What was received by month and hospital, and what waits.")
    period = click.Option(["--period"], default="", metavar="YYYYMM", help=say("只看这个月", "This month alone"))
    return Command(run, about, period, hospital_option(), output.format_option(), *ledger_options())


def run(period: str, hospital: str, style: str, ledger: Path | None, database: str) -> int:
    """Show the figures."""
    with opened(ledger, database) as book:
        from validator.intake import views

        with book.reading() as session:
            rows = views.months(session, period, hospital)
            waiting = views.waiting(session)
    headings = {"period": say("月份", "Month"), "hospital": say("机构", "Hospital"), "cases": say("病例", "Cases")}
    headings |= {name: say(*words) for name, words in DISPOSITIONS.items() if name != "unchanged"}
    headings |= {
        "open": say("未处理的问题", "Open findings"),
        "justified": say("已说明待审", "Justified"),
        "frozen": say("已冻结", "Frozen"),
    }
    output.show(rows, headings, style)
    for line in waiting:
        click.echo(line, err=True)
    return 0
