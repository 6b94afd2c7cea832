"""What a failing row charges too much, as :mod:`validator.checks.excess` says of a batch."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from validator.checks.excess import DIGITS
from validator.checks.language import Expression
from validator.checks.steps import RuleStep


@dataclass(frozen=True)
class Reads:
    """The names that a step reads, in the row and in its case."""

    own: frozenset[str]
    of_case: frozenset[str]

    def spoilt(self, bad: Collection[str], bad_of_case: Collection[str]) -> bool:
        """Whether one of them failed its own check."""
        return not (self.own.isdisjoint(bad) and self.of_case.isdisjoint(bad_of_case))


class Excess(NamedTuple):
    """What one finding says was charged too much, and who ordered it."""

    quantity: str | None  #: with four decimals
    fen: int | None
    department: str | None
    physician: str | None


#: Of a finding that is not about that.
NO_EXCESS = Excess(None, None, None, None)


@dataclass(frozen=True)
class ExcessPart:
    """The quantity or amount that a failing row charges too much."""

    name: str
    place: int  #: among the results of the table's function
    factor: int  #: what brings it to the digits in which it is given
    reads: Reads


def excess_parts(
    step: RuleStep, charged: list[Expression], reads: Callable[[Iterable[str]], Reads]
) -> tuple[ExcessPart, ...]:
    """Return what a rule says of the excess; its expressions are added to those of the table (``charged``)."""
    parts = []
    for name, expression in step.excess.items():
        factor = 10 ** (DIGITS[name] - expression.kind.scale)
        parts.append(ExcessPart(name, len(charged), factor, reads(expression.reads)))
        charged.append(expression)
    return tuple(parts)


def excess(
    parts: Iterable[ExcessPart], values: Sequence[Any], bad: Collection[str], of_case: Collection[str]
) -> dict[str, int]:
    """Return ``quantity`` (of 0.0001) and ``amount`` (in fen), without what cannot be known.

    ``values``: the results of the table's function. ``bad`` and ``of_case``: what failed its own check in the row and its case.
    """
    known = (each for each in parts if values[each.place] is not None and not each.reads.spoilt(bad, of_case))
    return {each.name: values[each.place] * each.factor for each in known}
