"""One list judged in a millisecond, as a server does before a message is sent: :func:`judge`, :func:`judge_many`.

The lists are strangers to each other: no rule about a whole batch is applied. Nothing here needs Polars.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from validator.base import language
from validator.base.errors import InputError
from validator.base.language import Lang
from validator.checks.choice import CheckChoice, refuse_unknown
from validator.checks.judged_by import Used, judged_by
from validator.checks.plans import whole_plan
from validator.checks.rows import start
from validator.checks.rows.about import about
from validator.checks.rows.case import JudgedCase
from validator.checks.rows.case import judge as judge_case
from validator.checks.rows.counts import reported, tallies
from validator.checks.rows.plan import RowPlan
from validator.checks.rows.reasons import not_judged, used_tables, without_tables
from validator.checks.rows.story import StayStory, compare
from validator.checks.rows.words import ShownFinding, Wording, disposition
from validator.checks.tally import Tally, outcome
from validator.codes.editions import Edition
from validator.codes.editions import refuse_unknown as refuse_unknown_edition
from validator.read import editions
from validator.read.message_rows import MessageRows, of_message
from validator.read.stay_rows import Message, add_lines
from validator.spec.catalogue import Catalogue, Check
from validator.spec.rule_pages import LEVELS, Level

#: A message with charge lines, or several.
Fees = Message | Sequence[Message]


class StayMessages(NamedTuple):
    """The documents of one stay."""

    message: Message
    record: Message | None = None
    fees: Fees | None = None


class JudgedMessage:
    """What judging one list gave, with the other documents of its stay. Words and counts are made when they are asked for."""

    def __init__(
        self,
        judge: "OneByOne",
        position: int,
        parts: Sequence[tuple[JudgedCase, MessageRows]],
        error: InputError | None = None,
        story: StayStory | None = None,
    ) -> None:
        """``parts``: the list, and then its record, if there is one; ``story``: what comparing the two gave."""
        self._judge, self._story, self._lang = judge, story, language.current()
        self.position = position  #: of the message among those given, from 0
        self.error = error  #: why a message could not be read; it then has no findings and no outcomes
        self._parts = parts

    def __repr__(self) -> str:
        return f"<JudgedMessage {self.case_id}: {self.disposition}>"

    @property
    def case_id(self) -> str | None:
        """The case's number; None where the message could not be read."""
        return self._parts[0][0].own.raw["case_id"] if self._parts else None

    @property
    def layout(self) -> str | None:
        """The interface."""
        return self._parts[0][1].layout.name if self._parts else None

    @property
    def joined(self) -> str | None:
        """By which key list and record are of one stay, in words; None where they are not."""
        if self._story is None or self._story.key is None:
            return None
        key = self._judge.catalogue.story.keys[self._story.key]
        return key.name_zh if self._lang == "zh" else key.name_en

    @cached_property
    def _evidence(self) -> list[list[ShownFinding]]:
        """The findings of each document; what comparing found is the list's."""
        with language.speaking(self._lang):
            stories = [self._story, None]
            return [self._judge.evidence(*part, story) for part, story in zip(self._parts, stories, strict=False)]

    @cached_property
    def findings(self) -> list[dict[str, Any]]:
        """The findings, worded: the keys of a line of the JSON Lines report (docs/outcomes.md)."""
        worded, seen = list[dict[str, Any]](), Counter[str]()
        with language.speaking(self._lang):
            for (case, read), found in zip(self._parts, self._evidence, strict=True):
                words = self._judge.wording(case)
                own = case.own.raw["case_id"]
                worded += words.worded([(own if each.of_case else None, each) for each in found], read.sources, seen)
        return worded

    def counts(self) -> dict[Level, int]:
        """Number of findings at each level."""
        levels = [each.check.level for found in self._evidence for each in found]
        return {level: levels.count(level) for level in LEVELS}

    @property
    def _levels(self) -> list[Level]:
        """The levels of the case's own findings; a record of another stay has none of them."""
        alone = self._story is not None and self._story.key is None
        every = self._evidence[:1] if alone else self._evidence
        return [each.check.level for found in every for each in found if each.of_case]

    @property
    def disposition(self) -> str:
        """``return``, ``accept_with_warnings``, ``accept``; ``cannot_be_judged`` where a message could not be read."""
        if not self._parts:
            return "cannot_be_judged"
        return disposition(self._levels.count("error"), self._levels.count("warning"))

    @cached_property
    def case(self) -> dict[str, Any]:
        """Who the case is of, its counts of findings and its disposition: the columns of ``Report.cases``."""
        if not self._parts:
            return {}
        case, read = self._parts[0]
        with language.speaking(self._lang):
            known = about(case, read.sources[case.own.place[2]].file, mask=self._judge.mask)
        own = self._levels
        counts = {f"{level}s": own.count(level) for level in LEVELS}
        return {**known, **counts, "disposition": self.disposition}

    @cached_property
    def outcomes(self) -> list[dict[str, Any]]:
        """Every check with its denominator: the columns of ``Report.outcomes``."""
        with language.speaking(self._lang):
            return self._judge.outcomes([case for case, _ in self._parts], self._story)


def judge(
    message: Message,
    profile: str = "national",
    *,
    record: Message | None = None,
    fees: Fees | None = None,
    **options: Any,
) -> JudgedMessage:
    """Judge one list, with its case record and charge lines where they are given. See :func:`judge_many`.

    >>> judge(list_message, record=record_message, fees=[day_one, day_two], record_edition="clinical").findings

    Raises :class:`~validator.base.errors.InputError` where a message cannot be read.
    """
    [judged] = judge_many([message], profile, records=[record], fees=[fees], **options)
    if judged.error:
        raise judged.error
    return judged


def judge_many(
    messages: Iterable[Message],
    profile: str = "national",
    *,
    records: Iterable[Message | None] | None = None,
    fees: Iterable[Fees | None] | None = None,
    record_edition: str = "",
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
    be read has an ``error`` and spoils no other. ``records`` and ``fees``: for each message the case record and the charge lines
    (one message, or several) of its stay, None where there is none; what the documents of a stay say differently is found as
    ``check(list=…, record=…, fees=…)`` finds it, and charge lines of another stay are an ``error``. ``record_edition``:
    insurance or clinical. The other options are those of :func:`validator.check`.
    """
    refuse_unknown_edition(record_edition)
    with language.speaking(lang):
        judge = one_by_one(profile, rules=rules, codebooks=codebooks, select=select, ignore=ignore, mask=mask)
        stays = _stays(messages, records, fees)
        return [judge.read(each, number, layout, record_edition) for number, each in enumerate(stays)]


def one_by_one(
    profile: str,
    *,
    rules: Iterable[str | Path] = (),
    codebooks: str | Path | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    mask: bool = True,
) -> "OneByOne":
    """What judges messages by these options and the code tables as they are now; see :func:`judge_many`."""
    folders = tuple(Path(each) for each in rules)
    catalogue = start.verified(profile, folders, Path(codebooks) if codebooks else None)
    choice = CheckChoice(tuple(select), (*ignore, *catalogue.profile.ignore))
    return _judge(profile, folders, catalogue, choice, mask)


def _stays(
    messages: Iterable[Message], records: Iterable[Message | None] | None, fees: Iterable[Fees | None] | None
) -> Iterator[StayMessages]:
    """The documents of each stay."""
    lists = list(messages)
    others = [[None] * len(lists) if each is None else list(each) for each in (records, fees)]
    for each in others:
        if len(each) != len(lists):
            zh = f"有 {len(lists)} 份清单，另一种单据有 {len(each)} 份；没有的给 None"
            raise InputError(zh, f"{len(lists)} lists, but {len(each)} of another document; give None for none")
    yield from map(StayMessages, lists, *others)


@lru_cache(maxsize=4)
def _judge(
    profile: str, folders: tuple[Path, ...], catalogue: Catalogue, choice: CheckChoice, mask: bool
) -> "OneByOne":
    refuse_unknown(catalogue, (*choice.select, *choice.ignore))
    return OneByOne(catalogue, choice, mask=mask, plan=partial(start.plan, profile, folders))


def _planned(catalogue: Catalogue, layout: str) -> RowPlan:
    return RowPlan(whole_plan(catalogue, layout), {})


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

    def read(self, given: StayMessages, position: int, layout: str | None = None, edition: str = "") -> JudgedMessage:
        """Judge one message, with the other documents of its stay; ``edition``: that of the record's codes, where it is known."""
        try:
            return self._read(given, position, layout, edition)
        except InputError as error:
            return JudgedMessage(self, position, (), error)

    def _read(self, given: StayMessages, position: int, layout: str | None, edition: str) -> JudgedMessage:
        layouts, number, mask = self.catalogue.layouts, position + 1, self.mask
        if given.record is None and given.fees is None:
            alone = of_message(given.message, layouts, layout, number)
            return JudgedMessage(self, position, [(self._case(alone, edition), alone)])
        lists, pages = layouts.of("list"), layouts.of("record")
        rows = of_message(given.message, lists, layout if layout in lists else None, number)
        if given.fees is not None:
            add_lines(rows, given.fees, layouts)
        case = self._case(rows, edition)
        if given.record is None:
            return JudgedMessage(self, position, [(case, rows)])
        page = of_message(given.record, pages, layout if layout in pages else None, number)
        record = self._case(page, edition)
        story = compare(self.catalogue, rows, page, record.editions[0], mask=mask)
        if story.key is not None:
            page.tables[page.layout.case].rows[0]["case_id"] = case.own.raw["case_id"]
        return JudgedMessage(self, position, [(case, rows), (record, page)], None, story)

    def _of(self, layout: str) -> tuple[RowPlan, Wording, frozenset[str]]:
        if layout not in self._plans:
            rows = self._plan(self.catalogue, layout)
            self._plans[layout] = rows, Wording(rows, mask=self.mask), self.choice.among(rows.plan)
        return self._plans[layout]

    def _case(self, read: MessageRows, edition: str) -> JudgedCase:
        """The message's case, judged; ``edition``: that of the codes of a record, where it is known."""
        found = list[Edition]()
        if read.layout.interface.document == "record":
            declared = edition or self.catalogue.profile.record_edition
            found = [editions.of_message(read.layout, read.tables, self.catalogue.judge, declared)] * len(read.sources)
        return judge_case(self._of(read.layout.name)[0], read.tables, editions=found)

    def wording(self, case: JudgedCase) -> Wording:
        """How findings of the case's interface are worded."""
        return self._of(case.plan.plan.interface)[1]

    def evidence(self, case: JudgedCase, read: MessageRows, story: StayStory | None) -> list[ShownFinding]:
        """All findings; then the reader's notes and what the record says otherwise, last what is of no case."""
        _, words, wanted = self._of(case.plan.plan.interface)
        found = words.evidence(case, reported(case, wanted)[0])
        notes = [each for each in read.notes if each.check in wanted]
        found += [words.of_note(note, None if note.case is None else case, read.sources) for note in notes]
        found += [each for each in story.found if self.choice.has(each.check)] if story else []
        found.sort(key=lambda each: not each.of_case)
        return found

    def outcomes(self, cases: Sequence[JudgedCase], story: StayStory | None) -> list[dict[str, Any]]:
        """Every check with its denominator, over the documents of one stay."""
        checks, counted, why = dict[str, Check](), dict[str, Tally](), dict[str, str]()
        used = dict[str, set[Used]]()
        for case in cases:
            plan, _, wanted = self._of(case.plan.plan.interface)
            own, known = tallies([case], wanted), plan.plan.checks
            checks = known | checks
            why |= dict.fromkeys(known.keys() - wanted, language.say("未选", "not selected"))
            why |= not_judged(plan.plan, own, case.unread) | without_tables(plan, wanted, case.editions)
            for name, tally in own.items():
                counted.setdefault(name, Tally()).add(tally)
            for name, tables in used_tables(plan, wanted, [case.day], case.editions).items():
                used.setdefault(name, set()).update(tables)
        if story:
            checks |= story.checks
            why |= story.reasons
            for name, check in story.checks.items():
                if not self.choice.has(check):
                    why[name] = language.say("未选", "not selected")
                elif name in story.tallies:
                    counted[name] = story.tallies[name]
        for name, every in used.items():
            by_tables = judged_by(every, checks[name], counted[name].unjudged)
            why[name] = language.say("；", "; ").join(filter(None, (by_tables, why.get(name))))
        judged = (check for check in checks.values() if not check.id.startswith("read/"))
        return [outcome(check, counted.get(check.id), why.get(check.id)) for check in judged]
