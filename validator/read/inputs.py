"""The files behind the paths a user names: folders walked, zip archives opened."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from validator.base.errors import InputError
from validator.read.archive import BROKEN, Member, members
from validator.read.file_notes import FileNotes
from validator.read.place import Place, some

KINDS = {
    **dict.fromkeys((".json", ".log"), "json"),
    **dict.fromkeys((".jsonl", ".ndjson"), "lines"),
    **dict.fromkeys((".csv", ".tsv", ".txt"), "delimited"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"), "workbook"),
    **dict.fromkeys((".dbf",), "dbf"),
    **dict.fromkeys((".parquet",), "parquet"),
    **dict.fromkeys((".zip",), "zip"),
}
_MESSAGE = re.compile(rb"""\A\s*[\[{]|\{\s*"\w+"\s*:""")  #: in a text file that holds messages, as a log does
_HEAD = 1 << 16  #: bytes of it to look at
#: What ``zhikong check`` writes where no place is named lies next to what it checked.
_REPORT = re.compile(
    r"-checked(\.[a-z]+)?\.(html|json|jsonl|parquet|sarif|xlsx|xml)\Z|(-checked|[./]run)/manifest\.json\Z"
)
#: What a run over many processes leaves there (its ``manifest.json`` is noted for all of it).
_RUN = re.compile(r"(-checked|[./]run)/(units|cases|findings|outcomes|excess)/[^/]+\Z")
LOG = "fixes.csv"  #: what ``zhikong check --fix`` says it changed


@dataclass(frozen=True)
class Item:
    """One file that can be read."""

    name: str  #: as the user named it; a zip's member as ``lists.zip/a.json``
    kind: str
    size: int
    group: str  #: the folder or archive it lies in: tables of one group belong together
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    path: Path | None = None  #: None inside an archive
    archive: Path | None = None

    @property
    def place(self) -> Place:
        return Place(self.name)

    def read(self) -> bytes:
        """All bytes of the file."""
        return b"".join(self._chunks(lambda stream: [stream.read()]))

    def lines(self) -> Iterator[bytes]:
        """The file line by line."""
        return self._chunks(lambda stream: stream)

    def _chunks(self, pieces: Callable[[IO[bytes]], Iterable[bytes]]) -> Iterator[bytes]:
        try:
            with self.open() as stream:
                yield from pieces(stream)
        except BROKEN:
            raise self.place.fault(
                "读不了，文件损坏或没有权限", "cannot be read; it is damaged or not permitted"
            ) from None


def find(
    paths: Sequence[str | Path | Item], stack: ExitStack, about: FileNotes | None = None
) -> tuple[list[Item], list[str]]:
    """Every readable file behind ``paths``, and the names of all others. Archives stay open on ``stack``.

    ``about`` takes archives and members of them that cannot be read; without it they are errors.
    """
    items, skipped, about = list[Item](), list[str](), about or FileNotes(strict=True)
    for path in paths:
        if isinstance(path, Item):
            items.append(path)
            continue
        if str(path) == "-":
            items.append(_stdin())
            continue
        for file in _files(path):
            if file != Path(path) and _RUN.search(file.as_posix()):
                continue
            if file != Path(path) and _REPORT.search(file.as_posix()):
                about.report(named(file))
                continue
            with about.noted():
                found, unknown = _readable(file, stack, about)
                items += found
                skipped += unknown
    if not items:
        if about.first:
            raise about.first
        names = "、".join(map(str, paths))
        hint = f"（不认识：{some([Path(name).name for name in skipped])}）" if skipped else ""
        kinds = ", ".join(KINDS)
        raise InputError(
            f"{names}：没有能读的文件{hint}；能读 {kinds}", f"{names}: nothing that can be read; readable are {kinds}"
        )
    return items, skipped


def _files(path: str | Path) -> Iterator[Path]:
    """The files of a folder, and what stands there instead of one; or the file itself."""
    if not str(path):
        raise InputError("路径是空的", "the path is empty")
    path = Path(path)
    if path.is_dir():
        yield from (
            file for file in sorted(path.rglob("*")) if _is_data(file.relative_to(path)) and _is_read(file, path)
        )
    elif path.exists() or path.is_symlink():
        yield path
    else:
        raise InputError(f"{path}：没有这个文件或文件夹", f"{path}: no such file or folder")


def _is_read(file: Path, folder: Path) -> bool:
    """Whether a run over a folder has to answer for an entry.

    Links to folders are not followed, as they may lead round in circles: one that leads out of the folder has lists that are not read.
    """
    if file.is_file():
        return True
    if file.is_dir():
        return file.is_symlink() and not file.resolve().is_relative_to(folder.resolve())
    return file.suffix.lower() in KINDS


def _readable(file: Path, stack: ExitStack, about: FileNotes) -> tuple[list[Item], list[str]]:
    """What can be read of a file, or of the archive that it is, and the names of what cannot."""
    if not file.is_file():
        raise Place(named(file)).fault(*_no_file(file))
    kind = _kind(file.name, _opener(file))
    if kind == "zip":
        return _zip(file, stack, about)
    return ([_item(file, kind)], []) if kind else ([], [named(file)])


def _no_file(path: Path) -> tuple[str, str]:
    """What something is that is no file."""
    if path.is_dir():
        return (
            "是指向别处文件夹的链接，没有读；请直接写那个文件夹的路径",
            "is a link to another folder and was not read; name that folder",
        )
    if path.is_symlink() and not path.exists():
        return "是断了的链接", "is a broken link"
    return "是管道或设备，不是文件；管道用 - 从标准输入读", "is a pipe or a device and no file; read a pipe as -"


def _is_data(file: Path) -> bool:
    """Whether a file of a folder is meant to be read.

    ``_SUCCESS`` and its like, ``_truth``, and the log of fixes lie next to the data.
    """
    marker = file.name.startswith("_") and (file.suffix.lower() not in KINDS or file.stem == "_truth")
    return not marker and file.name != LOG and not any(part.startswith((".", "~$")) for part in file.parts)


def _kind(name: str, opened: Callable[[], AbstractContextManager[IO[bytes]]]) -> str | None:
    """How a file is read, by its name, and text files by what they begin with; None for what is not."""
    suffix = Path(name).suffix.lower()
    kind = KINDS.get(suffix)
    if suffix in (".txt", ".log"):
        try:
            with opened() as stream:
                found = _MESSAGE.search(stream.read(_HEAD))
        except BROKEN:
            return kind  # reading it will say why it cannot be
        return "json" if found else {".txt": kind}.get(suffix)
    return kind


def _opener(file: Path) -> Callable[[], AbstractContextManager[IO[bytes]]]:
    return lambda: file.open("rb")


def _item(file: Path, kind: str) -> Item:
    name = named(file)
    if kind == "parquet" and name != str(file):  # Polars opens no such file
        raise Place(name).fault("文件名不是 UTF-8，请改名", "the file's name is not UTF-8; rename it")
    return Item(name, kind, file.stat().st_size, named(file.parent), _opener(file), file)


def named(path: str | Path) -> str:
    """The path as text; names in GB18030, as archives of a Chinese Windows leave them, are decoded."""
    if _is_text(str(path)):
        return str(path)
    return str(
        Path(*(part if _is_text(part) else os.fsencode(part).decode("gb18030", "replace") for part in Path(path).parts))
    )


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _zip(file: Path, stack: ExitStack, about: FileNotes) -> tuple[list[Item], list[str]]:
    items, skipped = list[Item](), list[str]()
    for member in members(file, stack):
        name = f"{file}/{member.name}"
        kind = KINDS.get(Path(member.name).suffix.lower())
        with about.noted():
            if kind:
                _refuse(member, kind, Place(name))
                kind = _kind(member.name, member.open)
            if kind:
                items.append(Item(name, kind, member.size, name.rpartition("/")[0], member.open, archive=file))
            else:
                skipped.append(name)
    return items, skipped


def _refuse(member: Member, kind: str, place: Place) -> None:
    """Fail on a member that has to be taken out of its archive first."""
    if member.locked:
        raise place.fault("压缩包有密码，请先解密", "the archive has a password; please unlock it first")
    if kind == "zip":
        raise place.fault("压缩包里还有压缩包，请先解开", "an archive inside an archive; please unpack it first")
    if kind == "parquet":
        raise place.fault("压缩包里的 Parquet 请先解开", "Parquet inside an archive; please unpack it first")


def _stdin() -> Item:
    if sys.stdin is None:
        raise InputError("标准输入是关着的，读不了 -", "standard input is closed: - cannot be read")
    return Item("-", "stdin", 0, "-", lambda: nullcontext(sys.stdin.buffer))
