"""One partition checked: tables in, a :class:`~validator.checks.results.PartitionResult` out.

A few cases are judged one by one (:mod:`validator.checks.rows`), many by columns (:mod:`validator.checks.engine`): with the same result.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from validator.base.masking import misplaced, persons
from validator.checks import batch_unique, case_rows, findings, unread
from validator.checks.batch import plan_of
from validator.checks.batch_schemes import Schemes
from validator.checks.hiding import hide
from validator.checks.misplaced import STAFF, UNNAMED
from validator.checks.plan import Plan
from validator.checks.results import PartitionResult, PartitionTotals
from validator.checks.rows import frames
from validator.checks.rows import partition as rows
from validator.checks.rows.reasons import not_judged
from validator.checks.story import columns
from validator.read.mapping import draft
from validator.read.partition import Partition

if TYPE_CHECKING:
    from collections.abc import Callable

    Keep = Callable[[Partition, pl.DataFrame], None]

_LOG = logging.getLogger(__name__)
#: Up to so many cases, with so many rows in all, are judged by rows: columns cost the same whatever their height.
FEW_CASES, FEW_ROWS = 50, 1_500


def is_few(part: Partition) -> bool:
    """Whether the cases of a partition are judged by rows."""
    height = sum(each.height for each in part.tables.values())
    return 0 < part.tables[part.case].height <= FEW_CASES and height <= FEW_ROWS


def judge(
    plan: Plan,
    part: Partition,
    wanted: frozenset[str],
    place: int = 0,
    *,
    mask: bool = True,
    alone: bool = False,
    keep: "Keep | None" = None,
) -> PartitionResult:
    """Check one partition.

    ``wanted``: ids of the checks to report. ``place``: which partition of the run it is; ``alone``: the only one.
    ``keep``: called with the partition and its findings as they are, never masked (``evidence.findings``).
    """
    few = is_few(part)
    _LOG.debug("%s: %d cases judged by %s", part.layout, part.tables[part.case].height, "rows" if few else "columns")
    if few:
        result = rows.judge(plan, part, wanted, place, mask=mask, alone=alone)
        if keep:
            keep(part, frames.plain(result))
        whole = frames.framed(result, plan)
    else:
        full = plan if plan.has_trees else plan_of(plan.catalogue, plan.key)
        whole = _by_columns(full, part, wanted, place, mask=mask, alone=alone, keep=keep)
    return _with_story(plan, part, wanted, whole, mask=mask)


def _with_story(
    plan: Plan, part: Partition, wanted: frozenset[str], result: PartitionResult, *, mask: bool
) -> PartitionResult:
    """The result with what comparing the documents of its cases gave."""
    if (of_list := part.tables[part.case].get_column("_of_list", default=None)) is not None:
        result.cases = result.cases.with_columns(_of_list=of_list)
    if not part.companions:
        return result
    story = columns.compare(plan.catalogue, part, wanted, mask=mask)
    about = replace(
        result.about,
        tallies=result.about.tallies | story.tallies,
        reasons=result.about.reasons | story.reasons,
        joined=dict(story.keys),
    )
    found = pl.concat([result.findings, story.findings]).sort("_case", maintain_order=True, nulls_last=True)
    cases = case_rows.counted(result.cases, story.findings, plan.checks)
    return replace(result, about=about, findings=found, cases=cases)


def _by_columns(
    plan: Plan, part: Partition, wanted: frozenset[str], place: int, *, mask: bool, alone: bool, keep: "Keep | None"
) -> PartitionResult:
    from validator.checks import engine, evidence  # NumPy, and much else that a few cases do without

    result = engine.run(plan, part, wanted)
    cases, sources = result.tables[plan.case], list(part.sources)
    shown = evidence.findings(plan, result.failed, result.tables, mask, plain=keep is not None)
    if keep:
        keep(part, shown)
    notes = [note for note in part.notes if note.check in wanted and not unread.Unread.takes(note)]
    found = findings.compact(shown, cases["case_id"])
    if notes:
        found = pl.concat([found, findings.of_notes(notes, plan.checks, cases["case_id"], sources)])
    hidden = hide(found, cases, plan.rows, plan.case)
    found = (hidden if mask else found).with_columns(hidden=hidden["value"])
    found = found.sort("_case", maintain_order=True, nulls_last=True)
    needed = {each: int(needing.sum()) for each, needing in result.unread.items()}
    unjudged = pl.repeat(part.incomplete, cases.height, dtype=pl.Boolean, eager=True)
    for needing in result.unread.values():
        unjudged |= needing
    interface = plan.catalogue.layouts[part.layout].interface
    about = PartitionTotals(
        place,
        plan.key,
        sources,
        result.tallies,
        not_judged(plan, result.tallies, result.unread) | result.reasons,
        result.judged_by,
        Schemes(plan.catalogue).count(partial(_used, cases)),
        unread.of_partition(plan, part, needed, wanted),
        draft(part.notes),
    )
    named = case_rows.of_partition(part, place, cases, found, plan.checks, interface)
    if mask:
        named = named.with_columns(misplaced(pl.col(name)) for name in UNNAMED)
        named = named.with_columns(persons(pl.col(name)) for name in STAFF)
    return PartitionResult(
        about,
        found,
        named.with_columns(_unread=unjudged, _of_list=pl.lit(False)).select(*case_rows.COUNTED),
        batch_unique.of_partition(plan, result, mask, alone=alone),
    )


def _used(cases: pl.DataFrame, column: str) -> Iterable[tuple[str | None, int, str]] | None:
    """The values of a column of the cases, as :data:`validator.checks.batch_schemes.Used` has them."""
    if column not in cases.columns:
        return None
    return cases.group_by(column, maintain_order=True).agg(pl.len(), pl.col("case_id").first()).iter_rows()
