"""From the trees of one table to Python source: constants by ``repr`` of typed values, names as slots, nothing else.

A null is None. Numbers, dates and times are whole numbers, see :mod:`validator.checks.language.kinds`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from validator.checks.language import helpers
from validator.checks.language.tree import Term

#: Where a name's value is: in the row (``r``) or its case (``c``), and its number there.
Slot = tuple[str, int]


@dataclass(frozen=True)
class Function:
    """A function ``(r, c)`` to generate: the values of its trees in order, as a tuple.

    ``stores`` names the slots into which values are put as soon as they are known, so that later trees (not
    earlier ones) can read them. ``waits``: number of a tree -> that of an earlier one without whose truth it is None.
    """

    name: str
    trees: Sequence[Term]
    slots: Mapping[str, Slot]
    stores: Mapping[int, Slot]  #: number of a tree -> slot
    waits: Mapping[int, int] = field(default_factory=dict)


def module(functions: Iterable[Function]) -> CodeType:
    """The code of a module with these functions; :func:`load` makes them callable."""
    made = dict[str, str]()
    written = [_function(function, made) for function in functions]
    first = [f"{name} = {value}" for value, name in made.items()]
    return compile("\n".join([*first, *written, ""]), "<rules>", "exec", dont_inherit=True)


def load(code: CodeType) -> dict[str, Callable[[Any, Any], tuple[Any, ...]]]:
    """The functions of a module, by name."""
    space: dict[str, Any] = {"__builtins__": {"abs": abs, "len": len, "str": str}, **helpers.NAMES}
    exec(code, space)  # noqa: S102 - code that this module wrote
    return {name: each for name, each in space.items() if not name.startswith("_")}


def _function(function: Function, made: dict[str, str]) -> str:
    if not function.name.isidentifier() or not function.name.isascii() or function.name.startswith("_"):
        raise ValueError(f"no name of a function: {function.name!r}")
    slots = {name: _local(slot) for name, slot in function.slots.items()}
    stored = {_local(slot) for slot in function.stores.values()}
    body, read = [], dict[str, None]()
    for number, tree in enumerate(function.trees):
        writer = _Writer(slots, made)
        value = writer.value(tree)
        if number in function.waits:
            value = f"{value} if o{int(function.waits[number])} is True else None"
        read.update(dict.fromkeys(writer.read))
        names = [f"o{number}"]
        if number in function.stores:
            slot = function.stores[number]
            names += [_local(slot), f"{slot[0]}[{int(slot[1])}]"]
        body.append(f" {' = '.join(names)} = {value}")
    loads = [f" {name} = {name[0]}[{name[1:]}]" for name in read if name not in stored]
    result = "".join(f"o{number}, " for number in range(len(function.trees)))
    return "\n".join([f"def {function.name}(r, c):", *loads, *body, f" return ({result})"])


def _local(slot: Slot) -> str:
    """The local name of a slot."""
    place, number = slot
    if place not in ("r", "c"):
        raise ValueError(f"no place of a slot: {place!r}")
    return f"{place}{int(number)}"


class _Writer:
    """Writes one tree as one Python expression; what is used twice is named by the way."""

    def __init__(self, slots: Mapping[str, str], made: dict[str, str]) -> None:
        self.slots, self.made = slots, made
        self.read: list[str] = []
        self.temporaries = 0

    def value(self, node: Term) -> str:
        """Python for the node's value, which may be None."""
        if node.op.name == "name":
            return self._name(node)
        if node.op.name == "literal":
            return _constant(node.value)
        if node.op.name == "null":
            return "None"
        if not node.op.strict(node):
            return node.op.whole(node, self)
        tests, code = self._operands(node)
        return f"(None if {' or '.join(dict.fromkeys(tests))} else {code})" if tests else code

    def named(self, node: Term) -> tuple[str, str]:
        """Python for the node's value, and a name that holds it from then on."""
        if node.op.name == "name":
            name = self._name(node)
            return name, name
        name = f"t{self.temporaries}"
        self.temporaries += 1
        return f"({name} := {self.value(node)})", name

    def _operands(self, node: Term) -> tuple[list[str], str]:
        """Of a strict node: the tests for null, and its value where none of them is true."""
        tests, codes = list[str](), list[str]()
        for kid in node.kids:
            test, code = self._part(kid)
            tests += test
            codes.append(code)
        if made := node.op.made_once(node):
            codes.append(self.made.setdefault(made, f"_m{len(self.made)}"))
        return tests, node.op.source(node, *codes)

    def _part(self, node: Term) -> tuple[list[str], str]:
        """The tests for null of an operand, and its value where none of them is true."""
        if node.op.name == "name" and node.kind.nullable:
            return [f"{self._name(node)} is None"], self._name(node)
        if node.kids and node.op.strict(node):
            tests, code = self._operands(node)
            if not node.op.partial(node):
                return tests, code
            name = f"t{self.temporaries}"
            self.temporaries += 1
            return [*tests, f"({name} := {code}) is None"], name
        if not node.kind.nullable:
            return [], self.value(node)
        value, name = self.named(node)
        return [f"{value} is None"], name

    def _name(self, node: Term) -> str:
        local = self.slots[node.value]
        self.read.append(local)
        return local


def _constant(value: str | int | bool) -> str:
    """A constant as Python writes it; a negative number in brackets."""
    text = repr(value)
    return f"({text})" if text.startswith("-") else text
