"""The places in a check's texts that a finding fills, how their values are kept until somebody reads them, and the filling."""

from string import Formatter
from typing import NamedTuple

from validator.base.language import Lang
from validator.spec.catalogue import Check

#: Between the values that fill one message; no value of a list holds it.
SEPARATOR = "\x1f"
#: The slot for what the other of two documents says that disagree.
OTHER_VALUE = "other_value"
_NOTES = ("note_zh", "note_en")  #: words that a text may end with


def slots(check: Check) -> list[str]:
    """What the check's texts show besides the value itself, in a fixed order."""
    names = [
        name
        for lang in ("zh", "en")
        for text in (check.message(lang), check.fix(lang))
        for _, name, _, _ in Formatter().parse(text)
        if name and name != "value"
    ]
    return list(dict.fromkeys(name for each in names for name in (_NOTES if each == "note" else (each,))))


class Worded(NamedTuple):
    """What one finding says."""

    message: str
    fix: str
    other_value: str | None  #: the value of the other document, where two disagree


class Template:
    """The message and the fix of one check, to be filled with what a finding shows."""

    def __init__(self, check: Check, lang: Lang) -> None:
        self._names, self._note = slots(check), "note_zh" if lang == "zh" else "note_en"
        self._blank = "（空）" if lang == "zh" else "(blank)"
        self._texts = [
            [(before, name) for before, name, _, _ in Formatter().parse(text)]
            for text in (check.message(lang), check.fix(lang))
        ]

    def fill(self, value: str | None, args: str) -> Worded:
        """What a finding says. ``args``: what :func:`slots` names, joined by :data:`SEPARATOR`."""
        given = dict(zip(self._names, args.split(SEPARATOR), strict=False))
        shown = {name: text or ("" if name in _NOTES else self._blank) for name, text in given.items()}
        shown["value"] = self._blank if value is None else value
        if self._note in shown:
            shown["note"] = given[self._note]  # a note that says nothing leaves no trace
        message, fix = (
            "".join([before + (shown[name] if name else "") for before, name in text]) for text in self._texts
        )
        return Worded(message, fix, given.get(OTHER_VALUE) or None)
