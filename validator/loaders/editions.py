"""What file names and titles say of a table's version and of the day from which it holds."""

import re
from collections.abc import Iterable
from datetime import date

_NUMBERED = re.compile(r"(?<![0-9.])[vV]?([0-9]{1,2}(?:\.[0-9]{1,2}){1,2})(?![0-9.])")
_DATED = re.compile(
    r"(?<![0-9])(20[0-9]{2}(?:[-.年]?(?:1[0-2]|0?[1-9])(?:[-.月]?(?:3[01]|[12][0-9]|0?[1-9]))?)?)(?![0-9])"
)
_FROM = re.compile(r"(20[0-9]{2})年([0-9]{1,2})月([0-9]{1,2})日起")


def version(texts: Iterable[str]) -> str:
    """Return the first version in the texts: a number (2.0; of a map both, 3.0-2.0), else a date or year; else blank."""
    texts = list(texts)
    for each in texts:
        if numbers := _NUMBERED.findall(each):
            return "-".join(numbers[:2])
    dated = (found[1] for each in texts if (found := _DATED.search(each)))
    return next((re.sub("[年月]", "-", each).strip("-") for each in dated), "")


def since(texts: Iterable[str]) -> date | None:
    """The day in “自2021年1月1日起”."""
    for each in texts:
        if found := _FROM.search(each):
            try:
                return date(*map(int, found.groups()))
            except ValueError:
                continue
    return None
