"""The mutants of facts: of what a fact is or collects, run against examples of facts and the cases of every page that reads it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from tests.checks import fact_examples
from tests.mutation import equal, pages
from tests.mutation.trees import changes
from validator.checks.language import LanguageError, trees
from validator.checks.language.tree import Term
from validator.checks.rows.case import judge
from validator.checks.rows.plan import RowPlan
from validator.checks.rows.steps import FactRow, Made
from validator.spec.facts import Fact

#: What collects the one row or the other.
_SHAPES = {"min": "max", "max": "min", "first": "max", "any": "", "count": "", "sum": ""}


@dataclass(frozen=True, eq=False)
class FactMutant:
    """A fact with one text that is one step away, or with another shape."""

    fact: Fact
    words: str
    text: str  #: the text that is changed
    tree: Term | None  #: what it becomes, not yet typed; None where the shape changes

    @property
    def page(self) -> str:
        """Where the mutant's text is."""
        return self.fact.name

    def _step(self, own: RowPlan) -> FactRow | None:
        """The fact on an interface; None where it is not had there, or by another of its alternatives."""
        for round_ in own.facts:
            for each in (*round_.values, *round_.aggregates, *round_.parted):
                value, where = each.step.value, each.step.where
                if each.step.fact.name == self.fact.name:
                    texts = [text.text for text in (value, where) if text]
                    return each if self.tree is None or self.text in texts else None
        return None

    def _trees(self, own: RowPlan, row: FactRow) -> tuple[Term, Term | None]:
        """The changed value and condition, typed; :class:`LanguageError` where the value becomes another kind of number."""
        value, where, table = row.step.value, row.step.where, row.step.fact.on
        assert value
        if self.tree is None:
            return value.tree, where.tree if where else None
        changed = pages.compiled(own, table, self.tree)
        of_where = where is not None and where.text == self.text
        if not of_where and (changed.kind.name, changed.kind.scale) != (value.kind.name, value.kind.scale):
            raise LanguageError((1, 1), "", "another kind of value")
        return (value.tree, changed) if of_where else (changed, where.tree if where else None)

    def _changed(self, own: RowPlan, row: FactRow) -> RowPlan:
        """The plan of an interface with the changed fact in the place of the fact."""
        value, where = self._trees(own, row)
        made = pages.function(own, row.step.fact.on, [where, value] if where else [value])
        other = own._copied()
        other.facts = []
        for each in own.facts:
            lists = {name: [_reshaped(self, one) for one in getattr(each, name)] for name in ("parted", "aggregates")}
            round_ = replace(each, **lists)
            if row in each.values and each.rows:
                round_.rows = _with_value(each.rows, made, row.slot)
            elif row in (*each.aggregates, *each.parted) and each.collect:
                round_.collect = _with_parts(each.collect, made, row)
            other.facts.append(round_)
        return other

    @cached_property
    def readers(self) -> list[str]:
        """The rules that read the fact."""
        return [
            page.id
            for page in pages.pages()
            if any(page.id in pages.readers(name).get(self.fact.name, ()) for name in pages.interfaces(page.id))
        ]

    def _plans(self) -> Callable[[RowPlan], RowPlan | None]:
        """From plan to the plan with the changed fact, made once; None where it is not had."""
        plans: dict[int, RowPlan | None] = {}

        def changed(own: RowPlan) -> RowPlan | None:
            if id(own) not in plans:
                row = self._step(own)
                plans[id(own)] = self._changed(own, row) if row else None
            return plans[id(own)]

        return changed

    @cached_property
    def killed(self) -> bool | None:
        """Whether an example of a fact or a page that reads it notices; None where the mutant has no meaning, or nothing reads it."""
        try:
            return self._noticed(self._plans())
        except LanguageError:
            return None

    def _noticed(self, plan: Callable[[RowPlan], RowPlan | None]) -> bool | None:
        read = False
        for each in fact_examples.every():
            if self.fact.name in each.facts and (changed := plan(each.plan)):
                read = True
                if each.found(changed) != each.value:
                    return True
        for rule in self.readers:
            found = []
            for run in pages.runs(rule):
                changed = plan(run.plan)
                read = read or changed is not None
                lists = tuple(judge(changed, each) for each in run.raw) if changed else run.lists
                found.append((run, run.text.verdict(run.plan, lists)))
                if not run.agrees(found[-1][1][0]):
                    return True
            if not pages.right(iter(found)):
                return True
        return False if read else None

    @cached_property
    def equivalent(self) -> bool:
        """Whether the mutant is proven to have the value of the fact always."""
        if self.tree is None:
            return False
        try:
            return all(
                equal.alike(*(pages.inlined(run.plan, row.step.fact.on, tree) for tree in pair), pages.cells(run.plan, row.step.fact.on))
                for rule in self.readers for run in pages.runs(rule) if (row := self._step(run.plan))
                for pair in zip(_own(row), self._trees(run.plan, row), strict=True) if pair[0]
            )  # fmt: skip
        except equal.TooManyError:
            return False


def _own(row: FactRow) -> tuple[Term, Term | None]:
    assert row.step.value
    return row.step.value.tree, row.step.where.tree if row.step.where else None


def _reshaped(mutant: FactMutant, row: FactRow) -> FactRow:
    if mutant.tree is not None or row.step.fact.name != mutant.fact.name:
        return row
    return replace(row, step=replace(row.step, fact=replace(row.step.fact, shape=mutant.text)))


def _with_value(rows: Made, made: Made, slot: int) -> Made:
    def changed(r: list[object], c: list[object]) -> tuple[object, ...]:
        found = rows(r, c)
        (r[slot],) = made(r, c)
        return found

    return changed


def _with_parts(collect: Made, made: Made, row: FactRow) -> Made:
    def changed(r: list[object], c: list[object]) -> tuple[object, ...]:
        found = list(collect(r, c))
        *where, found[row.value] = made(r, c)
        if where:
            (found[row.where],) = where
        return tuple(found)

    return changed


def mutants(fact: Fact) -> Iterator[FactMutant]:
    """Every mutant of a fact."""
    for number, text in enumerate((*fact.alternatives, *([fact.where] if fact.where else []))):
        name = "where" if text is fact.where else fact.shape
        name += f" {number + 1}" if len(fact.alternatives) > 1 else ""
        for change in changes(trees.tree(text.text)):
            yield FactMutant(fact, f"{name} {change.words}", text.text, change.tree)
    if other := _SHAPES.get(fact.shape):
        yield FactMutant(fact, f"{fact.shape} → {other}", other, None)
