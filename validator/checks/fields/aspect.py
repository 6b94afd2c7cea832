"""What every aspect of field checks says of itself, and what its parts are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from validator.base.certainty import Sure
from validator.base.language import Lang
from validator.base.lazy import pl
from validator.checks.damage import Repair
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow
from validator.spec.rule_pages import Level

if TYPE_CHECKING:
    import pandera.polars as pa
    from pandera.api.polars.types import PolarsData

#: A wrong text from the one that was there (None = blank) and a number that varies the choice.
Spoil = Callable[[str | None, int], str | None]


class FieldCell(NamedTuple):
    """One value of a field: as it was written, cleaned, typed (:mod:`validator.checks.cell_typing`); the day of its list."""

    raw: str | None
    text: str | None
    value: Any
    day: date | None = None


class Filled(NamedTuple):
    """How many rows there are, and how many of them hold a raw text, a cleaned text, a typed value."""

    rows: int
    raw: int
    text: int
    value: int


class Aspect:
    """One thing that is checked of a field. Its words stand under its name in ``schemas/field_checks.yaml``."""

    name: ClassVar[str]
    #: Whether a usual text (:mod:`validator.checks.usual`) cannot fail.
    passes_usual: ClassVar[bool] = False
    #: Whether rules must not judge by a value that fails (as an error).
    spoils: ClassVar[bool] = False
    #: Whether it looks at the typed value: then it does not judge a text that cannot be read.
    of_value: ClassVar[bool] = False

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        """Whether the field has this check."""
        raise NotImplementedError

    def level(self, catalogue: Catalogue, row: FieldRow) -> Level:
        """How grave a failure is: what is unconfirmed never rejects a case."""
        return "warning" if row.sure == "unconfirmed" else "error"

    def basis(self, catalogue: Catalogue, row: FieldRow) -> tuple[str, Sure]:
        """The document that the check rests on, and how sure it is."""
        return row.basis, row.sure

    def words(self, catalogue: Catalogue, row: FieldRow, lang: Lang) -> dict[str, str]:
        """What the check's texts show of the field besides its name."""
        return {}

    def fails(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> bool:
        """Whether one value fails."""
        raise NotImplementedError

    def tally(self, filled: Filled, failed: int) -> tuple[int, int]:
        """How many rows passed, and to how many the check does not apply; the others are not judged."""
        return (filled.value if self.of_value else filled.text) - failed, filled.rows - filled.text

    @property
    def repairs(self) -> bool:
        """Whether :meth:`repair` may know something."""
        return type(self).repair is not Aspect.repair

    def repair(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> Repair | None:
        """What to write in place of a failing value and why; None where only a person knows."""
        return None

    def defect(self, catalogue: Catalogue, row: FieldRow) -> tuple[str, Spoil] | None:
        """What to say of a value broken so that the check must fire, and how to break it; None where only tables know."""
        return None

    def contract(self, catalogue: Catalogue, row: FieldRow) -> list[pa.Check]:
        """The check in pandera's words; empty where typing or ``nullable`` says it."""
        return []


def every(base: type[Aspect] = Aspect) -> dict[str, Aspect]:
    """Every aspect whose module was imported, by its name."""
    found: dict[str, Aspect] = {}
    for each in base.__subclasses__():
        found |= ({each.name: each()} if hasattr(each, "name") else {}) | every(each)
    return found


def cell_fails_in_force(aspect: Aspect, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> bool:
    """Whether one value fails; a field that is not in force on the list's day fails nothing."""
    return is_in_force(cell.day, row.since, row.until) and aspect.fails(catalogue, row, cell)


def is_in_force(day: date | None, since: date | None, until: date | None) -> bool:
    """Whether the day lies within; a list without a day is taken to be within."""
    return day is None or ((since is None or day >= since) and (until is None or day <= until))


def one_of(wrong: list[str]) -> Spoil:
    """Any of the texts, whatever was there."""
    return lambda _, n: wrong[n % len(wrong)]


def condition(holds: Callable[[pl.Expr], pl.Expr], name: str) -> pa.Check:
    """A pandera check of each value by a Polars condition."""
    import pandera.polars as pa

    def check(data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(holds(pl.col(data.key)))

    return pa.Check(check, name=name)
