"""Zip archives, packed again: fixed members anew, all others with the same content, dates and order."""

import errno
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO
from zipfile import ZipFile, ZipInfo

from validator.read.archive import BROKEN, name_of
from validator.read.place import Place

Write = Callable[[IO[bytes]], None]


def write(archive: Path, fixed: Mapping[str, Write], out: Path) -> None:
    """``fixed``: what writes a member anew, by the member's name."""
    try:
        with ZipFile(archive) as old, ZipFile(out, "w") as new:
            new.comment = old.comment
            for info in old.infolist():
                name = name_of(info)
                with tempfile.TemporaryFile() as content:
                    if name in fixed:
                        fixed[name](content)
                    elif not info.is_dir():
                        with old.open(info) as stream:
                            shutil.copyfileobj(stream, content)
                    content.seek(0)
                    with new.open(_same(info, name), "w", force_zip64=content.seek(0, 2) >= 1 << 31) as member:
                        content.seek(0)
                        shutil.copyfileobj(content, member)
    except BROKEN as error:
        if (
            isinstance(error, OSError) and error.errno != errno.EINVAL
        ):  # of the disk; EINVAL: an offset that no file has
            raise
        raise Place(str(archive)).fault("压缩包损坏或不完整", "the archive is damaged or incomplete") from None


def _same(info: ZipInfo, name: str) -> ZipInfo:
    """A new entry like an old one."""
    entry = ZipInfo(name, info.date_time)
    entry.compress_type, entry.external_attr, entry.comment = info.compress_type, info.external_attr, info.comment
    return entry
