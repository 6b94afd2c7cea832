"""What a tree says without being run: the names it reads, its guards, and what follows where it is true."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from validator.checks.language import source
from validator.checks.language.tree import Term


def reads(node: Term) -> tuple[str, ...]:
    """The names that a tree reads, each once, in order of first use."""
    return tuple(dict.fromkeys(each.value for each in node.walk() if each.op.name == "name"))


def parameters(node: Term) -> tuple[str, ...]:
    """The figures of the profile that a tree (not yet typed) names."""
    return tuple(dict.fromkeys(each.value for each in node.walk() if each.op.name == "parameter"))


@dataclass(frozen=True)
class Guard:
    """A part of a condition that reads one name only, and without which the condition is false."""

    name: str
    tree: Term = field(repr=False)

    @cached_property
    def _holds(self) -> Any:
        code = source.module([source.Function("guard", [self.tree], {self.name: ("r", 0)}, {})])
        return source.load(code)["guard"]

    def rules_out(self, value: Any) -> bool:
        """Whether the condition is false (not: unknown) for every row with this value, as the row road has it."""
        return self._holds((value,), ())[0] is False


def guards(node: Term) -> tuple[Guard, ...]:
    """The parts joined by AND that read one name."""
    return tuple(Guard(names[0], part) for part in conjuncts(node) if len(names := reads(part)) == 1)


def conjuncts(node: Term) -> Iterator[Term]:
    """The parts that AND joins; the tree itself if there is none."""
    if node.op.name == "and":
        for kid in node.kids:
            yield from conjuncts(kid)
    else:
        yield node


@dataclass(frozen=True)
class Implied:
    """What a name is where a condition is true. Numbers and dates in the units of the row road."""

    filled: bool | None = None  #: not null, null, or unknown
    values: frozenset[Any] | None = None  #: one of these
    low: Any = None  #: not below
    high: Any = None  #: not above
    begins: frozenset[str] | None = None  #: begins with one of these

    def both(self, other: "Implied") -> "Implied":
        """What follows from two conditions together."""
        return Implied(
            other.filled if self.filled is None else self.filled,
            _shared(self.values, other.values),
            max((each for each in (self.low, other.low) if each is not None), default=None),
            min((each for each in (self.high, other.high) if each is not None), default=None),
            other.begins if self.begins is None else self.begins,
        )


def implied(node: Term) -> dict[str, Implied]:
    """What follows for each name where the condition is true."""
    found: dict[str, Implied] = {}
    for part in conjuncts(node):
        for name, each in _of_part(part):
            found[name] = found[name].both(each) if name in found else each
    return found


def _of_part(part: Term) -> Iterator[tuple[str, Implied]]:
    if part.op.name == "is null" and part.kids[0].op.name == "name":
        yield part.kids[0].value, Implied(filled=False)
        return
    if part.op.name == "not" and part.kids[0].op.name == "is null":
        yield from ((name, Implied(filled=True)) for name in _strictly(part.kids[0].kids[0]))
        return
    yield from ((name, Implied(filled=True)) for name in _strictly(part))
    if part.op.name == "name":
        yield part.value, Implied(values=frozenset({True}))
    elif part.op.name == "not" and part.kids[0].op.name == "name":
        yield part.kids[0].value, Implied(values=frozenset({False}))
    elif part.kids and all(kid.literal for kid in part.kids[1:]):
        yield from _of_constants(part)


def _of_constants(part: Term) -> Iterator[tuple[str, Implied]]:
    """What a comparison with constants says of its operand."""
    operand, constants = part.kids[0], [kid.value for kid in part.kids[1:]]
    if operand.op.name == "LEFT" and operand.kids[0].op.name == "name" and part.op.name in ("=", "in"):
        yield operand.kids[0].value, Implied(begins=frozenset(constants))
    if operand.op.name != "name":
        return
    values = {
        "=": Implied(values=frozenset(constants)), "in": Implied(values=frozenset(constants)),
        ">": Implied(low=constants[:1]), ">=": Implied(low=constants[:1]), "<": Implied(high=constants[:1]),
        "<=": Implied(high=constants[:1]), "Between": Implied(low=constants[:1], high=constants[1:]),
        "STARTS_WITH": Implied(begins=frozenset(map(str, constants))),
    }.get(part.op.name)  # fmt: skip
    if values:
        one = {name: limit[0] for name in ("low", "high") if (limit := getattr(values, name)) is not None}
        yield operand.value, replace(values, **one)


def _strictly(node: Term) -> Iterator[str]:
    """The names of which no null lets the node have a value."""
    if node.op.name == "name":
        yield node.value
    elif node.kids and node.op.strict(node):
        for kid in node.kids:
            yield from _strictly(kid)


def _shared(one: frozenset[Any] | None, other: frozenset[Any] | None) -> frozenset[Any] | None:
    return other if one is None else one if other is None else one & other
