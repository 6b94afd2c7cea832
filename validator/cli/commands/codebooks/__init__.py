"""``zhikong codebooks``: the national code tables that a user loads; one file per subcommand."""

import sys

from validator.base.language import say
from validator.cli.help import CommandGroup, common_options


def command() -> CommandGroup:
    """``zhikong codebooks``."""
    about = say(
        "管理国家编码表：加入、列出、查找、比较、对照、移除。\n"
        "码表由用户自备（国家医保局公布的工作簿或 CSV）；没有码表时，编码只查结构。",
        "The national code tables: add, list, look up, compare, map, remove.\n"
        "You supply them (workbooks as published, or CSV); without a table, codes are checked by their structure.",
    )
    return CommandGroup(sys.modules[__name__], "codebooks", about, common_options())
