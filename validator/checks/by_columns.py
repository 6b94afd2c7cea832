"""One partition judged by columns, and what comparing the documents of its cases adds to a result."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import polars as pl

from validator.base.masking import misplaced, persons_texts
from validator.checks import batch_unique, case_rows, engine, evidence, findings, unread
from validator.checks.batch_schemes import Schemes
from validator.checks.hiding import STAFF, UNNAMED, Hider
from validator.checks.plan import Plan
from validator.checks.plans import plan_of
from validator.checks.results import PartitionResult
from validator.checks.rows.reasons import not_judged
from validator.checks.story import columns
from validator.checks.totals import PartitionTotals
from validator.read.mapping import draft
from validator.read.partition import Partition

Keep = Callable[[Partition, pl.DataFrame], None]


def with_story(
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


def judge(
    plan: Plan, part: Partition, wanted: frozenset[str], place: int, *, mask: bool, alone: bool, keep: Keep | None
) -> PartitionResult:
    """Check one partition by its columns; see :func:`validator.checks.judge.judge`."""
    full = plan if plan.has_trees else plan_of(plan.catalogue, plan.key)
    result = engine.run(full, part, wanted)
    cases, sources = result.tables[plan.case], list(part.sources)
    shown = evidence.findings(plan, result.failed, result.tables, mask, plain=keep is not None)
    if keep:
        keep(part, shown)
    notes = [note for note in part.notes if note.check in wanted and not unread.Unread.takes(note)]
    found = findings.compact(shown, cases["case_id"])
    if notes:
        found = pl.concat([found, findings.of_notes(notes, plan.checks, cases["case_id"], sources)])
    hider = Hider(plan.rows, plan.case)
    hidden = hider.hide_all(found, cases)
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
        named = named.with_columns(misplaced(named[name]) for name in UNNAMED)
        named = named.with_columns(persons_texts(named[name]) for name in STAFF)
    return PartitionResult(
        about,
        found,
        named.with_columns(_unread=unjudged, _of_list=pl.lit(False)).select(*case_rows.COUNTED),
        batch_unique.of_partition(plan, result, hider, mask, alone=alone),
    )


def _used(cases: pl.DataFrame, column: str) -> Iterable[tuple[str | None, int, str]] | None:
    """The values of a column of the cases, as :data:`validator.checks.batch_schemes.Used` has them."""
    if column not in cases.columns:
        return None
    return cases.group_by(column, maintain_order=True).agg(pl.len(), pl.col("case_id").min()).iter_rows()
