"""What the partitions of a batch say together: the same however the cases were cut, and wherever each part was checked."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import chain

import polars as pl

from validator.base.language import say
from validator.checks import case_rows, findings, judged_by
from validator.checks.batch_schemes import Schemes
from validator.checks.batch_unique import Repeats
from validator.checks.choice import CheckChoice
from validator.checks.judged_by import Used
from validator.checks.plan import Plan, PlanKey
from validator.checks.results import PartitionResult, PartitionTotals
from validator.checks.rows.start import kept_plan
from validator.checks.spool import Spool
from validator.checks.tally import Tally
from validator.checks.unread import Unread
from validator.read.partition import Note, Source
from validator.spec.catalogue import Catalogue, Check

#: More findings, or cases, than this are kept on disk, so that memory stays flat.
_IN_MEMORY = 500_000


@lru_cache(maxsize=8)
def plan_of(catalogue: Catalogue, key: PlanKey) -> Plan:
    """The plan for an interface, the tables at hand and supplied fields; the last ones are kept."""
    return Plan(catalogue, *key)


@dataclass
class Whole:
    """What only all partitions together show."""

    checks: dict[str, Check] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    first: dict[int, int] = field(default_factory=dict)  #: place of a partition -> number of its first source
    reasons: dict[str, str] = field(default_factory=dict)
    judged_by: dict[str, set[Used]] = field(default_factory=dict)
    unread: Unread = field(default_factory=Unread)
    headings: dict[str, str] = field(default_factory=dict)
    joined: Counter[str] = field(default_factory=Counter)  #: key, in words -> stays brought together with their record
    before: pl.DataFrame = field(default_factory=findings.COMPACT.to_frame)  #: findings to show before all others
    repeated: pl.DataFrame = field(default_factory=findings.COMPACT.to_frame)
    schemes: pl.DataFrame = field(default_factory=findings.COMPACT.to_frame)


class Merged:
    """Collects the results of partitions, in any order."""

    def __init__(self, catalogue: Catalogue, choice: CheckChoice) -> None:
        self.catalogue, self.choice = catalogue, choice
        self._parts: dict[int, PartitionTotals] = {}  #: without their counts
        self._tallies: dict[str, Tally] = {}
        self._counts = Counter[str]()
        self._found, self._cases, self._repeats = Spool(_IN_MEMORY), Spool(_IN_MEMORY), Repeats()
        self._loose = Spool(_IN_MEMORY)  #: findings of no case

    def merge(self, result: PartitionResult) -> None:
        """Take the result of one partition."""
        self.__dict__.pop("whole", None)
        place = result.about.place
        for name, tally in result.about.tallies.items():
            self._tallies.setdefault(name, Tally()).add(tally)
        self._counts.update(dict(result.findings["check"].value_counts().iter_rows()))
        loose = result.findings["_case"].is_null()
        self._loose.add(place, result.findings.filter(loose))
        self._found.add(place, result.findings.filter(~loose) if loose.any() else result.findings)
        self._cases.add(place, result.cases)
        self._repeats.add(place, result.repeats)
        self._parts[place] = replace(result.about, tallies={})

    @cached_property
    def whole(self) -> Whole:
        """All that is known when every partition is there."""
        found, wanted = Whole(), frozenset[str]()
        schemes: dict[str, Schemes] = {}  #: document -> what its cases use: each may keep to another set
        for _, part in sorted(self._parts.items()):
            kept = kept_plan(self.catalogue, part.plan)  # enough to know the checks
            plan = kept.plan if kept else plan_of(self.catalogue, part.plan)
            wanted = self.choice.among(plan)
            found.checks = plan.checks | found.checks
            found.first[part.place] = len(found.sources)
            found.sources += part.sources
            found.reasons |= dict.fromkeys(plan.checks.keys() - wanted, say("未选", "not selected")) | part.reasons
            for name, used in part.judged_by.items():
                found.judged_by.setdefault(name, set()).update(used)
            found.headings |= part.headings
            found.joined.update(part.joined)
            found.unread.add(part.unread)
            document = self.catalogue.layouts[part.plan.layout].interface.document
            schemes.setdefault(document, Schemes(self.catalogue)).add(part.schemes)
        repeated = self._repeats.found()
        first = pl.col("_part").replace_strict(found.first, return_dtype=pl.UInt32)
        found.repeated = repeated.with_columns(source=pl.col("source") + first) if repeated.height else repeated
        missing = (note for note in found.unread.notes(self.catalogue) if not note.check.startswith(self.choice.ignore))
        found.before = self._noted(found, missing)
        if "read/mixed-scheme" in wanted:
            found.schemes = self._noted(found, (note for each in schemes.values() for note in each.notes()))
        return found

    @staticmethod
    def _noted(whole: Whole, notes: Iterable[Note]) -> pl.DataFrame:
        return findings.of_notes(list(notes), whole.checks, pl.Series(), whole.sources)

    def findings(self) -> Iterator[pl.DataFrame]:
        """All findings (``findings.COMPACT``): those of the whole input, case by case, of no case, of several cases."""
        whole = self.whole
        of_parts = (
            frame.with_columns(pl.col("source") + whole.first[place])
            for place, frame in chain(self._found, self._loose)
            if frame.height
        )
        for frame in (whole.before, *of_parts, whole.repeated.select(*findings.COMPACT), whole.schemes):
            if frame.height:
                yield frame

    def counts(self) -> Counter[str]:
        """Check -> number of findings."""
        whole = self.whole
        late = pl.concat([each["check"] for each in (whole.before, whole.repeated, whole.schemes)])
        return self._counts + Counter(dict(late.value_counts().iter_rows()))

    def cases(self) -> pl.DataFrame:
        """One row per case (``case_rows.CASES``)."""
        if not self._parts:
            return pl.DataFrame(schema=case_rows.CASES)
        departments = self.catalogue.domains["dept"].names
        rows = pl.concat([frame for _, frame in self._cases])
        return case_rows.settle(rows, self.whole.repeated, self.whole.checks, departments)

    def tally(self, check: str) -> Tally | None:
        """How a check went over all rows; None where it did not run."""
        tally = self._tallies.get(check)
        failed = int((self.whole.repeated["check"] == check).sum()) if tally else 0
        return replace(tally, passed=tally.passed - failed, failed=tally.failed + failed) if tally else None

    def reason(self, check: Check, unjudged: int) -> str | None:
        """Why a check was not judged, or by which code tables it was; of some files' codes, both."""
        used = self.whole.judged_by.get(check.id)
        known = None if used is None else judged_by.judged_by(used, check, unjudged)
        return say("；", "; ").join(filter(None, (known, self.whole.reasons.get(check.id)))) or None
