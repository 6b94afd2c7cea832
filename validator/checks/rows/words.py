"""The findings of a case in words: what :mod:`validator.checks.findings` says of a batch, one by one."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from validator.base.language import Lang, current
from validator.base.masking import masked_text
from validator.checks import fields
from validator.checks.cell_typing import value_text
from validator.checks.fields.aspect import FieldCell
from validator.checks.hiding import Hider
from validator.checks.language import Kind
from validator.checks.rows.case import CaseRow, Found, JudgedCase
from validator.checks.rows.excess import NO_EXCESS, Excess, excess
from validator.checks.rows.plan import RowPlan
from validator.checks.slots import SEPARATOR, Template, slots
from validator.read.partition import Note, Source
from validator.spec.catalogue import Check
from validator.spec.interfaces import ORDERING, split
from validator.spec.layouts import FieldRow


@dataclass(frozen=True)
class ShownFinding:
    """One finding before it is worded: the fields of ``findings.COMPACT``, and the texts as they are."""

    check: Check
    table: str
    field: str | None
    row: int | None
    value: str | None
    args: str
    suggested: str | None = None
    applicability: str | None = None
    source: int | None = None  #: number of its file among those of the case's batch
    line: int | None = None
    hidden: str | None = None  #: the value as it is shown where persons are hidden
    of_case: bool = True
    excess: Excess = NO_EXCESS
    other: str | None = None  #: as ``findings.COMPACT`` keeps it
    plain: tuple[str | None, str | None] = None, None  #: value and suggestion, never masked


class Wording:
    """Words the findings of one interface's cases; what every case shares is kept."""

    def __init__(self, plan: RowPlan, *, mask: bool) -> None:
        self.plan, self.catalogue, self.mask = plan, plan.catalogue, mask
        self._slots: dict[str, list[str]] = {}
        self._templates: dict[tuple[str, Lang], Template] = {}
        self._kinds: dict[tuple[str, str], Kind | None] = {}
        every = (rule for table in plan.tables.values() for rule in table.rules.every)
        self._charging = {rule.step.check.id: rule for rule in every if rule.excess}
        self._hider = Hider(plan.plan.rows, plan.case)

    def evidence(self, case: JudgedCase, found: Sequence[Found]) -> list[ShownFinding]:
        """What findings show, persons hidden where that is asked for."""
        return [self._hidden(self.shown(case, each), case) for each in found]

    def of_note(self, note: Note, case: JudgedCase | None, sources: list[Source]) -> ShownFinding:
        """A reader's note, of a case or of none, as a finding; a source that is new is added to ``sources``."""
        return self._hidden(self.unhidden(note, sources), case)

    def unhidden(self, note: Note, sources: list[Source]) -> ShownFinding:
        """The same with what looks like a person's number shown: a note of the whole input names files and columns."""
        check = self.plan.plan.checks[note.check]
        args = {"field": note.field or "", "table": note.table, **note.args}
        texts = SEPARATOR.join(args.get(name, "") for name in self._names(check))
        at = None
        if note.source:
            at = next((n for n, each in enumerate(sources) if each is note.source), len(sources))
            sources += [note.source] if at == len(sources) else []
        return ShownFinding(
            check, note.table, note.field, note.row, note.value, texts, source=at, line=note.line,
            of_case=note.case is not None, plain=(note.value, None),
        )  # fmt: skip

    def _hidden(self, found: ShownFinding, case: JudgedCase | None) -> ShownFinding:
        names = [case.own.raw.get(name) for name in self._hider.names] if case else []
        shown = [found.value, found.args, found.suggested]
        value, args, suggested = self._hider.hide(found.table, found.field, shown, names)
        if not self.mask:
            return replace(found, hidden=value)
        return replace(found, value=value, args=args or "", suggested=suggested, hidden=value)

    def _names(self, check: Check) -> list[str]:
        if check.id not in self._slots:
            self._slots[check.id] = slots(check)
        return self._slots[check.id]

    def shown(self, case: JudgedCase, found: Found) -> ShownFinding:
        """What one finding shows; persons are hidden in their own fields only."""
        check, row = found.check, case.rows[found.check.table][found.row]
        about = self.plan.plan.rows[check.table].get(check.field)
        extra = found.extra or (self._own(check, about, row, case) if about and check.row else {})
        texts = [
            extra[name] if name in extra else self._shown(case, row, check.table, name) for name in self._names(check)
        ]
        plain = row.raw.get(check.field) if check.field else None
        value = extra[check.field] if check.field in extra else self._masked(plain, about.personal if about else "")
        suggested, applicability = extra.get("suggested"), extra.get("applicability")
        args = SEPARATOR.join(text or "" for text in texts)
        _, number, source, line = row.place
        return ShownFinding(
            check, check.table, check.field or None, number, value, args,
            self._masked(suggested, about.personal if about else ""), applicability, source, line, plain=(plain, suggested),
            excess=self._excess(check, row, case),
        )  # fmt: skip

    def _excess(self, check: Check, row: CaseRow, case: JudgedCase) -> Excess:
        """What a failing row charges too much, and who ordered it."""
        rule = self._charging.get(check.id)
        if not rule:
            return NO_EXCESS
        values = self.plan.tables[check.table].rules.excess(row.values, case.own.values)
        of_case = case.own.bad if check.table != self.plan.case else frozenset[str]()
        found, ordering = excess(rule.excess, values, row.bad, of_case), self.plan.plan.ordering.get(check.table, {})
        quantity = found.get("quantity")
        who = (next(filter(None, map(row.raw.get, ordering.get(role, ()))), None) for role in ORDERING)
        text = None if quantity is None else f"{quantity // 10_000}.{quantity % 10_000:04}"
        return Excess(text, found.get("amount"), *who)

    def _own(self, check: Check, about: FieldRow, row: CaseRow, case: JudgedCase) -> dict[str, str | None]:
        """What a field check itself knows to write instead of a failing value, and why."""
        cell = row.cells[self.plan.tables[check.table].numbers[check.field]]
        given = FieldCell(cell.raw, cell.text, cell.value, case.day)
        repair = fields.of(check).repair(self.catalogue, about, given)
        return repair._asdict() if repair else {}

    def _masked(self, text: str | None, personal: str) -> str | None:
        return masked_text(text, personal) if text is not None and self.mask else text

    def _shown(self, case: JudgedCase, row: CaseRow, table: str, name: str) -> str | None:
        """What a name stands for: a field as it was written, a fact as it was computed."""
        written, field = split(name)
        homes = [(self.plan.case, case.own)] if written else [(table, row), (self.plan.case, case.own)]
        for home, there in homes:
            about = self.plan.plan.rows.get(home, {}).get(field)
            if about and (home == table or written):
                return self._masked(there.raw.get(field), about.personal)
        for home, there in homes:
            if field in self.plan.slots[home]:
                return self._fact(home, field, there.values[self.plan.slots[home][field]])
        return None

    def _fact(self, table: str, name: str, value: Any) -> str | None:
        if value is None or isinstance(value, str):
            return value
        if (table, name) not in self._kinds:
            self._kinds[table, name] = self.plan.plan.kind_of(name, table)
        kind = self._kinds[table, name]
        assert kind
        return value_text(value, kind)

    def worded(
        self, found: Iterable[tuple[str | None, ShownFinding]], sources: Sequence[Source], seen: Counter[str]
    ) -> Iterator[dict[str, Any]]:
        """Findings, each with its case or None, as in ``findings.SCHEMA``; ``seen``: how often each fault was met already."""
        lang = current()
        for known, each in found:
            check = each.check
            if (check.id, lang) not in self._templates:
                self._templates[check.id, lang] = Template(check, lang)
            worded = self._templates[check.id, lang].fill(each.value, each.args)
            other = json.loads(each.other) if each.other else {}
            yield {
                "check": check.id, "level": check.level, "case_id": known, "table": each.table, "row": each.row,
                "field": each.field, "value": each.value, "message": worded.message, "fix": worded.fix, "suggested": each.suggested,
                "applicability": each.applicability, "excess_quantity": each.excess.quantity, "excess_fen": each.excess.fen,
                "source": self._place(each, sources), "other_document": other.get("document"), "other_value": worded.other_value,
                "other_source": other.get("source"), "fingerprint": self._fingerprint(each, known, seen),
            }  # fmt: skip

    def _place(self, each: ShownFinding, sources: Sequence[Source]) -> dict[str, Any]:
        source = _NOWHERE if each.source is None else sources[each.source]
        return source.cell(each.field, None if each.table in self.catalogue.case_tables else each.row, each.line)

    def _fingerprint(self, each: ShownFinding, case_id: str | None, seen: Counter[str]) -> str:
        """A short hash of what the fault is; personal values stay out."""
        value = each.value if each.hidden is None else each.hidden
        if f"{each.table}.{each.field}" in self.catalogue.personal:
            value = None
        same = SEPARATOR.join([each.check.id, case_id or "", each.table, each.field or "", value or ""])
        seen[same] += 1
        return blake2b(f"{same}{SEPARATOR}{seen[same] - 1}".encode(), digest_size=8).hexdigest()


_NOWHERE = Source("")


def disposition(errors: int, warnings: int) -> str:
    """What becomes of a case of which all that it needs was read."""
    return "return" if errors else "accept_with_warnings" if warnings else "accept"
