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
    told = {name: value for name, value in found.groupdict().items() if value}
    if "low" in told:
        lower = [f"{subject} >= {int(told['low'])}"] if int(told["low"]) else []
        return [*lower, f"{subject} < {int(told['high']) + 1}"]
    if "least" in told:
        return [f"{subject} {_FLIPPED[told['from']]} {told['least']}", f"{subject} {told['to']} {told['most']}"]
    if "under" in told:
        return [f"{subject} < {told['under']}"]
    first = [f"{subject} {told['one']} {told['first']}"]
    return [*first, f"{subject} {told['two']} {told['second']}"] if "two" in told else first
