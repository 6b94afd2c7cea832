"""``zhikong intake keys``: who may call over HTTP; one file per subcommand."""

import sys

from validator.base.language import say
from validator.cli.help import CommandGroup, common_options


def command() -> CommandGroup:
    """``zhikong intake keys``."""
    about = say("HTTP 服务的密钥：发放、列出、吊销。", "Keys for the HTTP service: make, list, revoke.")
    return CommandGroup(sys.modules[__name__], "keys", about, common_options())
