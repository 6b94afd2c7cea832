"""``zhikong intake accept``."""

from datetime import datetime
from pathlib import Path

import click

from validator.base.language import say
from validator.cli.help import Command
from validator.cli.intake import choosing, opened


def command() -> Command:
    """``zhikong intake accept``."""
    about = say(
        "认可问题（以后再报、事实没变的不再计错），或收下被门槛整批退回的一批（--submission）。",
        "Accept findings (they stay accepted while their facts do), or a submission that the gate returned (--submission).",
    )
    return Command(
        run,
        about,
        *choosing(),
        click.Option(["--submission"], type=int, metavar="N", help=say("第几批", "Number of a submission")),
        click.Option(
            ["--expires"],
            type=click.DateTime(["%Y-%m-%d"]),
            metavar="DATE",
            help=say("认可到哪天为止", "The last day on which it holds"),
        ),
    )


def run(
    findings: tuple[str, ...], case: tuple[str, ...], check: tuple[str, ...], hospital: str, reason: str, actor: str,
    submission: int | None, expires: datetime | None, ledger: Path | None, database: str,
) -> int:  # fmt: skip
    """Accept, and say how much."""
    with opened(ledger, database) as book:
        from validator.intake import decisions

        if submission is not None:
            decisions.accept_submission(book, submission, actor, reason)
            click.echo(say(f"第 {submission} 批已收下", f"Submission {submission} accepted"))
            return 0
        if case and not findings and not check:
            done = decisions.accept_cases(book, list(case), actor, reason, hospital)
            click.echo(say(f"已收下 {len(done)} 份病例", f"{len(done)} cases accepted"))
            return 0
        chosen = decisions.Chosen(findings, case, check, hospital)
        done = decisions.decide(book, "accept", chosen, actor, reason, expires and expires.date())
    click.echo(say(f"已认可 {len(done)} 个问题", f"{len(done)} findings accepted"))
    return 0
