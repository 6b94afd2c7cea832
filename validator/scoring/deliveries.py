"""What should have been delivered in a period, and what became of faults: from the settlement roll and the intake's ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from validator.intake import roll as rolls
from validator.intake import timeliness
from validator.scoring.period import Period
from validator.spec.intake import Intake

if TYPE_CHECKING:
    from validator.intake.ledger import Ledger

#: A row for each settlement of the roll in the period; states are ``timeliness.STATES``, unjudged without a ledger.
SETTLEMENTS: dict[str, pl.DataType] = {
    "hospital": pl.String(), "month": pl.String(), "case_id": pl.String(), "settled": pl.Date(), "delivered": pl.Boolean(),
    "state": pl.String(), "by_first": pl.String(), "by_accepted": pl.String(),
}  # fmt: skip
#: A row for each hospital that has settlements in the period.
HOSPITALS: dict[str, pl.DataType] = {"hospital": pl.String(), "delivered": pl.Boolean()}
#: A row for each error that the ledger knows of a list that ended in the period.
FAULTS: dict[str, pl.DataType] = {
    "hospital": pl.String(), "month": pl.String(), "case_id": pl.String(), "check": pl.String(),
    "state": pl.String(),  #: open, corrected, justified, accepted, rejected, closed
    "counts": pl.Boolean(),  #: neither accepted as it is nor closed with its case or rule
    "again": pl.Boolean(),  #: its case was delivered again after it was found
    "corrected": pl.Boolean(),
    "repeated": pl.Boolean(),  #: it is still there, or there again, in a later delivery
}  # fmt: skip
#: A row for each case whose group the bureau sent to its hospital in a round of a month of the period.
ANSWERS: dict[str, pl.DataType] = {
    "hospital": pl.String(), "month": pl.String(), "case_id": pl.String(),
    "counts": pl.Boolean(),  #: it has a group and its list is not withdrawn
    "answered": pl.Boolean(),  #: within a window
}  # fmt: skip


@dataclass(frozen=True)
class Deliveries:
    """What measures of delivery count (``formulas.OVER``); empty frames where nothing tells."""

    counted: Mapping[str, pl.DataFrame] = field(
        default_factory=lambda: {
            "settlements": pl.DataFrame(schema=SETTLEMENTS), "hospitals": pl.DataFrame(schema=HOSPITALS),
            "faults": pl.DataFrame(schema=FAULTS), "answers": pl.DataFrame(schema=ANSWERS),
        }
    )  # fmt: skip
    has_roll: bool = False
    has_ledger: bool = False
    has_settlements: bool = False  #: False: the roll has counts alone
    convention: str = ""  #: how refunds stand in the roll, in words


def read(
    roll: Path | None, ledger: "Ledger | None", every: pl.DataFrame, period: Period, intake: Intake, today: date
) -> Deliveries:
    """What roll and ledger say of a period.

    ``every``: the stays that were read; without a ledger they are what was delivered. Settlements count by their own day, else
    that of discharge; those without any are counted too, for a roll is that of its period.
    """
    found = Deliveries()
    counted = dict(found.counted)
    if ledger:
        counted["faults"], counted["answers"] = _faults(ledger, period), _answers(ledger, period)
    if not roll:
        return Deliveries(counted, has_ledger=ledger is not None)
    known = rolls.load(roll)
    received = _received(ledger, every)
    if known.settlements is None:
        counted["hospitals"] = _of_counts(known.counts, received, period)
    else:
        counted["settlements"] = _settlements(known, ledger, received, period, intake, today)
        counted["hospitals"] = (
            counted["settlements"].group_by("hospital", maintain_order=True).agg(pl.col("delivered").any())
        )
    return Deliveries(counted, True, ledger is not None, known.settlements is not None, known.convention)


def _received(ledger: "Ledger | None", every: pl.DataFrame) -> pl.DataFrame:
    """The lists that came (``roll.RECEIVED``)."""
    if ledger:
        from validator.intake import views

        with ledger.reading() as session:
            return views.cases(session).filter(document="list").select(*rolls.RECEIVED)
    rows = every.select("hospital", "case_id", period=pl.col("month").str.replace("-", ""), total_fen="total")
    return rows.select(pl.col(name).cast(kind) for name, kind in rolls.RECEIVED.items())


def _settlements(
    known: rolls.Roll, ledger: "Ledger | None", received: pl.DataFrame, period: Period, intake: Intake, today: date
) -> pl.DataFrame:
    withdrawn, delivered = None, pl.DataFrame(schema=timeliness.DELIVERED)
    if ledger:
        from validator.intake import views

        with ledger.reading() as session:
            withdrawn, delivered = views.withdrawn(session), views.delivered(session)
    expected = rolls.expected(rolls.reconcile(known, received, withdrawn))
    day = pl.coalesce("settled", "discharged")
    expected = expected.filter(day.is_between(period.begin, period.end).fill_null(value=True))
    came = received.select("hospital", "case_id").unique().with_columns(delivered=pl.lit(value=True))
    states = timeliness.of_cases(expected, delivered, intake, today).select("state", "by_first", "by_accepted")
    if not ledger:  # when a list came is not known
        states = states.with_columns(pl.lit("unjudged").alias(name) for name in states.columns)
    rows = expected.hstack(states).with_columns(month=day.dt.strftime("%Y-%m"))
    rows = rows.join(came, on=["hospital", "case_id"], how="left", maintain_order="left")
    return rows.with_columns(pl.col("delivered").fill_null(value=False)).select(*SETTLEMENTS)


def _of_counts(counts: pl.DataFrame | None, received: pl.DataFrame, period: Period) -> pl.DataFrame:
    """The hospitals of a roll of counts by month."""
    assert counts is not None
    month = pl.col("month").str.to_date("%Y%m")
    own = counts.filter((pl.col("cases") > 0) & month.is_between(period.begin.replace(day=1), period.end))
    months = pl.col("period").str.to_date("%Y%m", strict=False)
    came = received.filter(months.is_between(period.begin.replace(day=1), period.end))["hospital"].unique()
    hospitals = own.select(pl.col("hospital").unique(maintain_order=True))
    return hospitals.with_columns(delivered=pl.col("hospital").is_in(came.implode()))


def _faults(ledger: "Ledger", period: Period) -> pl.DataFrame:
    from validator.intake import views

    with ledger.reading() as session:
        found = views.faults(session, period.begin, period.end)
    still = pl.col("state").is_in(["open", "justified", "rejected"])
    return found.with_columns(
        month=pl.col("discharged").dt.strftime("%Y-%m"),
        counts=~pl.col("state").is_in(["accepted", "closed"]),
        again=pl.col("newest") > pl.col("first"),
        corrected=pl.col("state") == "corrected",
        repeated=still & (pl.col("last") > pl.col("first")),
    ).select(*FAULTS)


def _answers(ledger: "Ledger", period: Period) -> pl.DataFrame:
    from validator.intake import feedback

    with ledger.reading() as session:
        years = [str(year) for year in range(period.begin.year, period.end.year + 1)]
        found = pl.concat([feedback.answered(ledger, session, year) for year in years])
    month = pl.col("period").str.to_date("%Y%m")
    found = found.filter(month.is_between(period.begin.replace(day=1), period.end))
    return found.with_columns(
        month=month.dt.strftime("%Y-%m"), answered=pl.col("in_time").fill_null(value=False)
    ).select(*ANSWERS)
