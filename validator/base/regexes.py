"""Regular expressions of the schemas, written for Polars, as Python reads them."""

import re
from functools import cache
from typing import Any

_CHARACTER = re.compile(r"\\x\{([0-9A-F]+)\}")


@cache
def compiled(regex: str) -> re.Pattern[str]:
    r"""A regular expression (with Polars' ``\z`` and ``\x{FEFF}``) for Python; classes such as ``\d`` are of ASCII alone."""
    spelt = _CHARACTER.sub(lambda found: f"\\u{found[1]:>04}", regex)
    return re.compile(spelt.replace(r"\z", r"\Z"), re.ASCII)


class Regex:
    """A regular expression that is compiled when it is first asked: one list needs few of the hundreds that its fields have."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        method = getattr(compiled(self._text), name)
        setattr(self, name, method)
        return method
