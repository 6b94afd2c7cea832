"""``zhikong intake review``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.base.language import say
from validator.cli.help import Command
from validator.cli.intake import actor_option, hospital_option, ledger_options, opened, reason_option

if TYPE_CHECKING:
    from validator.intake.feedback import Outcome


def command() -> Command:
    """``zhikong intake review``."""
    about = say(
        "审核机构对分组的反馈（changed 调整、kept 维持）或特例单议申请（granted 同意、refused 不同意）。",
        "Review what hospitals say of groups (changed, kept), or what they ask to be paid by itself (granted, refused).",
    )
    return Command(
        run,
        about,
        click.Argument(["outcome"], type=click.Choice(["changed", "kept", "granted", "refused"]), help=say("结果", "The outcome")),
        click.Option(
            ["--case"], multiple=True, required=True, metavar="ID", help=say("病例标识，可多次", "Id of a case; repeatable")
        ),
        click.Option(["--group"], default="", metavar="CODE", help=say("调整到哪个组", "Group that it is moved to")),
        hospital_option(),
        reason_option(),
        actor_option(),
        *ledger_options(),
    )  # fmt: skip


def run(
    outcome: "Outcome",
    case: tuple[str, ...],
    group: str,
    hospital: str,
    reason: str,
    actor: str,
    ledger: Path | None,
    database: str,
) -> int:
    """Review, and say how many."""
    if group and outcome != "changed":
        raise click.UsageError(say("--group 只用于 changed", "--group goes with changed"))
    with opened(ledger, database) as book:
        from validator.intake import feedback

        done = feedback.review(book, outcome, case, actor, reason, hospital=hospital, group=group)
    click.echo(say(f"已审核 {len(done)} 份", f"{len(done)} reviewed"))
    return 0
