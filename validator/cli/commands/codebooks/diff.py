"""``zhikong codebooks diff``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.base.errors import InputError
from validator.base.language import say
from validator.cli import completion
from validator.cli.help import Command, codebooks_option
from validator.cli.output import format_option, show
from validator.cli.registry import named, table_option

if TYPE_CHECKING:
    import polars as pl

    from validator.codes.tables import Store

_SHOWN = 10  #: differences of one kind that a person is shown


def command() -> Command:
    """``zhikong codebooks diff``."""
    about = say(
        "比较一张码表的两个版本：新增、删除、改名、日期变化等。\nA、B 写作 icd10@2.0，或是文件。",
        "Compare two versions of a table: added, removed, renamed, dates and so on.\nA and B: icd10@2.0, or a file.",
    )
    return Command(
        run,
        about,
        click.Argument(["old"], metavar="A", shell_complete=completion.editions, help=say("旧的一版", "The older one")),
        click.Argument(["new"], metavar="B", shell_complete=completion.editions, help=say("新的一版", "The newer one")),
        table_option("文件是哪张表（默认自动辨认）", "Which table a file is (default: recognised)"),
        format_option(),
        codebooks_option(),
    )


def run(old: str, new: str, table: str, style: str, codebooks: Path | None) -> int:
    """Print counts, then what differs: to a person the first of each kind, to a program everything."""
    from validator.codes.compare import compare
    from validator.codes.tables import Store

    store = Store(codebooks)
    (one, before), (other, after) = _side(store, old, table), _side(store, new, table)
    if one != other:
        zh, en = f"不是同一张表：{old} 是 {one}，{new} 是 {other}", f"not one table: {old} is {one}, {new} is {other}"
        raise InputError(zh, en)
    found = compare(before, after)
    if style != "table":
        show(found.to_dicts(), {name: name for name in found.columns}, style)
        return 0
    kinds = {kind: found.filter(change=kind) for kind in _titles()}
    counts = say("，", ", ").join(f"{title} {kinds[kind].height}" for kind, title in _titles().items())
    click.echo(
        say(
            f"{old}（{before.height} 行）→ {new}（{after.height} 行）",
            f"{old} ({before.height} rows) → {new} ({after.height} rows)",
        )
    )
    click.echo(counts)
    for kind, rows in kinds.items():
        _print(_titles()[kind], rows)
    return 0


def _titles() -> dict[str, str]:
    """What each kind of change is called."""
    return {
        "added": say("新增", "added"), "removed": say("删除", "removed"), "renamed": say("改名", "renamed"),
        "target": say("对应改变", "target changed"), "dates": say("日期变化", "dates changed"),
        "grey": say("灰码变化", "grey changed"),
    }  # fmt: skip


def _print(title: str, rows: "pl.DataFrame") -> None:
    """The first rows of one kind of change."""
    if rows.height:
        click.echo(f"\n{title} {rows.height}")
    for row in rows.head(_SHOWN).rows(named=True):
        change = f"{row['old'] or '—'} → {row['new'] or '—'}" if row["old"] or row["new"] else ""
        name = "" if row["change"] in ("renamed", "target") else row["name"] or ""
        click.echo(f"  {row['code']}  {'  '.join(word for word in (name, change) if word)}")
    if rows.height > _SHOWN:
        click.echo(say("  …全部请用 --format csv 或 json", "  … all of them: --format csv or json"))


def _side(store: "Store", given: str, table: str) -> "tuple[str, pl.DataFrame]":
    """The table, and the rows, behind ``icd10@2.0`` or a file."""
    from validator import loaders

    if not Path(given).exists():
        name, at, version = given.rpartition("@")
        if not at:
            zh, en = "没有这个文件；码表的版本写作 icd10@2.0", "no such file; a version is written icd10@2.0"
            raise InputError(f"{given}：{zh}", f"{given}: {en}")
        return name, loaders.comparable(store, named(store, name, version))
    found = loaders.read(given, table)
    if len(found) > 1:
        names = "、".join(each.table.name for each in found)
        zh, en = f"有几张表，请用 --table 指明：{names}", f"holds several tables, name one with --table: {names}"
        raise found[0].place.fault(zh, en)
    return found[0].table.name, found[0].comparable
