"""``zhikong codebooks list``."""

from pathlib import Path

import click

from validator.base.language import say
from validator.cli.help import Command, codebooks_option
from validator.cli.output import format_option, show


def command() -> Command:
    """``zhikong codebooks list``."""
    about = say(
        "列出已有的码表，以及缺哪些、缺了还查什么。",
        "List the tables that are there, and what is checked without the others.",
    )
    return Command(run, about, format_option(), codebooks_option())


def run(style: str, codebooks: Path | None) -> int:
    """Print every version of every table, then the tables that are missing."""
    from validator import loaders
    from validator.codes.tables import Store

    store, known = Store(codebooks), loaders.known()
    versions = store.versions()
    rows = [
        {
            "table": each.table, "title": loaders.titled(each),
            "version": each.version, "since": str(each.since or ""), "until": str(each.until or ""), "rows": each.rows,
            "sha": each.sha256[:8], "file": each.file, "added": each.added, "sha256": each.sha256,
        }
        for each in versions
    ]  # fmt: skip
    headings = {
        "table": say("表", "Table"), "title": say("名称", "Title"), "version": say("版本", "Version"),
        "since": say("生效", "Since"), "until": say("失效", "Until"), "rows": say("行数", "Rows"),
        "sha": "SHA-256", "file": say("文件", "File"), "added": say("加入时间", "Added"),
    }  # fmt: skip
    if style != "table":
        show(rows, headings, style)
        return 0
    click.echo(say(f"码表目录：{store.folder}", f"Folder of the tables: {store.folder}"))
    if rows:
        show(rows, headings, style)
    there = {each.table for each in versions}
    missing = [
        {"table": name, "title": table.title, "without": table.without}
        for name, table in known.items()
        if name not in there
    ]
    if missing:
        click.echo(say("\n还没有的码表（用 zhikong codebooks add 加入）：", "\nNot there yet (zhikong codebooks add):"))
        show(
            missing,
            {"table": headings["table"], "title": headings["title"], "without": say("没有它时", "Without it")},
            style,
        )
    return 0
