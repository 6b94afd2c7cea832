"""``zhikong intake justify``."""

from pathlib import Path

import click

from validator.base.language import say
from validator.cli.help import Command
from validator.cli.intake import choosing, opened


def command() -> Command:
    """``zhikong intake justify``."""
    about = say(
        "机构说明：问题属实且有理由，等经办机构审核。",
        "A hospital justifies findings; the bureau then accepts or rejects that.",
    )
    return Command(run, about, *choosing())


def run(
    findings: tuple[str, ...], case: tuple[str, ...], check: tuple[str, ...], hospital: str, reason: str, actor: str,
    ledger: Path | None, database: str,
) -> int:  # fmt: skip
    """Decide and say about how many findings."""
    with opened(ledger, database) as book:
        from validator.intake.decisions import Chosen, decide

        done = decide(book, "justify", Chosen(findings, case, check, hospital), actor, reason)
    click.echo(say(f"已处理 {len(done)} 个问题", f"{len(done)} findings"))
    return 0
