"""``zhikong intake withdraw``."""

from pathlib import Path
from typing import Any

import click

from validator.base.errors import InputError
from validator.base.language import say
from validator.cli.help import Command
from validator.cli.intake import actor_option, hospital_option, ledger_options, opened

_UNDONE = "0"  #: stas_type of 4102: the list is taken back


def command() -> Command:
    """``zhikong intake withdraw``."""
    about = say(
        "结算撤销的清单关闭（4102 报文，或 --case）：不再算数，历史保留。",
        "Close lists whose settlement was undone (a 4102 message, or --case): they do not count any more, their history stays.",
    )
    file = click.Path(dir_okay=False, path_type=Path)
    return Command(
        run,
        about,
        click.Argument(["file"], required=False, type=file, metavar="[FILE]", help=say("4102 报文", "A 4102 message")),
        click.Option(["--case"], multiple=True, metavar="ID", help=say("病例标识，可多次", "Id of a case; repeatable")),
        hospital_option(),
        click.Option(["--reason"], default="4102", metavar="TEXT", help=say("理由", "Why")),
        actor_option(),
        *ledger_options(),
    )


def run(
    file: Path | None, case: tuple[str, ...], hospital: str, reason: str, actor: str, ledger: Path | None, database: str
) -> int:
    """Close lists and say how many."""
    cases = [*case, *(_withdrawn(file) if file else ())]
    if not cases:
        raise click.UsageError(say("请给 4102 报文或 --case", "give a 4102 message or --case"))
    with opened(ledger, database) as book:
        from validator.intake import decisions

        done = decisions.withdraw(book, cases, actor, reason, hospital)
    click.echo(say(f"已关闭 {len(done)} 份清单", f"{len(done)} lists closed"))
    return 0


def _withdrawn(file: Path) -> list[str]:
    """The settlements that a 4102 message takes back."""
    from validator.read import named_columns

    try:
        rows = [row for page in named_columns.messages(file) for row in _rows(page["input"]["stastinfo"])]
        found = [row["setl_id"] for row in rows if row["stas_type"] == _UNDONE]
    except (KeyError, TypeError):
        found = [None]
    if not all(each and isinstance(each, str) for each in found):
        raise InputError(
            f"{file}：不是 4102 报文（input.stastinfo 里要有 setl_id、stas_type）",
            f"{file}: no 4102 message (input.stastinfo with setl_id and stas_type)",
        )
    if not found:
        zh, en = "没有撤销的结算（stas_type 为 0）", "no settlement that was undone (stas_type 0)"
        raise InputError(f"{file}：{zh}", f"{file}: {en}")
    return found


def _rows(node: Any) -> list[Any]:
    return node if isinstance(node, list) else [node]
