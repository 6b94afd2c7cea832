"""``zhikong codebooks lookup``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.base.language import say
from validator.cli.help import Command, codebooks_option
from validator.cli.output import format_option, show
from validator.cli.registry import FOUND_NOTHING, loaded, missing, table_option

if TYPE_CHECKING:
    from validator.codes.tables import Store, Version

Row = dict[str, object]


def command() -> Command:
    """``zhikong codebooks lookup``."""
    about = say(
        "查编码：按编码的开头、名称或名称的一部分；用空格隔开的几个词都要有。\n没有查到时退出码为 1。",
        "Look up codes by how they begin or by part of their name; all of several words must be there.\n"
        "The exit code is 1 if nothing is found.",
    )
    words, limit = say("如 K80、胆囊结石、慢性 胆囊", "Such as K80, 胆囊结石"), say("最多列出几条", "At most so many")
    return Command(
        run,
        about,
        click.Argument(["words"], nargs=-1, required=True, metavar="TEXT…", help=words),
        table_option("只查这张表", "Look into this table only"),
        click.Option(["--limit"], type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help=limit),
        format_option(),
        codebooks_option(),
    )


def run(words: tuple[str, ...], table: str, limit: int, style: str, codebooks: Path | None) -> int:
    """Print what matches, the closest first, from the newest version of each table that has any."""
    from validator.codes.tables import Store

    store = Store(codebooks)
    tables = [table] if table else [each for each in loaded(store) if not each.endswith(("_grey", "_map", "_scheme"))]
    if not any(store.versions(each) for each in tables):
        raise missing(table)
    found = [_matches(store, each, " ".join(words).split(), limit) for each in tables]
    ranked = sorted((each for rows, _ in found for each in rows), key=lambda each: each[:2])
    headings = {
        "code": say("编码", "Code"), "target": say("对应编码", "Maps to"), "name": say("名称", "Name"), "grey": say("灰码", "Grey"),
        "table": say("表", "Table"), "version": say("版本", "Version"), "since": say("生效", "Since"), "until": say("失效", "Until"),
    }  # fmt: skip
    del headings["grey" if table.endswith("_map") else "target"]
    shown = [{name: row[name] for name in headings} for *_, row in ranked[:limit]]
    if style == "table":
        if not shown:
            click.echo(say("没有查到", "Nothing found"), err=True)
            return FOUND_NOTHING
        shown = [{**row, "grey": say("是", "yes") if row.get("grey") else ""} for row in shown]
    show(shown, headings, style)
    more = sum(count for _, count in found) - len(shown)
    if more and style == "table":
        click.echo(say(f"另有 {more} 条：多写几个字，或加大 --limit", f"{more} more: say more words, or raise --limit"))
    return 0 if shown else FOUND_NOTHING


def _matches(store: "Store", table: str, words: list[str], limit: int) -> tuple[list[tuple[int, int, Row]], int]:
    """The closest rows of the newest version that has any, each after how close it is; and how many there are in all."""
    for version in store.versions(table):
        book = store.book(version)
        hits = book.search(words)
        if hits.height:
            first = hits.head(limit)
            grey = store.grey(version, None) if "grey" in book.frame.columns else None
            flags = [None] * limit if grey is None else grey.gather(first["row"]).to_list()
            rows = zip(first.rows(), book.frame[first["row"]].rows(named=True), flags, strict=False)
            return [(near, length, _row(version, row, flag)) for (_, near, length), row, flag in rows], hits.height
    return [], 0


def _row(version: "Version", row: Row, grey: bool | None) -> Row:
    since, until = row.get("since") or version.since, row.get("until") or version.until
    return {
        "code": row["code"], "target": row.get("target"), "name": row.get("name") or row.get("target_name"), "grey": grey,
        "table": version.table, "version": version.version, "since": since and str(since), "until": until and str(until),
    }  # fmt: skip
