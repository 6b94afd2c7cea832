"""What the partitions of a batch say together, but for their findings and cases: the same however the cases were cut."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property

from validator.base.language import say
from validator.checks import judged_by
from validator.checks.batch_schemes import Schemes
from validator.checks.choice import CheckChoice
from validator.checks.judged_by import Used
from validator.checks.plan import PlanKey
from validator.checks.plans import plan_of
from validator.checks.rows.start import kept_plan
from validator.checks.tally import Tally
from validator.checks.unread import Unread
from validator.read.partition import Note, Source
from validator.spec.catalogue import Catalogue, Check


@dataclass
class PartitionTotals:
    """The outcome of one partition, but for its findings and cases."""

    place: int  #: which partition of the run it is
    plan: PlanKey
    sources: list[Source]
    tallies: dict[str, Tally]
    reasons: dict[str, str]  #: check -> why it was not judged
    judged_by: dict[str, list[Used]]  #: check -> the code tables it was judged by
    schemes: dict[str, dict[str, tuple[int, str]]]  #: value set -> code -> how many cases, and one of them
    unread: Unread
    headings: dict[str, str]  #: headings not recognised, and the field each may mean
    joined: dict[str, int] = field(default_factory=dict)  #: key, in words -> lists that have their record by it


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
    layouts: set[str] = field(default_factory=set)  #: the interfaces that the data are of
    joined: Counter[str] = field(default_factory=Counter)  #: key, in words -> stays brought together with their record
    before: list[Note] = field(default_factory=list)  #: notes to show before all findings
    after: list[Note] = field(default_factory=list)  #: and behind them


class Totals:
    """Collects the totals of partitions, in any order."""

    def __init__(self, catalogue: Catalogue, choice: CheckChoice) -> None:
        self.catalogue, self.choice = catalogue, choice
        self._parts: dict[int, PartitionTotals] = {}  #: without their counts
        self._tallies: dict[str, Tally] = {}

    def add(self, about: PartitionTotals) -> None:
        """Take the totals of one partition."""
        self.__dict__.pop("whole", None)
        for name, tally in about.tallies.items():
            self._tallies.setdefault(name, Tally()).add(tally)
        self._parts[about.place] = replace(about, tallies={})

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
            found.layouts.add(part.plan.layout)
            found.joined.update(part.joined)
            found.unread.add(part.unread)
            document = self.catalogue.layouts[part.plan.layout].interface.document
            schemes.setdefault(document, Schemes(self.catalogue)).add(part.schemes)
        missing = found.unread.notes(self.catalogue)
        found.before = [note for note in missing if not note.check.startswith(self.choice.ignore)]
        if "read/mixed-scheme" in wanted:
            found.after = [note for each in schemes.values() for note in each.notes()]
        return found

    def tally(self, check: str) -> Tally | None:
        """How a check went over all rows; None where it did not run."""
        tally = self._tallies.get(check)
        failed = self.repetitions(check) if tally else 0
        return replace(tally, passed=tally.passed - failed, failed=tally.failed + failed) if tally else None

    def repetitions(self, check: str) -> int:
        """How many keys that must stand once in a batch stand in it again, by a rule."""
        raise NotImplementedError

    def reason(self, check: Check, unjudged: int) -> str | None:
        """Why a check was not judged, or by which code tables it was; of some files' codes, both."""
        used = self.whole.judged_by.get(check.id)
        known = None if used is None else judged_by.judged_by(used, check, unjudged)
        return say("；", "; ").join(filter(None, (known, self.whole.reasons.get(check.id)))) or None
