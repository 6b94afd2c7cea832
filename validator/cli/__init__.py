"""The command ``zhikong``: one file per subcommand in :mod:`validator.cli.commands`."""

from validator.cli.app import App


def main() -> None:
    """Run ``zhikong`` with the process's arguments and exit with its code."""
    App().main()
