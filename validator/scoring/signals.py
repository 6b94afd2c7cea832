"""Conduct signals: stays that a person should look at (疑点). None of them says that anything was done wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import polars as pl

from validator.base import files, yaml_csv
from validator.base.language import Titled
from validator.scoring.indices import Settings
from validator.scoring.readmission import BED_DAY, Readmission, next_stays

_COLUMNS = {
    "id", "title_zh", "title_en", "form", "basis", "data", "limit", "limit_zh", "limit_en", "note_zh", "note_en",
}  # fmt: skip
#: A row for each signal of a stay, or of a hospital (``case_id`` null).
SIGNALLED: dict[str, pl.DataType] = {
    "signal": pl.String(), "hospital": pl.String(), "case_id": pl.String(),
    "other_case": pl.String(),  #: the second of two stays
    "value": pl.Float64(),  #: what is held against the limit
    "limit": pl.Float64(),
}  # fmt: skip
_SHORT = 2  #: days that are a short stay
_DEVIATIONS = 3  #: standard deviations of the difference of two shares that chance does not explain
_LEAST = 10  #: critical cases before, and stays of a group, that are too few to compare
_CATEGORY = 3  #: characters of an ICD-10 category
NEEDS = {
    "fees": ("没有费用明细", "no charge lines"), "outpatient": ("没有门诊费用", "no outpatient charges"),
    "leave": ("没有请假文件", "no file of leaves"), "none": ("数据不能显示", "data cannot show it"),
}  # fmt: skip


@dataclass(frozen=True)
class Signal(Titled):
    """A row of ``schemas/scoring/signals.csv``."""

    id: str
    title_zh: str
    title_en: str
    form: str  #: its number in the terms explained by the Zhejiang document
    basis: str
    data: str  #: lists, or what it needs besides (:data:`NEEDS`)
    limit: float | None
    limit_zh: str
    limit_en: str
    note_zh: str
    note_en: str


@cache
def signals() -> tuple[Signal, ...]:
    """All signals, in the order of their table."""
    path = files.data("schemas") / "scoring" / "signals.csv"
    rows = [cells for _, cells in yaml_csv.read_csv(path, _COLUMNS)]
    limits = [float(limit) if (limit := cells.pop("limit")) else None for cells in rows]
    return tuple(Signal(**cells, limit=limit) for cells, limit in zip(rows, limits, strict=True))


def signalled(within: pl.DataFrame, every: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """The signals of a period (:data:`SIGNALLED`), in the order of their table and of the stays.

    ``within``: its stays (``indices.indexed``); ``every``: all that are known (``stays.STAYS``), for what came before or after.
    """
    found = [pl.DataFrame(schema=SIGNALLED)]
    for signal in signals():
        if make := _MAKERS.get(signal.id):
            rows = make(_Known(within, every, settings, signal.limit or 0))
            found.append(
                rows.select(
                    signal=pl.lit(signal.id), hospital="hospital", case_id="case_id", other_case="other_case",
                    value=pl.col("value").cast(pl.Float64), limit=pl.lit(signal.limit, pl.Float64),
                )
            )  # fmt: skip
    return pl.concat(found)


@dataclass(frozen=True)
class _Known:
    within: pl.DataFrame
    every: pl.DataFrame
    settings: Settings
    limit: float

    def where(self, condition: pl.Expr, value: pl.Expr) -> pl.DataFrame:
        """The stays of which something is known to hold."""
        rows = self.within.filter(condition.fill_null(value=False))
        return rows.select("hospital", "case_id", other_case=pl.lit(None, pl.String), value=value)

    def followed(self, condition: pl.Expr, *, same_hospital: bool = True) -> pl.DataFrame:
        """The stays of the period that another one followed within ``limit`` days, where ``condition`` holds for the two.

        The second one has ``_next`` after the names of its columns.
        """
        how = Readmission(int(self.limit), same_hospital=same_hospital, transfers=True)
        unpaid = self.every.with_columns(payment=pl.lit(None, pl.String))  # stays paid by bed day follow too
        following = next_stays(unpaid, how, None)["next"]
        rows = self.every.with_columns(_next=following).filter(pl.col("_next").is_not_null())
        later = self.every[rows["_next"]].select(pl.all().name.suffix("_next"))
        pairs = rows.drop("_next").hstack(later)
        period = self.settings.period
        pairs = pairs.filter(
            pl.col("discharged").is_between(period.begin, period.end) & condition.fill_null(value=False)
        )
        gap = (pl.col("admitted_next") - pl.col("discharged")).dt.total_days()
        return pairs.select("hospital", "case_id", other_case="case_id_next", value=gap)


def _only(*names: str) -> Callable[[_Known], pl.DataFrame]:
    """Stays whose charges are all of some kinds."""
    kept = pl.sum_horizontal(pl.col(name) for name in names)
    return lambda known: known.where((pl.col("total") > 0) & (kept == pl.col("total")), kept / pl.col("total"))


def _same_category() -> pl.Expr:
    return pl.col("principal").str.slice(0, _CATEGORY) == pl.col("principal_next").str.slice(0, _CATEGORY)


def _fewer_critical(known: _Known) -> pl.DataFrame:
    """Hospitals whose critical cases fell in number and in share."""
    period = known.settings.period
    before = period.before()

    def counts(begin: pl.Expr, name: str) -> list[pl.Expr]:
        return [(begin & pl.col("critical")).sum().alias(f"critical_{name}"), begin.sum().alias(f"stays_{name}")]

    now = pl.col("discharged").is_between(period.begin, period.end).fill_null(value=False)
    then = pl.col("discharged").is_between(before.begin, before.end).fill_null(value=False)
    rows = known.every.group_by("hospital", maintain_order=True).agg(*counts(now, "now"), *counts(then, "then"))
    fewer = pl.col("critical_then").cast(pl.Int64) - pl.col("critical_now")
    share = pl.col("critical_then").cast(pl.Int64) * pl.col("stays_now")
    smaller = share - pl.col("critical_now").cast(pl.Int64) * pl.col("stays_then")
    fall = pl.min_horizontal(fewer / pl.col("critical_then"), smaller / share)
    enough = (pl.col("critical_then") >= _LEAST) & (pl.col("stays_now") > 0)
    both = (pl.col("critical_then") + pl.col("critical_now")) / (pl.col("stays_then") + pl.col("stays_now"))
    chance = (both * (1 - both) * (1 / pl.col("stays_then") + 1 / pl.col("stays_now"))).sqrt()
    by = pl.col("critical_then") / pl.col("stays_then") - pl.col("critical_now") / pl.col("stays_now")
    rows = rows.filter(enough & (fall >= known.limit) & (by >= _DEVIATIONS * chance))
    nothing = pl.lit(None, pl.String)
    return rows.select("hospital", case_id=nothing, other_case=nothing, value=fall)


_OPERATED = pl.col("procedure").is_not_null()
_AWAY = pl.col("leave_days") / pl.col("days")
_TESTS = pl.col("tests") / pl.col("total")
_USUAL = pl.col("group_stays") >= _LEAST  #: enough stays for a mean to say something
_MAKERS: dict[str, Callable[[_Known], pl.DataFrame]] = {
    "BED02": _only("tests", "drugs"),
    "BED03": _only("bed"),
    "BED04": lambda known: known.where(known.limit < _AWAY, _AWAY),
    "BED06": lambda known: known.where(pl.col("outside_stay") > 0, pl.col("outside_stay")),
    "SPLIT02": lambda known: known.followed(
        (pl.col("payment") == BED_DAY) != (pl.col("payment_next") == BED_DAY)
    ),
    "SPLIT03": lambda known: known.followed(pl.col("principal") != pl.col("principal_next")),
    "SPLIT04": lambda known: known.followed(_same_category() & _OPERATED & pl.col("procedure_next").is_not_null()),
    "SPLIT05": lambda known: known.followed(pl.col("hospital") != pl.col("hospital_next"), same_hospital=False),
    "SPLIT06": lambda known: known.followed(_same_category() & (pl.col("department") != pl.col("department_next"))),
    "CHECKUP": lambda known: known.where(_TESTS.ge(known.limit) & ~_OPERATED, _TESTS),
    "INDICATION": lambda known: known.where(
        _USUAL & (pl.col("cost_ratio") < known.limit) & (pl.col("days") <= _SHORT), pl.col("cost_ratio")
    ),
    "REFUSE03": _fewer_critical,
    "EARLY": lambda known: known.where(
        _USUAL
        & (pl.max_horizontal("cost_ratio", "time_ratio") < known.limit)
        & pl.col("readmitted"),
        pl.max_horizontal("cost_ratio", "time_ratio"),
    ),
    "UPCODED": lambda known: known.where(
        _USUAL & (pl.col("cost_ratio") < known.limit) & (pl.col("days") > _SHORT), pl.col("cost_ratio")
    ),
    "LONG": lambda known: known.where(_USUAL & (pl.col("time_ratio") > known.limit), pl.col("time_ratio")),
}  # fmt: skip
