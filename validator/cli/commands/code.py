"""``zhikong code``: any code taken apart."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from validator.base import certainty
from validator.base.language import current, say
from validator.cli.help import Command
from validator.cli.output import console

if TYPE_CHECKING:
    from rich.console import RenderableType

    from validator.codes.explain import Entry, Explanation, Part, Reading, Remark

_MARKS = {"error": ("✗ ", "bold red"), "warning": ("! ", "yellow"), "info": ("· ", "dim")}


def command() -> Command:
    """``zhikong code``."""
    return Command(
        run,
        say(
            "拆解一个编码：属于哪项标准、每一段是什么意思、对不对、错在哪里、何时有效。\n"
            "编码有效时退出码为 0，无效时为 1。已加载的码表（zhikong codebooks）也会查。",
            "Take a code apart: its standard, what each segment means, whether it is right, what is wrong, when it holds.\n"
            "The exit code is 0 if the code is valid and 1 if not. Loaded tables (zhikong codebooks) are asked too.",
        ),
        click.Argument(
            ["code"],
            metavar="CODE",
            help=say("如 K80.100、XA01ABD075A002010100483", "Such as K80.100 or XA01ABD075A002010100483"),
        ),
        click.Option(
            ["--name"],
            default="",
            metavar="NAME",
            help=say("它的名称，与编码核对", "What it is called, to be compared with the code"),
        ),
        click.Option(
            ["--base-code"],
            default="",
            metavar="CODE",
            help=say("药品本位码，与企业段核对", "The drug standard code (14 digits), to be compared"),
        ),
        click.Option(
            ["--on", "day"],
            type=click.DateTime(["%Y-%m-%d"]),
            metavar="DATE",
            help=say(
                "哪一天有效，如 2026-01-31（默认按最新码表）", "In force on that day (default: by the newest tables)"
            ),
        ),
    )


def run(code: str, name: str, base_code: str, day: datetime | None) -> int:
    """Print what is known of the code."""
    from validator.codes.explain import explain
    from validator.grouping.role import roles

    on = day.date() if day else None
    found = explain(code, name=name, base_code=base_code, day=on, roles=roles)
    screen = console()
    for part in page(found):
        screen.print(part)
    return int(not found.valid)


def page(found: "Explanation") -> "list[RenderableType]":
    """What is shown, top to bottom."""
    from rich.text import Text

    listed = any(reading.entries for reading in found.readings)
    right = say("有效", "valid") if listed else say("结构正确", "well formed")
    verdict = (right, "bold green") if found.valid else (say("无效", "not valid"), "bold red")
    parts: list[RenderableType] = [Text.assemble((found.text, "bold"), "  ", verdict)]
    parts += [_line(remark) for remark in found.remarks]
    for reading in found.readings:
        parts += [Text(), *_reading(found, reading)]
    return parts


def _reading(found: "Explanation", reading: "Reading") -> "list[RenderableType]":
    """One reading: what it is, its segments, and what there is to say."""
    from rich.text import Text

    from validator.base import files, yaml_csv
    from validator.codes import standards

    form, standard = reading.form, standards.load()[reading.form.standard]
    documents = yaml_csv.read_yaml(files.data("schemas") / "regulations.yaml")
    head = Text.assemble((form.title(current()), "bold"), (f"  {standard.number} {standard.title(current())}", "dim"))
    if reading.code != found.text:
        head.append(say(f"  应写作 {reading.code}", f"  should be written {reading.code}"), "bold")
    basis = f"{documents[form.document]['title']} · {certainty.in_words(form.sure)}"
    parts: list[RenderableType] = [head, Text(basis, "dim"), _segments(reading.parts)]
    parts += [_line(remark) for remark in sorted(reading.remarks, key=lambda each: list(_MARKS).index(each.level))]
    if reading.entries:
        parts += [Text(), _entries(reading.entries)]
    if reading.knowledge:
        parts.append(Text(say("\n质控知识", "\nWhat the rules know of it")))
        for each in reading.knowledge:
            origin = f"  {documents[each.basis]['title']} · {certainty.in_words(each.sure)}"
            parts.append(Text.assemble(f"  {each.row} {each.text(current())}", (origin, "dim")))
    return parts


def _line(remark: "Remark") -> "RenderableType":
    from rich.text import Text

    mark, style = _MARKS[remark.level]
    return Text.assemble((mark, style), remark.text(current()))


def _segments(found: "list[Part]") -> "RenderableType":
    """A row for each segment."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in (say("段", "Segment"), say("内容", "Text"), say("含义", "Meaning"), say("说明", "Here")):
        table.add_column(heading, overflow="fold")
    for part in found:
        segment, remark = part.segment, part.remark
        names = (segment.name(current()), segment.meaning(current())) if segment else (say("多余", "Surplus"), "")
        style = _MARKS[remark.level][1] if remark and remark.level != "info" else ""
        shown = (
            Text.assemble((_MARKS[remark.level][0], style) if style else "", (remark.text(current()), style))
            if remark
            else Text()
        )
        table.add_row(names[0], Text(part.text, style or "bold"), names[1], shown)
    return table


def _entries(found: "list[Entry]") -> "RenderableType":
    """A row for each version of a table that has the code."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    yes, no = say("是", "yes"), say("否", "no")
    columns = {
        say("码表", "Table"): [f"{each.table} {each.version}" for each in found],
        say("名称", "Name"): [each.name for each in found],
        say("有效期", "In force"): [_span(each.since, each.until) for each in found],
        say("当前", "Now"): [yes if each.in_force else no for each in found],
        say("灰码", "Grey"): ["" if each.grey is None else yes if each.grey else no for each in found],
        say("码表另载", "Also published"): ["  ".join(map("=".join, each.columns.items())) for each in found],
    }
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    filled = {heading: cells for heading, cells in columns.items() if any(cells)}
    for heading in filled:
        table.add_column(heading, overflow="fold")
    for cells in zip(*filled.values(), strict=True):
        table.add_row(*map(Text, cells))
    return table


def _span(since: date | None, until: date | None) -> str:
    if not since and not until:
        return say("未注明", "not stated")
    return f"{since or ''}—{until or ''}"
