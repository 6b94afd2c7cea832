"""``zhikong intake feedback``."""

import re
from pathlib import Path

import click

from validator.base.errors import InputError
from validator.base.language import say
from validator.cli import output
from validator.cli.commands.check import tell_written
from validator.cli.help import Command
from validator.cli.intake import ledger_options, opened


def command() -> Command:
    """``zhikong intake feedback``."""
    about = say(
        "一年（或一个月）的反馈：各机构的年度病例反馈率（分子、分母、不算在内的）；--out 另写反馈、特例单议申请和占比（JSON、工作簿）。",
        "The feedback of a year or month: the share of cases answered by hospital, with numerator, denominator and what is left out; "
        "--out writes answers, special requests and their share too (JSON, workbook).",
    )
    return Command(
        run,
        about,
        click.Argument(["period"], metavar="YYYY[MM]", help=say("年或月", "Year or month")),
        click.Option(
            ["--out"], type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help=say("写到哪里", "Where to")
        ),
        output.format_option(),
        *ledger_options(),
    )


def run(period: str, out: Path | None, style: str, ledger: Path | None, database: str) -> int:
    """Show the shares, and write all."""
    if not re.fullmatch(r"[0-9]{4}(?:0[1-9]|1[0-2])?", period):
        raise InputError(f"“{period}”应如 2026 或 202607", f"'{period}' is not like 2026 or 202607")
    with opened(ledger, database) as book:
        from validator.intake import feedback, names
        from validator.intake.report import groups

        with book.reading() as session:
            frames = {
                "rates": feedback.rates(book, session, period), "answers": feedback.answers(session, period),
                "requests": feedback.requests(session, period), "shares": feedback.shares(book, session, period),
            }  # fmt: skip
            rounds, called = feedback.of_period(session, period), names.of_all(session)
        for path in groups.write_feedback(period, rounds, frames, called, out) if out else ():
            tell_written(path, quiet=False)
    headings = {
        "hospital": say("机构", "Hospital"), "year": say("年度", "Year"), "answered": say("已反馈", "Answered"),
        "grouped": say("入组", "Grouped"), "share": say("反馈率", "Share"), "late": say("逾期反馈", "Too late"),
        "ungrouped": say("未入组", "Not grouped"), "closed": say("结算已撤销", "Withdrawn"),
        "unknown": say("不在内的反馈", "Answers on others"),
    }  # fmt: skip
    assert frames["rates"] is not None
    output.show(frames["rates"].to_dicts(), headings, style)
    return 0
