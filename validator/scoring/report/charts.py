"""Charts of a measurement as pictures, each with words and figures that say the same: distribution, trend, funnel.

They need the extra ``charts`` (Altair, vl-convert); :func:`lacking` says so where it is not there.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import polars as pl

from validator.base.language import say
from validator.scoring.measures import Measure, measured, measures
from validator.scoring.report.view import figure
from validator.scoring.run import Measurement

_SPREAD = ("passed", "cost_index", "readmission")  #: shown as distributions over hospitals
_COURSE = ("complete_cases", "passed", "grouping_rate", "truthful")  #: shown month by month
_FUNNEL = ("passed", "readmission")  #: shown against limits by the number of stays
_FEWEST = 5  #: hospitals of a distribution or funnel
_STEPS = 60  #: of a curve
_LIMITS = (2, 3)  #: standard deviations
_BARS, _TICKS = 16, 5  #: of a distribution, of an axis
_WIDTH, _HEIGHT = 420, 220
_FONT = "Microsoft YaHei, PingFang SC, Noto Sans CJK SC, sans-serif"
_INK, _SOFT, _LINE, _MARK, _OUT = "#1d2733", "#55626f", "#d3dae2", "#1f3a5f", "#b3261e"
_COLOURS = ("#1f3a5f", "#b3261e", "#1f6b41", "#7a4f00")
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])  #: lines differ by more than their colour


@dataclass(frozen=True)
class Chart:
    """A picture, and what it shows in words and figures."""

    title: str
    picture: str  #: a ``data:`` address of an SVG
    words: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]


def lacking() -> str:
    """What to install, in words; blank where charts can be drawn."""
    if all(find_spec(name) for name in ("altair", "vl_convert")):
        return ""
    return say('图表需要另装：pip install "zhikong[charts]"', 'Charts need: pip install "zhikong[charts]"')


def charts(found: Measurement) -> list[Chart]:
    """The charts that the data suffice for."""
    return [*_spreads(found), *_courses(found), *_funnels(found)]


def _of_hospitals(found: Measurement, measure: Measure) -> pl.DataFrame:
    """``hospital, numerator, denominator, value`` of the hospitals that have a value; none where they are too few or do not differ."""
    if "hospital" not in found.levels:
        return pl.DataFrame()
    rows = found.measured.filter(by="hospital", measure=measure.id).drop_nulls("value")
    rows = rows.select(pl.col("hospital").fill_null(""), "numerator", "denominator", "value")
    return rows if rows.height >= _FEWEST and rows["value"].n_unique() > 1 else rows.clear()


def _wanted(names: tuple[str, ...]) -> list[Measure]:
    return [each for each in measures() if each.id in names]


def _spreads(found: Measurement) -> Iterator[Chart]:
    """How hospitals differ."""
    alt = _altair()
    for measure in _wanted(_SPREAD):
        rows = _of_hospitals(found, measure)
        if rows.is_empty():
            continue
        bars = bins(rows["value"])
        most = max(bars["count"].to_list())
        quarters = [rows["value"].quantile(share, "linear") for share in (0, 0.25, 0.5, 0.75, 1)]
        step = -(-most // _TICKS)
        picture = alt.Chart(_values(bars, *bars.columns)).mark_rect(color=_MARK, stroke="#fff").encode(
            x=alt.X("begin:Q", title=measure.title, axis=_axis(measure), scale=alt.Scale(zero=False)),
            x2="end:Q",
            y=alt.Y(
                "count:Q", title=say("医疗机构数", "Hospitals"),
                axis=alt.Axis(values=list(range(0, most + step, step)), format="d"),
            ),
            y2=alt.datum(0),
        )  # fmt: skip
        middle = alt.Chart(alt.Data(values=[{"middle": quarters[2]}])).mark_rule(color=_OUT, strokeDash=[6, 3], size=2)
        names = (
            say("最低", "Lowest"), say("下四分位", "Lower quartile"), say("中位数", "Median"),
            say("上四分位", "Upper quartile"), say("最高", "Highest"),
        )  # fmt: skip
        texts = [figure(measure, each) for each in quarters]
        listed = say("，", ", ").join(f"{name} {text}" for name, text in zip(names, texts, strict=True))
        yield Chart(
            say(f"{measure.title}：各机构的分布", f"{measure.title}: distribution over hospitals"),
            _picture(picture + middle.encode(x="middle:Q")),
            say(f"{rows.height} 家机构，{listed}。虚线是中位数。", f"{rows.height} hospitals: {listed}. The dashed line is the median."),
            names, [tuple(texts)],
        )  # fmt: skip


def _courses(found: Measurement) -> Iterator[Chart]:
    """Shares month by month, all hospitals together."""
    alt = _altair()
    own = _wanted(_COURSE)
    together = {
        over: frame.with_columns(hospital=pl.lit(None, pl.String))
        for over, frame in {"stays": found.stays, **found.deliveries.counted}.items()
    }
    rows = measured(together, ["month"]).drop_nulls(["value", "key"])
    own = [each for each in own if rows.filter(measure=each.id).height > 1]
    months = sorted(set(rows.filter(pl.col("measure").is_in([each.id for each in own]))["key"]))
    if not own or len(months) < 2:
        return
    titles = {each.id: each.title for each in own}
    named = rows.filter(pl.col("measure").is_in(list(titles))).with_columns(title=pl.col("measure").replace(titles))
    order = list(titles.values())
    scale = alt.Scale(domain=order, range=list(_COLOURS[: len(order)]))
    dashes = alt.Scale(domain=order, range=list(_DASHES[: len(order)]))
    legend = alt.Legend(orient="bottom", columns=2, labelLimit=0, symbolType="stroke", symbolSize=400)
    lines = alt.Chart(_values(named, "key", "title", "value")).mark_line(point=True).encode(
        x=alt.X("key:O", title=say("出院月份", "Month of discharge"), axis=alt.Axis(labelAngle=-45)),
        y=alt.Y("value:Q", title="", axis=_axis(own[0]), scale=alt.Scale(zero=False, nice=True)),
        color=alt.Color("title:N", scale=scale, title="", legend=legend),
        strokeDash=alt.StrokeDash("title:N", scale=dashes, title=""),
    )  # fmt: skip
    values = {(row["measure"], row["key"]): row["value"] for row in named.iter_rows(named=True)}
    changes = [
        say(
            f"{each.title}从 {figure(each, first)} 到 {figure(each, last)}",
            f"{each.title} from {figure(each, first)} to {figure(each, last)}",
        )
        for each in own
        for first, last in [[next(filter(None, (values.get((each.id, month)) for month in some)), 0.0) for some in (months, months[::-1])]]
    ]  # fmt: skip
    yield Chart(
        say("逐月变化（全部机构）", "Month by month (all hospitals)"),
        _picture(lines),
        say(
            f"{months[0]} 至 {months[-1]}：{'；'.join(changes)}。",
            f"{months[0]} to {months[-1]}: {'; '.join(changes)}.",
        ),
        (say("月份", "Month"), *order),
        [(month, *(figure(each, values.get((each.id, month))) for each in own)) for month in months],
    )


def _funnels(found: Measurement) -> Iterator[Chart]:
    """Shares against the number of stays, with limits of what chance explains around the share of all."""
    alt = _altair()
    titles = dict(found.stays.select("hospital", "hospital_name").unique("hospital", keep="any").iter_rows())
    for measure in _wanted(_FUNNEL):
        rows = _of_hospitals(found, measure)
        if rows.is_empty():
            continue
        centre = float(rows["numerator"].sum()) / float(rows["denominator"].sum())
        placed = limits(rows, centre)
        few, most = (pick(placed["denominator"].to_list()) for pick in (min, max))
        steps = pl.DataFrame({"denominator": np.linspace(few, most, _STEPS)})
        curves = limits(steps.with_columns(value=pl.lit(centre)), centre)
        x = alt.X("denominator:Q", title=say("病例数", "Stays"))
        y = alt.Y("value:Q", title=measure.title, axis=_axis(measure), scale=alt.Scale(zero=False, nice=True))
        layers = [
            alt.Chart(_values(curves.rename({f"{side}{n}": "limit"}), "denominator", "limit")).mark_line(
                color=_SOFT, strokeDash=[4, 3] if n == _LIMITS[0] else [1, 0], size=1
            ).encode(x=x, y=alt.Y("limit:Q", title=measure.title, axis=_axis(measure), scale=alt.Scale(zero=False)))
            for n in _LIMITS
            for side in ("low", "high")
        ]  # fmt: skip
        layers.append(alt.Chart(alt.Data(values=[{"c": centre}])).mark_rule(color=_MARK, size=1).encode(y="c:Q"))
        for outside, colour, shape in ((False, _MARK, "circle"), (True, _OUT, "diamond")):
            some = placed.filter(pl.col("outside") == outside)
            if some.height:
                points = alt.Chart(_values(some, "denominator", "value"))
                layers.append(points.mark_point(filled=True, color=colour, shape=shape, size=36).encode(x=x, y=y))
        out = placed.filter("outside").sort("hospital")
        yield Chart(
            say(f"{measure.title}：漏斗图", f"{measure.title}: funnel"),
            _picture(alt.layer(*layers)),
            say(
                f"{rows.height} 家机构，全部为 {figure(measure, centre)}；虚线、实线是 2、3 个标准差的控制限，"
                f"{out.height} 家在 3 个标准差以外（菱形）。例数少的机构波动大，在限内的差别可能只是偶然。",
                f"{rows.height} hospitals, {figure(measure, centre)} together; limits at 2 (dashed) and 3 standard deviations; "
                f"{out.height} lie outside 3 (diamonds). Hospitals with few stays vary more; differences within the limits may be chance.",
            ),
            (say("控制限以外的机构", "Hospital outside the limits"), say("病例数", "Stays"), measure.title),
            [
                (
                    f"{titles.get(row['hospital']) or ''} {row['hospital']}".strip(),
                    f"{row['denominator']:,.0f}",
                    figure(measure, row["value"]),
                )
                for row in out.iter_rows(named=True)
            ],
        )  # fmt: skip


def bins(values: pl.Series) -> pl.DataFrame:
    """``begin, end, count``: at most :data:`_BARS` spans of one width, from the least to the greatest value; values differ."""
    counts, edges = np.histogram(values.to_numpy(), min(_BARS, values.len()))
    return pl.DataFrame({"begin": edges[:-1], "end": edges[1:], "count": counts})


def limits(rows: pl.DataFrame, centre: float) -> pl.DataFrame:
    """``rows`` with ``low2, high2, low3, high3``, the limits of a share of ``denominator`` stays, and whether ``value`` is
    ``outside`` the wider ones.
    """
    deviation = (centre * (1 - centre) / pl.col("denominator")).sqrt()
    found = rows.with_columns(
        limit.clip(0, 1).alias(f"{side}{n}")
        for n in _LIMITS
        for side, limit in (("low", centre - n * deviation), ("high", centre + n * deviation))
    )
    beyond = (pl.col("value") < pl.col(f"low{_LIMITS[-1]}")) | (pl.col("value") > pl.col(f"high{_LIMITS[-1]}"))
    return found.with_columns(outside=beyond)


def _altair() -> Any:
    """The library, imported only for charts."""
    import altair as alt

    return alt


def _axis(measure: Measure) -> Any:
    alt = _altair()
    form = ".3~%" if measure.unit in ("share", "percent") else ".3~f"
    return alt.Axis(format=form, tickCount=_TICKS, labelOverlap=True)


def _values(rows: pl.DataFrame, *names: str) -> Any:
    alt = _altair()
    return alt.Data(values=rows.select(names).to_dicts())


def _picture(chart: Any) -> str:
    """An SVG as a ``data:`` address: parts of several pictures on a page cannot be taken for one another."""
    import vl_convert

    styled = chart.properties(width=_WIDTH, height=_HEIGHT).configure(font=_FONT)
    styled = styled.configure_axis(
        labelColor=_INK, titleColor=_INK, gridColor=_LINE, labelFontSize=12, titleFontSize=12, titleFontWeight="normal"
    ).configure_legend(labelFontSize=12, labelColor=_INK).configure_view(stroke=None)  # fmt: skip
    drawn = vl_convert.vegalite_to_svg(styled.to_dict(validate=False))
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode()
