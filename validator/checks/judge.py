"""One partition checked: tables in, a :class:`~validator.checks.results.PartitionResult` out."""

from typing import TYPE_CHECKING

import polars as pl

from validator.base.language import say
from validator.checks import batch_unique, case_rows, engine, evidence, findings, unread
from validator.checks.batch_schemes import Schemes
from validator.checks.hiding import hide
from validator.checks.outcomes import Result
from validator.checks.plan import Plan
from validator.checks.results import PartitionResult
from validator.read.mapping import draft
from validator.read.partition import Partition

if TYPE_CHECKING:
    from collections.abc import Callable

    Keep = Callable[[Partition, pl.DataFrame], None]


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
    missing, unjudged = unread.of_partition(plan, part, result, wanted)
    interface = plan.catalogue.layouts[part.layout].interface
    return PartitionResult(
        place,
        plan.key,
        sources,
        found,
        case_rows.of_partition(part, place, cases, found, plan.checks, interface).with_columns(_unread=unjudged),
        result.tallies,
        _reasons(plan, result) | result.reasons,
        result.judged_by,
        batch_unique.of_partition(plan, result, mask, alone=alone),
        Schemes(plan.catalogue).count(cases),
        missing,
        draft(part.notes),
    )


def _reasons(plan: Plan, result: Result) -> dict[str, str]:
    """Why rules could not run."""
    return {name: _reason(plan, missing, result) for name, missing in plan.skipped.items() if name in result.tallies}


def _reason(plan: Plan, missing: str, result: Result) -> str:
    if ((table := plan.table_of(missing)), "") in result.unread:
        title = plan.catalogue.layouts[plan.interface].title(table)
        return say(f"没有读到{title}", f"{title} was not read")
    return say(f"{plan.interface} 的数据里没有 {missing}", f"{plan.interface} data has no {missing}")
