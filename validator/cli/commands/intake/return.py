"""``zhikong intake return``."""

from pathlib import Path

import click

from validator.base.language import say
from validator.cli.help import Command
from validator.cli.intake import actor_option, hospital_option, ledger_options, opened, reason_option


def command() -> Command:
    """``zhikong intake return``."""
    about = say(
        "退回病例（--case），或把一批整批退回（--submission）：此前的版本重新算数。",
        "Return cases (--case), or a submission as a whole (--submission): the versions before it count again.",
    )
    return Command(
        run,
        about,
        click.Option(["--case"], multiple=True, metavar="ID", help=say("病例标识，可多次", "Id of a case; repeatable")),
        click.Option(["--submission"], type=int, metavar="N", help=say("第几批", "Number of a submission")),
        hospital_option(),
        reason_option(),
        actor_option(),
        *ledger_options(),
    )


def run(
    case: tuple[str, ...],
    submission: int | None,
    hospital: str,
    reason: str,
    actor: str,
    ledger: Path | None,
    database: str,
) -> int:
    """Return, and say what."""
    if bool(case) == (submission is not None):
        raise click.UsageError(say("请给 --case 或 --submission", "give --case or --submission"))
    with opened(ledger, database) as book:
        from validator.intake import decisions

        if submission is not None:
            decisions.return_submission(book, submission, actor, reason)
            click.echo(say(f"第 {submission} 批已整批退回", f"Submission {submission} returned"))
            return 0
        done = decisions.return_cases(book, list(case), actor, reason, hospital)
    click.echo(say(f"已退回 {len(done)} 份病例", f"{len(done)} cases returned"))
    return 0
