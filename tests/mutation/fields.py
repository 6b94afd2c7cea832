"""The mutants of field rows: a limit moved by one step, a value more or less, another condition, run against cells at the limits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from tests.checks.fields import required_examples
from tests.checks.fields.test_cells import POOL, boundaries
from tests.mutation import equal, pages
from tests.mutation.trees import changes
from validator.checks import examples, fields
from validator.checks.cell_typing import CellTyping
from validator.checks.fields.aspect import FieldCell, cell_fails_in_force
from validator.checks.language import LanguageError, trees
from validator.checks.language.tree import Term
from validator.checks.rows.case import judge
from validator.codes.value_sets import Domain
from validator.spec.layouts import FieldRow

#: What a cell gives: its value, and the checks that it fails.
Judged = tuple[Any, tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class FieldMutant:
    """A field row, or its value set, one step away."""

    interface: str
    row: FieldRow
    words: str
    changed: FieldRow
    values: Domain | None = None  #: what takes the place of its value set

    @property
    def page(self) -> str:
        """Where the row is."""
        return f"{self.interface}/{self.row.table}.{self.row.field}"

    equivalent = False

    @cached_property
    def killed(self) -> bool | None:
        """Whether some cell is judged otherwise."""
        known = pages.CATALOGUE
        if self.values:
            known = replace(known, domains={**known.domains, self.row.domain: self.values})
        return _judged(known, self.changed, _texts(self.interface, self.row)) != _own(self.interface, self.row)


@dataclass(frozen=True, eq=False)
class ConditionMutant:
    """A field row that is required under a condition one step away."""

    interface: str
    row: FieldRow
    words: str
    tree: Term

    @property
    def page(self) -> str:
        """Where the row is."""
        return f"{self.interface}/{self.row.table}.{self.row.field}"

    def _typed(self, tree: Term) -> Term:
        return pages.compiled(pages.plan(self.interface), self.row.table, tree)

    @cached_property
    def killed(self) -> bool | None:
        """Whether the field is demanded of other rows: of its examples, the golden message, the pages' cases; None without meaning."""
        own = pages.plan(self.interface)
        try:
            trees_ = [self._typed(trees.tree(self.row.required_when)), self._typed(self.tree)]
        except LanguageError:
            return None
        if any(each.holds(trees_[1]) is not each.wanted for each in required_examples.every().get(self.page, ())):
            return True
        both = pages.function(own, self.row.table, trees_)
        found = (both(row.values, case) for row, case in _rows(self.interface, self.row.table))
        return any((was is True) != (now is True) for was, now in found)

    @cached_property
    def equivalent(self) -> bool:
        """Whether the condition is proven to hold for the same rows."""
        own, table = pages.plan(self.interface), self.row.table
        one, other = (
            pages.inlined(own, table, self._typed(each)) for each in (trees.tree(self.row.required_when), self.tree)
        )
        try:
            return equal.fails_alike((one, None), (other, None), pages.cells(own, table))
        except equal.TooManyError:
            return False


@cache
def _rows(interface: str, table: str) -> list[tuple[Any, Any]]:
    """The rows of a table in the golden message and in every case of a page, with the values of their case."""
    own = pages.plan(interface)
    lists = [judge(own, each) for each in pages.raw(examples.interface_message(interface), interface)]
    lists += [
        each
        for page in pages.pages()
        for run in pages.runs(page.id)
        if run.plan.plan.interface == interface
        for each in run.lists
    ]
    return [(row, case.own.values) for case in lists for row in case.rows.get(table, ())]


@cache
def _own(interface: str, row: FieldRow) -> list[Judged]:
    return _judged(pages.CATALOGUE, row, _texts(interface, row))


def _judged(known: Any, row: FieldRow, texts: list[str | None]) -> list[Judged]:
    own = [each for each in fields.ASPECTS.values() if not isinstance(each, fields.TableAspect)]
    aspects = [each for each in own if each.applies(known, row) and not (each.name == "required" and row.required_when)]
    pattern = known.patterns.get(row.pattern)
    typing = CellTyping(row, pattern.fold if pattern else "")
    found = []
    for text in texts:
        cell = FieldCell(text, *typing.cell(text), None)
        failing = tuple(each.name for each in aspects if cell_fails_in_force(each, known, row, cell))
        found.append((cell.value, failing))
    return found


@cache
def _texts(interface: str, row: FieldRow) -> list[str | None]:
    """Cells at the limits of a row, and those of its golden message."""
    node: Mapping[str, Any] | list[Mapping[str, Any]] = (
        examples.interface_message(interface)["input"].get(row.table) or []
    )
    golden = [each.get(row.field) for each in (node if isinstance(node, list) else [node])]
    return [*dict.fromkeys([*boundaries(row), *POOL, *golden])]


def mutants(interface: str, row: FieldRow) -> Iterator[FieldMutant | ConditionMutant]:
    """Every mutant of a row."""
    for words, values in _steps(row):
        yield FieldMutant(interface, row, words, replace(row, **values))
    if row.domain:
        for words, domain in _value_sets(pages.CATALOGUE.domains[row.domain]):
            yield FieldMutant(interface, row, words, row, domain)
    if row.required_when:
        for change in changes(trees.tree(row.required_when)):
            yield ConditionMutant(interface, row, f"required_when {change.words}", change.tree)


def _steps(row: FieldRow) -> Iterator[tuple[str, dict[str, Any]]]:
    """What may change of a row itself: in words, and the columns."""
    if row.length and fields.ASPECTS["length"].applies(pages.CATALOGUE, row):
        lengths = (row.length - 1, row.length + 1)
        yield from ((f"length → {length}", {"length": length}) for length in lengths if length > row.scale)
    step = 10.0**-row.scale if row.type == "number" else 1
    for name in ("min", "max"):
        if (limit := getattr(row, name)) is not None:
            yield from ((f"{name} → {to:g}", {name: to}) for to in (limit - step, limit + step))
    yield from ((f"without {name}", {name: ""}) for name in ("domain", "pattern") if getattr(row, name))
    if not row.required_when:
        yield "optional" if row.required else "required", {"required": not row.required}


def _value_sets(known: Domain) -> Iterator[tuple[str, Domain]]:
    """A value set without its first or last code, and with one more."""
    codes = list(known.names)
    for code in dict.fromkeys([codes[0], codes[-1]]):
        yield f"without {code}", replace(known, names={each: known.names[each] for each in codes if each != code})
    if (more := f"{codes[0]}1") not in known.names and not known.children:  # a child is a code of the set anyway
        yield f"with {more}", replace(known, names={**known.names, more: ("", "")})
