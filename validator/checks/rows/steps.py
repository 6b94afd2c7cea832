"""The facts and rules of a table as they are judged for one case, and what the generated functions give them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from validator.checks.cell_typing import stripped
from validator.checks.rows.across import CodeRules
from validator.checks.rows.excess import ExcessPart, Reads
from validator.checks.steps import FactStep, RuleStep
from validator.spec import functions

#: A generated function: (values of the row, values of its case) -> the values of its expressions.
Made = Callable[[Any, Any], tuple[Any, ...]]


def nothing(_r: Any, _c: Any) -> tuple[Any, ...]:
    """No results, until the functions are made."""
    return ()


@dataclass(frozen=True)
class FactRow:
    """A fact: where its value goes and, by its shape, what it is made of."""

    step: FactStep
    slot: int
    reads: Reads
    columns: tuple[int, ...] = ()  #: slots of a call, lookup or coded fact
    where: int = -1  #: of an aggregate: the places of its condition (-1: none) and value among the function's results
    value: int = -1
    factors: tuple[int, ...] = ()  #: of a call: by what its numbers are multiplied

    def called(self, *values: Any) -> Any:
        """What a call gives for values, none of them None."""
        given = [value * by for value, by in zip(values, self.factors, strict=True)] if self.factors else values
        return functions.BY_NAME[self.step.fact.call[0]].of_values(*given)

    @cached_property
    def shape(self) -> str:
        """How an aggregate is collected."""
        return self.step.fact.shape

    @property
    def coded(self) -> str:
        """The field of whose codes the tables are asked; blank for other facts."""
        return self.step.fact.coded.get("code", "")


@dataclass
class FactRound:
    """The facts of one table that need only what earlier rounds found."""

    table: str
    values: list[FactRow] = field(default_factory=list)  #: by the function :attr:`rows`
    direct: list[FactRow] = field(default_factory=list)  #: calls and what code tables give
    of_rows: list[FactRow] = field(default_factory=list)  #: all of these and the looked-up ones
    lookups: dict[int, list[FactRow]] = field(default_factory=dict)  #: slot of the code -> facts
    parted: list[FactRow] = field(default_factory=list)  #: of each row, collected from those like it
    aggregates: list[FactRow] = field(default_factory=list)  #: of the case, collected from all of its rows
    rows: Made | None = None
    collect: Made | None = None

    @cached_property
    def of_no_rows(self) -> list[tuple[int, Any]]:
        """What the aggregates are, by slot, for a case without rows of the table."""
        return [(each.slot, _OF_NO_ROWS.get(each.shape)) for each in self.aggregates]


_OF_NO_ROWS = {"any": False, "count": 0, "sum": 0}


@dataclass(frozen=True)
class RuleRow:
    """A rule; ``number``: among those of its table; ``place``: among all checks, by which findings are in order."""

    step: RuleStep
    number: int
    place: int
    reads: Reads
    when: int  #: the places of its condition (-1: none) and expectation among the function's results
    expect: int
    keys: tuple[int, ...] = ()  #: slots that a rule across rows compares
    across: bool = False  #: whether it looks across rows
    demanded: int = -1  #: the number of the field that must be filled
    blank: frozenset[str] = frozenset()  #: texts that say nothing in it
    excess: tuple[ExcessPart, ...] = ()

    @property
    def within(self) -> str:
        """Of a rule about keys: whether these must not repeat in a case or in the batch."""
        return str(self.step.check.rule.spec.get("within", "")) if self.step.check.rule else ""

    def says_nothing(self, raw: str | None) -> bool:
        """Whether a text of the demanded field is blank, or what the field accepts as having nothing to say."""
        return stripped(raw or "") in self.blank


@dataclass
class TableRules:
    """The rules of one table; ``judge`` gives conditions first, then expectations."""

    judge: Made
    conditions: int  #: how many conditions there are
    every: list[RuleRow]
    expects: dict[int, RuleRow]  #: place among the results -> the rule
    demands: list[RuleRow]  #: conditional requirements
    unique: list[RuleRow]  #: keys that must not repeat within a case
    codes: dict[int, CodeRules]  #: slot of a code -> the rules that compare it with the case's others
    excess: Made  #: what failing rows charge too much, asked for findings alone

    def __post_init__(self) -> None:
        self._reading: dict[str, set[int]] = {}
        self._reading_case: dict[str, set[int]] = {}
        for rule in self.every:
            for name in rule.reads.own:
                self._reading.setdefault(name, set()).add(rule.number)
            for name in rule.reads.of_case:
                self._reading_case.setdefault(name, set()).add(rule.number)

    def without_trees(self) -> "TableRules":
        """The rules as they can be kept."""
        every = [replace(rule, step=replace(rule.step, when=None, expect=None, excess={})) for rule in self.every]
        expects = {place: every[rule.number] for place, rule in self.expects.items()}
        demands = [every[rule.number] for rule in self.demands]
        unique = [every[rule.number] for rule in self.unique]
        codes = {slot: some.of([every[rule.number] for rule in some.rules]) for slot, some in self.codes.items()}
        return TableRules(nothing, self.conditions, every, expects, demands, unique, codes, nothing)

    def doubtful(self, bad: Collection[str], bad_of_case: Collection[str]) -> frozenset[int]:
        """The numbers of the rules that read what failed its own check: they do not judge the row."""
        found = set[int]().union(*(self._reading.get(name, ()) for name in bad))
        return frozenset(found.union(*(self._reading_case.get(name, ()) for name in bad_of_case)))
