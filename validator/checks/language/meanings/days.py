"""Dates as days from 1970-01-01, moments and times of day as microseconds: whole numbers on both roads."""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from validator.checks.language.kinds import DAY, DAY_US, MOMENT, TIME, Kind, number
from validator.checks.language.meanings.compare import alike, without_null
from validator.checks.language.meanings.numbers import truncated
from validator.checks.language.tree import Construct, Examples, Term, null, of

if TYPE_CHECKING:
    import polars as pl


class _Cast(Construct):
    kinds: ClassVar[tuple[str, ...]] = ("moment",)
    kind: ClassVar[Kind]

    def typed(self, node: Term) -> Term:
        if empty := null(node, self.kind):
            return empty
        node.kids[0].must_be(*self.kinds)
        return of(node, replace(self.kind, most=node.kids[0].kind.most or self.kind.most))


class CastDate(_Cast):
    """The day of a moment."""

    name = "cast date"
    kinds = ("moment", "day")
    kind = DAY
    examples: ClassVar[Examples] = (
        ("CAST(m AS DATE)", {"m": "1969-12-31 23:59:59"}, "1969-12-31"),
        ("CAST(m AS DATE)", {"m": None}, None),
        ("CAST(d AS DATE)", {"d": "2026-01-01"}, "2026-01-01"),
        ("CAST(NULL AS DATE)", {}, None),
    )

    def columns(self, node: Term, *kids: "pl.Expr") -> "pl.Expr":
        return kids[0] // DAY_US if node.kids[0].kind.name == "moment" else kids[0]

    def source(self, node: Term, *kids: str) -> str:
        return f"({kids[0]} // {DAY_US})" if node.kids[0].kind.name == "moment" else kids[0]


class CastTime(_Cast):
    """The time of day of a moment."""

    name = "cast time"
    kind = TIME
    examples: ClassVar[Examples] = (
        ("CAST(m AS TIME)", {"m": "1969-12-31 23:59:59"}, "23:59:59"),
        ("CAST(m AS TIME) = TIME '00:00:00'", {"m": "1960-01-01 00:00:00"}, True),
        ("CAST(m AS TIME)", {"m": None}, None),
    )

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        return kids[0] % DAY_US

    def source(self, _: Term, *kids: str) -> str:
        return f"({kids[0]} % {DAY_US})"


class CastMoment(_Cast):
    """The moment at which a day begins."""

    name = "cast moment"
    kinds = ("moment", "day")
    kind = MOMENT
    examples: ClassVar[Examples] = (
        ("CAST(d AS TIMESTAMP)", {"d": "1950-06-01"}, "1950-06-01 00:00:00"),
        ("CAST(d AS TIMESTAMP)", {"d": None}, None),
    )

    def columns(self, node: Term, *kids: "pl.Expr") -> "pl.Expr":
        return kids[0] * DAY_US if node.kids[0].kind.name == "day" else kids[0]

    def source(self, node: Term, *kids: str) -> str:
        return f"({kids[0]} * {DAY_US})" if node.kids[0].kind.name == "day" else kids[0]


class Epoch(Construct):
    """The whole seconds from 1970-01-01 to a moment."""

    name = "extract epoch"
    examples: ClassVar[Examples] = (
        ("EXTRACT(EPOCH FROM m)", {"m": "1969-12-31 23:59:59"}, -1),
        ("EXTRACT(EPOCH FROM m) % 86400 <> 0", {"m": "2199-12-31 00:00:00"}, False),
        ("EXTRACT(EPOCH FROM m)", {"m": None}, None),
    )

    def typed(self, node: Term) -> Term:
        node.kids[0].must_be("moment")
        return of(node, Kind("number", 0, (node.kids[0].kind.most + 1) * 86_400))

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        return kids[0] // 1_000_000

    def source(self, _: Term, *kids: str) -> str:
        return f"({kids[0]} // 1000000)"


class Year(Construct):
    """The year of a date or moment."""

    name = "extract year"
    part: ClassVar[str] = "year"
    examples: ClassVar[Examples] = (
        ("EXTRACT(YEAR FROM d)", {"d": "1949-10-01"}, 1949),
        ("EXTRACT(YEAR FROM m)", {"m": "1969-12-31 23:59:59"}, 1969),
        ("EXTRACT(YEAR FROM d)", {"d": None}, None),
    )

    def typed(self, node: Term) -> Term:
        node.kids[0].must_be("day", "moment")
        return of(node, number(4))

    def columns(self, node: Term, *kids: "pl.Expr") -> "pl.Expr":
        import polars as pl

        days = kids[0] // DAY_US if node.kids[0].kind.name == "moment" else kids[0]
        found: pl.Expr = getattr(days.cast(pl.Int32).cast(pl.Date).dt, self.part)()
        return found.cast(pl.Int64)

    def source(self, node: Term, *kids: str) -> str:
        return (
            f"_{self.part}({kids[0]} // {DAY_US})" if node.kids[0].kind.name == "moment" else f"_{self.part}({kids[0]})"
        )


class Month(Year):
    """The month of a date or moment, 1 to 12."""

    name = "extract month"
    part = "month"
    examples: ClassVar[Examples] = (
        ("EXTRACT(MONTH FROM d) * 100", {"d": "2026-12-01"}, 1200),
        ("EXTRACT(MONTH FROM d)", {"d": None}, None),
    )


class Day(Year):
    """The day of the month, 1 to 31."""

    name = "extract day"
    part = "day"
    examples: ClassVar[Examples] = (
        ("EXTRACT(DAY FROM m)", {"m": "1900-02-28 23:59:59"}, 28),
        ("EXTRACT(DAY FROM d)", {"d": None}, None),
    )


class MinutesBetween(Construct):
    """The whole minutes from one moment to another, negative where the second is earlier."""

    name = sql = "MINUTES_BETWEEN"
    copies = 3
    examples: ClassVar[Examples] = (
        ("MINUTES_BETWEEN(m, m2)", {"m": "2026-01-01 00:00:00", "m2": "2026-01-01 00:01:59"}, 1),
        ("MINUTES_BETWEEN(m, m2)", {"m": "2026-01-01 00:01:59", "m2": "2026-01-01 00:00:00"}, -1),
        ("MINUTES_BETWEEN(m, m2)", {"m": "2026-01-01 00:01:59", "m2": None}, None),
        ("MINUTES_BETWEEN(d, m)", {"d": "2026-01-01", "m": "2026-01-02 00:00:00"}, 1440),
    )

    def typed(self, node: Term) -> Term:
        if len(node.kids) != 2:
            raise node.fault("写成 MINUTES_BETWEEN(开始, 结束)", "write MINUTES_BETWEEN(start, end)")
        kids = alike(without_null(node))
        kids[0].must_be("moment")
        return of(node, Kind("number", 0, sum(kid.kind.most + 1 for kid in kids) * 1440), kids)

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        return truncated(kids[1] - kids[0], 60_000_000)

    def source(self, _: Term, *kids: str) -> str:
        return f"_truncate({kids[1]} - {kids[0]}, 60000000)"
