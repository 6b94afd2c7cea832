"""A month as a whole, from the ledger: for notices and the bureau's page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import polars as pl
from sqlalchemy.orm import Session

from validator.base.language import say
from validator.grouping.reasons import STATUSES
from validator.intake import arrival, baseline, feedback, roll, timeliness, views
from validator.intake.ledger import Ledger
from validator.intake.notice import MonthOfIntake
from validator.spec.catalogue import Catalogue
from validator.spec.intake import Intake


@dataclass(frozen=True)
class ReceivedMonth:
    """The lists of a month against what should have come."""

    standing: pl.DataFrame  #: the lists that count (``views.cases``)
    reconciled: pl.DataFrame | None  #: ``roll.CASES``; None without a roll of settlements
    wanted: dict[str, int]  #: hospital -> lists that the roll wants
    convention: str  #: of the roll, on refunds
    timeliness: pl.DataFrame  #: ``timeliness.CASES``
    names: Mapping[str, str] = field(default_factory=dict)  #: of hospitals, as the roll has them


def against_roll(
    session: Session, period: str, intake: Intake, today: date, roll_file: Path | None, hospital: str
) -> ReceivedMonth:
    """The lists of a month by the roll of its settlements, and when they came; without a roll those received stand for it."""
    standing = views.cases(session, period=period, hospital=hospital).filter(pl.col("document") == "list")
    delivered = views.delivered(session, hospital)
    expected, reconciled, convention = standing.select("hospital", "case_id", "settled", "discharged"), None, ""
    wanted, called = dict[str, int](), dict[str, str]()
    if roll_file:
        withdrawn = views.withdrawn(session)
        known = roll.load(roll_file, hospital)
        convention, called, counts = known.convention, dict(known.names), roll.wanted(known, withdrawn)
        wanted = {who: many for who, when, many in counts if when == period and hospital in ("", who)}
        if known.settlements is not None:
            found = roll.reconcile(known, standing.select(*roll.RECEIVED), withdrawn)
            reconciled = found.filter(
                (pl.col("month") == period) | pl.col("month").is_null(),
                pl.col("hospital") == (hospital or pl.col("hospital")),
            )
            expected = roll.expected(reconciled)
    return ReceivedMonth(
        standing, reconciled, wanted, convention, timeliness.of_cases(expected, delivered, intake, today), called
    )


def month(
    ledger: Ledger, period: str, catalogue: Catalogue, *, today: date, roll_file: Path | None = None, hospital: str = "",
    office: str = "",
) -> MonthOfIntake:  # fmt: skip
    """What the bureau knows of a month; with the roll of its settlements also what is missing, and who is late."""
    with ledger.reading() as session:
        found = against_roll(session, period, catalogue.profile.intake, today, roll_file, hospital)
        if roll_file and found.reconciled is None:
            raise roll.counts_alone(str(roll_file))
        delivery = views.month(ledger, session, period, catalogue, hospital)
        rounds = feedback.of_period(session, period)
        rates = feedback.rates(ledger, session, period[:4]) if rounds else None
        requests = feedback.requests(session, period)
    return MonthOfIntake(
        period, today, replace(delivery, names={**delivery.names, **found.names}), office, reconciled=found.reconciled,
        convention=found.convention, timeliness=found.timeliness, groups=_groups(found.standing), rounds=rounds, rates=rates,
        requests=requests,
    )  # fmt: skip


def unlike_before(ledger: Ledger, period: str, intake: Intake, today: date, hospitals: Iterable[str]) -> pl.DataFrame:
    """The month of each hospital by the limits of its own months before (``arrival.COMPARED``)."""
    with ledger.reading() as session:
        known = baseline.Baseline(ledger, session, intake, today, {})
        return pl.concat(
            [pl.DataFrame(schema=arrival.COMPARED), *(known.of_month(each, period).compared for each in hospitals)]
        )


def _groups(standing: pl.DataFrame) -> pl.DataFrame | None:
    known = standing.filter(pl.col("group_status").is_not_null())
    if known.is_empty():
        return None
    status = pl.col("group_status").replace_strict({code: say(*words) for code, words in STATUSES.items()})
    return known.select("hospital", "case_id", group="group_code", group_name=pl.lit(""), status=status)
