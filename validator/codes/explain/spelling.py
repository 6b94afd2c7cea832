"""Reading a text as a code although it is written a little differently: width, letter case, lost marks, alike characters."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from validator.codes.standards import Form, Segment

#: Characters that are taken for digits.
_ALIKE = {"O": "0", "o": "0", "Q": "0", "I": "1", "l": "1", "i": "1", "S": "5", "B": "8", "Z": "2"}
#: What people type for a mark of the code, and the mark.
_MARKS = str.maketrans({"。": ".", "、": ".", "·": ".", "-": ".", "＊": "*"})
_UNSEEN = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class Change:
    """One way in which a text differs from the code: ``kind`` width, blank, case, mark (lost or wrong) or alike."""

    kind: str
    found: str  #: blank where something was lost
    expected: str


@dataclass(frozen=True)
class Spelling:
    """A text read as a code of ``form``, whole or cut where ``cut`` says (category …)."""

    form: Form
    parts: tuple[tuple[Segment, str], ...]
    changes: tuple[Change, ...]
    cut: str = ""

    @property
    def code(self) -> str:
        """The code, written as it should be."""
        return "".join(text for _, text in self.parts)


def plain(text: str) -> tuple[str, list[Change]]:
    """``text`` in half width and without blanks, and what that changed."""
    bare = _UNSEEN.sub("", text)
    changes = [Change("blank", text, bare)] if bare != text else []
    narrow = normalize("NFKC", bare)
    return narrow, changes + ([Change("width", bare, narrow)] if narrow != bare else [])


def readings(text: str, form: Form) -> Iterator[Spelling]:
    """Every way to read a plain text as a code of the form, whole or cut."""
    if text in form.irregular:
        yield Spelling(form, tuple(form.split(text) or ()), ())
    for shape in form.shapes:
        yield from _as(text, form, shape, "")
    main = [each for each in form.segments if not each.group]
    for place, each in enumerate(main):
        if each.stands:
            yield from _as(text, form, tuple(main[: place + 1]), each.stands)


def _as(text: str, form: Form, shape: tuple[Segment, ...], cut: str) -> Iterator[Spelling]:
    parts, changes, rest = [], [], text
    for segment in shape:
        found = spell(rest, segment.atoms)
        if found is None:
            return
        part, some, rest = found
        parts.append((segment, part))
        changes += some
    if not rest:
        yield Spelling(form, tuple(parts), tuple(changes), cut)


def spell(text: str, atoms: Sequence[str]) -> tuple[str, list[Change], str] | None:
    """The characters that ``atoms`` ask for as ``text`` begins with them, what had to be changed for it, and the rest of
    the text; None where even so it does not begin like that.
    """
    part, changes, place = "", [], 0
    for atom in atoms:
        char = text[place : place + 1]
        expected = _expected(char, atom)
        if (
            expected is None and not (mark := atom.removeprefix("\\"))[0].isalnum() and len(mark) == 1
        ):  # a mark left out
            expected, char = mark, ""
        if expected is None:
            return None
        if expected != char:
            changes.append(Change(_kind(char, expected), char, expected))
        part, place = part + expected, place + len(char)
    return part, changes, text[place:]


def _expected(char: str, atom: str) -> str | None:
    """The character that was meant, where ``atom`` allows one."""
    tries = (char, char.upper(), char.lower(), _ALIKE.get(char, ""), char.translate(_MARKS))
    return next((each for each in tries if each and re.fullmatch(atom, each)), None)


def _kind(char: str, expected: str) -> str:
    return "mark" if not expected.isalnum() else "case" if char.lower() == expected.lower() else "alike"
