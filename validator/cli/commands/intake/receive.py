"""``zhikong intake receive``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.base import language
from validator.base.language import say
from validator.base.masking import as_file_name
from validator.cli import output
from validator.cli.commands.check import tell_written
from validator.cli.help import Command, catalogue_options, codebooks_option
from validator.cli.intake import (
    actor_option,
    counted,
    gate_option,
    hospital_option,
    ledger_options,
    opened,
    roll_option,
    wanted,
)

if TYPE_CHECKING:
    from validator.intake.ledger import Ledger
    from validator.intake.receive import Received


def command() -> Command:
    """``zhikong intake receive``."""
    about = say(
        "收下一批清单：检查、分组、判定，记入台账；同样的内容再来一次不重复登记。\n"
        "退出码：0 整批收下、没有退回的病例；1 整批退回或有退回的病例；2 读不了。",
        "Receive a delivery: check, group, judge and record it; the same content again is not recorded twice.\n"
        "Exit codes: 0 accepted without a returned case; 1 returned, as a whole or in part; 2 cannot be read.",
    )
    paths = click.Argument(
        ["paths"], nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path),
        help=say("一批清单的文件或文件夹", "The files or folders of one delivery"),
    )  # fmt: skip
    return Command(
        run,
        about,
        paths,
        *delivery_options(),
        *catalogue_options(),
        codebooks_option(),
        actor_option(),
        *ledger_options(),
    )


def delivery_options() -> list[click.Parameter]:
    """What a sender states about a delivery, and how it is taken."""
    count = click.IntRange(min=0)
    return [
        hospital_option(),
        click.Option(["--period"], default="", metavar="YYYYMM", help=say("没有日期的清单算哪个月", "Month of lists without a date")),
        click.Option(["--declared"], type=count, metavar="N", help=say("申报的结算数（4105）", "Settlements declared (4105)")),
        click.Option(
            ["--refunded"], type=count, default=0, metavar="N",
            help=say("其中已退费的（4105 的 refd_setl_flag 为 1 时含在申报数内，没有清单）", "Of them refunded: they have no list"),
        ),
        click.Option(
            ["--whole/--part"], default=False,
            help=say(
                "这批是全月的清单（大多没到就挂起），还是一部分（默认；到期按名册量）",
                "These are all lists of the month (held where most are missing), or a part (default; measured at the deadline)",
            ),
        ),
        roll_option(),
        gate_option(),
        click.Option(["--received"], default="", metavar="TIME", help=say("收到的时间（默认现在）", "When it came (default: now)")),
        click.Option(
            ["--out"], type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
            help=say("把回执写到这个目录，每家机构一个子目录", "Write receipts to this folder, one per hospital"),
        ),
    ]  # fmt: skip


def run(
    paths: tuple[Path, ...], hospital: str, period: str, declared: int | None, refunded: int, whole: bool, roll: Path | None, gate: str,
    received: str, out: Path | None, profile: str, rules: tuple[Path, ...], codebooks: Path | None, actor: str,
    ledger: Path | None, database: str,
) -> int:  # fmt: skip
    """Receive one delivery and say what became of it."""
    with opened(ledger, database) as book:
        from validator.intake import receive
        from validator.intake.options import Options

        options = Options(
            hospital, receive.month(period), declared, refunded, whole, *wanted(roll, hospital), profile, tuple(map(str, rules)),
            str(codebooks) if codebooks else None, gate, receive.moment(received) if received else "", actor, language.current(),
        )  # fmt: skip
        with output.progress() as tell:
            made = receive.receive(book, list(paths), options, progress=tell)
        show(made)
        if out:
            write_receipts(book, made.submission, options, out)
    return int(made.state != "accepted" or any(made.counts.get(each) for each in ("return", "cannot_be_judged")))


def show(made: "Received") -> None:
    """One line on a delivery."""
    from validator.intake.arrival import STATES
    from validator.intake.receipts import STATES as TAKEN

    state = TAKEN[made.state]
    again = say("（此前已收过，没有变化）", " (received before; nothing changed)") if made.again else ""
    click.echo(
        say(f"第 {made.submission} 批：{state}{again}；", f"Submission {made.submission}: {state}{again}; ")
        + counted(made.counts)
    )
    if made.doubled:
        zh = f"其中 {made.doubled} 份与别的批次的清单重复（zhikong intake duplicates --submission {made.submission}）"
        en = f"{made.doubled} of them are in other submissions too (zhikong intake duplicates --submission {made.submission})"
        click.echo(say(zh, en))
    for each in made.arrival:
        if each["state"] in ("held", "incomplete"):
            click.echo(f"{each['hospital']} {each['period']} {STATES[each['state']]}{say('：', ': ')}{each['reason']}")
        for one in each["outside"]:
            click.echo(
                say("与往月不同：", "unlike the months before: ")
                + f"{each['hospital']} {each['period']} {one['words']}"
            )


def write_receipts(book: "Ledger", submission: int, options: object, out: Path) -> None:
    """Write the receipts of a submission, a folder per hospital."""
    from validator import api
    from validator.intake import receipts, views
    from validator.intake.options import Options

    assert isinstance(options, Options)
    catalogue = api.load(options.profile, options.rules, options.codebooks)
    for each in receipts.receipts(views.delivery(book, submission, catalogue)):
        for path in receipts.write(each, out / as_file_name(each.hospital)):
            tell_written(path, quiet=False)
