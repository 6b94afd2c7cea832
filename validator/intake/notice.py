"""The notice (通知书) that a hospital gets on a month: cases returned, with findings and amounts, by when; missing lists,
timeliness by both readings, its groups, its answers and its requests. It holds nothing of another hospital.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from validator.base.language import say
from validator.intake import roll, timeliness
from validator.intake.receipts import Delivery, Receipt, of_hospital
from validator.intake.rounds import FeedbackRound


@dataclass(frozen=True)
class MonthOfIntake:
    """What the bureau knows of a month; each frame has a column ``hospital``, and None stands for what was not asked."""

    period: str  #: yyyymm
    issued: date
    delivery: Delivery  #: the cases of the month as they stand, from all submissions
    office: str = ""  #: who issues the notice
    number: str = ""  #: of the notice, 文号
    reconciled: pl.DataFrame | None = None  #: ``roll.CASES``
    convention: str = ""  #: of the roll, on refunds
    timeliness: pl.DataFrame | None = None  #: ``timeliness.CASES``
    groups: pl.DataFrame | None = None  #: ``hospital, case_id, group, group_name, status``
    rounds: Sequence[FeedbackRound] = ()
    rates: pl.DataFrame | None = None  #: ``rounds.RATES``
    requests: pl.DataFrame | None = None  #: ``rounds.REQUESTS``, of the period


@dataclass(frozen=True)
class Notice:
    """What one hospital gets."""

    month: MonthOfIntake  #: its own part alone
    receipt: Receipt
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def hospital(self) -> str:
        return self.receipt.hospital

    @property
    def returned_fen(self) -> int:
        """The charges of the cases that are returned, in fen."""
        cases = self.receipt.delivery.cases.filter(pl.col("disposition").is_in(["return", "cannot_be_judged"]))
        return int(cases["total_fen"].sum())

    @property
    def lacking(self) -> list[dict[str, Any]]:
        """Settlements without a list, and lists whose amount differs or that have no settlement."""
        if self.month.reconciled is None:
            return []
        wanted = self.month.reconciled.filter(pl.col("state").is_in(["missing", "differs", "extra", "withdrawn"]))
        return wanted.with_columns(words=pl.col("state").replace_strict(_words(roll.STATES))).to_dicts()

    @property
    def in_time(self) -> dict[str, Any] | None:
        """Timeliness of the month: numerator, denominator, both readings."""
        cases = self.month.timeliness
        if cases is None or cases.is_empty():
            return None
        rows = timeliness.of_months(cases.with_columns(month=pl.lit(self.month.period)))
        return rows.row(0, named=True)

    @property
    def group_counts(self) -> list[tuple[str, int]]:
        """How many cases have a group, by state."""
        groups = self.month.groups
        if groups is None:
            return []
        counts: list[tuple[str, int]] = groups["status"].value_counts(sort=True, name="n").rows()
        return counts


def of_month(month: MonthOfIntake, hospital: str) -> Notice:
    """The notice of one hospital."""

    def own(frame: pl.DataFrame | None) -> pl.DataFrame | None:
        return None if frame is None else frame.filter(pl.col("hospital") == hospital)

    receipt = of_hospital(month.delivery, hospital)
    mine = MonthOfIntake(
        month.period, month.issued, receipt.delivery, month.office, month.number, own(month.reconciled), month.convention,
        own(month.timeliness), own(month.groups), month.rounds, own(month.rates), own(month.requests),
    )  # fmt: skip
    return Notice(mine, receipt)


def of_all(month: MonthOfIntake) -> list[Notice]:
    """A notice for every hospital that delivered or should have."""
    frames = [month.delivery.cases, month.reconciled, month.timeliness]
    hospitals = {each for frame in frames if frame is not None for each in frame["hospital"].drop_nulls()}
    return [of_month(month, hospital) for hospital in sorted(hospitals)]


def write(notice: Notice, folder: Path) -> list[Path]:
    """Write the notice below ``folder`` (``notice.html``, ``notice.xlsx``); gives the files."""
    from validator.intake.report import page, workbook

    folder.mkdir(parents=True, exist_ok=True)
    page.write("notice", folder / "notice.html", notice=notice, receipt=notice.receipt)
    workbook.write(folder / "notice.xlsx", workbook.of_notice(notice))
    return [folder / "notice.html", folder / "notice.xlsx"]


def _words(states: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {state: say(*words) for state, words in states.items()}
