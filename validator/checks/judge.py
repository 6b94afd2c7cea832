"""One partition checked: tables in, a :class:`~validator.checks.results.PartitionResult` out.

A few cases are judged one by one (:mod:`validator.checks.rows`), many by columns (:mod:`validator.checks.by_columns`): with the
same result.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from validator.checks.plan import Plan
from validator.checks.rows import partition as rows
from validator.checks.rows.partition import FewResult
from validator.read.partition import Partition

if TYPE_CHECKING:
    from validator.checks.by_columns import Keep
    from validator.checks.results import PartitionResult

_LOG = logging.getLogger(__name__)
#: Up to so many cases, with so many rows in all, are judged by rows: columns cost the same whatever their height.
FEW_CASES, FEW_ROWS = 50, 1_500


def is_few(part: Partition) -> bool:
    """Whether the cases of a partition are judged by rows."""
    return 0 < part.height(part.case) <= FEW_CASES and sum(map(part.height, part.tables)) <= FEW_ROWS


def judge(
    plan: Plan,
    part: Partition,
    wanted: frozenset[str],
    place: int = 0,
    *,
    mask: bool = True,
    alone: bool = False,
    keep: Keep | None = None,
) -> PartitionResult:
    """Check one partition.

    ``wanted``: ids of the checks to report. ``place``: which partition of the run it is; ``alone``: the only one.
    ``keep``: called with the partition and its findings as they are, never masked (``evidence.findings``).
    """
    result = plainly(plan, part, wanted, place, mask=mask, alone=alone, keep=keep)
    if isinstance(result, FewResult):
        from validator.checks.rows.frames import framed

        return framed(result)
    return result


def plainly(
    plan: Plan,
    part: Partition,
    wanted: frozenset[str],
    place: int,
    *,
    mask: bool,
    alone: bool,
    keep: Keep | None = None,
) -> PartitionResult | FewResult:
    """The same, but that few cases without other documents stay plain rows, for which Polars need not be loaded."""
    few = is_few(part)
    _LOG.debug("%s: %d cases judged by %s", part.layout, part.height(part.case), "rows" if few else "columns")
    if few:
        found = rows.judge(plan, part, wanted, place, mask=mask, alone=alone)
        if not keep and not part.companions and "_of_list" not in (part.columns(part.case) or ()):
            return found
        from validator.checks.rows import frames

        if keep:
            keep(part, frames.plain(found))
        result = frames.framed(found)
    from validator.checks import by_columns  # Polars, NumPy, and much else that a few cases do without

    if not few:
        result = by_columns.judge(plan, part, wanted, place, mask=mask, alone=alone, keep=keep)
    return by_columns.with_story(plan, part, wanted, result, mask=mask)
