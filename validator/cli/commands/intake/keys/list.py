"""``zhikong intake keys list``."""

from pathlib import Path

from validator.base.language import say
from validator.cli import output
from validator.cli.help import Command
from validator.cli.intake import ledger_options, opened


def command() -> Command:
    """``zhikong intake keys list``."""
    about = say("列出发放过的密钥（不含密钥本身）。", "List the keys that were made, without their secrets.")
    return Command(run, about, output.format_option(), *ledger_options())


def run(style: str, ledger: Path | None, database: str) -> int:
    """Show the keys."""
    with opened(ledger, database) as book:
        from validator.intake import keys

        with book.reading() as session:
            found = keys.rows(session)
    headings = {
        "id": say("号", "Number"), "name": say("给谁", "Name"), "role": say("角色", "Role"), "hospital": say("机构", "Hospital"),
        "scopes": say("范围", "Scopes"), "expires": say("有效到", "Expires"), "revoked": say("吊销", "Revoked"),
    }  # fmt: skip
    rows = [{name: row[name] for name in headings} | {"scopes": " ".join(row["scopes"])} for row in found]
    output.show(rows, headings, style)
    return 0
