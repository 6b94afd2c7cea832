"""The findings and cases of a few partitions of few cases, as plain rows: what :mod:`validator.checks.batch` has as frames."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

from validator.checks.choice import CheckChoice
from validator.checks.rows.excess import NO_EXCESS
from validator.checks.rows.partition import CaseFinding, FewResult
from validator.checks.rows.words import ShownFinding, disposition
from validator.checks.totals import Totals
from validator.read.partition import Note
from validator.spec.catalogue import Catalogue

#: Up to so many partitions, each of a few cases, stay plain rows.
MOST = 8


class FewMerged(Totals):
    """Collects the results of partitions, in any order."""

    def __init__(self, catalogue: Catalogue, choice: CheckChoice) -> None:
        super().__init__(catalogue, choice)
        self._results = dict[int, FewResult]()

    def merge(self, result: FewResult) -> None:
        """Take the result of one partition."""
        for name in ("_repeated", "_noted"):
            self.__dict__.pop(name, None)
        self._results[result.about.place] = result
        self.add(result.about)

    @property
    def results(self) -> list[FewResult]:
        """The results in the order of their places."""
        return [result for _, result in sorted(self._results.items())]

    @cached_property
    def _repeated(self) -> list[tuple[FewResult, CaseFinding]]:
        """The keys that stand in the batch again, as findings, rule by rule."""
        found = list[tuple[FewResult, CaseFinding]]()
        for rule in sorted({name for result in self.results for name in result.repeats}):
            every = [(result, *each) for result in self.results for each in result.repeats.get(rule, ())]
            times = Counter(key for _, key, _ in every)
            found += [(result, shown) for result, key, shown in every if times[key] > 1]
        return found

    @cached_property
    def _noted(self) -> tuple[list[ShownFinding], list[ShownFinding]]:
        """The findings to show before all others, and behind them."""
        whole, words = self.whole, self.results[0].words

        def shown(notes: list[Note]) -> list[ShownFinding]:
            return [words.unhidden(note, whole.sources) for note in notes]

        return shown(whole.before), shown(whole.after)

    def _every(self) -> Iterator[tuple[str | None, ShownFinding]]:
        """The case of each finding, None for those of no case; in the order of ``Merged.findings``."""
        before, after = self._noted
        own = [(result, each) for result in self.results for each in result.findings]
        yield from ((None, each) for each in before)
        for result, (case, each) in (
            *(found for found in own if found[1][0] is not None),
            *(found for found in own if found[1][0] is None),
            *self._repeated,
        ):
            source = None if each.source is None else each.source + self.whole.first[result.about.place]
            yield None if case is None else result.cases[case]["case_id"], replace(each, source=source)
        yield from ((None, each) for each in after)

    def finding_rows(self) -> Iterator[dict[str, Any]]:
        """All findings, worded: the columns of ``findings.SCHEMA``."""
        return self.results[0].words.worded(self._every(), self.whole.sources, Counter()) if self._results else iter(())

    def counts(self) -> Counter[str]:
        """Check -> number of findings."""
        return Counter(each.check.id for _, each in self._every()) if self._results else Counter()

    def case_rows(self) -> list[dict[str, Any]]:
        """One row per case: the columns of ``case_rows.CASES``."""
        found = []
        for result in self.results:
            late = [(case, each.check.level) for other, (case, each) in self._repeated if other is result]
            for number, case in enumerate(result.cases):
                row = {name: value for name, value in case.items() if not name.startswith("_")}
                for level in (level for at, level in late if at == number):
                    row[f"{level}s"] += 1
                row["disposition"] = (
                    "cannot_be_judged" if case["_unread"] else disposition(row["errors"], row["warnings"])
                )
                found.append(row)
        return found

    def repetitions(self, check: str) -> int:
        """See :meth:`Totals.repetitions`."""
        return sum(each.check.id == check for _, (_, each) in self._repeated)

    @property
    def charges(self) -> bool:
        """Whether a finding says that too much was charged."""
        return any(each.excess != NO_EXCESS for _, each in self._every())
