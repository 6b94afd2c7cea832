"""The places in a check's texts that a finding fills, and how their values are kept until somebody reads them."""

from string import Formatter

from validator.spec.catalogue import Check

#: Between the values that fill one message; no value of a list holds it.
SEPARATOR = "\x1f"
#: The slot for what the other of two documents says that disagree.
OTHER_VALUE = "other_value"


def slots(check: Check) -> list[str]:
    """What the check's texts show besides the value itself, in a fixed order."""
    names = [
        name
        for lang in ("zh", "en")
        for text in (check.message(lang), check.fix(lang))
        for _, name, _, _ in Formatter().parse(text)
        if name and name != "value"
    ]
    return list(
        dict.fromkeys(name for each in names for name in (("note_zh", "note_en") if each == "note" else (each,)))
    )
