"""AND, OR, NOT, IS NULL: three-valued as in SQL."""

from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, ClassVar

from validator.checks.language.kinds import NOTHING, TRUTH
from validator.checks.language.meanings.leaves import literal
from validator.checks.language.tree import Construct, Examples, Road, Term, of, truth

if TYPE_CHECKING:
    import polars as pl


class _Chain(Construct):
    stop: ClassVar[bool]  #: the value of a part that decides the whole

    def typed(self, node: Term) -> Term:
        for kid in node.kids:
            kid.must_be("truth")
        kids = tuple(kid for kid in node.kids if not (kid.literal and kid.value is not self.stop))
        if any(kid.literal for kid in kids) or not kids:
            return literal(node, self.stop if kids else not self.stop, TRUTH)
        nullable = any(kid.kind.nullable for kid in kids)
        return kids[0] if len(kids) == 1 else of(node, TRUTH if nullable else TRUTH.filled, kids)

    def strict(self, _: Term) -> bool:
        return False

    def whole(self, node: Term, road: Road) -> str:
        stops, unknown = [], []
        for kid in node.kids:
            if kid.kind.nullable:
                value, name = road.named(kid)
                stops.append(f"{value} is {self.stop}")
                unknown.append(f"{name} is None")
            else:
                stops.append(road.value(kid) if self.stop else f"not {road.value(kid)}")
        last = f"None if {' or '.join(unknown)} else {not self.stop}" if unknown else f"{not self.stop}"
        return f"({self.stop} if {' or '.join(stops)} else {last})"


class And(_Chain):
    """False if a part is, else unknown if a part is."""

    name = "and"
    stop = False
    examples: ClassVar[Examples] = (
        ("b AND c", {"b": True, "c": True}, True),
        ("b AND c", {"b": True, "c": None}, None),
        ("b AND c", {"b": None, "c": False}, False),
        ("b AND c AND n IS NULL", {"b": None, "c": True, "n": None}, None),
        ("n IS NULL AND t IS NULL", {"n": None, "t": ""}, False),
    )

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        return reduce(and_, kids)


class Or(_Chain):
    """True if a part is, else unknown if a part is."""

    name = "or"
    stop = True
    examples: ClassVar[Examples] = (
        ("b OR c", {"b": False, "c": False}, False),
        ("b OR c", {"b": False, "c": None}, None),
        ("b OR c", {"b": None, "c": True}, True),
        ("n IS NULL OR b", {"n": None, "b": None}, True),
        ("n IS NULL OR t IS NULL", {"n": 1, "t": ""}, False),
    )

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        return reduce(or_, kids)


class Negation(Construct):
    """The opposite; null of null. Also NOT IN, NOT LIKE, NOT BETWEEN, IS NOT NULL."""

    name = "not"
    examples: ClassVar[Examples] = (
        ("NOT b", {"b": True}, False),
        ("NOT b", {"b": None}, None),
        ("t NOT IN ('1', '2')", {"t": "3"}, True),
        ("t NOT LIKE '%a%'", {"t": "cat"}, False),
        ("n NOT BETWEEN 1 AND 3", {"n": 4}, True),
        ("t IS NOT NULL", {"t": None}, False),
    )

    def typed(self, node: Term) -> Term:
        node.kids[0].must_be("truth")
        return truth(node)

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        return ~kids[0]

    def source(self, _: Term, *kids: str) -> str:
        return f"(not {kids[0]})"


class IsNull(Construct):
    """Whether there is no value."""

    name = "is null"
    examples: ClassVar[Examples] = (
        ("t IS NULL", {"t": None}, True),
        ("t IS NULL", {"t": ""}, False),
        ("n + 1 IS NULL", {"n": None}, True),
        ("COALESCE(n, 0) IS NULL", {"n": None}, False),
    )

    def typed(self, node: Term) -> Term:
        if node.kids[0].kind == NOTHING:
            raise node.fault("NULL IS NULL 没有意义", "NULL IS NULL says nothing")
        return of(node, TRUTH.filled)

    def strict(self, _: Term) -> bool:
        return False

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        return kids[0].is_null()

    def whole(self, node: Term, road: Road) -> str:
        return f"({road.value(node.kids[0])} is None)" if node.kids[0].kind.nullable else "False"
