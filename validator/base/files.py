"""Where zhikong's data folders are, and how it writes files without ever leaving half of one."""

import errno
import os
import re
import secrets
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from validator.base.errors import InputError

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

#: What scratch files are named by: the machine, for their process is known here alone, and before it the process.
_HERE = f"{zlib.crc32(os.uname().nodename.encode()):08x}" if hasattr(os, "uname") else "0"
_SCRATCH = re.compile(rf"zhikong-([0-9]{{1,10}})-{_HERE}-.*|\..+-([0-9]{{1,10}})-{_HERE}-[0-9a-f]{{8}}(?:\.[^.]*)?")
#: What libraries with errors of their own say: the system's number, or that Parquet could not be written further.
_SYSTEM = re.compile(r"\(os error ([0-9]{1,5})\)|transport error")
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
def naming(target: Path, scratch: Path | None = None) -> Iterator[None]:
    """What the system refuses inside is an :class:`OSError` with ``target``'s name, whichever library met it, and whatever
    it calls the file: nothing, the source of a copy, or ``scratch``.
    """
    try:
        yield
    except OSError as error:
        named = error.filename and error.filename2 is None and str(error.filename) != str(scratch)
        if named or error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(target)) from error
    except Exception as error:
        if not (found := _SYSTEM.search(str(error))):
            raise
        number = int(found[1] or errno.EIO)
        raise OSError(number, os.strerror(number), str(target)) from error


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A scratch path next to ``target``; it takes target's name when the block ends well and vanishes when it does not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _clear(target.parent)
    scratch = target.with_name(f".{target.stem}-{os.getpid()}-{_HERE}-{secrets.token_hex(4)}{target.suffix}")
    try:
        with naming(target, scratch):
            yield scratch
            scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)


@contextmanager
def whole_folder(target: Path) -> Iterator[None]:
    """The block fills the folder ``target``, whose content goes again where it does not end well: half a set looks like a whole one.

    Raises :class:`~validator.base.errors.InputError` where something is in it before.
    """
    if target.exists() and any(target.iterdir()):
        raise InputError(f"{target} 不是空文件夹，请换一个", f"{target} is not empty; choose another folder")
    target.mkdir(parents=True, exist_ok=True)
    try:
        with naming(target):
            yield
    except BaseException:
        for path in target.iterdir():
            _remove(path)
        raise


@contextmanager
def scratch_folder() -> Iterator[str]:
    """A folder for scratch files while the block runs."""
    with scratch_directory() as folder, naming(Path(folder)):
        yield folder


def scratch_directory() -> "TemporaryDirectory[str]":
    """A folder for scratch files until it is cleaned up; those of killed runs are removed before."""
    import tempfile

    _clear(Path(tempfile.gettempdir()))
    return tempfile.TemporaryDirectory(prefix=f"zhikong-{os.getpid()}-{_HERE}-", ignore_cleanup_errors=True)


@cache
def _clear(folder: Path) -> None:
    """Remove, once for a folder, its scratch files and folders whose process, which their names tell, has ended."""
    with suppress(OSError):  # what is somebody else's stays
        for path in folder.iterdir():
            found = _SCRATCH.fullmatch(path.name)
            if found and not _is_running(int(found[1] or found[2])):
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        import shutil

        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink()


def _is_running(process: int) -> bool:
    """Whether there may be such a process; Windows has no harmless way to ask."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's
    return True
