"""The tree of a text, and what a construct of the language is."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from validator.checks.language.faults import LanguageError, Place
from validator.checks.language.kinds import LARGEST, NOTHING, TRUTH, Kind

if TYPE_CHECKING:
    import polars as pl

#: A condition that is repeated in itself may not grow beyond so many evaluations.
DEAREST = 20_000


#: Text, values of its names, result.
Examples = tuple[tuple[str, dict[str, Any], Any], ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One construct at its place; ``kind`` and ``cost`` are known after typing."""

    op: "Construct"
    kids: "tuple[Term, ...]" = ()
    value: Any = None  #: what is no operand: a literal, a name, a pattern
    place: Place = (1, 1)
    kind: Kind = NOTHING
    cost: int = field(default=1, compare=False)

    def walk(self) -> "Iterator[Term]":
        """The node and all below it, as written."""
        yield self
        for kid in self.kids:
            yield from kid.walk()

    @property
    def literal(self) -> bool:
        """Whether the node is a constant."""
        return self.op.name == "literal"

    def fault(self, zh: str, en: str) -> LanguageError:
        """What is wrong here."""
        return LanguageError(self.place, zh, en)

    def must_be(self, *names: str) -> None:
        """Fail unless the kind is one of these."""
        if self.kind.name not in names:
            zh = "、".join(Kind(name).words(0) for name in names)
            en = " or ".join(Kind(name).words(1) for name in names)
            raise self.fault(
                f"这里应是{zh}，却是{self.kind.words(0)}", f"{en} is wanted here, not {self.kind.words(1)}"
            )

    def must_be_literal(self, name: str) -> None:
        """Fail unless it is a constant of the kind."""
        if not self.literal or self.kind.name != name:
            zh, en = Kind(name).words(0), Kind(name).words(1)
            raise self.fault(f"这里应直接写出一个{zh}", f"a {en} must be written out here")


class Road(Protocol):
    """What a construct that says its own null uses to write Python."""

    def value(self, node: Term) -> str:
        """Python for the node's value, which may be None."""

    def named(self, node: Term) -> tuple[str, str]:
        """Python for the node's value, and a name that holds it from then on."""


class Construct:
    """One construct of the language: its types, what it means in Polars and in Python, and examples of both.

    Most are strict: null if an operand is null. They say only what values mean; the test for null is the writer's.
    """

    name: ClassVar[str]
    sql: ClassVar[str] = ""  #: the class of sqlglot's node, or the function's name
    args: ClassVar[tuple[str, ...]] = ()  #: the node's arguments that are operands, in order
    copies: ClassVar[int] = 1  #: how often an operand's meaning can stand in the whole
    examples: ClassVar[Examples] = ()

    def typed(self, node: Term) -> Term:
        """The node with its kind, operands brought to one kind where that is needed."""
        raise NotImplementedError

    def strict(self, _: Term) -> bool:
        """Whether the node is null where an operand is."""
        return True

    def partial(self, _: Term) -> bool:
        """Whether a strict node is null also for some operands that are not."""
        return False

    def columns(self, node: Term, *kids: "pl.Expr") -> "pl.Expr":
        """What it means in Polars."""
        raise NotImplementedError

    def source(self, node: Term, *kids: str) -> str:
        """What it means in Python, of operands that are not None."""
        raise NotImplementedError

    def made_once(self, _: Term) -> str:
        """Python for what the node needs and a module makes once; its name is then the last of the operands."""
        return ""

    def whole(self, node: Term, road: Road) -> str:
        """What it means in Python where it is not strict: operands may be None."""
        raise NotImplementedError


def of(node: Term, kind: Kind, kids: tuple[Term, ...] | None = None) -> Term:
    """The node with a kind; null as its operands are if it is strict, as the kind says otherwise."""
    kids = node.kids if kids is None else kids
    node = replace(node, kids=kids, kind=kind)
    if node.op.strict(node):
        nullable = node.op.partial(node) or any(kid.kind.nullable for kid in kids)
        node = replace(node, kind=replace(kind, nullable=nullable))
    cost = 1 + node.op.copies * sum(kid.cost for kid in kids)
    if cost > DEAREST:
        raise node.fault("表达式太复杂，请拆成几个事实", "the expression is too complicated; make facts of its parts")
    if kind.name == "number" and kind.most > LARGEST:
        raise node.fault("结果可能超出 18 位数字，请改小", "the result may have more than 18 digits")
    return replace(node, cost=cost)


def null(node: Term, kind: Kind) -> Term | None:
    """NULL of a kind, if the only operand is NULL."""
    return replace(node.kids[0], kind=kind) if node.kids[0].kind == NOTHING else None


def truth(node: Term, kids: tuple[Term, ...] | None = None) -> Term:
    """The node as a truth value."""
    return of(node, TRUTH, kids)
