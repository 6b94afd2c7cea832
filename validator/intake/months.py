"""A month as a whole, from the ledger: for notices, the bureau's page, and the comparison with the platform's results."""

from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import select

from validator.base.language import current
from validator.intake import platform, roll, timeliness, views
from validator.intake.ledger import Ledger, audit
from validator.intake.ledger.models import CaseVersion
from validator.intake.notice import MonthOfIntake
from validator.intake.report import bureau
from validator.spec.catalogue import Catalogue


def month(
    ledger: Ledger, period: str, catalogue: Catalogue, *, today: date, roll_file: Path | None = None, hospital: str = "",
    office: str = "",
) -> MonthOfIntake:  # fmt: skip
    """What the bureau knows of a month; with the roll of its settlements also what is missing, and who is late.

    Without a roll the lists received stand for what should have come.
    """
    with ledger.reading() as session:
        standing = views.cases(session, period=period, hospital=hospital).filter(pl.col("document") == "list")
        delivered = views.delivered(session, hospital)
        gone = select(CaseVersion.case_id).where(CaseVersion.standing == "withdrawn")
        withdrawn = pl.Series(session.execute(gone).scalars().all(), dtype=pl.String)
        delivery = views.month(ledger, session, period, catalogue, hospital)
    reconciled, convention = None, ""
    expected = standing.select("hospital", "case_id", "settled", "discharged")
    if roll_file:
        known = roll.load(roll_file, hospital)
        reconciled = roll.reconcile(known, standing.select(*roll.RECEIVED), withdrawn).filter(
            (pl.col("month") == period) | pl.col("month").is_null()
        )
        if hospital:
            reconciled = reconciled.filter(pl.col("hospital") == hospital)
        expected, convention = roll.expected(reconciled), known.convention
    return MonthOfIntake(
        period, today, delivery, office, reconciled=reconciled, convention=convention,
        timeliness=timeliness.of_cases(expected, delivered, catalogue.profile.intake, today),
        groups=_groups(standing),
    )  # fmt: skip


def _groups(standing: pl.DataFrame) -> pl.DataFrame | None:
    known = standing.filter(pl.col("group_status").is_not_null())
    if known.is_empty():
        return None
    return known.select("hospital", "case_id", group="group_code", group_name=pl.lit(""), status="group_status")


def compare(
    ledger: Ledger, file: Path, catalogue: Catalogue, actor: str, page: Path | None = None
) -> list[dict[str, Any]]:
    """Import the platform's results and set them against ours (``platform.AGREEMENT``); ``page``: where to write them for people.

    The file is kept with the ledger, under its digest.
    """
    words = catalogue.profile.intake.platform
    answer = platform.load(file, words, catalogue.layouts.values())
    content = file.read_bytes()
    kept = ledger.folder / "platform" / f"{sha256(content).hexdigest()[:16]}{file.suffix.lower()}"
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(content)
    with ledger.writing() as session:
        standing = views.cases(session)
        ours = views.findings(ledger, session, standing)
        audit.add(
            session,
            actor,
            "platform results",
            kept.name,
            {"lists": answer.lists.height, "findings": answer.findings.height},
        )
    if page:
        titles = {name: rule.text("title", current()) for name, rule in catalogue.rules.items()}
        bureau.write_agreement(ours, standing, answer, words, titles, page)
    return platform.agreement(ours, answer).to_dicts()
