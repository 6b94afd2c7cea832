"""CASE, COALESCE, LEAST, GREATEST."""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from validator.checks.language.kinds import NOTHING, Kind
from validator.checks.language.meanings.compare import alike, ordered, without_null
from validator.checks.language.meanings.leaves import literal
from validator.checks.language.tree import Construct, Examples, Road, Term, of

if TYPE_CHECKING:
    import polars as pl


def _one_of(kids: tuple[Term, ...]) -> Kind:
    """The kind of a value that is one of these."""
    kinds = [kid.kind for kid in kids if kid.kind != NOTHING]
    nullable = len(kinds) < len(kids) or any(kind.nullable for kind in kinds)
    return replace(kinds[0], most=max(kind.most for kind in kinds), nullable=nullable)


def _results(node: Term, results: tuple[Term, ...]) -> tuple[tuple[Term, ...], Kind]:
    """The results brought to one kind, and that kind."""
    if all(each.kind == NOTHING for each in results):
        raise node.fault("CASE 的结果不能都是 NULL", "some result of CASE must have a kind")
    results = alike(results)
    kind = _one_of(results)
    return tuple(
        replace(each, kind=replace(kind, nullable=True)) if each.kind == NOTHING else each for each in results
    ), kind


class CaseWhen(Construct):
    """The first result whose condition is true; null without ELSE. Unknown is not true."""

    name = "case"
    examples: ClassVar[Examples] = (
        ("CASE WHEN b THEN 1 WHEN c THEN 2 ELSE 3 END", {"b": None, "c": True}, 2),
        ("CASE WHEN b THEN 1 END", {"b": None}, None),
        ("CASE WHEN b THEN x ELSE n END", {"b": False, "n": 2}, "2.00"),
        ("CASE WHEN b THEN d ELSE NULL END", {"b": True, "d": "2026-01-01"}, "2026-01-01"),
        ("CASE WHEN b THEN n IS NULL ELSE n > 1 END", {"b": False, "n": None}, None),
    )

    def typed(self, node: Term) -> Term:
        conditions = node.kids[:-1:2]
        for each in conditions:
            each.must_be("truth")
        results, kind = _results(node, (*node.kids[1::2], node.kids[-1]))
        pairs = list[Term]()
        last = results[-1]
        for condition, result in zip(conditions, results, strict=False):
            if condition.literal and condition.value:
                last = result
                break
            if condition.op.name not in ("literal", "null"):
                pairs += (condition, result)
        return (
            of(node, kind, (*pairs, last))
            if pairs
            else replace(last, kind=kind if last.op.name == "null" else last.kind)
        )

    def strict(self, _: Term) -> bool:
        return False

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        import polars as pl

        found = kids[-1]
        for condition, result in reversed(list(zip(kids[:-1:2], kids[1::2], strict=True))):
            found = pl.when(condition).then(result).otherwise(found)
        return found

    def whole(self, node: Term, road: Road) -> str:
        values = list(map(road.value, node.kids))
        pairs = zip(values[:-1:2], values[1::2], strict=True)
        return f"({''.join(f'{result} if {condition} else ' for condition, result in pairs)}{values[-1]})"


class CaseOf(Construct):
    """The result of the first value that the operand has."""

    name = "case of"
    examples: ClassVar[Examples] = (
        ("CASE t WHEN 'a' THEN 1 WHEN 'b' THEN 2 ELSE 0 END", {"t": "b"}, 2),
        ("CASE t WHEN 'a' THEN 1 ELSE 0 END", {"t": None}, 0),
        ("CASE LEFT(t, 1) WHEN 'a' THEN 'x' END", {"t": "bc"}, None),
    )

    def typed(self, node: Term) -> Term:
        for each in node.kids[1:-1:2]:
            if not each.literal:
                raise each.fault(
                    "WHEN 之后应直接写出值，否则写 CASE WHEN x = …", "write a value after WHEN, or CASE WHEN x = …"
                )
        pair = ordered(replace(node, kids=(node.kids[0], *node.kids[1:-1:2])))
        results, kind = _results(node, (*node.kids[2::2], node.kids[-1]))
        if pair[0].op.name in ("literal", "null"):
            chosen = (result for value, result in zip(pair[1:], results, strict=False) if value.value == pair[0].value)
            return next(chosen, results[-1])
        pairs = [each for both in zip(pair[1:], results, strict=False) for each in both]
        if all(each.op.name == "null" for each in results):
            return literal(node, None, kind)
        found = of(node, kind, (pair[0], *pairs, results[-1]))
        return replace(found, cost=found.cost + len(pair) * pair[0].cost)

    def strict(self, _: Term) -> bool:
        return False

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        import polars as pl

        operand, *pairs, found = kids
        for value, result in reversed(list(zip(pairs[::2], pairs[1::2], strict=True))):
            found = pl.when(operand == value).then(result).otherwise(found)
        return found

    def whole(self, node: Term, road: Road) -> str:
        value, name = road.named(node.kids[0])
        pairs, last = list(map(road.value, node.kids[1:-1])), road.value(node.kids[-1])
        text = "("
        for place, (each, result) in enumerate(zip(pairs[::2], pairs[1::2], strict=True)):
            text += f"{result} if {name if place else value} == {each} else "
        return f"{text}{last})"


def _first_of(node: Term, kids: tuple[Term, ...]) -> Term:
    """The node with the operands that can be the first that is not null."""
    sure = next((place for place, kid in enumerate(kids) if not kid.kind.nullable), len(kids))
    return _some_of(node, kids[: sure + 1])


def _some_of(node: Term, kids: tuple[Term, ...]) -> Term:
    """The node with the operands that can be a value; the one that is left, if it is one."""
    kids = tuple(kid for kid in kids if kid.op.name != "null") or kids[:1]
    kind = replace(_one_of(kids), nullable=all(kid.kind.nullable for kid in kids))
    return of(node, kind, kids) if len(kids) > 1 else kids[0]


class Coalesce(Construct):
    """The first that is not null."""

    name = "COALESCE"
    sql, args = "Coalesce", ("this", "expressions")
    examples: ClassVar[Examples] = (
        ("COALESCE(n, k, 7)", {"n": None, "k": None}, 7),
        ("COALESCE(n, k)", {"n": None, "k": None}, None),
        ("COALESCE(x, n)", {"x": None, "n": 3}, "3.00"),
        ("COALESCE(b, FALSE)", {"b": None}, False),
        ("COALESCE(m, d)", {"m": None, "d": "2026-01-01"}, "2026-01-01 00:00:00"),
    )

    def typed(self, node: Term) -> Term:
        kids = alike(without_null(node))
        kids[0].must_be("text", "number", "day", "moment", "time", "truth")
        return _first_of(node, kids)

    def strict(self, _: Term) -> bool:
        return False

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        import polars as pl

        return pl.coalesce(kids)

    def whole(self, node: Term, road: Road) -> str:
        text = "("
        for kid in node.kids[:-1]:
            value, name = road.named(kid)
            text += f"{name} if {value} is not None else "
        return f"{text}{road.value(node.kids[-1])})"


class Least(Construct):
    """The least of those that are not null; null only if all are, unlike in standard SQL."""

    name = "LEAST"
    examples: ClassVar[Examples] = (
        ("LEAST(n, k)", {"n": 3, "k": 2}, 2),
        ("LEAST(n, k)", {"n": 3, "k": None}, 3),
        ("LEAST(n, k)", {"n": None, "k": None}, None),
        ("LEAST(x, n)", {"x": "2.50", "n": 3}, "2.50"),
    )

    def typed(self, node: Term) -> Term:
        kids = ordered(node)
        kids[0].must_be("number", "day", "moment", "time")
        return _some_of(node, kids)

    def strict(self, _: Term) -> bool:
        return False

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        import polars as pl

        return pl.min_horizontal(*kids)

    def whole(self, node: Term, road: Road) -> str:
        return f"_least({', '.join(map(road.value, node.kids))})"


class Greatest(Least):
    """The greatest of those that are not null; null if all are."""

    name = "GREATEST"
    examples: ClassVar[Examples] = (
        ("GREATEST(n, k)", {"n": 3, "k": 2}, 3),
        ("GREATEST(n, k)", {"n": None, "k": -1}, -1),
        ("GREATEST(d, m)", {"d": "2026-01-02", "m": "2026-01-01 05:00:00"}, "2026-01-02 00:00:00"),
    )

    def columns(self, _: Term, *kids: "pl.Expr") -> "pl.Expr":
        import polars as pl

        return pl.max_horizontal(*kids)

    def whole(self, node: Term, road: Road) -> str:
        return f"_greatest({', '.join(map(road.value, node.kids))})"
