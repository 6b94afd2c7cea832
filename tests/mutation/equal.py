"""Whether two typed trees can be proven to mean the same, by a table of all that their parts can be.

A part is a truth value of its own; where it compares something with constants, what is compared takes a value on and
next to each constant instead, so that parts about one thing are seen together. A field takes no value that its own check
refuses: what reads one is not judged. More ways than there are may be tried: what is proven holds, what is not proven may hold too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from math import prod
from typing import Any

from validator.checks.cells import FieldCells
from validator.checks.language.tree import Term
from validator.lint.logic import key

#: Rows that a table has at most.
MOST = 30_000
#: Comparison -> the one that it is the opposite of.
_OPPOSITE = {">=": "<", "<=": ">", "<>": "="}
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b, "<>": lambda a, b: a != b,
}  # fmt: skip

_Pair = tuple[Term | None, Term | None]
_Env = dict[Any, Any]
Cells = Callable[
    [str], FieldCells | None
]  #: from the name of a column to what judges its cells; None for any other name


class TooManyError(Exception):
    """A table would be too large."""


def _no_cells(_: str) -> FieldCells | None:
    return None


def fails_alike(one: _Pair, other: _Pair, cells: Cells = _no_cells) -> bool:
    """Whether two pairs of condition and expectation fail the same rows, and read the same names."""

    def fails(pair: _Pair, env: _Env) -> bool:
        return all(tree is None or value(tree, env) is wanted for tree, wanted in zip(pair, (True, False), strict=True))

    trees = [[tree for tree in pair if tree] for pair in (one, other)]
    return _same_names(*trees) and all(
        fails(one, env) == fails(other, env) for env in table([*trees[0], *trees[1]], cells)
    )


def alike(one: Term, other: Term, cells: Cells = _no_cells) -> bool:
    """Whether two trees have the same value always: of truth values by their table, of others if they are written alike."""
    if key(one) == key(other):
        return True
    if one.kind.name != "truth" or not _same_names([one], [other]):
        return False
    return all(value(one, env) is value(other, env) for env in table([one, other], cells))


def _same_names(one: list[Term], other: list[Term]) -> bool:
    names = [{each.value for tree in trees for each in tree.walk() if each.op.name == "name"} for trees in (one, other)]
    return names[0] == names[1]


def table(trees: list[Term], cells: Cells = _no_cells) -> Iterator[_Env]:
    """Every way in which the parts of trees can be."""
    known: dict[Any, dict[Any, None]] = {}
    compared: dict[Any, list[_Compared]] = {}
    for tree in trees:
        for variable, values in _variables(tree):
            if isinstance(values, _Compared):
                compared.setdefault(variable, []).append(values)
            else:
                known.setdefault(variable, {}).update(dict.fromkeys(values))
    for variable, every in compared.items():
        known[variable] = dict.fromkeys(_distinct(every, cells))
    if prod(map(len, known.values())) > MOST:
        raise TooManyError
    return (dict(zip(known, held, strict=True)) for held in product(*known.values()))


def _distinct(every: "list[_Compared]", cells: Cells) -> list[Any]:
    """Of the values next to the constants that one thing is compared with: one for each way in which the comparisons can be."""
    what, near = every[0].what, {value for each in every for value in each.near}
    field = cells(what.value) if what.op.name == "name" else None
    if field:
        domain = field.catalogue.domains.get(field.row.domain)
        near = (set(domain.names) if domain else near) or near
        near = {value for value in near if not field.cell(_text(value, field), None).bad} or near
    return list({tuple(each.holds(value) for each in every): value for value in sorted(near)}.values())


def _text(value: Any, field: FieldCells) -> str:
    """A value as a cell has it; of days and moments nothing, which no check refuses."""
    match field.row.type:
        case "number":
            return str(Decimal(value).scaleb(-field.row.scale))
        case "duration":
            return f"{value // 1440}/{value % 1440 // 60}/{value % 60}" if value >= 0 else "-"
        case "date" | "datetime":
            return ""
    return str(value)


def _variables(node: Term) -> "Iterator[tuple[Any, list[bool] | _Compared]]":
    """What decides the value of a node, and the values that it can have."""
    if node.op.name == "name":
        if node.kind.nullable:
            yield ("null", node.value), [False, True]
        if node.kind.name == "truth":
            yield ("holds", node.value), [False, True]
        return
    if compared := _compared(node):
        yield ("value", key(compared.what)), compared
    elif node.kind.name == "truth" and not _is_logic(node):
        yield ("holds", _key(node)[0]), [False, True]
    if _is_free(node):
        yield ("null", key(node)), [False, True]
    for kid in node.kids:
        yield from _variables(kid)


def _is_logic(node: Term) -> bool:
    return node.op.name in ("and", "or", "not", "is null", "COALESCE", "case", "literal", "null", "name")


def _is_free(node: Term) -> bool:
    """Whether a node can be null by itself."""
    known = _is_logic(node) or node.op.name in ("LEAST", "GREATEST")
    return node.kind.nullable and not known and (not node.op.strict(node) or node.op.partial(node))


def _key(node: Term) -> tuple[Any, bool]:
    """The key of a comparison, and whether it is the opposite of what the key stands for."""
    whole = key(node)
    base = _OPPOSITE.get(node.op.name)
    return ((base, *whole[1:]), True) if base else (whole, False)


@dataclass(frozen=True)
class _Compared:
    """What is compared with constants, the values next to these, and whether it holds for a value."""

    what: Term
    near: list[Any]
    holds: Callable[[Any], bool]


def _compared(node: Term) -> _Compared | None:
    """A comparison with constants only; None for any other node."""
    name, kids = node.op.name, node.kids
    if name in _SIGNS and kids[0].literal:
        name, kids = _MIRRORED[name], (kids[1], kids[0])
    if not kids or kids[0].literal or not all(kid.literal for kid in kids[1:]):
        return None
    constants = [kid.value for kid in kids[1:]]
    if kids[0].kind.name == "text":
        return _of_text(name, kids[0], constants)
    if name in _SIGNS:
        return _of_number(kids[0], constants, lambda found: _SIGNS[name](found, constants[0]))
    if name == "Between":
        return _of_number(kids[0], constants, lambda found: constants[0] <= found <= constants[1])
    return _of_number(kids[0], constants, lambda found: found in constants) if name == "in" else None


def _of_number(what: Term, constants: list[Any], holds: Callable[[Any], bool]) -> _Compared | None:
    if what.kind.name not in ("number", "day", "moment", "time"):
        return None
    by = 1
    while what.op.name == "times":
        by, what = by * what.value, what.kids[0]
    near = [constant // by + step for constant in constants for step in (-1, 0, 1)]
    return _Compared(what, near, lambda found: holds(found * by))


def _of_text(name: str, what: Term, constants: list[Any]) -> _Compared | None:
    """Texts whose beginnings decide: each beginning of a constant, and it with a sign that none has."""
    length = None
    if name in ("=", "<>", "in") and what.op.name == "LEFT" and what.kids[1].literal:
        what, length = what.kids[0], what.kids[1].value
    if what.literal or name not in ("=", "<>", "in", "STARTS_WITH"):
        return None
    begins = {constant[:end] for constant in constants for end in range(len(constant) + 1)}
    near = sorted(
        begins | {f"{text}\0" for text in begins} | ({text + "\0" * length for text in begins} if length else set())
    )

    def holds(found: str) -> bool:
        if name == "STARTS_WITH":
            return found.startswith(constants[0])
        return (found[:length] in constants) is (name != "<>")

    return _Compared(what, near, holds)


def value(node: Term, env: _Env) -> bool | None:
    """A truth value, as the variables have it."""
    if node.op.name == "null":
        return None
    if node.op.name == "literal":
        return bool(node.value)
    if _is_logic(node) and node.op.name != "name":
        return _joined(node, env)
    if null(node, env):
        return None
    if node.op.name == "name":
        return bool(env["holds", node.value])
    if compared := _compared(node):
        return compared.holds(env["value", key(compared.what)])
    known, opposite = _key(node)
    return env["holds", known] is not opposite


def _joined(node: Term, env: _Env) -> bool | None:
    """What AND, OR, NOT, IS NULL, COALESCE and CASE make of their parts."""
    kids = node.kids
    match node.op.name:
        case "is null":
            return null(kids[0], env)
        case "case":
            return value(_chosen(node, env), env)
        case "not":
            inside = value(kids[0], env)
            return None if inside is None else not inside
        case "COALESCE":
            return next((found for kid in kids if (found := value(kid, env)) is not None), None)
    held, stop = [value(kid, env) for kid in kids], node.op.name == "or"
    return stop if stop in held else None if None in held else not stop


def null(node: Term, env: _Env) -> bool:
    """Whether a node of any kind is null, as the variables have it."""
    name, kids = node.op.name, node.kids
    if not node.kind.nullable or name == "literal":
        return False
    match name:
        case "null":
            return True
        case "name":
            return bool(env["null", node.value])
        case "COALESCE" | "LEAST" | "GREATEST":
            return all(null(kid, env) for kid in kids)
        case "case":
            return null(_chosen(node, env), env)
        case "and" | "or" | "not":
            return value(node, env) is None
    alone = bool(env["null", key(node)]) if _is_free(node) else False
    return alone or (node.op.strict(node) and any(null(kid, env) for kid in kids))


def _chosen(node: Term, env: _Env) -> Term:
    """The result of CASE whose condition is the first that holds."""
    pairs = zip(node.kids[:-1:2], node.kids[1::2], strict=True)
    return next((result for condition, result in pairs if value(condition, env) is True), node.kids[-1])
