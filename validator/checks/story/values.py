"""Two texts that should say the same, one of the list and one of the record: the ways of comparing them."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Literal, NamedTuple
from unicodedata import normalize

from validator.checks.cell_typing import CellTyping, Value, duration_minutes
from validator.checks.language.kinds import DAY_US
from validator.codes.names import plain
from validator.codes.value_sets import Domain
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow
from validator.spec.story import Story

Outcome = Literal["passed", "failed", "not_applicable", "unjudged"]
_HOUR_US, _MINUTE_US = 3_600_000_000, 60_000_000
_HIDDEN = re.compile("[*＊]")  #: of a text that an export masked
_BORN_OF = re.compile("之[子女婴].*")  #: a newborn that is called after the mother
_BETWEEN = re.compile("[→,，、;；>]+|-+>")
_CODE = re.compile("[A-Z]?[0-9]+([.][0-9]+)*")
_MOST = 50_000  #: texts that a field remembers


class ReadCell(NamedTuple):
    """A cell as it is compared: what was written, cleaned, as a value; ``sound``: it passes the checks of its own field."""

    raw: str | None
    text: str | None
    value: Value
    sound: bool


NOTHING = ReadCell(None, None, None, sound=True)


class Side:
    """One document's field: its texts, read once each."""

    def __init__(self, catalogue: Catalogue, row: FieldRow) -> None:
        pattern = catalogue.patterns[row.pattern] if row.pattern else None
        self._domain: Domain | None = catalogue.domains[row.domain] if row.domain else None
        self.row, self._typing = row, CellTyping(row, pattern.fold if pattern else "", self._domain)
        self._departments = catalogue.domains["dept"]
        self._memory: dict[str, ReadCell] = {}

    @property
    def coded(self) -> bool:
        """Whether the field has a value set."""
        return self._domain is not None

    def read(self, raw: str | None) -> ReadCell:
        """The text as it is compared."""
        if raw is None:
            return NOTHING
        found = self._memory.get(raw)
        if found is None:
            if len(self._memory) >= _MOST:
                self._memory.clear()
            found = self._memory[raw] = self._read(raw)
        return found

    def _read(self, raw: str) -> ReadCell:
        text, value = self._typing.cell(raw)
        if text is None:
            return ReadCell(raw, None, None, sound=True)
        if _HIDDEN.search(text):
            return ReadCell(raw, text, None, sound=False)
        if self._domain and isinstance(value, str):
            value = self.meant(value)
        return ReadCell(raw, text, value, sound=value is not None)

    def meant(self, text: str) -> str | None:
        """The code of the field's value set that a text is or stands for; None where it is none of them."""
        assert self._domain
        if text in self._domain.names or self._domain.open or self._domain.children:
            return text
        codes = self._domain.written_as.get(plain(text), ())
        return codes[0] if len(codes) == 1 else None

    def department(self, text: str) -> str | None:
        """The digits of a department's code, or of the only one that bears a name."""
        codes = (text,) if _CODE.fullmatch(text) else self._departments.written_as.get(plain(text), ())
        return re.sub("[^0-9]", "", codes[0]) if len(codes) == 1 else None


Way = Callable[[Side, ReadCell, Side, ReadCell, str], bool | None]


class Ways:
    """The ways of comparing two texts by name; each answers whether they agree, None where that cannot be judged."""

    def __init__(self, story: Story) -> None:
        self._same = story.same
        self._ways: Mapping[str, Way] = {
            "code": lambda a_side, a, b_side, b, _: _code(a_side, a, b_side, b),
            "id": lambda _, a, __, b, ___: _letters(a) == _letters(b),
            "number_text": lambda _, a, __, b, ___: _letters(a).lstrip("0") == _letters(b).lstrip("0"),
            "number": lambda _, a, __, b, ___: _equal(a, b),
            "whole": lambda _, a, __, b, ___: _whole(a, b),
            "person": lambda _, a, __, b, ___: _person(a) == _person(b),
            "contains": lambda _, a, __, b, ___: _contains(a, b),
            "time": lambda a_side, a, b_side, b, _: _time(a_side, a, b_side, b),
            "grams": lambda _, a, __, b, ___: _grams(a, b),
            "days": lambda _, a, __, b, ___: _days(a, b),
            "duration": lambda _, a, __, b, of: _duration(a, b, int(of or 0)),
            "department": lambda side, a, _, b, __: _department(side, a.text or "", b.text or ""),
            "departments": lambda side, a, _, b, __: _departments(side, a, b),
            "same": lambda _, a, __, b, of: self._mean_same(of, a, b),
        }

    def compare(self, way: str, mine: tuple[Side, ReadCell], theirs: tuple[Side, ReadCell], of: str = "") -> Outcome:
        """How two cells compare."""
        (a_side, a), (b_side, b) = mine, theirs
        if way == "written":
            return "not_applicable" if a.text is b.text is None else "passed" if a.text and b.text else "failed"
        if a.text is None or b.text is None:
            return "not_applicable"
        if not (a.sound and b.sound):
            return "unjudged"
        agree = a.text == b.text or self._ways[way](a_side, a, b_side, b, of)
        return "unjudged" if agree is None else "passed" if agree else "failed"

    def _mean_same(self, name: str, a: ReadCell, b: ReadCell) -> bool | None:
        known = [a.text in one or b.text in other for one, other in self._same[name]]
        return any(a.text in one and b.text in other for one, other in self._same[name]) if any(known) else None


def _code(a_side: Side, a: ReadCell, b_side: Side, b: ReadCell) -> bool | None:
    """The same code; where the record's field has no value set, the list's says what its text means."""
    other = b.value if b_side.coded or not a_side.coded else a_side.meant(b.text or "")
    return None if other is None else a.value == other


def _letters(read: ReadCell) -> str:
    return normalize("NFKC", read.text or "").upper().replace(" ", "")


def _person(read: ReadCell) -> str:
    return _BORN_OF.sub("", re.sub("[·•.．]", "", plain(read.text or "")))


def _contains(a: ReadCell, b: ReadCell) -> bool:
    one, other = plain(a.text or ""), plain(b.text or "")
    return one in other or other in one


def _decimal(text: str | None) -> Decimal | None:
    try:
        found = Decimal((text or "").strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _equal(a: ReadCell, b: ReadCell) -> bool | None:
    one, other = _decimal(a.text), _decimal(b.text)
    return None if one is None or other is None else one == other


def _whole(a: ReadCell, b: ReadCell) -> bool | None:
    one, other = _decimal(a.text), _decimal(b.text)
    return None if one is None or other is None else int(one) == int(other)


def _days(a: ReadCell, b: ReadCell) -> bool | None:
    one, other = _decimal(a.text), _decimal(b.text)
    return None if one is None or other is None else max(one, Decimal(1)) == max(other, Decimal(1))


def _grams(a: ReadCell, b: ReadCell) -> bool | None:
    """The same weights to 10 g, in whatever order."""
    sets = []
    for read in (a, b):
        found = [_decimal(part) for part in re.split("[,，]", read.text or "") if part.strip()]
        if None in found:
            return None
        sets.append(sorted(round(each / 10) for each in found if each is not None))
    return sets[0] == sets[1]


def _time(a_side: Side, a: ReadCell, b_side: Side, b: ReadCell) -> bool | None:
    """The same moment as finely as both are written. Midnight says that no time was recorded, a full hour perhaps that no
    minutes were: then less than an hour apart is the same.
    """
    one, other = _moment(a_side, a), _moment(b_side, b)
    if one is None or other is None:
        return None
    if one % DAY_US == 0 or other % DAY_US == 0:
        return one // DAY_US == other // DAY_US
    if one % _HOUR_US == 0 or other % _HOUR_US == 0:
        return abs(one - other) < _HOUR_US
    return one // _MINUTE_US == other // _MINUTE_US


def _moment(side: Side, read: ReadCell) -> int | None:
    if not isinstance(read.value, int):
        return None
    return read.value * DAY_US if side.row.type == "date" else read.value


def day_of(side: Side, read: ReadCell) -> int | None:
    """The day of a date or time, counted from 1970."""
    moment = _moment(side, read)
    return None if moment is None else moment // DAY_US


def minute_of(side: Side, read: ReadCell) -> int | None:
    """The minute of a time, counted from 1970."""
    moment = _moment(side, read)
    return None if moment is None else moment // _MINUTE_US


def _duration(a: ReadCell, b: ReadCell, slack: int) -> bool | None:
    one, other = duration_minutes(a.text or ""), duration_minutes(b.text or "")
    return None if one is None or other is None else abs(one - other) <= slack


def _department(side: Side, one: str, other: str) -> bool | None:
    """The same department, or one of which the other is a part."""
    first, second = side.department(one), side.department(other)
    return None if first is None or second is None else first.startswith(second) or second.startswith(first)


def _departments(side: Side, a: ReadCell, b: ReadCell) -> bool | None:
    """The same departments in order."""
    ones, others = ([part for part in _BETWEEN.split(read.text or "") if part.strip()] for read in (a, b))
    found = [_department(side, one, other) for one, other in zip(ones, others, strict=False)]
    if None in found:
        return None
    return len(ones) == len(others) and all(found)
