"""``zhikong intake``: the bureau's intake; one file per subcommand."""

import sys

from validator.base.language import say
from validator.cli.help import CommandGroup, common_options


def command() -> CommandGroup:
    """``zhikong intake``."""
    about = say(
        "经办机构收单：收下各机构报来的清单，逐份判定，记住每一版、每个问题和每次处理。\n"
        '台账放在一个目录里（--ledger），也可以用 PostgreSQL（--database）。需要安装：pip install "zhikong[service]"',
        "The bureau's intake: receives lists, judges each, and keeps every version, finding and decision.\n"
        'The ledger is a folder (--ledger), or PostgreSQL (--database). Needs: pip install "zhikong[service]"',
    )
    return CommandGroup(sys.modules[__name__], "intake", about, common_options())
