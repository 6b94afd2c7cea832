"""Names, literals, NULL. The roads themselves say what these mean."""

from dataclasses import replace
from typing import ClassVar

from validator.checks.language.kinds import NOTHING, Kind
from validator.checks.language.tree import Construct, Examples, Term


class _Leaf(Construct):
    def typed(self, node: Term) -> Term:
        return node  # literals carry their kind; the scope knows names and parameters


class Name(_Leaf):
    """A field of the table, ``table.x`` of its case's table, or a fact."""

    name = "name"
    examples: ClassVar[Examples] = (
        ("t", {"t": "中文"}, "中文"),
        ("t", {"t": None}, None),
        ("parent.n + n", {"parent.n": 1, "n": 2}, 3),
    )


class Literal(_Leaf):
    """A text, number, truth value, date, time or interval written out."""

    name = "literal"
    examples: ClassVar[Examples] = (
        ("'it''s'", {}, "it's"),
        ("DATE '2026-02-28'", {}, "2026-02-28"),
        ("TIMESTAMP '1969-12-31 23:59:59'", {}, "1969-12-31 23:59:59"),
        ("-12.50", {}, "-12.50"),
        ("TRUE", {}, True),
    )


class Parameter(_Leaf):
    """A figure of the profile: a number written out, by the time it is typed."""

    name = "parameter"
    examples: ClassVar[Examples] = (
        ("n <= $days", {"n": 28}, True),
        ("n <= $days", {"n": 29}, False),
        ("x * $ratio", {"x": "10.00"}, "7.000"),
    )


class Null(_Leaf):
    """NULL, where its kind is known: in CAST, and as a value of CASE."""

    name = "null"
    examples: ClassVar[Examples] = (("CAST(NULL AS INTEGER)", {}, None),)

    def typed(self, node: Term) -> Term:
        return replace(node, kind=NOTHING)


LITERAL, NULL = Literal(), Null()


def literal(node: Term, value: object, kind: Kind) -> Term:
    """A constant in the place of a node, or the NULL of its kind."""
    op = NULL if value is None else LITERAL
    return replace(node, op=op, kids=(), value=value, kind=replace(kind, nullable=value is None), cost=1)
