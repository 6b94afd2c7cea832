"""``zhikong intake watch``."""

import shutil
import time
from pathlib import Path

import click

from validator.base import clock, files, language
from validator.base.errors import InputError
from validator.base.language import say
from validator.cli.commands.intake.receive import show, write_receipts
from validator.cli.help import Command, catalogue_options, codebooks_option
from validator.cli.intake import actor_option, gate_option, ledger_options, opened, roll_option, wanted

DONE, REFUSED = "已收", "未收"  #: folders to which deliveries are moved


def command() -> Command:
    """``zhikong intake watch``."""
    about = say(
        f"看着一个文件夹：放进来的每个文件或文件夹是一批，收完移到“{DONE}”并在旁边写回执，读不了的移到“{REFUSED}”。\n"
        "定时任务用 --once。退出码：0 都收了；1 有读不了的；2 无法运行。",
        "Watch a folder: each file or folder in it is a delivery; it is moved to a folder of what was received, with its "
        "receipt, or to one of what could not be read.\n"
        "For cron use --once. Exit codes: 0 all received; 1 some could not be read; 2 cannot run.",
    )
    return Command(
        run,
        about,
        click.Argument(
            ["folder"], type=click.Path(file_okay=False, exists=True, path_type=Path), metavar="DIR",
            help=say("收件文件夹", "The folder"),
        ),
        click.Option(["--once"], is_flag=True, help=say("收一遍就结束", "Once, then end")),
        click.Option(
            ["--settle"], type=click.IntRange(0), default=10, show_default=True, metavar="SECONDS",
            help=say("多少秒没有变动才算传完", "Seconds without a change after which a delivery is whole"),
        ),
        roll_option(),
        gate_option(),
        *catalogue_options(),
        codebooks_option(),
        actor_option(),
        *ledger_options(),
    )  # fmt: skip


def run(
    folder: Path, once: bool, settle: int, roll: Path | None, gate: str, profile: str, rules: tuple[Path, ...],
    codebooks: Path | None, actor: str, ledger: Path | None, database: str,
) -> int:  # fmt: skip
    """Receive what lies in the folder, once or until interrupted."""
    refused = False
    with opened(ledger, database) as book:
        from validator.intake import receive
        from validator.intake.options import Options

        while True:
            counts, convention = wanted(roll)
            options = Options(
                roll=counts, convention=convention, profile=profile, rules=tuple(map(str, rules)),
                codebooks=str(codebooks) if codebooks else None, gate=gate, actor=actor, lang=language.current(),
            )  # fmt: skip
            for made in receive.resume(book):
                show(made)
            for each in whole(folder, settle):
                try:
                    made = receive.receive(book, [each], options)
                except InputError as error:
                    refused = True
                    target = moved(each, folder / REFUSED)
                    with files.replacing(target.with_name(f"{target.name}.txt")) as why:
                        why.write_text(f"{error}\n", encoding="utf-8")
                    click.echo(f"{each.name}: {error}", err=True)
                    continue
                show(made)
                target = moved(each, folder / DONE)
                write_receipts(
                    book, made.submission, options, target.with_name(f"{target.name}.{say('回执', 'receipt')}")
                )
            if once:
                return int(refused)
            time.sleep(max(settle, 1))


def whole(folder: Path, settle: int) -> list[Path]:
    """The deliveries that nobody writes to any more, oldest first."""
    found = [
        each for each in folder.iterdir() if each.name not in (DONE, REFUSED) and not each.name.startswith((".", "~"))
    ]
    changed = {each: max(path.stat().st_mtime for path in (each, *each.rglob("*"))) for each in found}
    return sorted(
        (each for each in found if changed[each] <= clock.now().timestamp() - settle), key=lambda each: changed[each]
    )


def moved(path: Path, folder: Path) -> Path:
    """Move a delivery to a folder, under a name that is free there."""
    folder.mkdir(exist_ok=True)
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem}-{number}{path.suffix}"
    shutil.move(path, target)
    return target
