"""Texts on a terminal: how wide they are where a Chinese character takes two columns, and without control characters."""

import re
from functools import lru_cache

#: Up to here, characters are mostly narrower than they are high.
_NARROW = re.compile("[\0-\u2e7f]+")

#: A word, or one wide character, with the punctuation that may not end a line before it or begin one after it.
_PIECE = re.compile(r"[（“]*(?:[!-~]+ *|.)[，。；：、）”？]*")


#: Control characters but for the ends of lines and the tabulator -> what stands for them, as in ␛ for Escape.
_CONTROL = {each: 0x2400 + each for each in range(32) if chr(each) not in "\n\t"} | dict.fromkeys(
    range(0x7F, 0xA0), "�"
)


def printable(text: str) -> str:
    """The text with its control characters shown, so that a terminal does nothing but print it."""
    return text.translate(_CONTROL)


@lru_cache(1 << 14)
def width(text: str) -> int:
    """Columns the text takes where a Chinese character takes two."""
    return len(text) + len(_NARROW.sub("", text))


def clip(text: str, most: int) -> str:
    """The text, cut to ``most`` columns."""
    if width(text) <= most:
        return text
    while width(text) > most - 2:
        text = text[:-1]
    return text + "…"


def fold(text: str, most: int) -> list[str]:
    """The text in lines of at most ``most`` columns; a word is broken only where it is longer than a line."""
    lines: list[str] = []
    for piece in _PIECE.findall(text):
        if lines and width(lines[-1] + piece.rstrip()) <= most:
            lines[-1] += piece
        else:
            lines += [piece[at : at + most] for at in range(0, len(piece), most)]
    return [line.rstrip() for line in lines]
