"""``zhikong intake duplicates``."""

from pathlib import Path

import click

from validator.base.language import say
from validator.cli import output
from validator.cli.help import Command
from validator.cli.intake import hospital_option, ledger_options, opened


def command() -> Command:
    """``zhikong intake duplicates``."""
    about = say(
        "同一结算、同一次住院有不止一份现行清单的，不论哪一批、哪家机构报的；只给经办机构看。退出码：0 没有；1 有。",
        "Settlements and stays with more than one list that counts, whichever submission and hospital they came in; for the bureau "
        "alone. Exit codes: 0 none; 1 some.",
    )
    return Command(
        run,
        about,
        click.Option(
            ["--submission"], type=int, metavar="N", help=say("这一批与别的批次", "This submission against the others")
        ),
        click.Option(["--period"], default="", metavar="YYYYMM", help=say("只看这个月", "This month alone")),
        hospital_option(),
        output.format_option(),
        *ledger_options(),
    )


def run(submission: int | None, period: str, hospital: str, style: str, ledger: Path | None, database: str) -> int:
    """Show the pairs."""
    with opened(ledger, database) as book:
        from validator.intake import duplicates

        with book.reading() as session:
            rows = duplicates.pairs(session, submission=submission, period=period, hospital=hospital)
    headings = {
        "check": say("检查", "Check"), "hospital": say("机构", "Hospital"), "case_id": say("病例", "Case"),
        "submission": say("批次", "Submission"), "other_hospital": say("另一机构", "Other hospital"),
        "other_case": say("另一病例", "Other case"), "other_submission": say("另一批次", "Other submission"),
    }  # fmt: skip
    output.show(rows, headings, style)
    return int(bool(rows))
