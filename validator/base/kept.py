"""Code and plain values kept between runs, under a hash of all that they were made of, where only the user can write.

A kept module is code: it is taken from nowhere but a folder that belongs to the user and that nobody else may enter.
"""

import hashlib
import marshal
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from validator.base.files import replacing

T = TypeVar("T")
KEPT = 16  #: files, the newest
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_MARK = b"zhikong rules\n"


def value(path: Path, make: Callable[[], T], kind: type[T]) -> T:
    """What a file holds, code or plain values of a ``kind``; made, and kept if the folder may be trusted, where it holds none."""
    if not private(path.parent):
        return make()
    kept = read(path)
    if not isinstance(kept, kind):
        kept = make()
        write(path, kept)
    return kept


def private(folder: Path) -> bool:
    """Whether the folder, made if need be, is the user's and closed to others."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and _own(found, 0o077)


def _own(found: os.stat_result, closed: int) -> bool:
    """Whether a file is the user's and has none of these rights; Windows keeps profiles apart by itself."""
    return sys.platform == "win32" or (found.st_uid == os.geteuid() and not found.st_mode & closed)


def read(path: Path) -> Any:
    """What a file holds, code or values; None where there is none, it is not whole, or not the user's."""
    try:
        with os.fdopen(os.open(path, _READ), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or not _own(found, 0o022):
                return None
            content = file.read()
        mark, digest, body = content[: len(_MARK)], content[len(_MARK) :][:32], content[len(_MARK) + 32 :]
        if mark != _MARK or digest != _digest(path.name, body):
            return None
        return marshal.loads(body)  # noqa: S302 - the user's own file, see above
    except (OSError, EOFError, ValueError, TypeError):
        return None


def write(path: Path, made: Any) -> None:
    """Keep code or plain values in a file, and only the newest files of that sort."""
    body = marshal.dumps(made)
    try:
        with replacing(path) as scratch:
            scratch.touch(mode=0o600)
            scratch.write_bytes(_MARK + _digest(path.name, body) + body)
        files = sorted(path.parent.glob(f"*{path.suffix}"), key=lambda each: each.stat().st_mtime, reverse=True)
        for old in files[KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        return  # a full disk costs time, not the run


def _digest(name: str, body: bytes) -> bytes:
    return hashlib.sha256(name.encode() + body).digest()
