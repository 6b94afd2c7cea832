"""The command ``zhikong``: one file per subcommand in :mod:`validator.cli.commands`."""

import os
import signal
import sys
from pathlib import Path


def main() -> None:
    """Run ``zhikong`` with the process's arguments and exit with its code; a polite kill is taken as Ctrl-C."""
    if "--debug" not in sys.argv:  # what a library fails to clean up after a refusal is no news
        sys.unraisablehook = lambda _: None
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started this
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 (until the process ends)
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        from validator.cli.app import App  # loading may be interrupted too

        App().main()
    except KeyboardInterrupt:  # before the command runs, or after it: itself it says so in the language asked for
        sys.exit(130)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # nothing is left but to clean up
