"""The names that a text may use, and the typing of its tree by them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from validator.checks.language.faults import UnknownNameError
from validator.checks.language.kinds import NUMBER_DIGITS, Kind, exact
from validator.checks.language.meanings.leaves import literal
from validator.checks.language.source import Function, load, module
from validator.checks.language.tree import Term


@dataclass(frozen=True)
class Scope:
    """Name -> its kind, and the figures of the profile. A field of the case, ``table.x``, is looked up as it is written.

    ``own``: what may stand before a name without changing it: ``table.`` for a text about rows of that table.
    """

    names: Mapping[str, Kind]
    parameters: Mapping[str, int | float | Decimal] = field(default_factory=dict)
    own: str = ""


def typed(node: Term, scope: Scope) -> Term:
    """The tree with kinds; a :class:`LanguageError` names the place of what does not fit."""
    match node.op.name:
        case "name":
            name = node.value.removeprefix(scope.own)
            if name not in scope.names:
                raise UnknownNameError(node.place, node.value)
            return replace(node, value=name, kind=scope.names[name])
        case "parameter":
            return _figure(node, scope)
    found = node.op.typed(replace(node, kids=tuple(typed(kid, scope) for kid in node.kids)))
    if found.op.strict(found) and any(kid.op.name == "null" for kid in found.kids):
        return literal(found, None, found.kind)
    constant = found.kids and all(kid.op.name in ("literal", "null") for kid in found.kids)
    return _calculated(found) if constant else found


def _calculated(node: Term) -> Term:
    """What is made of constants only, as a constant: Polars has rules of its own for such."""
    function = load(module([Function("constant", [node], {}, {})]))["constant"]
    (value,) = function((), ())
    return literal(node, value, node.kind)


def _figure(node: Term, scope: Scope) -> Term:
    if node.value not in scope.parameters:
        known = sorted(scope.parameters)
        zh = f"方案里没有参数 {node.value}，现有：{'、'.join(known)}"
        en = f"the profile has no parameter {node.value}; it has: {', '.join(known)}"
        raise node.fault(zh, en)
    value, scale = exact(scope.parameters[node.value])
    if len(str(abs(value))) > NUMBER_DIGITS or scale > NUMBER_DIGITS:
        zh = f"参数 {node.value} 超过 {NUMBER_DIGITS} 位数字"
        raise node.fault(zh, f"parameter {node.value} has more than {NUMBER_DIGITS} digits")
    return literal(node, value, Kind("number", scale, abs(value)))
