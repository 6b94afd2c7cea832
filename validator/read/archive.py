"""Zip archives, with limits so that a small file can never fill memory or disk."""

import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from validator.base import limits
from validator.read.place import Place

HARMLESS = 64 << 20  #: bytes of a file below which no ratio is suspicious
#: what reading a damaged archive may raise
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError, LookupError)


@dataclass(frozen=True)
class Member:
    """One file of an archive."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]
    locked: bool  #: with a password


def members(path: Path, stack: ExitStack) -> Iterator[Member]:
    """The files of an archive, which stays open on ``stack``; :class:`InputError` if it is broken or a bomb."""
    place = Place(str(path))
    try:
        archive = stack.enter_context(zipfile.ZipFile(path))
        infos = [info for info in archive.infolist() if not info.is_dir()]
    except BROKEN:
        raise place.fault("压缩包损坏或不完整", "the archive is damaged or incomplete") from None
    refuse_bomb(infos, place)
    for info in infos:
        name = name_of(info)
        if any(part.startswith((".", "~$", "__MACOSX")) for part in name.split("/")):
            continue
        yield Member(name, info.file_size, partial(archive.open, info), bool(info.flag_bits & 1))


def refuse_bomb(infos: Iterable[zipfile.ZipInfo], place: Place) -> None:
    """Fail if unpacking would give more than anyone's lists could be."""
    infos = list(infos)
    ratios = [info.file_size // max(1, info.compress_size) for info in infos if info.file_size > HARMLESS]
    wrong = (
        limits.exceeded("zip-files", len(infos))
        or limits.exceeded("zip-bytes", sum(info.file_size for info in infos))
        or limits.exceeded("zip-ratio", max(ratios, default=0))
    )
    if wrong:
        raise place.fault(*wrong)


def name_of(info: zipfile.ZipInfo) -> str:
    """The member's name; Windows writes Chinese ones in GBK without saying so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename
