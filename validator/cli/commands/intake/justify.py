"""``zhikong intake justify``."""

from validator.base.language import say
from validator.cli.help import Command
from validator.cli.intake import decision


def command() -> Command:
    """``zhikong intake justify``."""
    about = say(
        "机构说明：问题属实且有理由，等经办机构审核。",
        "A hospital justifies findings; the bureau then accepts or rejects that.",
    )
    return decision("justify", about)
