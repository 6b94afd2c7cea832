"""Whether a delivery looks like the hospital's own months before, and whether all of it is there.

Every month of a hospital is reduced to a few figures (:data:`FIGURES`), which add up over deliveries: cases, blank cells of each
field, principal diagnoses by their first letter, mean cost. A new month is compared with the months before it by Shewhart charts:

- cases: c chart, standard error √c̄ (Poisson);
- shares: p chart, √(p̄(1 − p̄)/n), with p̄ = (x + 2)/(n + 4), so that a field never blank before still has limits
  (Agresti and Coull, The American Statistician 52, 1998);
- mean cost: X̄ chart with unequal n, s/√n, where s is the spread between cases within the months.

Hospital months vary more than chance alone: the standard error is widened by σz, the mean moving range of the standardised months
divided by 1.128, never below 1 (Laney, Quality Engineering 14(4), 2002: p′ and u′ charts). Limits are three such errors from the
centre. With fewer than :data:`FEWEST` months there are none, and nothing is judged.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import polars as pl

from validator.base.language import say
from validator.report.common.words import Word, field_name, number, share
from validator.spec.intake import Expectation

FEWEST = 3  #: months without which there are no limits
_WIDTH = 3  #: standard errors from the centre to a limit
_MEAN_RANGE = 1.128  #: the mean range of two draws from a normal distribution, in its standard deviations
#: What :func:`figures` takes: one row per case. ``diagnosis``: the principal one.
CASES = pl.Schema(
    {"_case": pl.UInt32, "hospital": pl.String, "period": pl.String, "total_fen": pl.Int64, "diagnosis": pl.String}
)
#: Sums that describe the cases of a hospital and month. ``figure``: cases, cost, ``blank:table.field``, ``code:letter``.
FIGURES = pl.Schema(
    {
        "hospital": pl.String, "period": pl.String, "figure": pl.String,
        "total": pl.Float64,  #: cases, fen, blank cells, cases with such a diagnosis
        "n": pl.Int64,  #: of how many cases or cells
        "squares": pl.Float64,  #: of cost: the sum of squares; null else
    }
)  # fmt: skip
#: :func:`compare`. ``state``: within, above, below, unjudged.
COMPARED = pl.Schema(
    {
        "hospital": pl.String, "period": pl.String, "figure": pl.String, "value": pl.Float64, "centre": pl.Float64,
        "low": pl.Float64, "high": pl.Float64, "months": pl.UInt32, "state": pl.String,
    }
)  # fmt: skip
#: (hospital, period) -> figure -> total, n, squares.
_Points = dict[tuple[str, str], dict[str, tuple[float, int, float]]]
Declared = Literal["whole", "part"]


def figures(cases: pl.DataFrame, tables: Mapping[str, pl.DataFrame] | None = None) -> pl.DataFrame:
    """The figures (:data:`FIGURES`) of some cases (:data:`CASES`); ``tables``: theirs, with ``_case``, for shares of blanks."""
    keys = ["hospital", "period"]
    cost = pl.col("total_fen").cast(pl.Float64)
    letter = pl.col("diagnosis").str.to_uppercase().str.extract("([A-Z])")
    groups = cases.group_by(keys)
    parts = [
        groups.agg(figure=pl.lit("cases"), total=pl.len(), n=pl.len()),
        groups.agg(figure=pl.lit("cost"), total=cost.sum(), n=cost.count(), squares=(cost * cost).sum()),
    ]
    coded = cases.select(*keys, letter=letter).drop_nulls("letter")
    of_code = coded.group_by(*keys, figure=pl.concat_str(pl.lit("code:"), "letter")).agg(total=pl.len())
    parts.append(of_code.join(coded.group_by(keys).agg(n=pl.len()), on=keys))
    for table, frame in (tables or {}).items():
        fields = [name for name in frame.columns if name[0] != "_" and name != "case_id"]
        rows = frame.join(cases.select("_case", *keys), on="_case")
        blank = [(pl.len() - (pl.col(name) != "").sum()).alias(name) for name in fields]
        blanks = rows.group_by(keys).agg(pl.len().alias("_n"), *blank)
        long = blanks.unpivot(fields, index=[*keys, "_n"], variable_name="figure", value_name="total")
        parts.append(long.with_columns(figure=pl.concat_str(pl.lit(f"blank:{table}."), "figure"), n="_n").drop("_n"))
    return add([_shaped(part) for part in parts])


def _shaped(part: pl.DataFrame) -> pl.DataFrame:
    have = set(part.columns)
    return part.select(
        (pl.col(name) if name in have else pl.lit(None)).cast(kind).alias(name) for name, kind in FIGURES.items()
    )


def add(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The figures of several deliveries together."""
    squares = pl.when(pl.col("squares").count() > 0).then(pl.col("squares").sum())
    every = pl.concat([pl.DataFrame(schema=FIGURES), *parts]).group_by("hospital", "period", "figure")
    return every.agg(pl.col("total", "n").sum(), squares=squares).sort("hospital", "period", "figure").select(*FIGURES)


def compare(now: pl.DataFrame, before: pl.DataFrame, months: int = 12) -> pl.DataFrame:
    """Each figure of ``now`` against the hospital's own last ``months`` in ``before`` (:data:`COMPARED`), both :data:`FIGURES`.

    A diagnosis letter or field that one side lacks counts as 0 there.
    """
    history, sizes = _Points(), dict[tuple[str, str, str], int]()  # sizes: how many cases or cells a kind of figure has
    for hospital, period, figure, total, n, squares in pl.concat([before, now]).select(*FIGURES).iter_rows():
        history.setdefault((hospital, period), {})[figure] = (total, n, squares or 0.0)
        sizes[hospital, period, figure.partition(":")[0]] = n
    rows = list[tuple[object, ...]]()
    for hospital, period in now.select("hospital", "period").unique(maintain_order=True).iter_rows():
        past = sorted((p for h, p in history if h == hospital and p and period and p < period), reverse=True)[:months]
        codes = {figure for p in past for figure in history[hospital, p] if figure.startswith("code:")}
        for figure in sorted(codes | set(history[hospital, period])):
            kind = figure.partition(":")[0]
            every = [
                history[hospital, month].get(figure, (0.0, sizes.get((hospital, month, kind), 0), 0.0))
                for month in (*reversed(past), period)
            ]
            rows.append((hospital, period, figure, *_judged(kind, every[-1], [each for each in every[:-1] if each[1]])))
    return pl.DataFrame(rows, schema=COMPARED, orient="row")


def _judged(kind: str, now: tuple[float, int, float], series: Sequence[tuple[float, int, float]]) -> tuple[object, ...]:
    """Value, centre, limits, months and state of one figure; ``series``: the months before, oldest first."""
    value = _value(kind, now)
    if len(series) < FEWEST or value is None:
        return (value, None, None, None, len(series), "unjudged")
    total, n = sum(each[0] for each in series), sum(each[1] for each in series)
    centre = total / len(series) if kind == "cases" else total / n
    spread = _spread(kind, series, centre)
    scores = [((_value(kind, each) or 0.0) - centre) / _error(kind, each[1], spread) for each in series]
    ranges = [abs(b - a) for a, b in pairwise(scores)]
    widened = max(1.0, sum(ranges) / len(ranges) / _MEAN_RANGE) * _WIDTH * _error(kind, now[1], spread)
    low, high = max(0.0, centre - widened), centre + widened
    if kind not in ("cases", "cost"):
        high = min(1.0, high)
    state = "below" if value < low else "above" if value > high else "within"
    return (value, centre, low, high, len(series), state)


def _value(kind: str, point: tuple[float, int, float]) -> float | None:
    if kind == "cases":
        return point[0]
    return point[0] / point[1] if point[1] else None


def _spread(kind: str, series: Sequence[tuple[float, int, float]], centre: float) -> float:
    """The standard deviation of one case or cell: of counts, of shares, of cost within the months."""
    if kind == "cases":
        return math.sqrt(max(centre, 1.0))
    n = sum(each[1] for each in series)
    if kind == "cost":
        within = sum(squares - total * total / size for total, size, squares in series)
        return max(math.sqrt(max(within, 0.0) / max(n - len(series), 1)), 1.0)
    near = (sum(each[0] for each in series) + 2) / (n + 4)
    return math.sqrt(near * (1 - near))


def _error(kind: str, size: int, spread: float) -> float:
    return spread if kind == "cases" else spread / math.sqrt(max(size, 1))


def title(figure: str) -> str:
    """What people call a figure."""
    kind, _, rest = figure.partition(":")
    match kind:
        case "cases":
            return say("病例数", "Cases")
        case "cost":
            return say("例均费用", "Mean cost")
        case "code":
            return say(f"主要诊断 {rest} 开头的占比", f"Share of principal diagnoses in {rest}")
    table, _, field = rest.rpartition(".")
    return say(f"{field_name(table, field) or field}（{rest}）空白占比", f"Share of blanks in {rest}")


#: Whether the month of a hospital is there. held: a whole delivery that lacks most; waiting: parts, before the deadline;
#: incomplete: parts after it; unjudged: there is neither a roll nor enough months.
STATES = {
    "complete": Word("到齐", "complete"),
    "held": Word("声明整月，但大多没有到", "declared whole, most is missing"),
    "waiting": Word("分批，还在收", "in parts, still coming"),
    "incomplete": Word("到期未齐", "incomplete after the deadline"),
    "unjudged": Word("无法判定", "cannot be judged"),
}


@dataclass(frozen=True)
class Arrival:
    """Whether a delivery goes on, and why not."""

    state: Literal["complete", "held", "waiting", "incomplete", "unjudged"]
    reason: str
    received: int
    expected: int | None  #: by the roll; None where there is none


def judge(
    declared: Declared,
    received: int,
    expected: int | None,
    compared: pl.DataFrame,
    rule: Expectation,
    *,
    over: bool,
) -> Arrival:
    """Whether the month of one hospital is there.

    ``received``: its lists so far; of a part, all parts together. ``expected``: by the roll. ``compared``: :func:`compare` of
    the month. ``over``: whether the deadline is over. A whole delivery is held when less than ``rule.least_share`` of the roll
    is there, or, without a roll, fewer cases than the lower limit; parts are measured against the roll at the deadline.
    """
    chart = compared.filter(pl.col("figure") == "cases")
    if expected is None and (chart.is_empty() or chart["state"].item() == "unjudged"):
        reason = say(
            f"没有结算名册，也没有前 {FEWEST} 个月的数据，看不出是否交齐",
            f"no roll and fewer than {FEWEST} months before: whether all is there cannot be judged",
        )
        return Arrival("unjudged", reason, received, expected)
    if expected is not None:
        enough = received >= rule.least_share * expected
        figures_zh = f"收到 {number(received)} 份，名册 {number(expected)} 份（{share(received, expected)}）"
        figures_en = f"{number(received)} received, {number(expected)} in the roll ({share(received, expected)})"
        least = f"{100 * rule.least_share:g}%"
        words = say(f"{figures_zh}，应不低于 {least}", f"{figures_en}, at least {least} wanted")
    else:
        low, centre = chart["low"].item(), chart["centre"].item()
        enough = received >= low
        words = say(
            f"收到 {number(received)} 份，前几个月平均 {number(centre)} 份，下限 {number(math.ceil(low))} 份",
            f"{number(received)} received, {number(centre)} a month before, limit {number(math.ceil(low))}",
        )
    if declared == "part" and not over and (expected is None or received < expected):
        return Arrival("waiting", words, received, expected)
    if enough:
        return Arrival("complete", words, received, expected)
    return Arrival("held" if declared == "whole" else "incomplete", words, received, expected)
