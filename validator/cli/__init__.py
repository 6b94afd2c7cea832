"""The command ``zhikong``: one file per subcommand in :mod:`validator.cli.commands`."""

import signal
import sys


def main() -> None:
    """Run ``zhikong`` with the process's arguments and exit with its code; a polite kill is taken as Ctrl-C."""
    if "--debug" not in sys.argv:  # what a library fails to clean up after a refusal is no news
        sys.unraisablehook = lambda _: None
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        from validator.cli.app import App  # loading may be interrupted too

        App().main()
    except KeyboardInterrupt:  # before the command runs, or after it: itself it says so in the language asked for
        sys.exit(130)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # nothing is left but to clean up
