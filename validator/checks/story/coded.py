"""Diagnoses and procedures of a stay in two documents: as sets, in their order, and which row is which."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from validator.checks.story.editions import CodeMap, Counterpart
from validator.checks.story.model import Row
from validator.checks.story.values import Outcome, Side
from validator.spec.story import RowRole

CATEGORY = 3  #: characters of a code of ICD-10


class CodedRow(NamedTuple):
    """A row with a code: its place in the table, the code as it was written and as it is compared."""

    place: int
    raw: str
    code: str


class CodedRows:
    """The rows of one document that count; ``read``: whether the document has such a table."""

    def __init__(self, about: RowRole, rows: Sequence[Row] | None, side: Side, counts: Callable[[str], bool]) -> None:
        """``counts``: whether a code is of those that are compared."""
        self.read, self.rows, self.main = rows is not None, list[CodedRow](), -1
        for place, row in enumerate(rows or ()):
            if any((row.get(name) or "").strip() in values for name, values in about.without.items()):
                continue
            cell = side.read(row.get(about.code))
            if cell.raw is None or cell.text is None or not counts(cell.text):
                continue
            if self.main < 0 and about.main and all((row.get(n) or "").strip() == v for n, v in about.main.items()):
                self.main = len(self.rows)
            self.rows.append(CodedRow(place, cell.raw, cell.text))
        if self.main < 0 and self.rows:
            self.main = 0


class Compared(NamedTuple):
    """One comparison: the rows of both documents, and what they say."""

    outcome: Outcome
    mine: int | None = None
    value: str | None = None
    theirs: int | None = None
    other_value: str | None = None
    note: tuple[str, str] = "", ""


class Matched:
    """The codes of both documents, those of the record in the list's edition."""

    def __init__(self, mine: CodedRows, theirs: CodedRows, codes: CodeMap) -> None:
        self.mine, self.theirs, self.codes = mine, theirs, codes
        self._there = [codes.of(row.code) for row in theirs.rows]
        self._known = {each.code for each in self._there if each}
        self._here = {row.code for row in mine.rows}

    @cached_property
    def both(self) -> bool:
        """Whether both documents have such rows."""
        return bool(self.mine.rows and self.theirs.rows)

    @property
    def nothing(self) -> Outcome:
        """The outcome where no code was found in both: perhaps because it is not known what a code stands for."""
        return "unjudged" if self.both and None in self._there else "not_applicable"

    @cached_property
    def mains_agree(self) -> bool | None:
        """Whether the first codes are the same; None where that is not known."""
        there = self._there[self.theirs.main] if self.both else None
        return None if there is None else there.code == self.mine.rows[self.mine.main].code

    @cached_property
    def pairs(self) -> list[tuple[str, int, int]]:
        """The codes that both documents have once: the code and its rows."""
        here = Counter(row.code for row in self.mine.rows)
        there = Counter(each.code for each in self._there if each)
        rows = {each.code: row.place for each, row in zip(self._there, self.theirs.rows, strict=True) if each}
        return [
            (row.raw, row.place, rows[row.code]) for row in self.mine.rows if here[row.code] == there[row.code] == 1
        ]

    def compare(self, way: str) -> Iterator[Compared]:
        """The comparisons of one way."""
        if not self.both:
            yield Compared("not_applicable")
            return
        match way:
            case "main" | "finer":
                yield self._mains(finer=way == "finer")
            case "list_alone":
                yield from self._list_alone()
            case "record_alone":
                yield from self._record_alone()
            case "order":
                yield self._order()

    def _mains(self, *, finer: bool) -> Compared:
        mine, theirs = self.mine.rows[self.mine.main], self.theirs.rows[self.theirs.main]
        there = self._there[self.theirs.main]
        if there is None:
            return Compared("unjudged")
        alike = mine.code[:CATEGORY] == there.code[:CATEGORY]
        if finer and not alike:
            return Compared("not_applicable")
        agree = self.mains_agree or (alike and not finer and mine.code[:1].isalpha())
        return self._compared("passed" if agree else "failed", mine, theirs, there)

    def _compared(
        self, outcome: Outcome, mine: CodedRow | None, theirs: CodedRow | None, there: Counterpart | None
    ) -> Compared:
        return Compared(
            outcome,
            mine and mine.place,
            mine and mine.raw,
            theirs and theirs.place,
            theirs and theirs.raw,
            _note(theirs, there) if theirs and there else ("", ""),
        )

    def _list_alone(self) -> Iterator[Compared]:
        """Codes of the list that the record lacks; a principal one that differs is another pair's business."""
        unclear = None in self._there
        for place, row in enumerate(self.mine.rows):
            if place == self.mine.main and not self.mains_agree:
                continue
            outcome: Outcome = "passed" if row.code in self._known else "unjudged" if unclear else "failed"
            yield self._compared(outcome, row, None, None)

    def _record_alone(self) -> Iterator[Compared]:
        for place, (row, there) in enumerate(zip(self.theirs.rows, self._there, strict=True)):
            if place == self.theirs.main and not self.mains_agree:
                continue
            outcome: Outcome = "unjudged" if there is None else "passed" if there.code in self._here else "failed"
            yield self._compared(outcome, None, row, there)

    def _order(self) -> Compared:
        """The other codes that both have, in the order of each."""
        mains = {self.mine.rows[self.mine.main].code}
        if there := self._there[self.theirs.main]:
            mains.add(there.code)
        common = (self._here & self._known) - mains
        one = list(dict.fromkeys(row.code for row in self.mine.rows if row.code in common))
        other = list(dict.fromkeys(each.code for each in self._there if each and each.code in common))
        if len(common) < 2:
            return Compared(self.nothing)
        if one == other:
            return Compared("passed")
        return Compared("failed", None, "、".join(one), None, "、".join(other))


def _note(row: CodedRow, there: Counterpart) -> tuple[str, str]:
    """A code of the clinical edition in the other one."""
    if there.code == row.code:
        return "", ""
    name = f" {there.name}" if there.name else ""
    return (
        f"（国临版，对应医保版 {there.code}{name}）",
        f" (clinical edition; {there.code}{name} in the insurance edition)",
    )
