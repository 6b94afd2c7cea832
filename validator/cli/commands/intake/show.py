"""``zhikong intake show``."""

import json
from pathlib import Path

import click

from validator.base import language
from validator.base.language import say
from validator.cli.commands.intake.receive import write_receipts
from validator.cli.help import Command, catalogue_options, codebooks_option
from validator.cli.intake import hospital_option, ledger_options, opened


def command() -> Command:
    """``zhikong intake show``."""
    about = say(
        "查看一份病例的各版、问题和处理（病例标识），或一批清单（--submission），JSON；--out 再写一次回执。",
        "Show a case with its versions, findings and decisions, or a submission, as JSON; --out writes its receipts again.",
    )
    return Command(
        run,
        about,
        click.Argument(["case"], required=False, default="", metavar="[CASE]", help=say("病例标识，如结算 ID", "Id of a case")),
        click.Option(["--submission"], type=int, metavar="N", help=say("第几批", "Number of a submission")),
        click.Option(
            ["--out"], type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
            help=say("把这一批的回执写到这个目录", "Write the receipts of the submission"),
        ),
        hospital_option(),
        *catalogue_options(),
        codebooks_option(),
        *ledger_options(),
    )  # fmt: skip


def run(
    case: str, submission: int | None, out: Path | None, hospital: str, profile: str, rules: tuple[Path, ...],
    codebooks: Path | None, ledger: Path | None, database: str,
) -> int:  # fmt: skip
    """Print what the ledger knows."""
    if bool(case) == (submission is not None):
        raise click.UsageError(say("请给一个病例标识，或 --submission N", "give the id of a case, or --submission N"))
    with opened(ledger, database) as book:
        from validator.intake import feedback, imported, views
        from validator.intake.options import Options

        with book.reading() as session:
            found = views.history(session, case, hospital) if case else views.delivered_as(session, submission or 0)
            if case:
                found["platform"] = imported.of_case(session, case)
                found |= feedback.of_case(session, case, hospital)
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        if out and submission:
            options = Options(
                profile=profile,
                rules=tuple(map(str, rules)),
                codebooks=str(codebooks) if codebooks else None,
                lang=language.current(),
            )
            write_receipts(book, submission, options, out)
    return 0
