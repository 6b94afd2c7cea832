"""What the subcommands of ``zhikong intake`` share."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from validator.base.errors import InputError, ZhikongError
from validator.base.language import say
from validator.cli.help import Command
from validator.read.place import is_panic

if TYPE_CHECKING:
    from validator.intake.decisions import Action
    from validator.intake.ledger import Ledger


def ledger_options() -> list[click.Parameter]:
    """Where the ledger is."""
    folder = say(
        "台账目录（也可用环境变量 ZHIKONG_LEDGER；默认在用户数据目录）",
        "Folder of the ledger (or the variable ZHIKONG_LEDGER; default: in the user's data folder)",
    )
    kind = click.Path(file_okay=False, path_type=Path)
    return [click.Option(["--ledger"], type=kind, metavar="DIR", help=folder), database_option()]


def database_option() -> click.Option:
    """``--database``."""
    words = say(
        "数据库地址，如 postgresql://用户@主机/库（默认 SQLite，在台账目录里）",
        "Database, such as postgresql://user@host/name (default: SQLite in the folder)",
    )
    return click.Option(["--database"], envvar="ZHIKONG_DATABASE", default="", metavar="URL", help=words)


def actor_option() -> click.Option:
    """``--actor``: who does it."""
    return click.Option(
        ["--actor"],
        envvar="ZHIKONG_ACTOR",
        default=getpass.getuser,
        metavar="NAME",
        help=say("经办人，记入日志（默认本机用户名）", "Who does it, for the log (default: the user's name)"),
    )


def reason_option() -> click.Option:
    """``--reason``: why, in words."""
    return click.Option(
        ["--reason"], required=True, metavar="TEXT", help=say("理由，记入台账", "Why; kept in the ledger")
    )


def hospital_option() -> click.Option:
    """``--hospital``."""
    return click.Option(
        ["--hospital"], default="", metavar="CODE", help=say("定点医药机构编号", "Code of the hospital")
    )


def gate_option() -> click.Option:
    """``--gate``."""
    zh = "批次门槛：intake、default、either、strict 或 JSON 文件（默认方案的 intake.gate）"
    en = "Gate: intake, default, either, strict or a JSON file (default: intake.gate of the profile)"
    return click.Option(["--gate"], default="", metavar="NAME", help=say(zh, en))


def roll_option() -> click.Option:
    """``--roll``."""
    file = click.Path(dir_okay=False, path_type=Path)
    words = say("结算名册：逐笔结算，或各月笔数（4105）", "The roll of settlements, or their counts by month (4105)")
    return click.Option(["--roll"], type=file, metavar="FILE", help=words)


def wanted(roll: Path | None, hospital: str = "") -> tuple[dict[str, int], str]:
    """How many lists a roll wants of each month of a hospital (``Options.roll``), and its convention on refunds."""
    if roll is None:
        return {}, ""
    from validator.intake import baseline
    from validator.intake import roll as rolls

    read = rolls.load(roll, hospital)
    return {baseline.key(who, month): many for who, month, many in rolls.wanted(read)}, read.convention


def choosing() -> list[click.Parameter]:
    """Which findings a decision is about."""
    return [
        click.Argument(["findings"], nargs=-1, metavar="[FINDING]...", help=say("发现的指纹，可多个", "Fingerprints")),
        click.Option(
            ["--case"], multiple=True, metavar="ID", help=say("这些病例的全部发现", "All findings of these cases")
        ),
        click.Option(["--check"], multiple=True, metavar="ID", help=say("这项检查的发现", "Findings of these checks")),
        hospital_option(),
        reason_option(),
        actor_option(),
        *ledger_options(),
    ]


@contextmanager
def opened(folder: Path | None, database: str) -> Iterator["Ledger"]:
    """The ledger, open; in one sentence what is missing where it cannot be."""
    if any(find_spec(name) is None for name in ("sqlalchemy", "alembic", "cryptography")):
        raise ZhikongError(
            '收单需要另装：pip install "zhikong[service]"', 'the intake needs: pip install "zhikong[service]"'
        )
    from sqlalchemy.exc import OperationalError

    from validator.intake.ledger import open_ledger
    from validator.intake.ledger.store import refused

    ledger = open_ledger(folder, database)
    try:
        yield ledger
    except OperationalError as error:
        raise refused(ledger, error) from error
    except BaseException as error:
        if wrong := _damage(ledger, error):
            zh = f"台账{wrong}；用备份恢复，zhikong intake verify 列出全部"
            raise InputError(
                zh, f"the ledger: {wrong}; restore it from a backup, zhikong intake verify lists all"
            ) from None
        raise
    finally:
        ledger.close()


def _damage(ledger: "Ledger", error: BaseException) -> str:
    """The first file of the ledger that is not as it was written, where a table could not be read; blank where all are."""
    import polars as pl

    from validator.intake.verify import verify

    unreadable = isinstance(error, pl.exceptions.PolarsError | FileNotFoundError) or is_panic(error)
    return next(iter(verify(ledger)), "") if unreadable else ""


DISPOSITIONS = {
    "accept": ("接收", "accepted"), "accept_with_warnings": ("带警告接收", "accepted with warnings"),
    "return": ("退回", "returned"), "cannot_be_judged": ("无法判定", "cannot be judged"),
    "unchanged": ("与前一版相同", "as before"),
}  # fmt: skip


def counted(counts: dict[str, int]) -> str:
    """``接收 8，退回 2``."""
    parts = [f"{say(*DISPOSITIONS[name])} {counts[name]:,}" for name in DISPOSITIONS if counts.get(name)]
    return say("，", ", ").join(parts)


def decision(action: "Action", about: str) -> Command:
    """The command that takes ``action`` on findings that a person chooses."""

    def run(
        findings: tuple[str, ...], case: tuple[str, ...], check: tuple[str, ...], hospital: str, reason: str, actor: str,
        ledger: Path | None, database: str,
    ) -> int:  # fmt: skip
        with opened(ledger, database) as book:
            from validator.intake.decisions import Chosen, decide

            done = decide(book, action, Chosen(findings, case, check, hospital), actor, reason)
        click.echo(say(f"已处理 {len(done)} 个问题", f"{len(done)} findings"))
        return 0

    return Command(run, about, *choosing())


def day_option(about: str) -> click.Option:
    """``--on``: a day."""
    return click.Option(["--on"], type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help=about)


def day_of(on: datetime | None) -> date:
    """The day that ``--on`` names, else today in China."""
    from validator.intake.ledger.store import today

    return on.date() if on else today()


#: A table of what a hospital says of its cases.
_STATED = {
    "case_id": ("setl_id", "结算ID", "结算编号", "病例", "病例标识"),
    "words": ("reason", "理由", "反馈意见", "意见", "说明", "申请理由"),
}


def saying(action: Literal["answer", "request"], about: str, on: str) -> Command:
    """The command that records what a hospital says of its cases: one reason for all, or a table."""

    def run(
        table: Path | None, case: tuple[str, ...], reason: str, on: datetime | None, hospital: str, actor: str,
        ledger: Path | None, database: str,
    ) -> int:  # fmt: skip
        if bool(table) == bool(case) or bool(case) != bool(reason):
            raise click.UsageError(say("请给 --case 和 --reason，或一张表", "give --case and --reason, or a table"))
        with opened(ledger, database) as book:
            from validator.intake import feedback

            stated = _stated(table) if table else [(each, reason) for each in case]
            take = {"answer": feedback.answer, "request": feedback.request}[action]
            done = take(book, stated, actor, day_of(on), hospital)
        click.echo(say(f"已登记 {len(done)} 份", f"{len(done)} recorded"))
        return 0

    file = click.Path(dir_okay=False, path_type=Path)
    return Command(
        run,
        about,
        click.Argument(
            ["table"], required=False, type=file, metavar="[TABLE]", help=say("两列的表", "A table of two columns")
        ),
        click.Option(["--case"], multiple=True, metavar="ID", help=say("病例标识，可多次", "Id of a case; repeatable")),
        click.Option(["--reason"], default="", metavar="TEXT", help=say("理由，记入台账", "Why; kept in the ledger")),
        day_option(on),
        hospital_option(),
        actor_option(),
        *ledger_options(),
    )


def _stated(table: Path) -> list[tuple[str, str]]:
    from validator.read import named_columns

    lacking = ("要有结算ID、理由两列", "it needs the columns setl_id and reason")
    frame = named_columns.rows(table, _STATED, lambda names: names == _STATED.keys(), lacking)
    return [(case, words or "") for case, words in frame.select("case_id", "words").drop_nulls("case_id").iter_rows()]
