"""Whole numbers and amounts: exact, and never more than 64 bits."""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from validator.checks.language.kinds import DAY_US, FURTHEST, NUMBER_DIGITS, TEXT, Kind, number
from validator.checks.language.meanings.compare import alike, without_null
from validator.checks.language.tree import Construct, Examples, Term, null, of

if TYPE_CHECKING:
    import polars as pl


def truncated(a: "pl.Expr", by: int) -> "pl.Expr":
    """A quotient without its fraction."""
    import polars as pl

    return pl.when(a >= 0).then(a // by).otherwise(-(-a // by))


class Add(Construct):
    """The sum of two numbers; a date or moment and an interval."""

    name = sql = "Add"
    args = ("this", "expression")
    examples: ClassVar[Examples] = (
        ("n + k", {"n": 1, "k": 2}, 3),
        ("x + 0.005", {"x": "0.10"}, "0.105"),
        ("n + k", {"n": 1, "k": None}, None),
        ("m + INTERVAL '1 day'", {"m": "2026-02-28 23:59:59"}, "2026-03-01 23:59:59"),
        ("d + INTERVAL '1 day'", {"d": "1969-12-31"}, "1970-01-01"),
    )

    def typed(self, node: Term) -> Term:
        if node.kids[1].kind.name == "span":
            return moved(node)
        kids = alike(without_null(node))
        _no_dates(kids[0])
        return of(node, Kind("number", kids[0].kind.scale, kids[0].kind.most + kids[1].kind.most), kids)

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        return kids[0] + kids[1]

    def source(self, _: Term, *kids: str) -> str:
        return f"({kids[0]} + {kids[1]})"


class Subtract(Add):
    """The difference of two numbers; a date or moment and an interval."""

    name = sql = "Sub"
    examples: ClassVar[Examples] = (
        ("n - k", {"n": 1, "k": 2}, -1),
        ("x - n", {"x": "0.10", "n": 1}, "-0.90"),
        ("m - INTERVAL '2 hours'", {"m": "1970-01-01 01:00:00"}, "1969-12-31 23:00:00"),
    )

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        return kids[0] - kids[1]

    def source(self, _: Term, *kids: str) -> str:
        return f"({kids[0]} - {kids[1]})"


def _no_dates(node: Term) -> None:
    if node.kind.name in ("day", "moment"):
        zh = "相差天数写成 CAST(a AS INTEGER) - CAST(b AS INTEGER)，分钟数写成 MINUTES_BETWEEN(开始, 结束)"
        en = "days between dates: CAST(a AS INTEGER) - CAST(b AS INTEGER); minutes: MINUTES_BETWEEN(start, end)"
        raise node.fault(zh, en)
    node.must_be("number")


def moved(node: Term) -> Term:
    """A date or moment, some time later or earlier."""
    start, span = node.kids
    start.must_be("day", "moment")
    if start.kind.name == "day":
        if span.value % DAY_US:
            raise span.fault("日期只能加减整天", "only whole days can be added to a date")
        span = replace(span, value=span.value // DAY_US)
        days = span.value
    else:
        days = -(-span.value // DAY_US)
    kind = replace(start.kind, most=start.kind.most + days)
    if kind.most > FURTHEST:
        raise span.fault("加减的时间太长", "too much time is added")
    return of(node, kind, (start, span))


class Multiply(Construct):
    """The product of a number and one written out."""

    name = sql = "Mul"
    args = ("this", "expression")
    examples: ClassVar[Examples] = (
        ("n * 60", {"n": -2}, -120),
        ("x * 1.94", {"x": "2.25"}, "4.3650"),
        ("0.7 * n", {"n": 3}, "2.1"),
        ("n * 60", {"n": None}, None),
    )

    def typed(self, node: Term) -> Term:
        for kid in node.kids:
            _no_dates(kid)
        if not any(kid.literal for kid in node.kids):
            raise node.fault(
                "乘法有一边应是写出的数或 $参数", "one side of a product is a number written out or a $parameter"
            )
        one, other = (kid.kind for kid in node.kids)
        return of(node, Kind("number", one.scale + other.scale, one.most * other.most))

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        return kids[0] * kids[1]

    def source(self, _: Term, *kids: str) -> str:
        return f"({kids[0]} * {kids[1]})"


class Modulo(Construct):
    """What is left of a number by another, written out; it has the sign of the first."""

    name = sql = "Mod"
    args = ("this", "expression")
    copies = 3
    examples: ClassVar[Examples] = (
        ("n % 10", {"n": 17}, 7),
        ("n % 10", {"n": -17}, -7),
        ("x % 10", {"x": "2655.50"}, "5.50"),
        ("n % 10", {"n": None}, None),
    )

    def typed(self, node: Term) -> Term:
        kids = alike(without_null(node))
        _no_dates(kids[0])
        if not kids[1].literal or kids[1].value < 1:
            raise kids[1].fault("% 之后应是写出的正数", "a number above 0, written out, must follow %")
        return of(node, Kind("number", kids[0].kind.scale, kids[1].value), kids)

    def columns(self, node: Term, *kids: "pl.Expr") -> "pl.Expr":
        import polars as pl

        a, by = kids[0], node.kids[1].value
        return pl.when(a >= 0).then(a % by).otherwise(-(-a % by))

    def source(self, node: Term, *kids: str) -> str:
        return f"_remainder({kids[0]}, {node.kids[1].value})"


class Negative(Construct):
    """The number with the other sign."""

    name = "negative"
    examples: ClassVar[Examples] = (("-n", {"n": 2}, -2), ("-n", {"n": None}, None), ("-(x)", {"x": "0.50"}, "-0.50"))

    def typed(self, node: Term) -> Term:
        node.kids[0].must_be("number")
        return of(node, node.kids[0].kind)

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        return -kids[0]

    def source(self, _: Term, *kids: str) -> str:
        return f"(-{kids[0]})"


class Absolute(Negative):
    """The number without its sign."""

    name = "ABS"
    sql, args = "Abs", ("this",)
    examples: ClassVar[Examples] = (
        ("ABS(n)", {"n": -2}, 2),
        ("ABS(x)", {"x": None}, None),
        ("ABS(x - 1)", {"x": "0.25"}, "0.75"),
    )

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        return kids[0].abs()

    def source(self, _: Term, *kids: str) -> str:
        return f"abs({kids[0]})"


class Floor(Construct):
    """The next whole number below."""

    name = "FLOOR"
    sql, args = "Floor", ("this",)
    examples: ClassVar[Examples] = (
        ("FLOOR(x)", {"x": "-3.50"}, -4),
        ("FLOOR(x)", {"x": "3.99"}, 3),
        ("FLOOR(n)", {"n": 3}, 3),
    )

    def typed(self, node: Term) -> Term:
        node.kids[0].must_be("number")
        return of(node, Kind("number", 0, node.kids[0].kind.most // 10 ** node.kids[0].kind.scale + 1))

    def columns(self, node: Term, *kids: "pl.Expr") -> "pl.Expr":
        return kids[0].floordiv(10 ** node.kids[0].kind.scale)

    def source(self, node: Term, *kids: str) -> str:
        return f"({kids[0]} // {10 ** node.kids[0].kind.scale})"


class CastInt(Construct):
    """A whole number: of an amount without its fraction, of a text that is one (else null), of a date its days."""

    name = "cast int"
    copies = 3
    examples: ClassVar[Examples] = (
        ("CAST(t AS INTEGER)", {"t": "+12"}, 12),
        ("CAST(t AS INTEGER)", {"t": "12.0"}, None),
        ("CAST(t AS INTEGER)", {"t": "１２"}, None),
        ("CAST(t AS INTEGER)", {"t": "9" * 16}, None),
        ("CAST(x AS INTEGER)", {"x": "-3.99"}, -3),
        ("CAST(d AS INTEGER)", {"d": "1969-12-31"}, -1),
        ("CAST(n AS INTEGER)", {"n": None}, None),
    )

    def typed(self, node: Term) -> Term:
        if empty := null(node, number(1)):
            return empty
        kind = node.kids[0].kind
        node.kids[0].must_be("text", "number", "day")
        most = {"text": 10**NUMBER_DIGITS - 1, "day": kind.most}.get(kind.name, kind.most // 10**kind.scale)
        return of(node, Kind("number", 0, most))

    def partial(self, node: Term) -> bool:
        return node.kids[0].kind.name == "text"

    def columns(self, node: Term, *kids: "pl.Expr") -> "pl.Expr":
        import polars as pl

        kind = node.kids[0].kind
        if kind.name == "text":
            whole = kids[0].str.contains(r"\A[+-]?[0-9]{1,15}\z")
            return pl.when(whole).then(kids[0].str.strip_prefix("+")).cast(pl.Int64, strict=False)
        return truncated(kids[0], 10**kind.scale) if kind.scale else kids[0]

    def source(self, node: Term, *kids: str) -> str:
        kind = node.kids[0].kind
        if kind.name == "text":
            return f"_whole({kids[0]})"
        return f"_truncate({kids[0]}, {10**kind.scale})" if kind.scale else kids[0]


class CastText(Construct):
    """A whole number as text."""

    name = "cast text"
    examples: ClassVar[Examples] = (
        ("CAST(n AS TEXT)", {"n": -1}, "-1"),
        ("CAST(n AS TEXT)", {"n": None}, None),
        ("CAST(t AS TEXT)", {"t": "a"}, "a"),
        ("CAST(NULL AS TEXT)", {}, None),
    )

    def typed(self, node: Term) -> Term:
        if empty := null(node, TEXT):
            return empty
        node.kids[0].must_be("text", "number")
        if node.kids[0].kind.scale:
            raise node.fault("只有整数能转成文字", "only a whole number can be cast to text")
        return of(node, TEXT)

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        import polars as pl

        return kids[0].cast(pl.String)

    def source(self, node: Term, *kids: str) -> str:
        return f"str({kids[0]})" if node.kids[0].kind.name == "number" else kids[0]
