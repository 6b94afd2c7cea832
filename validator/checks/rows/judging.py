"""One list judged in a millisecond, as a server does before a message is sent: :func:`judge`, :func:`judge_many`.

The lists are strangers to each other: no rule about a whole batch is applied. Nothing here needs Polars.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

from validator.base import language
from validator.base.errors import InputError
from validator.base.language import Lang
from validator.checks.choice import CheckChoice, refuse_unknown
from validator.checks.judged_by import judged_by
from validator.checks.plan import Plan
from validator.checks.rows import start
from validator.checks.rows.about import about
from validator.checks.rows.case import JudgedCase
from validator.checks.rows.case import judge as judge_case
from validator.checks.rows.counts import reported, tallies
from validator.checks.rows.plan import RowPlan
from validator.checks.rows.reasons import not_judged, used_tables, without_tables
from validator.checks.rows.words import ShownFinding, Wording
from validator.codes.editions import Edition
from validator.read import editions
from validator.read.message_rows import MessageRows, of_message
from validator.spec.catalogue import Catalogue
from validator.spec.rule_pages import LEVELS, Level


class JudgedMessage:
    """What judging one message gave. Words and counts are made when they are asked for."""

    def __init__(self, judge: "OneByOne", position: int, read: MessageRows | None, error: InputError | None) -> None:
        self._judge, self._read, self._lang = judge, read, language.current()
        self.position = position  #: of the message among those given, from 0
        self.error = error  #: why the message could not be read; it then has no findings and no outcomes
        self._case = judge.case(read) if read else None

    def __repr__(self) -> str:
        return f"<JudgedMessage {self.case_id}: {self.disposition}>"

    @property
    def case_id(self) -> str | None:
        """The case's number; None where the message could not be read."""
        return self._case.own.raw["case_id"] if self._case else None

    @property
    def layout(self) -> str | None:
        """The interface."""
        return self._read.layout.name if self._read else None

    @cached_property
    def _evidence(self) -> list[ShownFinding]:
        if not self._case or not self._read:
            return []
        with language.speaking(self._lang):
            return self._judge.evidence(self._case, self._read)

    @cached_property
    def findings(self) -> list[dict[str, Any]]:
        """The findings, worded: the keys of a line of the JSON Lines report (docs/outcomes.md)."""
        if not self._case or not self._read:
            return []
        with language.speaking(self._lang):
            words = self._judge.wording(self._case)
            return list(words.worded(self.case_id or "", self._evidence, self._read.sources))

    def counts(self) -> dict[Level, int]:
        """Number of findings at each level."""
        return {level: sum(each.check.level == level for each in self._evidence) for level in LEVELS}

    @property
    def disposition(self) -> str:
        """``return``, ``accept_with_warnings``, ``accept``; ``cannot_be_judged`` where the message could not be read."""
        if not self._case:
            return "cannot_be_judged"
        own = {each.check.level for each in self._evidence if each.of_case}
        return "return" if "error" in own else "accept_with_warnings" if "warning" in own else "accept"

    @cached_property
    def case(self) -> dict[str, Any]:
        """Who the case is of, its counts of findings and its disposition: the columns of ``Report.cases``."""
        if not self._case or not self._read:
            return {}
        with language.speaking(self._lang):
            known = about(self._case, self._read.sources[self._case.own.place[2]].file)
        own = [each.check.level for each in self._evidence if each.of_case]
        counts = {f"{level}s": own.count(level) for level in LEVELS}
        return {**known, **counts, "disposition": self.disposition}

    @cached_property
    def outcomes(self) -> list[dict[str, Any]]:
        """Every check with its denominator: the columns of ``Report.outcomes``."""
        if not self._case:
            return []
        with language.speaking(self._lang):
            return self._judge.outcomes(self._case)


def judge(message: Mapping[str, Any] | bytes, profile: str = "national", **options: Any) -> JudgedMessage:
    """Judge one message; :class:`~validator.base.errors.InputError` where it cannot be read. See :func:`judge_many`."""
    [judged] = judge_many([message], profile, **options)
    if judged.error:
        raise judged.error
    return judged


def judge_many(
    messages: Iterable[Mapping[str, Any] | bytes],
    profile: str = "national",
    *,
    rules: Iterable[str | Path] = (),
    codebooks: str | Path | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    layout: str | None = None,
    mask: bool = True,
    lang: Lang | None = None,
) -> list[JudgedMessage]:
    """Judge messages of strangers, each by itself: one result for each, in their order.

    A message is a mapping (the whole envelope, its ``input``, or just the nodes) or the bytes of one in JSON. One that cannot
    be read has an ``error`` and spoils no other. The options are those of :func:`validator.check`.
    """
    with language.speaking(lang):
        folders = tuple(Path(each) for each in rules)
        catalogue = start.verified(profile, folders, Path(codebooks) if codebooks else None)
        choice = CheckChoice(tuple(select), (*ignore, *catalogue.profile.ignore))
        judge = _judge(profile, folders, catalogue, choice, mask)
        return [judge.read(message, position, layout) for position, message in enumerate(messages)]


@lru_cache(maxsize=4)
def _judge(
    profile: str, folders: tuple[Path, ...], catalogue: Catalogue, choice: CheckChoice, mask: bool
) -> "OneByOne":
    refuse_unknown(catalogue, (*choice.select, *choice.ignore))
    return OneByOne(catalogue, choice, mask=mask, plan=partial(start.plan, profile, folders))


def _planned(catalogue: Catalogue, layout: str) -> RowPlan:
    return RowPlan(Plan(catalogue, layout, catalogue.layouts[layout].tables), {})


class OneByOne:
    """Judges messages by one catalogue; what they share is made once."""

    def __init__(
        self,
        catalogue: Catalogue,
        choice: CheckChoice,
        *,
        mask: bool,
        plan: Callable[[Catalogue, str], RowPlan] = _planned,
    ) -> None:
        """``plan``: makes the plan of an interface."""
        self.catalogue, self.choice, self.mask, self._plan = catalogue, choice, mask, plan
        self._plans: dict[str, tuple[RowPlan, Wording, frozenset[str]]] = {}

    def read(self, message: Mapping[str, Any] | bytes, position: int, layout: str | None) -> JudgedMessage:
        """Judge one message."""
        try:
            rows = of_message(message, self.catalogue.layouts, layout, position + 1)
        except InputError as error:
            return JudgedMessage(self, position, None, error)
        return JudgedMessage(self, position, rows, None)

    def _of(self, layout: str) -> tuple[RowPlan, Wording, frozenset[str]]:
        if layout not in self._plans:
            rows = self._plan(self.catalogue, layout)
            self._plans[layout] = rows, Wording(rows, mask=self.mask), self.choice.among(rows.plan)
        return self._plans[layout]

    def case(self, read: MessageRows) -> JudgedCase:
        """The message's case, judged."""
        return judge_case(self._of(read.layout.name)[0], read.tables, editions=self._editions(read))

    def _editions(self, read: MessageRows) -> list[Edition]:
        """The edition of the codes of each source, where the message is a record."""
        if read.layout.interface.document != "record":
            return []
        edition = editions.of_message(
            read.layout, read.tables, self.catalogue.judge, self.catalogue.profile.record_edition
        )
        return [edition] * len(read.sources)

    def wording(self, case: JudgedCase) -> Wording:
        """How findings of the case's interface are worded."""
        return self._of(case.plan.plan.interface)[1]

    def evidence(self, case: JudgedCase, read: MessageRows) -> list[ShownFinding]:
        """All findings, the reader's notes last."""
        _, words, wanted = self._of(case.plan.plan.interface)
        found = words.evidence(case, reported(case, wanted)[0])
        notes = [each for each in read.notes if each.check in wanted]
        if notes:
            notes.sort(key=lambda note: note.case is None)
            found += [words.of_note(note, None if note.case is None else case, read.sources) for note in notes]
        return found

    def outcomes(self, case: JudgedCase) -> list[dict[str, Any]]:
        """Every check with its denominator."""
        plan, _, wanted = self._of(case.plan.plan.interface)
        counted = tallies([case], wanted)
        why = dict.fromkeys(plan.plan.checks.keys() - wanted, language.say("未选", "not selected"))
        why |= not_judged(plan.plan, counted, case.unread) | without_tables(plan, wanted, case.editions)
        for name, used in used_tables(plan, wanted, [case.day], case.editions).items():
            known = judged_by(used, plan.plan.checks[name], counted[name].unjudged)
            why[name] = language.say("；", "; ").join(filter(None, (known, why.get(name))))
        found, lang = [], language.current()
        for check in plan.plan.checks.values():
            if check.id.startswith("read/"):
                continue
            tally = counted.get(check.id)
            nothing = language.say("没有这张表的数据", "no data for this table")
            row = {
                "check": check.id, "title": check.title(lang), "level": check.level, "kind": check.kind, "table": check.table,
                "field": check.field or None, "rows": 0, "passed": 0, "failed": 0, "not_applicable": 0, "unjudged": 0,
                "status": "not_run", "reason": why.get(check.id) or (None if tally else nothing),
            }  # fmt: skip
            if tally:
                row |= {**vars(tally), "unjudged": tally.unjudged, "status": "ran"}
            found.append(row)
        return found
