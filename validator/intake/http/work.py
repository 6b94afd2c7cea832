"""The process that receives what was submitted: it takes jobs from the ledger, one after the other.

A process of its own, so that a delivery of a hundred thousand lists does not hold up checks of single ones.
"""

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from validator.base import interrupts
from validator.intake import receive
from validator.intake.http import uploads
from validator.intake.http.settings import ServeSettings
from validator.intake.ledger import open_ledger

LOG = logging.getLogger("zhikong.http")
_PAUSE = 0.5  #: seconds between two looks for work


def work(settings: ServeSettings, parent: int) -> None:
    """Receive until the process that started this one ends or asks for it."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ledger = open_ledger(Path(settings.ledger) if settings.ledger else None, settings.database)
    try:
        while os.getppid() == parent:
            try:
                receive.resume(ledger)
                uploads.sweep(ledger)
            except Exception as error:  # noqa: BLE001 (its text may hold a patient's data; the job stays and is tried again)
                LOG.warning("receiving failed: %s", type(error).__name__)
            time.sleep(_PAUSE)
    finally:
        ledger.close()


def _stop(_: int, __: FrameType | None) -> None:
    raise SystemExit


@contextmanager
def working(settings: ServeSettings) -> Iterator[None]:
    """Receive in a process of its own while the block runs; another one is started where it dies."""
    context, ended = multiprocessing.get_context("spawn"), threading.Event()

    def keep() -> None:
        while not ended.is_set():
            process = context.Process(target=work, args=(settings, os.getpid()), daemon=True)
            with interrupts.held_back():  # Ctrl+C goes to all processes: the first one ends this one
                process.start()
            while process.is_alive() and not ended.is_set():
                process.join(_PAUSE)
            process.terminate()
            process.join()

    thread = threading.Thread(target=keep, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
