"""``zhikong intake reject``."""

from validator.base.language import say
from validator.cli.help import Command
from validator.cli.intake import decision


def command() -> Command:
    """``zhikong intake reject``."""
    about = say(
        "驳回机构的说明，病例仍须更正。",
        "Reject what a hospital says: its case must be corrected.",
    )
    return decision("reject", about)
