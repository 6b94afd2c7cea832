"""Where a hospital stands among its peers in each indicator, and how sure that is: intervals, ranks from–to, funnel limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from validator.scoring.measures import measures, wilson
from validator.scoring.scheme import intervals
from validator.scoring.scheme.figures import ScoringInput
from validator.scoring.scheme.pages import AssessedItem
from validator.scoring.scheme.sheets import ScoreSheet

#: Rare events, of which the number is Poisson's.
_RARE = ("low_risk_deaths",)
#: :func:`ranked`. ``first`` to ``last``: the ranks that the intervals of the peers leave open; ``outside``: 2 or 3 (limits of so
#: many SD that the value lies outside of), negative below; null within, or where the limits are not known.
RANKED: dict[str, pl.DataType] = {
    "hospital": pl.String(), "measure": pl.String(), "value": pl.Float64(), "cases": pl.Float64(),
    "low": pl.Float64(), "high": pl.Float64(),  #: 95 % interval
    "method": pl.String(), "rank": pl.Int64(), "first": pl.Int64(), "last": pl.Int64(), "peers": pl.Int64(), "centre": pl.Float64(),
    "low2": pl.Float64(), "high2": pl.Float64(), "low3": pl.Float64(), "high3": pl.Float64(), "outside": pl.Int64(),
}  # fmt: skip
Array = NDArray[np.float64]
Cases = Mapping[str, tuple[Array, Array]]  #: hospital -> what each case adds to numerator and denominator


@dataclass(frozen=True)
class _Place:
    value: float
    cases: float
    low: float | None
    high: float | None
    method: str
    spread: float | None  #: standard deviation of one case's part, where it is not that of a share


def cases_of(stays: pl.DataFrame) -> dict[str, Cases]:
    """Measure -> what each judged stay adds, for the measures that are no shares of stays (``indices.indexed``)."""
    found = dict[str, Cases]()
    for measure in measures():
        formula = measure.formula
        if (
            measure.unit not in ("mean", "ratio", "percent")
            or formula.distinct_top
            or formula.distinct_bottom
            or formula.once
        ):
            continue
        parts = stays.filter(formula.judged).select(
            "hospital", top=formula.top.cast(pl.Float64), bottom=formula.bottom.cast(pl.Float64)
        )
        found[measure.id] = {
            str(hospital): (part["top"].to_numpy(), part["bottom"].to_numpy())
            for (hospital,), part in parts.drop_nulls("hospital").group_by("hospital", maintain_order=True)
        }
    return found


def ranked(sheets: Sequence[ScoreSheet], given: ScoringInput, cases: Mapping[str, Cases]) -> pl.DataFrame:
    """A row for each indicator that the scheme reads as a share and each hospital that has it (:data:`RANKED`)."""
    rows = list[dict[str, object]]()
    items = {each.item.measure: each.item for sheet in sheets[:1] for each in sheet.items if each.item.measure}
    for item in items.values():
        places = _places(item, [sheet.hospital.code for sheet in sheets], given, cases.get(item.measure, {}))
        for sheet in sheets:
            if sheet.hospital.code in places:
                rows.append(_row(item, sheet, places))
    return pl.DataFrame(rows, schema=RANKED, orient="row")


def _places(item: AssessedItem, codes: Sequence[str], given: ScoringInput, cases: Cases) -> dict[str, _Place]:
    """The hospitals that have a value of an indicator; none where it is a mere count."""
    own = {code: given.values.get(code, {}).get(item.measure) for code in codes}
    known = {code: value for code, value in own.items() if value is not None and value.denominator}
    if item.unit == "count" or not known:
        return {}
    frame = pl.DataFrame(
        [(code, float(each.numerator), float(each.denominator or 1)) for code, each in known.items()],
        schema=["code", "top", "bottom"], orient="row",
    )  # fmt: skip
    frame = frame.with_columns(value=pl.col("top") / pl.col("bottom"))
    low, high = wilson(pl.col("value"), pl.col("bottom"))
    rows = frame.with_columns(low=low, high=high).iter_rows(named=True)
    return {row["code"]: _place(item, row, cases) for row in rows}


def _place(item: AssessedItem, row: Mapping[str, Any], cases: Cases) -> _Place:
    """A hospital's value with its interval; ``row`` has Wilson's, which is that of shares."""
    code, value, bottom = row["code"], row["value"], row["bottom"]
    if item.measure in _RARE:
        low, high = intervals.poisson(round(row["top"]))
        return _Place(value, bottom, low / bottom, high / bottom, "poisson", None)
    if item.unit == "share":
        return _Place(value, bottom, row["low"], row["high"], "wilson", None)
    found = intervals.ratio(*cases[code], name=f"{item.measure} {code}") if code in cases else None
    if found is None:
        return _Place(value, bottom, None, None, "", None)
    top, below = cases[code]
    return _Place(value, float(len(top)), *found, "bootstrap", intervals.spread(top, below, value))


def _row(item: AssessedItem, sheet: ScoreSheet, places: Mapping[str, _Place]) -> dict[str, object]:
    own = places[sheet.hospital.code]
    peers = [places[code] for code in sheet.peers or (sheet.hospital.code,) if code in places]
    sign = 1 if item.better == "high" else -1
    row: dict[str, object] = {
        "hospital": sheet.hospital.code, "measure": item.measure, "value": own.value, "cases": own.cases, "low": own.low, "high": own.high,
        "method": own.method, "peers": len(peers), "rank": 1 + sum(sign * each.value > sign * own.value for each in peers),
    }  # fmt: skip
    if own.low is not None and own.high is not None:
        better = sum(_surely_better(each, own, sign) for each in peers)
        worse = sum(_surely_better(own, each, sign) for each in peers)
        row |= {"first": 1 + better, "last": len(peers) - worse}
    return row | _funnel(item, own, peers)


def _surely_better(one: _Place, two: _Place, sign: int) -> bool:
    """Whether the whole interval of one is better than that of the other."""
    if one.low is None or one.high is None or two.low is None or two.high is None:
        return False
    return one.low > two.high if sign > 0 else one.high < two.low


def _funnel(item: AssessedItem, own: _Place, peers: Sequence[_Place]) -> dict[str, object]:
    """The peers' value and the limits around it at 2 and 3 SD for so many cases."""
    below = sum(each.cases for each in peers)
    centre = sum(each.value * each.cases for each in peers) / below
    if item.measure in _RARE:
        deviation = sqrt(centre / own.cases)
    elif item.unit == "share":
        deviation = sqrt(centre * (1 - centre) / own.cases)
    elif (known := [each.spread**2 * each.cases for each in peers if each.spread is not None]) and len(known) == len(
        peers
    ):
        deviation = sqrt(sum(known) / below) / sqrt(own.cases)
    else:
        return {"centre": centre}
    limits = {f"{side}{n}": centre + way * n * deviation for n in (2, 3) for side, way in (("low", -1), ("high", 1))}
    away = (own.value - centre) / deviation if deviation else 0.0
    outside = next((n if away > 0 else -n for n in (3, 2) if abs(away) > n), None)
    return {"centre": centre, **limits, "outside": outside}
