"""``zhikong intake notice``."""

from pathlib import Path

import click

from validator.base.language import say
from validator.base.masking import as_file_name
from validator.cli.help import Command, catalogue_options, codebooks_option
from validator.cli.intake import day_of, hospital_option, ledger_options, opened


def command() -> Command:
    """``zhikong intake notice``."""
    about = say(
        "一个月的公示与回传：每家机构一份通知书（网页和工作簿），全月一览；给了结算名册（--roll）就核对缺报、多报和迟交。",
        "The notices of a month: one per hospital (page and workbook), and the month at a look; with --roll also what is missing or late.",
    )
    file = click.Path(dir_okay=False, path_type=Path)
    return Command(
        run,
        about,
        click.Argument(["period"], metavar="YYYYMM", help=say("月份", "The month")),
        click.Option(["--roll"], type=file, metavar="FILE", help=say("结算名册（逐笔）", "The roll of settlements")),
        click.Option(
            ["--out"],
            type=click.Path(file_okay=False, path_type=Path),
            required=True,
            metavar="DIR",
            help=say("写到哪里", "Where to"),
        ),
        click.Option(["--office"], default="", metavar="NAME", help=say("发文的经办机构", "Who issues it")),
        hospital_option(),
        *catalogue_options(),
        codebooks_option(),
        *ledger_options(),
    )


def run(
    period: str, roll: Path | None, out: Path, office: str, hospital: str, profile: str, rules: tuple[Path, ...],
    codebooks: Path | None, ledger: Path | None, database: str,
) -> int:  # fmt: skip
    """Write the notices and say where they are."""
    with opened(ledger, database) as book:
        from validator import api
        from validator.intake import months, notice
        from validator.intake.report import bureau

        today = day_of(None)
        catalogue = api.load(profile, rules, codebooks)
        month = months.month(
            book,
            period,
            catalogue,
            today=today,
            roll_file=roll,
            hospital=hospital,
            office=office,
        )
        hospitals = month.delivery.cases["hospital"].unique().sort()
        compared = months.unlike_before(book, period, catalogue.profile.intake, today, hospitals)
        click.echo(
            say(f"已写 {bureau.write_month(month, out / 'month.html', compared)}", f"Wrote {out / 'month.html'}")
        )
        for each in notice.of_all(month):
            for path in notice.write(each, out / as_file_name(each.hospital)):
                click.echo(say(f"已写 {path}", f"Wrote {path}"))
    return 0
