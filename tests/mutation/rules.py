"""The mutants of rule pages: of their conditions and expectations, and of what rules across rows compare."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from tests.mutation import equal, pages
from tests.mutation.trees import changes
from validator.checks.language import LanguageError, trees
from validator.checks.language.tree import Term
from validator.checks.rows.steps import RuleRow
from validator.spec.rule_pages import Rule


@dataclass(frozen=True, eq=False)
class RuleMutant:
    """A page with one text that is one step away."""

    rule: Rule
    words: str
    trees: tuple[Term | None, Term | None]  #: its condition and expectation, not yet typed
    spec: dict[str, Any]

    @property
    def page(self) -> str:
        """Where the mutant's text is."""
        return self.rule.id

    def texts(self) -> Iterator[tuple[pages.Run, pages.Text]]:
        """The changed rule as each case is judged by it."""
        for run in pages.runs(self.rule.id):
            yield run, _text(run, *self.trees, self.spec)

    @cached_property
    def killed(self) -> bool | None:
        """Whether a test of the page notices; None where the mutant is no text of the language."""
        try:
            return not pages.right((run, text.verdict(run.plan, run.lists)) for run, text in self.texts())
        except LanguageError:
            return None

    @cached_property
    def equivalent(self) -> bool:
        """Whether the mutant is proven to fail the same rows as the page on every interface of its cases."""
        own = tuple(trees.tree(text.text) if text else None for text in (self.rule.when, self.rule.expect))
        if self.spec is not self.rule.spec:
            return False
        return all(self._proven(run, _text(run, *own, self.spec), text) for run, text in self.texts())

    def _proven(self, run: pages.Run, own: pages.Text, other: pages.Text) -> bool:
        """By the facts as they are named, or by what they are made of."""
        cells = pages.cells(run.plan, run.table)
        for one, two in (
            ((own.when, own.expect), (other.when, other.expect)),
            (own.inlined(run.plan), other.inlined(run.plan)),
        ):
            try:
                if equal.fails_alike(one, two, cells):
                    return True
            except equal.TooManyError:
                continue
        return False


def mutants(rule: Rule) -> Iterator[RuleMutant]:
    """Every mutant of a page."""
    own = tuple(trees.tree(text.text) if text else None for text in (rule.when, rule.expect))
    for number, name in enumerate(("when", "expect")):
        tree = own[number]
        for change in changes(tree) if tree else ():
            changed = (change.tree, own[1]) if number == 0 else (own[0], change.tree)
            yield RuleMutant(rule, f"{name} {change.words}", changed, rule.spec)
    for words, spec in _specs(rule.spec):
        yield RuleMutant(rule, words, own, spec)


def _specs(spec: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    keys = spec.get("keys", [])
    for key in keys if len(keys) > 1 else ():
        yield f"keys without {key}", {**spec, "keys": [each for each in keys if each != key]}
    if "within" in spec:
        other = "case" if spec["within"] == "batch" else "batch"
        yield f"within {spec['within']} → {other}", {**spec, "within": other}
    for name in {"same", "level"} & spec.keys():
        without = {key: value for key, value in spec.items() if key not in (name, "hours" if name == "same" else "")}
        yield f"without {name}", without
    for step in (-1, 1) if "hours" in spec else ():
        yield f"hours {spec['hours']} {step:+}", {**spec, "hours": spec["hours"] + step}


def _text(run: pages.Run, when: Term | None, expect: Term | None, spec: dict[str, Any]) -> pages.Text:
    """A rule with other texts, on the interface of a case."""
    step, table = run.rule.step, run.table
    page = step.check.rule
    assert page
    rule = run.rule if spec is page.spec else _respecified(run, replace(page, spec=spec))
    condition = pages.compiled(run.plan, table, when) if when else None
    if page.since or page.until:
        condition = in_force(run, condition)
    return pages.Text(rule, condition, pages.compiled(run.plan, table, expect) if expect else None)


def in_force(run: pages.Run, when: Term | None) -> Term | None:
    """The condition with the dates between which the rule is in force."""
    from validator.checks.language import Expression

    page = run.rule.step.check.rule
    assert page
    found = run.plan.plan._in_force(page, run.table, Expression("", when) if when else None)
    return found.tree if found else None


def _respecified(run: pages.Run, page: Rule) -> RuleRow:
    step = replace(run.rule.step, check=replace(run.rule.step.check, rule=page))
    slots = run.plan.slots[run.table]
    return replace(run.rule, step=step, keys=tuple(slots[name] for name in step.keys))
