"""Where zhikong's data folders are, and how it writes files without ever leaving half of one."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


@cache
def data(name: str) -> Path:
    """The folder ``schemas``, ``codebooks`` or ``reports``: inside an installed wheel, else next to a checkout's package.

    Where the variable ``ZHIKONG_DATA`` names a folder that holds one of these names, that one is taken: tests try a changed
    copy so.
    """
    other = Path(os.environ.get("ZHIKONG_DATA", "")) / name
    if "ZHIKONG_DATA" in os.environ and other.is_dir():
        return other.resolve()
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def own_cache() -> Path:
    """The folder for what can be made again: ``ZHIKONG_CACHE``, else the user's cache folder."""
    if named := os.environ.get("ZHIKONG_CACHE"):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_cache_dir("zhikong", appauthor=False))


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A scratch path next to ``target``; it takes target's name when the block ends well and vanishes when it does not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.stem}-{secrets.token_hex(4)}{target.suffix}")
    try:
        yield scratch
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)
