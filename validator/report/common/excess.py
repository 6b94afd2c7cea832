"""What was charged too much: sums by rule, by department and by physician, for every report."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from validator.base.language import say
from validator.base.lazy import pl
from validator.report.common.view import ReportView
from validator.report.common.words import number

#: Columns of a table of sums: Chinese and English.
HEADS = (("多收的行", "Lines"), ("多收的数量", "Excess quantity"), ("多收的金额（元）", "Excess in yuan"))
NOTE = (
    "同一行被几条规则指到时，科室、医师和合计只算金额最大的一次；没有金额的是算不出全价的。",
    "A line that several rules object to counts once for departments, physicians and the total. Without money: the full price is unknown.",
)


class Sum(NamedTuple):
    """One rule, department or physician."""

    name: str
    check: str  #: the rule's id; blank for the others
    lines: int
    quantity: Decimal | None
    fen: int | None  #: None where no money is known


class ExcessSums(NamedTuple):
    """The total in words, and the sums: title and rows of each table, the most money first."""

    total: str
    tables: Sequence[tuple[str, Sequence[Sum]]]


def of_report(report: ReportView) -> ExcessSums | None:
    """Return the sums; None where no finding says how much is too much."""
    if not report.charges:
        return None
    found = report.excess
    lines, fen, unpriced = (int(found[name].sum()) for name in ("lines", "line_fen", "unpriced"))
    zh, en = f"{number(lines)} 行，{yuan(fen)} 元", f"{number(lines)} lines, {yuan(fen)} yuan"
    if unpriced:
        zh, en = f"{zh}；另有 {number(unpriced)} 处算不出金额", f"{en}; {number(unpriced)} findings without money"
    rules = found.group_by(name="check").agg(
        pl.col("quantity", "fen", "unpriced").sum(), lines=pl.col("findings").sum()
    )
    return ExcessSums(
        say(zh, en),
        (
            (say("按规则", "By rule"), _rows(report, rules, rule=True)),
            (say("按开单科室", "By ordering department"), _rows(report, _by(found, "department"))),
            (say("按开单医师", "By ordering physician"), _rows(report, _by(found, "physician"))),
        ),
    )


def _by(found: pl.DataFrame, who: str) -> pl.DataFrame:
    sums = found.group_by(name=pl.col(who).fill_null(say("（未写）", "(blank)"))).agg(
        pl.col("lines", "unpriced").sum(), quantity=pl.col("line_quantity").sum(), fen=pl.col("line_fen").sum()
    )
    return sums.filter(pl.col("lines") > 0)


def _rows(report: ReportView, sums: pl.DataFrame, *, rule: bool = False) -> list[Sum]:
    def row(each: dict[str, Any]) -> Sum:
        name = report.checks[each["name"]].title(report.lang) if rule else each["name"]
        known = each["fen"] or each["unpriced"] < each["lines"]
        return Sum(
            name,
            each["name"] if rule else "",
            each["lines"],
            each["quantity"],
            each["fen"] if known else None,
        )

    return [row(each) for each in sums.sort("fen", "name", descending=[True, False]).iter_rows(named=True)]


def yuan(fen: int | None) -> str:
    """``1,234.50`` of an amount in fen; blank for none."""
    if fen is None:
        return ""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{rest:02}"


def units(quantity: Decimal | None) -> str:
    """A quantity without the zeros behind its point; blank for none."""
    text = "" if quantity is None else str(quantity)
    return text.rstrip("0").rstrip(".") if "." in text else text
