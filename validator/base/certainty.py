"""How sure a statement is, and the texts that people type where they have nothing to state."""

from typing import Literal

#: ``official``: a document says so; ``practice``: generally done; ``unconfirmed``: nobody has confirmed it.
Sure = Literal["official", "practice", "unconfirmed"]
SURE: tuple[Sure, ...] = ("official", "practice", "unconfirmed")
#: A field row names those it accepts in ``blank``.
PLACEHOLDERS = ("-", "—", "－", "–", "--", "——", "/", "\\", "无")
