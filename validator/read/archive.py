"""Zip archives, with limits so that a small file can never fill memory or disk."""

import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from validator.read.place import Place

MOST_MEMBERS = 200_000
MOST_BYTES = 8 << 30  #: unpacked, of a whole archive
HARMLESS = 64 << 20  #: no ratio is suspicious below this size
MOST_RATIO = 250
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
    total = sum(info.file_size for info in infos)
    steep = any(info.file_size > HARMLESS and info.file_size > MOST_RATIO * info.compress_size for info in infos)
    if len(infos) > MOST_MEMBERS or total > MOST_BYTES or steep:
        raise place.fault(
            f"压缩包超过限制（{MOST_MEMBERS} 个文件、{MOST_BYTES >> 30} GB、压缩比 {MOST_RATIO}），没有读",
            f"the archive exceeds the limits ({MOST_MEMBERS} files, {MOST_BYTES >> 30} GB, ratio {MOST_RATIO})",
        )


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
