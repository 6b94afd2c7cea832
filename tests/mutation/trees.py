"""One step away from a tree of the rule language: each way in which a page's author can be wrong by one sign."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from validator.checks.language import patterns
from validator.checks.language.kinds import DAY_US, Kind
from validator.checks.language.meanings import BY_NAME, LITERAL
from validator.checks.language.tree import Term

#: Comparison -> those that take its place: the boundary moved, and the opposite.
_FLIPPED = {"<": "<= >=", "<=": "< >", ">": ">= <=", ">=": "> <", "=": "<>", "<>": "="}
_SWAPPED = {"and": "or", "or": "and", "Add": "Sub", "Sub": "Add", "LEAST": "GREATEST", "GREATEST": "LEAST"}
#: What is true or false by itself and is negated as a whole.
_WORDED = {"in", "in any", "Between", "like", "~", "is null", "STARTS_WITH", "ENDS_WITH"}
#: One step of a constant in its units.
_STEPS = {"number": 1, "day": 1, "time": 1_000_000, "moment": 1_000_000}


@dataclass(frozen=True)
class Change:
    """A tree that differs by one step, and the step in words: line and column, what was there, what is there now."""

    words: str
    tree: Term


def changes(tree: Term) -> Iterator[Change]:
    """Every tree, not yet typed, that is one step away from one not yet typed."""
    for words, changed in _of(tree, condition=True):
        yield Change(words, changed)


def _of(node: Term, *, condition: bool = False) -> Iterator[tuple[str, Term]]:
    """The changes of a node and of all below it; ``condition``: the node is a truth value that AND, OR or NOT joins."""
    for what, changed in _here(node, condition=condition):
        yield f"{node.place[0]}:{node.place[1]} {what}", changed
    for number, kid in enumerate(node.kids):
        for words, changed in _of(kid, condition=node.op.name in ("and", "or")):
            kids = (*node.kids[:number], changed, *node.kids[number + 1 :])
            yield words, replace(node, kids=kids)


def _here(node: Term, *, condition: bool) -> Iterator[tuple[str, Term]]:
    name, kids = node.op.name, node.kids
    for other in _FLIPPED.get(name, "").split() or ([_SWAPPED[name]] if name in _SWAPPED else []):
        yield f"{name} → {other}", replace(node, op=BY_NAME[other])
    if name in ("and", "or", "COALESCE", "LEAST", "GREATEST"):
        for number, kid in enumerate(kids):
            rest = (*kids[:number], *kids[number + 1 :])
            yield f"{name} without {short(kid)}", replace(node, kids=rest) if len(rest) > 1 else rest[0]
    if name == "not":
        yield f"without NOT {short(kids[0])}", kids[0]
    elif name in _WORDED or (condition and name == "name"):
        yield f"NOT {short(node)}", Term(BY_NAME["not"], (node,), place=node.place)
    if name == "in":
        for number in range(1, len(kids)) if len(kids) > 2 else ():
            yield f"without {short(kids[number])}", replace(node, kids=(*kids[:number], *kids[number + 1 :]))
    if name == "case":
        for number in range(0, len(kids) - 1, 2):
            left = (*kids[:number], *kids[number + 2 :])
            yield f"without WHEN {short(kids[number])}", replace(node, kids=left) if len(left) > 1 else left[0]
    yield from _of_constant(node)


def _of_constant(node: Term) -> Iterator[tuple[str, Term]]:
    """A boundary moved by one step, another code, the other truth value, a pattern without an end."""
    if node.op.name == "parameter":
        for sign in ("Add", "Sub"):
            one = Term(LITERAL, (), 1, node.place, Kind("number", 0, 1, nullable=False))
            yield f"${node.value} {'+' if sign == 'Add' else '-'} 1", Term(BY_NAME[sign], (node, one), place=node.place)
    if node.op.name == "~":
        for number, text in enumerate(_patterns(node.value[0])):
            yield f"pattern {number + 1}: {text}", replace(node, value=(text, patterns.python(text)))
    if not node.literal:
        return
    value, kind = node.value, node.kind
    if kind.name == "truth":
        yield f"{value} → {not value}", replace(node, value=not value)
    elif kind.name == "text":
        yield f"{value!r} → {_other(value)!r}", replace(node, value=_other(value))
    elif one := _STEPS.get(kind.name) or (kind.name == "span" and _unit(value)):
        for step in (-one, one):
            yield f"{_shown(node)} {'+' if step > 0 else '-'} 1", _moved(node, value + step)


def _moved(node: Term, value: int) -> Term:
    kind = replace(node.kind, most=abs(value)) if node.kind.name == "number" else node.kind
    return replace(node, value=value, kind=kind)


def _unit(span: int) -> int:
    """The largest of day, hour and minute of which an interval is made."""
    return next(unit for unit in (DAY_US, DAY_US // 24, DAY_US // 1440) if span % unit == 0)


def _other(text: str) -> str:
    """Another code: the last letter or digit is the next one."""
    for place in range(len(text) - 1, -1, -1):
        sign = text[place]
        if sign.isalnum():
            after = {"9": "0", "z": "a", "Z": "A"}.get(sign) or chr(ord(sign) + 1)
            return text[:place] + after + text[place + 1 :]
    return f"{text}x"


def _patterns(text: str) -> Iterator[str]:
    """A pattern without its beginning, without its end, and without each of its alternatives."""
    found = [text.replace(r"\A", "", 1), text.removesuffix(r"\z")]
    depth, starts = 0, [(0, 0)]
    for place, sign in enumerate(text):
        if text[place - 1 : place] == "\\" and place:
            continue
        depth += (sign == "(") - (sign == ")")
        if sign == "(":
            starts.append((depth, place + 1))
        if sign == "|" and starts[-1][0] == depth:
            found.append(text[: starts[-1][1]] + text[place + 1 :])
            starts[-1] = depth, place + 1
    return (each for each in dict.fromkeys(found) if each != text and _reads(each))


def _reads(text: str) -> bool:
    try:
        patterns.python(text)
    except patterns.PatternError:
        return False
    return True


def short(node: Term) -> str:
    """A node in a few words."""
    name, kids = node.op.name, [short(kid) for kid in node.kids]
    match name:
        case "literal" | "parameter" | "name":
            return _shown(node)
        case "null":
            return "NULL"
        case "not":
            return f"NOT {kids[0]}"
        case "is null":
            return f"{kids[0]} IS NULL"
        case "and" | "or":
            return f"({f' {name.upper()} '.join(kids)})"
        case "~":
            return f"{kids[0]} ~ {node.value[0]!r}"
        case "in" | "in any":
            return f"{kids[0]} IN ({', '.join(kids[1:])})"
    if name in _FLIPPED:
        return f"{kids[0]} {name} {kids[1]}"
    return f"{name}({', '.join(kids)})"


def _shown(node: Term) -> str:
    if node.op.name == "parameter":
        return f"${node.value}"
    if node.op.name == "name":
        return str(node.value)
    value: Any = node.value
    if node.kind.name == "number" and node.kind.scale:
        return f"{value / 10**node.kind.scale:.{node.kind.scale}f}"
    return repr(value)
