"""Stays for tests, a row each, and the measures of them."""

from datetime import date

import polars as pl

from validator.inspection.indicators import bounds
from validator.scoring import measures
from validator.scoring.cells import CODED
from validator.scoring.faults import ACCURACY, DIP_CLASSES, WRONG
from validator.scoring.indices import Settings, indexed
from validator.scoring.lines import LINES, TABLES
from validator.scoring.pages import INDICATOR, PAGES
from validator.scoring.period import period
from validator.scoring.stays import STAYS

YEAR = Settings(period("2026"), high=2.0, low=0.5)
#: What is the same of all stays unless a test says otherwise.
USUAL = {
    "hospital": "A", "department": "03", "admitted": date(2026, 3, 1), "discharged": date(2026, 3, 5), "days": 4, "left": "1",
    "payment": "4", "principal": "I10.x00", "total": 100_000, "own": 10_000, "own_charged": 10_000, "bed": 10_000, "tests": 20_000,
    "drugs": 20_000, "critical": False, "compared": False, "errors": 0, "warnings": 0, "disposition": "accept",
    "fund": 60_000, "leave_days": None,
    "page_missing": 0, "page_score": 100.0, **{f"{INDICATOR}{number}": False for number in bounds()},
    "must_filled": 10, "must_missing": 0, "grouping_filled": 5, "grouping_missing": 0, "contradicted": 0, "outside_stay": 0,
}  # fmt: skip
ROWS = {
    **STAYS, "errors": pl.UInt32(), "warnings": pl.UInt32(), "disposition": pl.String(),
    **dict.fromkeys(("must_filled", "must_missing", "grouping_filled", "grouping_missing"), pl.Int64()),
    "leave_days": pl.Int64(), **dict.fromkeys((f"dip:{name}" for name in DIP_CLASSES), pl.Int64()),
    **dict.fromkeys(("contradicted", "outside_stay", *(f"against:{name}" for name in ACCURACY)), pl.Int64()),
    **{
        f"{prefix}{name}": pl.Int64()
        for prefix in (CODED, WRONG)
        for name in ("icd10", "icd9cm3", "tcm_disease", "institution", "physician", "nurse", *TABLES)
    },
    **LINES, **PAGES,
}  # fmt: skip


def stays(*rows):
    numbered = [{**USUAL, "case_id": f"{n}", "person": n, **row} for n, row in enumerate(rows, 1)]
    return pl.DataFrame(numbered, schema=ROWS)


def measured(*rows, weights=None, settings=YEAR, by="all"):
    given = pl.DataFrame(weights, schema=["group", "weight"], orient="row") if weights else None
    within = indexed(stays(*rows), given, settings)
    found = measures.measured({"stays": within}, [by])
    return {(row["hospital"], row["measure"]) if by != "all" else row["measure"]: row for row in found.to_dicts()}


def grouped(group, **values):
    return {"status": "grouped", "group": group, **values}
