"""``zhikong intake status``."""

from pathlib import Path

import click

from validator.base.language import say
from validator.cli import output
from validator.cli.help import Command, profile_option
from validator.cli.intake import DISPOSITIONS, day_of, hospital_option, ledger_options, opened, roll_option


def command() -> Command:
    """``zhikong intake status``."""
    about = say(
        "各月各机构的收单情况，等待处理的工作；给了 --period，另看这个月的到货、迟交（两种口径）、未交、再次上报。",
        "What was received by month and hospital, and what waits; with --period also what of that month is there, late (by both "
        "readings), missing or sent again.",
    )
    period = click.Option(["--period"], default="", metavar="YYYYMM", help=say("只看这个月", "This month alone"))
    return Command(
        run, about, period, roll_option(), hospital_option(), profile_option(), output.format_option(), *ledger_options()
    )  # fmt: skip


def run(
    period: str, roll: Path | None, hospital: str, profile: str, style: str, ledger: Path | None, database: str
) -> int:
    """Show the figures."""
    if roll and not period:
        raise click.UsageError(say("--roll 要和 --period 一起用", "--roll goes with --period"))
    with opened(ledger, database) as book:
        from validator.intake import imported, status, views
        from validator.intake.receive import month
        from validator.spec import profiles

        with book.reading() as session:
            if month(period):
                today, intake = day_of(None), profiles.load(profile).intake
                rows = status.of_month(book, session, period, hospital, intake, today, roll)
            else:
                rows = views.months(session, hospital=hospital)
            answered = imported.of_months(session)
            waiting = [*views.waiting(session), *status.held(session)]
    for row in rows:
        row["platform"] = answered.get((row["period"], row["hospital"]), 0)
    headings = {"period": say("月份", "Month"), "hospital": say("机构", "Hospital"), "cases": say("病例", "Cases")}
    headings |= {name: say(*words) for name, words in DISPOSITIONS.items() if name != "unchanged"}
    headings |= {name: say(*words) for name, words in (status.TITLES if period else {}).items()}
    headings |= {
        "open": say("未处理的问题", "Open findings"),
        "justified": say("已说明待审", "Justified"),
        "platform": say("平台已反馈", "Judged by the platform"),
        "frozen": say("已冻结", "Frozen"),
    }
    output.show(rows, headings, style)
    for line in waiting:
        click.echo(line, err=True)
    return 0
