"""Texts that a spreadsheet program would calculate: in every CSV that we write they are kept from it."""

import re

_BEGINS, _NUMBER = re.compile(r"[=+\-@\t\r]"), re.compile(r"[+-]?[0-9]*\.?[0-9]*\Z")


def is_formula_like(text: str) -> bool:
    """Whether a spreadsheet program might take the text for a formula when it is typed in or pasted."""
    return bool(_BEGINS.match(text))


def plain(text: str) -> str:
    """The text as a cell of a CSV: with an apostrophe before what would be calculated; numbers stay."""
    return f"'{text}" if _BEGINS.match(text) and not _NUMBER.match(text) else text
