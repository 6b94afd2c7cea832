"""``zhikong intake reject``."""

from pathlib import Path

import click

from validator.base.language import say
from validator.cli.help import Command
from validator.cli.intake import choosing, opened


def command() -> Command:
    """``zhikong intake reject``."""
    about = say("驳回机构的说明，病例仍须更正。", "Reject what a hospital says: its case must be corrected.")
    return Command(run, about, *choosing())


def run(
    findings: tuple[str, ...], case: tuple[str, ...], check: tuple[str, ...], hospital: str, reason: str, actor: str,
    ledger: Path | None, database: str,
) -> int:  # fmt: skip
    """Decide and say about how many findings."""
    with opened(ledger, database) as book:
        from validator.intake.decisions import Chosen, decide

        done = decide(book, "reject", Chosen(findings, case, check, hospital), actor, reason)
    click.echo(say(f"已处理 {len(done)} 个问题", f"{len(done)} findings"))
    return 0
