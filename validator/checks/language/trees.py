"""Trees of texts, parsed once: kept between runs in a file of the user's own, so that a start needs no parser."""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from validator.base import kept
from validator.checks.language.kinds import Kind
from validator.checks.language.meanings import BY_NAME, LITERAL, NULL
from validator.checks.language.tree import Term

MOST = 5_000  #: texts that are kept

_CONSTRUCTS = BY_NAME | {each.name: each for each in (LITERAL, NULL)}
_known: dict[str, Term] = {}


def tree(text: str) -> Term:
    """The tree of a text, not yet typed; :class:`LanguageError` for what the language does not have."""
    found = _known.get(text)
    if found is None:
        from validator.checks.language.read import read

        found = read(text)
        if len(_known) >= MOST:
            _known.clear()
        _known[text] = found
    return found


@contextmanager
def keeping(folder: Path) -> Iterator[None]:
    """Take the trees that the folder holds, and put there those that are new at the end."""
    path = folder / f"{_version()}.trees"
    trusted = kept.private(folder)
    before = _load(path) if trusted else {}
    for text, found in before.items():
        _known.setdefault(text, found)
    yield
    if trusted and not _known.keys() <= before.keys():
        kept.write(path, {text: _flat(found) for text, found in _known.items()})


def _version() -> str:
    """The language's own version, a hash of its modules, so that nobody has to remember to raise a number; and the parser's."""
    sources = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.rglob("*.py")))
    versions = f"{sys.implementation.cache_tag} {sys.hexversion} {version('sqlglot')}"
    return hashlib.sha256(sources + versions.encode()).hexdigest()


def _load(path: Path) -> dict[str, Term]:
    content = kept.read(path)
    try:
        return {text: _term(*parts) for text, parts in content.items()} if content else {}
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}  # not as this version writes it: parsed anew


def _flat(term: Term) -> tuple[Any, ...]:
    kind = term.kind
    kids = tuple(map(_flat, term.kids))
    return term.op.name, kids, term.value, term.place, (kind.name, kind.scale, kind.most, kind.nullable)


def _term(name: str, kids: tuple[Any, ...], value: Any, place: tuple[int, int], kind: tuple[Any, ...]) -> Term:
    return Term(_CONSTRUCTS[name], tuple(_term(*kid) for kid in kids), value, place, Kind(*kind))
