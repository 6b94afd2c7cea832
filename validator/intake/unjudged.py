"""Which findings that the ledger knows a delivery does not show because their checks could not judge the case: those stay open.

A report counts what was not judged over the whole batch; here the few cases in doubt are judged again, each by itself.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from validator.api import Report, plan_for
from validator.checks import judge
from validator.intake.ledger.models import Finding
from validator.intake.ledger.store import chunks
from validator.read.partition import Partition, Source

#: Findings that are not settled: ``case_id``, ``fingerprint``, ``check``.
KNOWN: dict[str, Any] = {"case_id": pl.String, "fingerprint": pl.String, "check": pl.String}
#: What could not be judged.
UNJUDGED: dict[str, Any] = {"case_id": pl.String, "check": pl.String}


def known(session: Session, cases: pl.Series) -> pl.DataFrame:
    """The findings of cases that are not settled in the ledger (:data:`KNOWN`)."""
    rows = list[tuple[str, str, str]]()
    for some in chunks(cases.unique()):
        wanted = select(Finding.case_id, Finding.fingerprint, Finding.check_id).where(
            Finding.case_id.in_(some), Finding.state.not_in(("corrected", "closed"))
        )
        rows += [(case, fingerprint, check) for case, fingerprint, check in session.execute(wanted)]
    return pl.DataFrame(rows, schema=KNOWN, orient="row")


def of_delivery(found: Report, before: pl.DataFrame, with_record: pl.Series, lists: Path) -> pl.DataFrame:
    """The pairs of case and check (:data:`UNJUDGED`) of findings that were there before (:data:`KNOWN`) and are not found again.

    ``with_record``: ids of lists that came with their record; without it what compares the two is not judged. ``lists``: the
    folder with the delivery's tables.
    """
    gone = (
        before.join(found.findings.select("fingerprint"), on="fingerprint", how="anti")
        .select("case_id", "check")
        .unique()
    )
    stories = [pair.id for pair in found.catalogue.story.pairs]
    alone = gone.filter(pl.col("check").is_in(stories), ~pl.col("case_id").is_in(with_record.implode()))
    outcomes = found.outcomes.filter((pl.col("unjudged") > 0) | (pl.col("status") != "ran"))
    doubtful = [name for name in outcomes["check"] if found.choice.has(found.checks[name])]
    rest = gone.filter(pl.col("check").is_in(doubtful), ~pl.col("check").is_in(stories)).sort("case_id", "check")
    rows = alone.rows()
    for (case,), some in rest.group_by("case_id", maintain_order=True):
        rows += [(str(case), check) for check in _of_case(found, str(case), set(some["check"]), lists)]
    return pl.DataFrame(rows, schema=UNJUDGED, orient="row")


def _of_case(found: Report, case: str, checks: set[str], lists: Path) -> Iterator[str]:
    """Of some checks those that cannot judge a case; a check that is not of its interface any more can."""
    tallies = dict[str, int]()
    for part in _partitions(found, case, lists):
        plan = plan_for(found.catalogue, part)
        result = judge.judge(plan, part, frozenset(checks), alone=True)
        for check in checks & plan.checks.keys():
            tally = result.about.tallies.get(check)
            tallies[check] = tallies.get(check, 0) + (tally.unjudged if tally else 1)
    yield from sorted(check for check, n in tallies.items() if n)


def _partitions(found: Report, case: str, lists: Path) -> Iterator[Partition]:
    """A case as it was delivered, a partition for each document of it."""
    for folder in sorted(lists.iterdir()):
        name = found.catalogue.layouts[folder.name].interface.case
        tables = {each.name: _rows(each, case, ids=each.name == name) for each in sorted(folder.iterdir())}
        if name in tables and tables[name].height:
            tables[name] = tables[name].head(1)  # of a list that came twice the first
            yield Partition(folder.name, name, tables, [Source("")])


def _rows(folder: Path, case: str, *, ids: bool) -> pl.DataFrame:
    """The rows of a case in a table, with their places; columns that its partition lacked stay lacking."""
    every = [
        pl.scan_parquet(each, glob=False).filter(pl.col("case_id") == case).collect()
        for each in sorted(folder.iterdir())
    ]
    own = next((frame for frame in every if frame.height), every[0])
    places = {"_case": pl.lit(0), "_row": pl.int_range(1, pl.len() + 1), "_source": pl.lit(0), "_line": pl.lit(None)}
    return own.with_columns(each.cast(pl.UInt32).alias(name) for name, each in places.items()).drop(
        [] if ids else "case_id"
    )
