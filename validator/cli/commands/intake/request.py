"""``zhikong intake request``."""

from validator.base.language import say
from validator.cli.help import Command
from validator.cli.intake import saying


def command() -> Command:
    """``zhikong intake request``."""
    about = say(
        "登记机构的特例单议申请（--case 和 --reason，或两列的表：结算ID、理由）。",
        "Record that a hospital asks for cases to be paid by themselves (--case and --reason, or a table of case and reason).",
    )
    return saying("request", about, say("申请日期（默认今天）", "Day of the request (default: today)"))
