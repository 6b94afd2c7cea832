"""The light engine for several machines: a cluster of Dask, or processes of this machine."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from distributed import Client, KilledWorker, as_completed

from validator.distribute.engines import ATTEMPTS, Unfinished, ended, in_time

T = TypeVar("T")
R = TypeVar("R")


class Dask:
    """A cluster of Dask."""

    def __init__(self, workers: int | None = None, master: str = "") -> None:
        """``master``: the address of a scheduler, else so many ``workers`` are started here."""
        options = {} if master else {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": ":0"}
        self.client = Client(master or None, **options)

    def map(self, task: Callable[[T], R], units: Sequence[T]) -> Iterator[tuple[int, R | Unfinished]]:
        """See ``engines.Engine``."""
        futures = self.client.map(in_time(task), units, pure=False)
        places = {future.key: place for place, future in enumerate(futures)}
        for future in as_completed(futures):
            try:
                found = future.result()
            except KilledWorker:
                found = ended(ATTEMPTS)
            yield places[future.key], found
            future.release()
