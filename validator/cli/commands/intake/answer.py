"""``zhikong intake answer``."""

from validator.base.language import say
from validator.cli.help import Command
from validator.cli.intake import saying


def command() -> Command:
    """``zhikong intake answer``."""
    about = say(
        "登记机构对分组结果的反馈（--case 和 --reason，或两列的表：结算ID、理由），计入最近下发的那一轮。",
        "Record what a hospital says of groups (--case and --reason, or a table of case and reason), in the round sent last.",
    )
    return saying("answer", about, say("反馈日期（默认今天）", "Day of the answer (default: today)"))
