"""Whether two names of a code are the same but for the way they are written."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from unicodedata import normalize

from validator.base.lazy import pl

#: What says nothing in a name: blanks, brackets, commas, stops, dashes, quotes.
_MARKS = re.compile(r"[\s()\[\]{}<>〔〕【】〈〉《》「」,，、.。;；:：·'\"“”‘’/／\\_—–－-]+")
_NEAR = 0.75  #: names more alike than this were probably meant to be the same


def plain(name: str) -> str:
    """``name`` in half width and small letters, without blanks and marks."""
    return _MARKS.sub("", normalize("NFKC", name)).casefold()


def same(one: str, other: str) -> bool:
    """Whether two names differ in nothing but form."""
    return one == other or plain(one) == plain(other)


def near(one: str, other: str) -> bool:
    """Whether two names differ so little that one is probably meant for the other."""
    return SequenceMatcher(None, plain(one), plain(other), autojunk=False).ratio() > _NEAR


def index(frame: pl.DataFrame) -> dict[str, str]:
    """Name without its form -> the code that bears it, for names that one code alone bears (columns ``code, name``)."""
    found: dict[str, str] = {}
    double = set()
    for code, name in frame.select("code", "name").iter_rows():
        if name:
            text = plain(name)
            if found.setdefault(text, code) != code:
                double.add(text)
    return {text: code for text, code in found.items() if text not in double}
