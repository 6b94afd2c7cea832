"""The engine for one machine: processes of Python, each with a core."""

import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import active_children, connection, get_context, parent_process
from threading import Thread
from typing import TypeVar

from validator.base import interrupts
from validator.distribute.engines import ATTEMPTS, Unfinished, ended, in_time

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Pool:
    """Processes that are started anew, not forked: Polars has threads."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or cores()

    def map(self, task: Callable[[T], R], units: Sequence[T]) -> Iterator[tuple[int, R | Unfinished]]:
        """See ``engines.Engine``. Of the units at work when a process died, one by one shows which it was."""
        job, left = in_time(task), iter(range(len(units)))
        while suspects := (yield from self._together(job, units, left)):
            yield from self._one_by_one(job, units, suspects)

    def _together(
        self, job: Callable[[T], R | Unfinished], units: Sequence[T], left: Iterator[int]
    ) -> Generator[tuple[int, R | Unfinished], None, list[int]]:
        """Units on all processes; return those that were at work when one of these died."""
        running: dict[Future[R | Unfinished], int] = {}
        suspects = list[int]()
        with _processes(self.workers) as pool:

            def start(most: int) -> None:
                for place in islice(left, most):
                    try:
                        with interrupts.held_back():
                            running[pool.submit(job, units[place])] = place
                    except BrokenProcessPool:
                        suspects.append(place)
                        return

            start(self.workers + 1)  # one waits, so that no process does
            while running:
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    place = running.pop(future)
                    try:
                        found = future.result()
                    except BrokenProcessPool:
                        suspects.append(place)
                        continue
                    if not suspects:
                        start(1)
                    yield place, found
        return sorted(suspects)

    @staticmethod
    def _one_by_one(
        job: Callable[[T], R | Unfinished], units: Sequence[T], suspects: Sequence[int]
    ) -> Iterator[tuple[int, R | Unfinished]]:
        """Units of which one ended a process before: which it is shows alone."""
        left = deque((place, 2) for place in suspects)
        while left:
            with _processes(1) as pool:
                while left:
                    place, tries = left.popleft()
                    try:
                        with interrupts.held_back():
                            future = pool.submit(job, units[place])
                        yield place, future.result()
                    except BrokenProcessPool:
                        if tries < ATTEMPTS:
                            left.appendleft((place, tries + 1))
                        else:
                            yield place, ended(ATTEMPTS)
                        break


@contextmanager
def _processes(workers: int) -> Iterator[ProcessPoolExecutor]:
    threads = max(1, cores() // workers)
    pool, others = ProcessPoolExecutor(workers, get_context("spawn"), _begin, (threads,)), active_children()
    try:
        yield pool
    except BaseException:  # nobody waits any more for the units at work
        for process in set(active_children()) - set(others):
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(threads: int) -> None:
    """A process has its share of the cores, leaves Ctrl-C to the one that started it, and does not outlive that one."""
    os.environ.setdefault("POLARS_MAX_THREADS", str(threads))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent:
        Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(parent: int) -> None:
    connection.wait([parent])
    os._exit(1)
