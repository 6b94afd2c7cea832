"""Front pages of case records, by stay: their score, and the indicators of front pages as far as the data go."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl

from validator.inspection import indicators, score
from validator.read.partition import Partition, Source
from validator.scoring.cells import Counter

if TYPE_CHECKING:
    from validator.api import Report

INDICATOR = "against_page:"  #: prefix of the columns that say whether a finding contradicts an indicator, by its number
#: For each stay with findings in its record.
PAGES: dict[str, pl.DataType] = {
    "case_id": pl.String(), "page_score": pl.Float64(),
    "page_missing": pl.Int64(),  #: required cells of the record that are blank
    **{f"{INDICATOR}{number}": pl.Boolean() for number in indicators.bounds()},
}  # fmt: skip
Place = tuple[str, str | None, str | None, str]


def place(source: Source) -> Place:
    """What tells a source from others."""
    return source.file, source.sheet, source.path, source.table


def filled(part: Partition, counter: Counter) -> pl.Series:
    """The required cells of its record that are filled, for each list of a partition; null without a record."""
    found = pl.repeat(None, part.tables[part.case].height, dtype=pl.Int64, eager=True)
    for companion in part.companions:
        cells = counter.of(companion.part)["must_filled"]
        there = companion.home.is_not_null().arg_true()
        found = found.scatter(companion.home.gather(there), cells.gather(there))
    return found


def of_pages(report: "Report", places: Iterable[Place]) -> pl.DataFrame:
    """:data:`PAGES` of the stays that have findings at the places of records."""
    known = set(places)
    sources = pl.Series([n for n, source in enumerate(report.sources) if place(source) in known], dtype=pl.UInt32)
    faulty = [name for name, check in report.checks.items() if check.level != "info"]
    parts = [
        part.filter(pl.col("source").is_in(sources.implode()) & pl.col("check").is_in(faulty)).select(
            "case_id", "check", "table", "field", "row"
        )
        for part in report.iter_compact()
    ]
    nothing = {"case_id": pl.String, "check": pl.String, "table": pl.String, "field": pl.String, "row": pl.UInt32}
    faults = pl.concat([pl.DataFrame(schema=nothing), *parts]).drop_nulls("case_id").with_columns(level=pl.lit("error"))
    flags = {f"{INDICATOR}{number}": each.any() for number, each in indicators.contradictions().items()}
    found = faults.group_by("case_id", maintain_order=True).agg(page_missing=indicators.BLANK.sum(), **flags)
    scored = score.scores(faults, found).select("case_id", page_score="score")
    return found.join(scored, on="case_id", how="left").select(pl.col(name).cast(kind) for name, kind in PAGES.items())
