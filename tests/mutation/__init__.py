"""Mutation of what is right: every rule page, fact and field row changed by one step, and whether the cases notice.

``python -m tests.mutation`` runs all of them; ``answered.csv`` says of mutants that no case can notice why that is so.
"""

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Protocol

from tests.mutation import facts, fields, pages, rules

#: What an answer may be, in one word.
WHY = {
    "implied": "another part of the rule, or the form of the code, already says so",
    "unreachable": "every value that would differ is refused by the field's own check (and then not judged), or no published point has it",
    "unjudged": "rows that the mutant judges otherwise pass or are not judged either way: no finding differs",
    "same": "it is written otherwise and means the same",
}
Counts = dict[tuple[str, str], Counter[str]]  #: kind and page -> how its mutants ended
_ANSWERS = Path(__file__).with_name("answered.csv")


class Mutant(Protocol):
    """One text that is one step away from what is right."""

    words: str

    @property
    def page(self) -> str:
        """The rule, fact or field row that it changes."""

    @property
    def killed(self) -> bool | None:
        """Whether a case notices; None where the mutant has no meaning, or nothing reads it."""

    @property
    def equivalent(self) -> bool:
        """Whether it is proven to mean the same."""


def mutants(kinds: Collection[str], only: Collection[str] = ()) -> Iterator[tuple[str, Mutant]]:
    """Every mutant of some kinds (``rule``, ``fact``, ``field``) with its kind; ``only``: of these pages."""
    known = pages.CATALOGUE
    if "rule" in kinds:
        yield from (
            ("rule", each) for page in pages.pages() if page.id in only or not only for each in rules.mutants(page)
        )
    if "fact" in kinds:
        found = (fact for fact in known.facts.values() if fact.name in only or not only)
        yield from (("fact", each) for fact in found for each in facts.mutants(fact))
    if "field" in kinds:
        for interface, layout in known.layouts.items():
            for row in (row for table in layout.tables.values() for row in table.fields.values()):
                if not only or f"{interface}/{row.table}.{row.field}" in only:
                    yield from (("field", each) for each in fields.mutants(interface, row))


def drawn(every: list[tuple[str, Mutant]], share: float, seed: int) -> list[tuple[str, Mutant]]:
    """A share of the pages with all of their mutants, drawn by a seed: cases of the others need not be judged."""
    names = list(dict.fromkeys(mutant.page for _, mutant in every))
    chosen = set(random.Random(seed).sample(names, max(1, round(share * len(names)))))
    return [each for each in every if each[1].page in chosen]


@cache
def answers() -> dict[tuple[str, str], str]:
    """Page and words of a mutant -> why no case can notice it."""
    with _ANSWERS.open(encoding="utf-8", newline="") as file:
        return {(row["page"], row["mutant"]): row["why"] for row in csv.DictReader(file)}


def outcome(mutant: Mutant) -> str:
    """``killed``, ``equal`` (proven), ``answered``, ``survived``; ``void`` where it has no meaning or nothing reads it."""
    if mutant.killed is None:
        return "void"
    if mutant.killed:
        return "killed"
    if (mutant.page, mutant.words) in answers():
        return "answered"
    return "equal" if mutant.equivalent else "survived"


def run(
    kinds: tuple[str, ...], only: tuple[str, ...], share: float, seed: int, number: int, jobs: int
) -> tuple[Counts, list[tuple[str, str]]]:
    """How the mutants of every ``jobs``-th page ended, and those that survived."""
    chosen = drawn(list(mutants(kinds, only)), share, seed)
    places = {page: place for place, page in enumerate(dict.fromkeys(mutant.page for _, mutant in chosen))}
    counts: Counts = defaultdict(Counter)
    survivors = []
    for kind, mutant in chosen:
        if places[mutant.page] % jobs == number:
            ended = outcome(mutant)
            counts[kind, mutant.page][ended] += 1
            if ended == "survived":
                survivors.append((mutant.page, mutant.words))
    return dict(counts), survivors
