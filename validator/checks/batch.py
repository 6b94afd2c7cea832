"""The findings and cases of many partitions, as frames; those beyond what memory should hold wait on disk."""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from itertools import chain

import polars as pl

from validator.checks import case_rows, findings
from validator.checks.batch_unique import Repeats
from validator.checks.choice import CheckChoice
from validator.checks.results import PartitionResult
from validator.checks.spool import Spool
from validator.checks.totals import Totals
from validator.read.partition import Note
from validator.spec.catalogue import Catalogue

#: More findings, or cases, than this are kept on disk, so that memory stays flat.
_IN_MEMORY = 100_000


class Merged(Totals):
    """Collects the results of partitions, in any order."""

    def __init__(self, catalogue: Catalogue, choice: CheckChoice) -> None:
        super().__init__(catalogue, choice)
        self._counts = Counter[str]()
        self._found, self._cases, self._repeats = Spool(_IN_MEMORY), Spool(_IN_MEMORY), Repeats()
        self._loose = Spool(_IN_MEMORY)  #: findings of no case
        self._of_lists = False  #: whether some documents are of lists in the same run

    def merge(self, result: PartitionResult) -> None:
        """Take the result of one partition."""
        for name in ("repeated", "_noted"):
            self.__dict__.pop(name, None)
        place = result.about.place
        self._counts.update(dict(result.findings["check"].value_counts().iter_rows()))
        loose = result.findings["_case"].is_null()
        self._loose.add(place, result.findings.filter(loose))
        self._found.add(place, result.findings.filter(~loose) if loose.any() else result.findings)
        self._cases.add(place, result.cases)
        self._of_lists |= bool(result.cases["_of_list"].any())
        self._repeats.add(place, result.repeats)
        self.add(result.about)

    @cached_property
    def repeated(self) -> pl.DataFrame:
        """The keys that stand in the batch again, as findings (``batch_unique.REPEATED``)."""
        repeated = self._repeats.found()
        first = pl.col("_part").replace_strict(self.whole.first, return_dtype=pl.UInt32)
        return repeated.with_columns(source=pl.col("source") + first) if repeated.height else repeated

    def keyed(self) -> pl.DataFrame:
        """See ``batch_unique.Repeats.judged``."""
        return self._repeats.judged()

    @cached_property
    def _noted(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The findings to show before all others, and behind them."""
        return self._of_notes(self.whole.before), self._of_notes(self.whole.after)

    def _of_notes(self, notes: list[Note]) -> pl.DataFrame:
        return findings.of_notes(notes, self.whole.checks, pl.Series(), self.whole.sources)

    def findings(self) -> Iterator[pl.DataFrame]:
        """All findings (``findings.COMPACT``): those of the whole input, case by case, of no case, of several cases."""
        of_parts = (
            frame.with_columns(pl.col("source") + self.whole.first[place])
            for place, frame in chain(self._found, self._loose)
            if frame.height
        )
        before, after = self._noted
        for frame in (before, *of_parts, self.repeated.select(*findings.COMPACT), after):
            if frame.height:
                yield frame

    def counts(self) -> Counter[str]:
        """Check -> number of findings."""
        late = pl.concat([each["check"] for each in (*self._noted, self.repeated)])
        return self._counts + Counter(dict(late.value_counts().iter_rows()))

    def cases(self) -> Iterator[pl.DataFrame]:
        """One row per case (``case_rows.CASES``), part by part; all at once where several documents may tell of one stay."""
        if not self._parts:
            yield pl.DataFrame(schema=case_rows.CASES)
        departments = self.catalogue.domains["dept"].names
        every = (frame for _, frame in self._cases)
        for rows in [pl.concat(every)] if self._of_lists else every:
            yield case_rows.settle(rows, self.repeated, self.whole.checks, departments)

    def repetitions(self, check: str) -> int:
        """See :meth:`Totals.repetitions`."""
        return int((self.repeated["check"] == check).sum())
