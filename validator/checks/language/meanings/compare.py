"""Comparisons. Both sides are brought to one kind first, so that values of one kind are compared."""

from dataclasses import replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, ClassVar

from validator.checks.language.kinds import DAY_US, MOMENT, NOTHING, Kind
from validator.checks.language.tree import Construct, Examples, Road, Term, of, truth

if TYPE_CHECKING:
    import polars as pl


class _Times(Construct):
    """An amount in smaller units, a date as the moment it begins; never written, put in where two kinds meet."""

    name = "times"

    def columns(self, node: Term, *kids: "pl.Expr") -> "pl.Expr":
        found: pl.Expr = kids[0] * node.value
        return found

    def source(self, node: Term, *kids: str) -> str:
        return f"{kids[0]} * {node.value}" if kids[0].isidentifier() else f"({kids[0]}) * {node.value}"


TIMES = _Times()


def _times(node: Term, by: int, kind: Kind) -> Term:
    if by == 1:
        return node
    kind = replace(kind, nullable=node.kind.nullable)
    if node.literal:
        return replace(node, value=node.value * by, kind=kind)
    return of(Term(TIMES, (node,), by, node.place), kind)


def alike(kids: tuple[Term, ...]) -> tuple[Term, ...]:
    """The operands brought to one kind: numbers to one scale, dates that meet moments to moments."""
    known = [kid for kid in kids if kid.kind.name != "nothing"]
    names = {kid.kind.name for kid in known}
    if names == {"day", "moment"}:
        return tuple(
            _times(kid, DAY_US, replace(MOMENT, most=kid.kind.most)) if kid.kind.name == "day" else kid for kid in kids
        )
    if len(names) != 1:
        for kid in known[1:]:
            if kid.kind.name != known[0].kind.name:
                one, other = known[0].kind, kid.kind
                zh = f"{one.words(0)}不能和{other.words(0)}放在一起；请用 CAST 转换，或给代码加单引号"
                en = f"a {one.words(1)} cannot meet a {other.words(1)}; use CAST, or put codes in single quotes"
                raise kid.fault(zh, en)
        raise kids[0].fault("NULL 写成 IS NULL 或 CAST(NULL AS …)", "write IS NULL or CAST(NULL AS …)")
    if names != {"number"}:
        return kids
    scale = max(kid.kind.scale for kid in known)
    return tuple(kid if kid.kind == NOTHING else at_scale(kid, scale) for kid in kids)


def at_scale(node: Term, scale: int) -> Term:
    """A number in units of ``10**-scale``."""
    by = 10 ** (scale - node.kind.scale)
    return _times(node, by, Kind("number", scale, node.kind.most * by))


def ordered(node: Term) -> tuple[Term, ...]:
    """The operands brought to one kind that has an order, none of them a bare NULL."""
    kids = alike(without_null(node))
    for kid in kids:
        kid.must_be("text", "number", "day", "moment", "time")
    return kids


def without_null(node: Term) -> tuple[Term, ...]:
    """The operands; a bare NULL among them is a mistake."""
    for kid in node.kids:
        if kid.kind == NOTHING:
            raise kid.fault("与 NULL 比较写成 IS NULL", "a comparison with NULL is written IS NULL")
    return node.kids


_MIRRORED = {"eq": "eq", "ne": "ne", "lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}


def compared(node: Term, one: "pl.Expr", method: str, other: "pl.Expr") -> "pl.Expr":
    """A comparison, a constant (``node`` is that of ``one``) on the right: on the left, Polars can lose the rows."""
    if node.literal:
        one, method, other = other, _MIRRORED[method], one
    found: pl.Expr = getattr(one, method)(other)
    return found


class _Compare(Construct):
    args = ("this", "expression")
    sign: ClassVar[str]
    method: ClassVar[str]

    def typed(self, node: Term) -> Term:
        return truth(node, ordered(node))

    def columns(self, node: Term, *kids: "pl.Expr") -> "pl.Expr":
        return compared(node.kids[0], kids[0], self.method, kids[1])

    def source(self, _: Term, *kids: str) -> str:
        return f"({kids[0]} {self.sign} {kids[1]})"


class Equal(_Compare):
    """Null if a side is."""

    name, sql = "=", "EQ"
    sign, method = "==", "eq"
    examples: ClassVar[Examples] = (
        ("t = 'a'", {"t": "a"}, True),
        ("t = 'a'", {"t": None}, None),
        ("x = n", {"x": "3.00", "n": 3}, True),
        ("d = m", {"d": "2026-01-01", "m": "2026-01-01 00:00:00"}, True),
        ("(t = '1') = b", {"t": "2", "b": False}, True),
    )

    def typed(self, node: Term) -> Term:
        kids = alike(without_null(node))
        kids[0].must_be("text", "number", "day", "moment", "time", "truth")
        return truth(node, kids)


class NotEqual(Equal):
    """Null if a side is."""

    name, sql = "<>", "NEQ"
    sign, method = "!=", "ne"
    examples: ClassVar[Examples] = (
        ("t <> 'a'", {"t": "b"}, True),
        ("t <> 'a'", {"t": None}, None),
        ("x <> 0.1", {"x": "0.10"}, False),
    )


class Less(_Compare):
    """Texts by their code points; a date is the moment at which it begins."""

    name, sql = "<", "LT"
    sign, method = "<", "lt"
    examples: ClassVar[Examples] = (
        ("t < 'b'", {"t": "a中"}, True),
        ("d < m", {"d": "1950-01-02", "m": "1950-01-01 23:00:00"}, False),
    )


class AtMost(_Compare):
    """Null if a side is."""

    name, sql = "<=", "LTE"
    sign, method = "<=", "le"
    examples: ClassVar[Examples] = (
        ("x <= 2.5", {"x": "2.50"}, True),
        ("x <= 2.5", {"x": "2.51"}, False),
        ("n <= k", {"n": 1, "k": None}, None),
    )


class Greater(_Compare):
    """Null if a side is."""

    name, sql = ">", "GT"
    sign, method = ">", "gt"
    examples: ClassVar[Examples] = (("d > DATE '2026-01-01'", {"d": "2026-01-02"}, True), ("n > -1", {"n": -1}, False))


class AtLeast(_Compare):
    """Null if a side is."""

    name, sql = ">=", "GTE"
    sign, method = ">=", "ge"
    examples: ClassVar[Examples] = (
        ("z >= TIME '08:00:00'", {"z": "08:00:00"}, True),
        ("z >= TIME '08:00:00'", {"z": "07:59:59"}, False),
    )


class Between(Construct):
    """At least the one and at most the other; false also where one bound is unknown and the other excludes it."""

    name = sql = "Between"
    args = ("this", "low", "high")
    copies = 2
    examples: ClassVar[Examples] = (
        ("n BETWEEN 1 AND 3", {"n": 3}, True),
        ("n BETWEEN 1 AND 3", {"n": None}, None),
        ("n BETWEEN k AND 3", {"n": 4, "k": None}, False),
        ("n BETWEEN k AND 3", {"n": 2, "k": None}, None),
        ("LEFT(t, 2) BETWEEN '01' AND '86'", {"t": "86.1"}, True),
    )

    def typed(self, node: Term) -> Term:
        return truth(node, ordered(node))

    def strict(self, node: Term) -> bool:
        return not any(kid.kind.nullable for kid in node.kids[1:])

    def columns(self, node: Term, *kids: "pl.Expr") -> "pl.Expr":
        first = node.kids[0]
        return compared(first, kids[0], "ge", kids[1]) & compared(first, kids[0], "le", kids[2])

    def source(self, _: Term, *kids: str) -> str:
        return f"({kids[1]} <= {kids[0]} <= {kids[2]})"

    def whole(self, node: Term, road: Road) -> str:
        return f"_between({', '.join(map(road.value, node.kids))})"


class In(Construct):
    """One of the values written out; null of null."""

    name = "in"
    examples: ClassVar[Examples] = (
        ("t IN ('1', '2')", {"t": "2"}, True),
        ("t IN ('1')", {"t": None}, None),
        ("x IN (1, 2.5)", {"x": "1.00"}, True),
        ("d IN (DATE '2026-01-01')", {"d": "2026-01-02"}, False),
    )

    def typed(self, node: Term) -> Term:
        return truth(node, ordered(node))

    def columns(self, node: Term, *kids: "pl.Expr") -> "pl.Expr":
        return kids[0].is_in([kid.value for kid in node.kids[1:]])

    def source(self, node: Term, *kids: str) -> str:
        values = ", ".join(dict.fromkeys(repr(kid.value) for kid in node.kids[1:]))
        return f"({kids[0]} in {{{values}}})"


class InAny(Construct):
    """One of several values some of which are calculated: unknown if it is none and one is unknown."""

    name = "in any"
    copies = 2
    examples: ClassVar[Examples] = (
        ("n IN (k, 5)", {"n": 5, "k": None}, True),
        ("n IN (k, 5)", {"n": 4, "k": None}, None),
        ("n IN (k, 5)", {"n": 4, "k": 3}, False),
        ("n IN (k, 5)", {"n": None, "k": 3}, None),
    )

    def typed(self, node: Term) -> Term:
        kids = ordered(node)
        return replace(truth(node, kids), cost=1 + sum(kid.cost for kid in kids) + len(kids) * kids[0].cost)

    def strict(self, _: Term) -> bool:
        return False

    def columns(self, node: Term, *kids: "pl.Expr") -> "pl.Expr":
        return reduce(or_, (compared(node.kids[0], kids[0], "eq", kid) for kid in kids[1:]))

    def whole(self, node: Term, road: Road) -> str:
        first, *others = map(road.value, node.kids)
        return f"_among({first}, ({', '.join(others)},))"
