"""How sure a statement is, and the texts that people type where they have nothing to state."""

from typing import Literal

from validator.base.language import say

#: ``official``: a document says so; ``practice``: generally done; ``unconfirmed``: nobody has confirmed it.
Sure = Literal["official", "practice", "unconfirmed"]
SURE: tuple[Sure, ...] = ("official", "practice", "unconfirmed")
#: What programs write for nothing: no field has such a value.
NULL_WORDS = (
    "NULL", "null", "Null", "(null)", "(NULL)", "[null]", "[NULL]", "<null>", "<NULL>", "None", "NONE", "none", "nan", "NaN", "NAN",
    "NaT", "undefined", "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "N/A", "n/a",
)  # fmt: skip
#: A field row names those it accepts in ``blank``.
PLACEHOLDERS = ("-", "—", "－", "–", "--", "——", "/", "\\", "无")


def in_words(sure: str) -> str:
    """How far something is known, in words."""
    return {
        "official": say("官方文件", "official"),
        "practice": say("各地通行做法", "practice"),
        "unconfirmed": say("未证实", "unconfirmed"),
    }[sure]
