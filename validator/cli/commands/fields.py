"""``zhikong fields``: the field rows of a table."""

import click

from validator.base.errors import ConfigError
from validator.base.language import current, say
from validator.cli import completion
from validator.cli.help import Command, profile_option
from validator.cli.output import format_option, show


def command() -> Command:
    """``zhikong fields``."""
    return Command(
        run,
        say(
            "列出一张表的字段：类型、长度、是否必填、值域。\n不写表名则列出所有表。",
            "Show a table's fields: type, length, required, value set.\nWithout a table, list the tables.",
        ),
        click.Argument(
            ["table"],
            required=False,
            metavar="[TABLE]",
            shell_complete=completion.tables,
            help=say("表名，如 setlinfo", "Such as setlinfo"),
        ),
        click.Option(
            ["--interface"],
            shell_complete=completion.interfaces,
            metavar="NAME",
            help=say("接口，如 4101A（默认第一个有此表的）", "Such as 4101A (default: the first that has the table)"),
        ),
        profile_option(),
        format_option(),
    )


def run(table: str | None, interface: str | None, profile: str, style: str) -> int:
    """Print the field rows, or the tables."""
    from validator.checks import catalogue

    everything = catalogue.load(profile)
    known, sets, words = everything.layouts, everything.domains, everything.conditions
    if interface and interface not in known:
        all_names = "、".join(known)
        raise ConfigError(
            f"没有接口 {interface}，现有：{all_names}", f"no interface {interface}; there are: {all_names}"
        )
    chosen = {interface: known[interface]} if interface else known
    if table is None:
        tables = [
            {"interface": layout.name, "table": each.name, "fields": len(each.fields)}
            for layout in chosen.values()
            for each in layout.tables.values()
        ]
        names = {"interface": say("接口", "Interface"), "table": say("表", "Table"), "fields": say("字段数", "Fields")}
        show(tables, names, style)
        return 0
    layout = next((each for each in chosen.values() if table in each.tables), None)
    if layout is None:
        all_names = "、".join(sorted({name for each in chosen.values() for name in each.tables}))
        raise ConfigError(f"没有表 {table}，现有：{all_names}", f"no table {table}; there are: {all_names}")
    rows = [
        {
            "field": row.field,
            "name": row.name(current()),
            "type": row.type,
            "length": f"{row.length},{row.scale}" if row.scale else row.length,
            "required": say("是", "yes") if row.required else "",
            "required_when": row.required_when,
            "condition": words[row.required_when][current() == "en"]
            if row.required_when in words
            else row.required_when,
            "domain": row.domain,
            "values": sets[row.domain].title(current()) if row.domain else "",
            "pattern": row.pattern,
            "min": row.min,
            "max": row.max,
            "alias": row.alias,
            "personal": row.personal,
            "basis": row.basis,
            "sure": row.sure,
            "note": row.note,
        }
        for row in layout.tables[table].fields.values()
    ]
    headings = {
        "field": say("字段", "Field"),
        "name": say("名称", "Name"),
        "type": say("类型", "Type"),
        "length": say("长度", "Length"),
        "required": say("必填", "Required"),
        "condition": say("何时必填", "Required when"),
        "values": say("值域", "Value set"),
        "sure": say("依据", "Certainty"),
    }
    if style == "table":
        click.echo(f"{layout.name} · {table}")
    show(rows, headings, style)
    return 0
