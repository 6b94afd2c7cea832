"""Limits of a newborn's age in days and weight as schemes word them, in the official rule language."""

import re
from unicodedata import normalize

_WORDS = {
    "大于等于": ">=", "大于或等于": ">=", "不低于": ">=", "不小于": ">=", "≥": ">=", "小于等于": "<=", "小于或等于": "<=",
    "不超过": "<=", "不高于": "<=", "不大于": "<=", "≤": "<=", "小于": "<", "低于": "<", "不足": "<", "＜": "<", "大于": ">", "超过": ">",
}  # fmt: skip
_UNIT = {"XSRTL": "(?:天|日|d)", "XSRTZ": "(?:克|g)"}
_SUBJECT = {"XSRTL": "(?:新生儿)?(?:天龄|日龄|年龄)", "XSRTZ": "(?:新生儿)?(?:出生|入院)?体重"}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def newborn(days: str, weight: str) -> str:
    """The rule that two cells say (``<29天``, ``出生体重750-999克``); blank for blank ones. ValueError names what is not
    understood.
    """
    return " and ".join([*_limits("XSRTL", days), *_limits("XSRTZ", weight)])


def noted(note: str) -> tuple[str, str]:
    """What a note says of age in days and of weight, each part in its own words; blank where it says nothing."""
    parts = re.split("[,;。、]", normalize("NFKC", note))
    weights = [part for part in parts if re.search("体重|克|g", part)]
    return "".join(part for part in parts if part not in weights), "".join(weights)


def _limits(subject: str, cell: str) -> list[str]:
    text = normalize("NFKC", cell)
    for word, sign in _WORDS.items():
        text = text.replace(word, sign)
    text = re.sub(r"\s", "", text)
    if not text:
        return []
    unit = _UNIT[subject]
    about = f"(?:{_SUBJECT[subject]})?(?:在|为|:)?"
    forms = (
        rf"{about}(?P<low>[0-9]+){unit}?[-~至到](?P<high>[0-9]+){unit}?",
        rf"(?P<least>[0-9]+){unit}?(?P<from>[<>]=?){_SUBJECT[subject]}(?P<to>[<>]=?)(?P<most>[0-9]+){unit}?",
        rf"{about}(?P<one>[<>]=?)(?P<first>[0-9]+){unit}?(?:(?:且|并|,|、)?{about}(?P<two>[<>]=?)(?P<second>[0-9]+){unit}?)?",
        rf"{about}(?P<under>[0-9]+){unit}?(?:以下|以内)",
    )
    found = next((match for form in forms if (match := re.fullmatch(form, text))), None)
    if found is None:
        raise ValueError(cell)
    parts = {name: value for name, value in found.groupdict().items() if value}
    if "low" in parts:
        lower = [f"{subject} >= {int(parts['low'])}"] if int(parts["low"]) else []
        return [*lower, f"{subject} < {int(parts['high']) + 1}"]
    if "least" in parts:
        return [f"{subject} {_FLIPPED[parts['from']]} {parts['least']}", f"{subject} {parts['to']} {parts['most']}"]
    if "under" in parts:
        return [f"{subject} < {parts['under']}"]
    first = [f"{subject} {parts['one']} {parts['first']}"]
    return [*first, f"{subject} {parts['two']} {parts['second']}"] if "two" in parts else first
