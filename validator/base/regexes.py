"""Regular expressions of the schemas, written for Polars, as Python reads them."""

import re
from functools import cache

_CHARACTER = re.compile(r"\\x\{([0-9A-F]+)\}")


@cache
def compiled(regex: str) -> re.Pattern[str]:
    r"""A regular expression (with Polars' ``\z`` and ``\x{FEFF}``) for Python; classes such as ``\d`` are of ASCII alone."""
    spelt = _CHARACTER.sub(lambda found: f"\\u{found[1]:>04}", regex)
    return re.compile(spelt.replace(r"\z", r"\Z"), re.ASCII)
