"""Partitions checked one after another, some at the same time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from itertools import count, islice
from typing import TYPE_CHECKING

from validator.checks.choice import CheckChoice
from validator.checks.judge import is_few, plainly
from validator.checks.plan import Plan, plan_key
from validator.checks.plans import plan_of
from validator.checks.rows import start
from validator.checks.rows.partition import FewResult
from validator.read.partition import Partition
from validator.spec.catalogue import Catalogue

if TYPE_CHECKING:
    from validator.checks.by_columns import Keep
    from validator.checks.results import PartitionResult

#: Partitions that are checked at the same time: Polars and NumPy use one core for much of what they do.
_AT_ONCE = 2


def results(
    catalogue: Catalogue, parts: Iterable[Partition], choice: CheckChoice, *, mask: bool, keep: Keep | None = None,
    all_keys: bool = False,
) -> Iterator[PartitionResult | FewResult]:  # fmt: skip
    """The results of partitions, two at a time while the next is read; one at a time where ``keep`` takes them in order.

    ``all_keys``: keep what must not repeat in a batch of a lone partition too, where it does not repeat.
    """

    def judged(place: int, part: Partition, *, alone: bool = False) -> PartitionResult | FewResult:
        plan = plan_for(catalogue, part)
        return plainly(plan, part, choice.among(plan), place, mask=mask, alone=alone, keep=keep)

    waiting = iter(parts)
    some = list(islice(waiting, 2))
    if len(some) == 1:
        yield judged(0, some.pop(), alone=not all_keys)
        return
    with ThreadPoolExecutor(1 if keep else _AT_ONCE) as pool:
        running: deque[Future[PartitionResult | FewResult]] = deque()
        for place in count():
            part = some.pop(0) if some else next(waiting, None)
            if part is None:
                break
            if len(running) == _AT_ONCE:
                yield running.popleft().result()
            running.append(pool.submit(copy_context().run, judged, place, part))
            del part  # or it would stay while the next partition is read
        while running:
            yield running.popleft().result()


def plan_for(catalogue: Catalogue, part: Partition) -> Plan:
    """The plan for the partition's interface, tables and supplied fields; the last ones are kept."""
    key = plan_key(catalogue, part)
    kept = start.kept_plan(catalogue, key) if is_few(part) else None
    return kept.plan if kept else plan_of(catalogue, key)
