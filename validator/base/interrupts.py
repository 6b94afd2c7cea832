"""Ctrl-C, which a terminal sends to every process of a command, and the polite kill."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def held_back() -> Iterator[None]:
    """Start processes inside: an interruption waits until the block has ended, and none of Ctrl-C ever reaches the processes.

    Otherwise one that still loads would end with a traceback of its own, as would one whose start is interrupted half way.
    """
    from multiprocessing import resource_tracker

    came = list[int]()
    handlers = dict[signal.Signals, Any]()
    if threading.current_thread() is threading.main_thread():  # no other may set handlers, or is interrupted
        for each in (signal.SIGINT, signal.SIGTERM):
            handlers[each] = signal.signal(each, lambda number, _: came.append(number))
    mask = None
    if hasattr(signal, "pthread_sigmask"):  # not on Windows
        resource_tracker.ensure_running()  # where it starts with the first process, it lets Ctrl-C through again
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for each, handler in handlers.items():
            signal.signal(each, handler)
        for number in came[:1]:
            signal.raise_signal(number)
