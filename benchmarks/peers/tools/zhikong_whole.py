"""zhikong as it is used: all checks of all tables of the same lists, to a page that a coder reads."""

from pathlib import Path
from tempfile import TemporaryDirectory

from checks import Check
from tool import Find, Found

TITLE, ROWS, MESSAGES = "zhikong, all checks", True, "per finding, in a report"


def ready(table: Path, checks: list[Check]) -> Find:  # noqa: ARG001 - all of its own
    """Return what finds the failures and writes the report."""
    from validator import api

    api.load()

    def find() -> Found:
        report = api.check(table.parent / "lists")
        with TemporaryDirectory() as folder:
            report.write(Path(folder) / "report.html")
        return Found(sum(report.counts().values()), {})

    return find
