"""``zhikong intake platform``."""

from pathlib import Path

import click

from validator.base.language import say
from validator.cli import output
from validator.cli.help import Command, catalogue_options, codebooks_option
from validator.cli.intake import actor_option, ledger_options, opened


def command() -> Command:
    """``zhikong intake platform``."""
    about = say(
        "导入平台的质控结果（4104、3607），把导入过的全部结果逐项检查与我们的比：都发现、只有我们、只有平台。"
        "不给文件只比较；同一文件再导入不重复。",
        "Import the platform's results (4104, 3607) and compare all that were imported with ours, check by check. "
        "Without a file only compare; the same file again changes nothing.",
    )
    file = click.Path(dir_okay=False, path_type=Path)
    return Command(
        run,
        about,
        click.Argument(
            ["file"],
            required=False,
            type=file,
            metavar="[FILE]",
            help=say("报文、表或工作簿", "A message, table or workbook"),
        ),
        click.Option(
            ["--out"], type=file, metavar="FILE", help=say("把对照写成网页", "Write the comparison as a page")
        ),
        output.format_option(),
        *catalogue_options(),
        codebooks_option(),
        actor_option(),
        *ledger_options(),
    )


def run(
    file: Path | None, out: Path | None, style: str, profile: str, rules: tuple[Path, ...], codebooks: Path | None, actor: str,
    ledger: Path | None, database: str,
) -> int:  # fmt: skip
    """Import, compare and show."""
    with opened(ledger, database) as book:
        from validator import api
        from validator.intake import imported

        if file and not imported.add(book, file, actor):
            click.echo(say("这个文件已导入过", "This file was imported before"), err=True)
        rows = imported.agreement(book, api.load(profile, rules, codebooks), out)
    headings = {
        "check": say("检查", "Check"), "field": say("字段", "Field"), "both": say("都发现", "Both"),
        "ours_alone": say("只有我们", "We alone"), "theirs_alone": say("只有平台", "They alone"),
        "confirmed": say("平台证实", "Confirmed"),
    }  # fmt: skip
    output.show(rows, headings, style)
    return 0
