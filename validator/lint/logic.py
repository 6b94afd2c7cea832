"""What follows from a condition: whether a part of another must hold too, and whether the condition can hold at all."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from validator.checks.language.kinds import TRUTH
from validator.checks.language.meanings import BY_NAME
from validator.checks.language.reads import Guard, Implied, conjuncts, implied, reads
from validator.checks.language.tree import Term

_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_JOINS = {"and": "or", "or": "and"}


def negated(node: Term) -> Term:
    """The tree that is true where ``node`` is false (not: unknown)."""
    name = node.op.name
    if name == "not":
        return node.kids[0]
    if name in _JOINS:
        return replace(node, op=BY_NAME[_JOINS[name]], kids=tuple(map(negated, node.kids)))
    if name in _OPPOSITE:
        return replace(node, op=BY_NAME[_OPPOSITE[name]])
    return Term(BY_NAME["not"], (node,), place=node.place, kind=TRUTH, cost=node.cost + 1)


def key(node: Term) -> tuple[Any, ...]:
    """The same for trees that differ only in their places, the order of AND and OR, and NOT of a comparison."""
    if node.op.name == "not" and node.kids[0].op.name in (*_OPPOSITE, *_JOINS, "not"):
        return key(negated(node.kids[0]))
    kids = [key(kid) for kid in node.kids]
    return node.op.name, repr(node.value), *(sorted(kids) if node.op.name in _JOINS else kids)


class Facts:
    """What is known of a row where some conditions hold."""

    def __init__(self, parts: Iterable[Term]) -> None:
        self.parts = [part for each in parts for part in conjuncts(each)]
        self.keys = frozenset(map(key, self.parts))
        self.known: dict[str, list[Implied]] = {}
        for part in self.parts:
            for name, each in implied(part).items():
                self.known.setdefault(name, []).append(each)

    def possible(self) -> bool:
        """Whether a row can be like this, as far as single names tell."""
        opposite = any(key(negated(part)) in self.keys for part in self.parts)
        return not opposite and not any(_impossible(each) for each in self.known.values())

    def entails(self, wanted: Sequence[Term]) -> bool:
        """Whether all of ``wanted`` must hold for such a row."""
        return all(self._entails(part) for part in wanted)

    def _entails(self, part: Term) -> bool:
        if part.op.name == "and":
            return all(self._entails(kid) for kid in part.kids)
        if key(part) in self.keys or (part.op.name == "or" and any(self._entails(kid) for kid in part.kids)):
            return True
        names = reads(part)
        return len(names) == 1 and self._of_one(names[0], part)

    def _of_one(self, name: str, part: Term) -> bool:
        """Whether a part that reads one name must hold by what is known of the name."""
        known = self.known.get(name, [])
        if part.op.name == "not" and part.kids[0].op.name == "is null" and part.kids[0].kids[0].op.name == "name":
            return any(each.filled for each in known)
        opposite = Guard(name, negated(part))
        values = _values(known)
        if values is not None:
            return all(opposite.rules_out(value) for value in values)
        begins = [each.begins for each in known if each.begins]
        return any(all(_decided(part, text) and opposite.rules_out(text) for text in some) for some in begins)


def _values(known: list[Implied]) -> frozenset[Any] | None:
    """The values that a name can have; None if they cannot be counted."""
    some = [each.values for each in known if each.values is not None]
    return frozenset.intersection(*some) if some else None


def _decided(part: Term, text: str) -> bool:
    """Whether a part depends on no more of a text than its beginning ``text``."""
    return all(len(text) >= length for length in _lengths(part))


def _lengths(part: Term) -> Iterator[float]:
    """How many leading characters of a text each of a part's constructs looks at."""
    if part.op.name == "LEFT":
        yield part.kids[1].value if part.kids[1].literal else float("inf")
    elif part.op.name == "STARTS_WITH":
        yield from (len(kid.value) if kid.literal else float("inf") for kid in part.kids[1:])
    elif part.op.name == "name":
        yield float("inf")
    else:
        for kid in part.kids:
            yield from _lengths(kid)


def _impossible(known: list[Implied]) -> bool:
    """Whether no value is all this."""
    filled = {each.filled for each in known if each.filled is not None}
    filled |= {True for each in known if each.values is not None or each.begins is not None}
    values = _values(known)
    low = max((each.low for each in known if each.low is not None), default=None)
    high = min((each.high for each in known if each.high is not None), default=None)
    begins = [each.begins for each in known if each.begins is not None]
    outside = low is not None and high is not None and low > high
    apart = any(not _may_share(one, other) for one in begins for other in begins)
    unmatched = values is not None and begins and not any(_starts(value, begins) for value in values)
    return len(filled) > 1 or values == frozenset() or outside or apart or bool(unmatched)


def _may_share(one: frozenset[str], other: frozenset[str]) -> bool:
    return any(a.startswith(b) or b.startswith(a) for a in one for b in other)


def _starts(value: Any, begins: list[frozenset[str]]) -> bool:
    return all(any(str(value).startswith(text) for text in some) for some in begins)
