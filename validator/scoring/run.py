"""Measure data: check and group them, and count.

>>> from validator import measure
>>> measure("清单/", "2026").measured
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from validator import api
from validator.base import clock, language
from validator.base.errors import InputError
from validator.base.language import Lang
from validator.base.masking import misplaced
from validator.distribute.checking import CheckOptions
from validator.distribute.running import Distributed
from validator.grouping.doubts import Ratios
from validator.grouping.report import names
from validator.read.given import Given
from validator.scoring import deliveries, leaves, measures, signals, weights
from validator.scoring.deliveries import Deliveries
from validator.scoring.faults import of_dip_rules
from validator.scoring.indices import Settings, dispersion, indexed
from validator.scoring.measures import LEVELS
from validator.scoring.period import Period
from validator.scoring.period import period as read_period
from validator.scoring.readmission import Readmission
from validator.scoring.stays import Stays
from validator.spec.catalogue import Catalogue

if TYPE_CHECKING:
    from validator.intake.ledger import Ledger


_STAFF = ("physician", "coder")
#: Where a person stands by mistake; in the place of a hospital's code nobody is shown even unmasked, as in rolls and ledgers.
_MISPLACED = ("case_id", "record_number", "hospital_name", "department")


@dataclass(frozen=True, eq=False)
class Measurement:
    """What a run measured."""

    report: api.Report
    settings: Settings
    every: pl.DataFrame  #: all stays that were read (``stays.Stays.frame``)
    stays: pl.DataFrame  #: those of the period (``indices.indexed``)
    outside: int  #: stays that ended at another time
    undated: int  #: stays whose day of discharge is not known: no period counts them
    schemes: tuple[str, ...]  #: by which cases were grouped
    levels: tuple[str, ...]
    weighted: bool  #: whether weights of groups were given
    has_leaves: bool  #: whether leaves during stays were given
    started: datetime
    deliveries: Deliveries
    not_grouped: Counter[str]  #: why stays could not be grouped -> how many

    @property
    def has_lines(self) -> bool:
        """Whether charge lines were there."""
        return any(check.id == "FL102" for check in self.report.checks.values())

    @cached_property
    def measured(self) -> pl.DataFrame:
        """``measures.MEASURED``, for each level that is wanted."""
        return measures.measured({"stays": self.stays, **self.deliveries.counted}, self.levels)

    @cached_property
    def people(self) -> dict[str, dict[str, str]]:
        """Physicians and coders -> as reports show them."""
        once = {kind: self.stays[kind].drop_nulls().unique(maintain_order=True).to_list() for kind in _STAFF}
        with language.speaking(self.report.lang):
            return {
                kind: dict(zip(some, names.shown(kind, some, masked=self.report.masked), strict=True))
                for kind, some in once.items()
            }

    @cached_property
    def ways(self) -> pl.DataFrame:
        """Which way each stay went for each measure: the cases of each number."""
        return measures.ways(self.stays)

    @cached_property
    def signals(self) -> pl.DataFrame:
        """``signals.SIGNALLED``."""
        return signals.signalled(self.stays, self.every, self.settings)

    @cached_property
    def dip_rules(self) -> Counter[str]:
        """Cases with findings of each rule by which DIP is supervised (``faults.dip_rules``)."""
        return of_dip_rules(self.report)

    @cached_property
    def dispersion(self) -> pl.DataFrame:
        """``indices.DISPERSION``."""
        return dispersion(self.stays)


def measure(
    data: Any = None,
    period: str = "",
    *,
    by: Sequence[str] = ("hospital",),
    profile: str = "national",
    codebooks: str | Path | None = None,
    scheme: str = "",
    weights_of_groups: str | Path | None = None,
    leave: str | Path | None = None,
    roll: str | Path | None = None,
    ledger: "Ledger | None" = None,
    readmission: Readmission | None = None,
    record: Any = None,
    fees: Any = None,
    record_edition: str = "",
    mask: bool = True,
    lang: Lang | None = None,
    progress: api.Progress | None = None,
    on: Distributed | None = None,
    **reading: Any,
) -> Measurement:
    """Measure the lists that ended in ``period`` (``2026``, ``2026Q3``, ``2026-07``, ``2026-01-01..2026-06-30``).

    ``data``, ``record``, ``fees``, ``record_edition``, ``profile``, ``codebooks``, ``reading``: as for
    :func:`validator.check`. Lists of other times may be there: they tell of readmissions. ``by``: hospital, department,
    physician, coder, month; all stays together are always measured. ``scheme``: the grouping scheme, else that of the profile
    or of the day. ``weights_of_groups``: a table of group and weight (or points). ``leave``: leaves during stays
    (``leaves.COLUMNS``). ``roll``: the settlements of which lists should be there; ``ledger``: the intake's (``open_ledger``),
    which knows when they came and what became of faults. ``on``: where to run, if not in this process (paths only). Raises
    :class:`~validator.base.errors.InputError` and :class:`~validator.base.errors.ConfigError`.
    """
    if unknown := [each for each in by if each not in LEVELS]:
        known = "、".join(LEVELS)
        raise InputError(f"不能按“{unknown[0]}”统计，可用：{known}", f"cannot measure by '{unknown[0]}'; use {known}")
    with language.speaking(lang):
        started = clock.now()
        span = read_period(period)
        given = weights.read(Path(weights_of_groups)) if weights_of_groups else None
        away = (
            leaves.read(Path(leave)) if leave else pl.DataFrame(schema={"case_id": pl.String, "leave_days": pl.Int64})
        )
        catalogue = api.load(profile, (), codebooks)
        collected = Stays(catalogue, _grouper(scheme, profile, codebooks))
        documents = Given(data, None, record, fees)
        if on is None:
            parts, inputs = documents.partitions(catalogue, edition=record_edition, progress=progress, **reading)
            report = api.run(catalogue, collected.watching(parts), inputs, mask=mask)
        else:
            asked = {"profile": profile, "codebooks": Path(codebooks) if codebooks else None, "mask": mask, **reading}
            report = on.check(documents.paths, StaysOf(scheme), collected, record_edition=record_edition, **asked)
        settings = _settings(catalogue, span, collected, readmission)
        stays = collected.frame(report)
        if stays.is_empty():
            raise InputError("没有结算清单可以统计", "there are no settlement lists to measure")
        stays = stays.with_columns(misplaced(stays["hospital"])).join(
            away, on="case_id", how="left", maintain_order="left"
        )
        intake = catalogue.profile.intake
        came = deliveries.read(Path(roll) if roll else None, ledger, stays, span, intake, started.date())
        if mask:
            stays = stays.with_columns(misplaced(stays[name]) for name in _MISPLACED)
        within = indexed(stays, given, settings)
        undated = stays["discharged"].null_count()
    return Measurement(
        report, settings, stays, within, stays.height - within.height - undated, undated,
        tuple(each.version for each in sorted(collected.grouper.used, key=lambda each: each.order)) if collected.grouper else (),
        tuple(dict.fromkeys(("all", *by))), given is not None, leave is not None, started, came, collected.not_grouped,
    )  # fmt: skip


@dataclass(frozen=True)
class StaysOf:
    """Makes what collects the stays of a unit, in any process."""

    scheme: str

    def __call__(self, options: CheckOptions) -> Stays:
        """The collector, its rules and scheme loaded."""
        return Stays(options.report().catalogue, _grouper(self.scheme, options.profile, options.codebooks))


def _settings(catalogue: Catalogue, span: Period, collected: Stays, readmission: Readmission | None) -> Settings:
    numbers, usual = catalogue.profile.parameters, Ratios()
    high, low = numbers.get("group_cost_high", usual.high), numbers.get("group_cost_low", usual.low)
    return Settings(span, high, low, _groups(collected), readmission or Readmission())


def _groups(collected: Stays) -> int | None:
    """How many groups the one scheme has by which cases were grouped; None without one or by several."""
    grouper = collected.grouper
    found = [grouper.scheme(version) for version in grouper.used] if grouper else []
    return found[0].group_count if len(found) == 1 else None


def _grouper(scheme: str, profile: str, codebooks: str | Path | None) -> Any:
    """The grouper by the loaded scheme; None where none is loaded and none is named."""
    from validator.grouping.grouper import Grouper
    from validator.grouping.ungrouped import counter

    if scheme:
        return Grouper(scheme, profile, codebooks)
    found = counter(profile, codebooks)
    return found.grouper if found else None
