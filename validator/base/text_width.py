"""How wide a text is where a Chinese character takes two columns."""

from functools import lru_cache

_WIDE = 0x2E80  #: from here on, characters are mostly as wide as they are high


@lru_cache(1 << 14)
def width(text: str) -> int:
    """Columns the text takes where a Chinese character takes two."""
    return sum(1 if ord(letter) < _WIDE else 2 for letter in text)


def clip(text: str, most: int) -> str:
    """The text, cut to ``most`` columns."""
    if width(text) <= most:
        return text
    while width(text) > most - 2:
        text = text[:-1]
    return text + "…"
