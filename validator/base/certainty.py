"""How sure a statement is, and the texts that people type where they have nothing to state."""

from typing import Literal

from validator.base.language import say

#: ``official``: a document says so; ``practice``: generally done; ``unconfirmed``: nobody has confirmed it.
Sure = Literal["official", "practice", "unconfirmed"]
SURE: tuple[Sure, ...] = ("official", "practice", "unconfirmed")
#: A field row names those it accepts in ``blank``.
PLACEHOLDERS = ("-", "—", "－", "–", "--", "——", "/", "\\", "无")


def in_words(sure: str) -> str:
    """How far something is known, in words."""
    return {
        "official": say("官方文件", "official"),
        "practice": say("各地通行做法", "practice"),
        "unconfirmed": say("未证实", "unconfirmed"),
    }[sure]
