"""The command ``zhikong``: one file per subcommand in :mod:`validator.cli.commands`."""

import sys

from validator.cli.app import App


def main() -> None:
    """Run ``zhikong`` with the process's arguments and exit with its code."""
    if "--debug" not in sys.argv:  # what a library fails to clean up after a refusal is no news
        sys.unraisablehook = lambda _: None
    App().main()
