"""Headings without what differs from one export to the next."""

import re
import unicodedata
from functools import lru_cache

_IGNORED = re.compile(r"""[\s*:"'“”‘’_()\[\]【】{}<>《》,，、。./\\-]""")
_BRACKETS = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """A heading without what differs from one export to the next: width, case, blanks, brackets, stars, colons."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text)).casefold()


@lru_cache(maxsize=20_000)
def spellings(heading: str) -> tuple[str, ...]:
    """Plain forms to look up: all of it, without a closing bracket's content, outside and inside the brackets."""
    text = unicodedata.normalize("NFKC", heading).strip()
    last = None if not (brackets := list(_BRACKETS.finditer(text))) else brackets[-1]
    shorter = [text[: last.start()]] if last and last.end() == len(text) else []
    forms = [text, *shorter, _BRACKETS.sub("", text), *(each.group(1) for each in brackets)]
    return tuple(dict.fromkeys(word for form in forms if (word := plain(form))))
