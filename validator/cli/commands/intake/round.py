"""``zhikong intake round``."""

from datetime import datetime
from pathlib import Path

import click

from validator.base.language import say
from validator.cli.commands.check import tell_written
from validator.cli.help import Command, catalogue_options, codebooks_option
from validator.cli.intake import actor_option, day_of, day_option, ledger_options, opened


def command() -> Command:
    """``zhikong intake round``."""
    about = say(
        "下发一个月的分组结果：下一轮（初步、……、最终，轮次和反馈期限见方案的 intake.feedback），每家机构一份 JSON 和工作簿。",
        "Send the groups of a month: its next round (preliminary, …, final; rounds and window are in intake.feedback of the profile), "
        "as JSON and a workbook per hospital.",
    )
    return Command(
        run,
        about,
        click.Argument(["period"], metavar="YYYYMM", help=say("月份", "The month")),
        click.Option(
            ["--out"], type=click.Path(file_okay=False, path_type=Path), required=True, metavar="DIR",
            help=say("写到哪里，每家机构一个子目录", "Where to, a folder per hospital"),
        ),
        day_option(say("下发日期（默认今天）", "Day on which it is sent (default: today)")),
        *catalogue_options(),
        codebooks_option(),
        actor_option(),
        *ledger_options(),
    )  # fmt: skip


def run(
    period: str, out: Path, on: datetime | None, profile: str, rules: tuple[Path, ...], codebooks: Path | None, actor: str,
    ledger: Path | None, database: str,
) -> int:  # fmt: skip
    """Send, and say until when hospitals may answer."""
    with opened(ledger, database) as book:
        from validator import api
        from validator.intake import feedback, names
        from validator.intake.report import groups

        sent, frame = feedback.send(book, period, api.load(profile, rules, codebooks).profile.intake, actor, day_of(on))
        with book.reading() as session:
            called = names.of_all(session)
        for path in groups.write_round(sent, frame, called, out):
            tell_written(path, quiet=False)
    kind = say("最终", "final") if sent.is_final else say("初步", "preliminary")
    zh = f"{period} 第 {sent.number} 轮（{kind}）：{frame.height} 例，反馈截止 {sent.until}"
    click.echo(say(zh, f"{period}, round {sent.number} ({kind}): {frame.height} cases, answers until {sent.until}"))
    return 0
