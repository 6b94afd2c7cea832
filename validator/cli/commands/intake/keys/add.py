"""``zhikong intake keys add``."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.base.language import say
from validator.cli.help import Command
from validator.cli.intake import actor_option, hospital_option, ledger_options, opened

if TYPE_CHECKING:
    from validator.intake.keys import Role, Scope


def command() -> Command:
    """``zhikong intake keys add``."""
    about = say(
        "发放一个密钥。密钥只印这一次，台账里只存散列。\n"
        "角色：hospital 医疗机构（只见自己的），reviewer 审核，administrator 管理，auditor 只看。",
        "Make a key. It is printed this once; the ledger keeps a hash.\n"
        "Roles: hospital (sees its own alone), reviewer, administrator, auditor (only reads).",
    )
    roles = click.Choice(["hospital", "reviewer", "administrator", "auditor"])
    scopes = click.Choice(["check", "read", "write"])
    return Command(
        run,
        about,
        click.Argument(["name"], help=say("给谁用，如 市一院HIS", "Who will have it")),
        click.Option(["--role"], type=roles, required=True, help=say("角色", "Role")),
        hospital_option(),
        click.Option(
            ["--scope"], type=scopes, multiple=True,
            help=say("只许：check 检查，read 查看，write 收单和处理；可多次，默认都许", "Only this; repeatable (default: all)"),
        ),
        click.Option(
            ["--days"], type=click.IntRange(1, 3650), default=365, show_default=True, metavar="N",
            help=say("多少天有效", "Days for which it works"),
        ),
        actor_option(),
        *ledger_options(),
    )  # fmt: skip


def run(
    name: str,
    role: "Role",
    hospital: str,
    scope: tuple["Scope", ...],
    days: int,
    actor: str,
    ledger: Path | None,
    database: str,
) -> int:
    """Make a key and print it."""
    with opened(ledger, database) as book:
        from validator.intake import keys

        number, text = keys.add(
            book, name, role, actor, hospital=hospital, scopes=scope or keys.SCOPES, life=timedelta(days=days)
        )
    click.echo(say(f"密钥 {number}，只印这一次：", f"Key {number}, printed this once:"), err=True)
    click.echo(text)
    return 0
