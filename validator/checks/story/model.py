"""A stay in two documents, and what comparing it finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from validator.checks.story.values import Outcome
from validator.checks.tally import Tally
from validator.spec.story import Pair

Row = Mapping[str, str | None]


@dataclass(frozen=True)
class Stay:
    """A stay as one document writes it: its rows by table, one in the case's own; a table that was not read is absent."""

    case: str
    tables: Mapping[str, Sequence[Row]]

    @property
    def own(self) -> Row:
        """The case's own row."""
        return self.tables[self.case][0]


class CellPlace(NamedTuple):
    """A cell of one document; ``row`` counts in its table from 0, None: no row is meant."""

    table: str
    row: int | None
    field: str


class Disagreement(NamedTuple):
    """A pair that does not agree: what each document says, and where."""

    pair: Pair
    mine: CellPlace
    value: str | None
    theirs: CellPlace
    other_value: str | None
    about: str = ""  #: the code or the category that it is about
    note: tuple[str, str] = "", ""  #: what else to say, in Chinese and English


@dataclass
class Went:
    """How the pairs went over some stays."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    found: list[Disagreement] = field(default_factory=list)

    def count(self, pair: Pair, outcome: Outcome) -> None:
        """Count one comparison."""
        tally = self.tallies.setdefault(pair.id, Tally())
        tally.rows += 1
        if outcome != "unjudged":
            setattr(tally, outcome, getattr(tally, outcome) + 1)
