"""``--fix``: copies of what was checked with the safe fixes made, and a log of each. The originals are never touched."""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO
from xml.parsers.expat import ExpatError

from validator.base import files
from validator.base.errors import InputError
from validator.fix import archive, delimited, messages, parquet, workbook
from validator.fix.edits import Edit, Fixes
from validator.fix.log import Log
from validator.fix.splice import Reason
from validator.read import inputs, web_page
from validator.read.archive import BROKEN
from validator.read.file_notes import FileNotes
from validator.read.inputs import LOG, Item
from validator.read.workbook import MAGIC
from validator.report.common.people import People
from validator.report.common.shared import Shared
from validator.report.common.view import ReportView
from validator.spec.layouts import Layout
from validator.workbook.package import Package

__all__ = ["Copies", "Fixed", "Fixes", "Reason"]

_HEAD = 64  #: bytes that tell a kind of file
_WRITABLE = ".xlsx、.xlsm、CSV、TXT、JSON、JSON Lines、Parquet、zip"


@dataclass(frozen=True)
class Fixed:
    """The result of a fix: copies written, values fixed, edits left out."""

    files: dict[Path, int]  #: each copy, and how many values were fixed in it
    log: Path
    judged: int  #: fixes that a person must judge; none of them was made
    left: Counter[Reason] = field(default_factory=Counter)  #: safe fixes that could not be made

    @property
    def made(self) -> int:
        """How many values were fixed."""
        return sum(self.files.values())


@dataclass
class _Copy:
    """An input file, the copy to make of it, and what is read of it: itself, or an archive's members."""

    file: Path
    target: Path
    items: list[Item]


class Copies:
    """The copies to make of some inputs; created before the check, so that what cannot be written is reported at once."""

    def __init__(self, inputs: Sequence[str | Path], folder: Path) -> None:
        self._inputs, self._folder, self.fixes = inputs, folder, Fixes()
        with ExitStack() as stack:
            copies = self._copies(stack)
            _refuse_overwriting(copies, [Path(each) for each in inputs], folder)
            items = [item for copy in copies for item in copy.items]
            if len(items) == 1 and not _is_writable(items[0]):
                zh, en = Reason.FORMAT.value
                raise items[0].place.fault(f"{zh}（能写 {_WRITABLE}）", en)

    def _copies(self, stack: ExitStack) -> list[_Copy]:
        if "-" in map(str, self._inputs):
            raise InputError(
                "标准输入没有文件可改，--fix 请给出文件或文件夹", "--fix needs files or folders, not standard input"
            )
        copies: dict[Path, _Copy] = {}
        for item in inputs.find(self._inputs, stack, FileNotes(strict=False))[0]:
            file = item.path or item.archive
            assert file
            copies.setdefault(file, _Copy(file, self._target(file), [])).items.append(item)
        return list(copies.values())

    def _target(self, file: Path) -> Path:
        """A file goes straight into the folder, a folder with its name and all below it."""
        given = next(path for each in self._inputs if (path := Path(each)) == file or path in file.parents)
        return self._folder / (file.name if given == file else Path(given.resolve().name) / file.relative_to(given))

    def write(self, report: ReportView, layouts: Mapping[str, Layout], *, layout: str | None = None) -> Fixed:
        """Write all copies and the log aside; only when all are whole do they take their names.

        ``report`` says whose the cases are, and whether personal data are hidden in the log.
        """
        people = People(Shared(report) if report.masked else report)
        try:
            with ExitStack() as stack:
                copies = self._copies(stack)
                scratch = stack.enter_context(files.replacing(self._folder / LOG))
                log = Log(stack.enter_context(scratch.open("wb")), layouts, people, mask=report.masked)
                for copy in copies:
                    writer = _Writer(self.fixes, layouts, layout, log)
                    writer.copy(copy, stack.enter_context(files.replacing(copy.target)))
                log.flush()
        except PermissionError as error:
            where = error.filename or self._folder
            raise InputError(
                f"写不了 {where}：它正被别的程序打开，或不许写", f"cannot write {where}: open elsewhere?"
            ) from error
        made = {copy.target: sum(log.made[item.name] for item in copy.items) for copy in copies}
        return Fixed(made, self._folder / LOG, self.fixes.judged, log.left)


class _Writer:
    """Writes files with their edits."""

    def __init__(self, fixes: Fixes, layouts: Mapping[str, Layout], layout: str | None, log: Log) -> None:
        self._fixes, self._layouts, self._layout, self._log = fixes, layouts, layout, log

    def copy(self, copy: _Copy, out: Path) -> None:
        """A file without edits is copied as it is."""
        pending = list[Item]()
        for item in copy.items:
            if self._fixes.layouts(item.name) and _is_writable(item):
                pending.append(item)
            else:
                for edit in self._edits(item):
                    self._log.tell(edit, Reason.FORMAT)
        if not pending:
            shutil.copyfile(copy.file, out)
        elif copy.file == pending[0].archive:
            members = {item.name.removeprefix(f"{copy.file}/"): partial(self._file, item) for item in pending}
            archive.write(copy.file, members, out)
        elif pending[0].kind == "parquet":
            parquet.write(pending[0], self._edits(pending[0]), out, self._log.tell)
        else:
            with out.open("wb") as file:
                self._file(pending[0], file)

    def _edits(self, item: Item, layout: str | None = None) -> Iterator[Edit]:
        """The edits of a file that are to be made."""
        for name in [layout] if layout else self._fixes.layouts(item.name):
            for edit in self._fixes.of(item.name, name):
                if edit.clash:
                    self._log.tell(edit, Reason.CLASH)
                else:
                    yield edit

    def _file(self, item: Item, out: IO[bytes]) -> None:
        if item.kind == "lines":
            streams = [self._edits(item, layout) for layout in self._fixes.layouts(item.name)]
            messages.write_lines(item, streams, self._layouts, out, self._log.tell)
        elif item.kind == "json":
            messages.write(item, list(self._edits(item)), self._layouts, self._layout, out, self._log.tell)
        elif _is_zip(item):
            workbook.write(item, self._edits(item), self._layouts, out, self._log.tell)
        else:
            delimited.write(item, self._edits(item), out, self._log.tell)


def _refuse_overwriting(copies: Sequence[_Copy], given: Sequence[Path], folder: Path) -> None:
    """No copy may take the place of an original, of another copy, or of a file that is not ours."""
    originals, seen = {copy.file.resolve() for copy in copies}, set[Path]()
    for target in (copy.target.resolve() for copy in copies):
        if target in originals:
            raise InputError(
                f"{target} 是被检查的文件，请换一个 --fix 目录", f"{target} is checked; choose another DIR"
            )
        if target in seen:
            raise InputError(f"有两个输入都叫 {target.name}，请分开修正", f"two inputs are called {target.name}")
        if target.exists() and not (folder / LOG).exists():
            raise InputError(f"{target} 已存在，请换一个 --fix 目录", f"{target} exists; choose another DIR for --fix")
        seen.add(target)
    for path in given:
        if path.is_dir() and folder.resolve().is_relative_to(path.resolve()):
            raise InputError(
                f"--fix 目录 {folder} 在被检查的文件夹 {path} 里，请换到外面", f"{folder} lies in the checked {path}"
            )


def _is_writable(item: Item) -> bool:
    """Whether the file is of a kind that can be changed: of workbooks only those of today's format, no web pages."""
    if item.kind not in ("delimited", "workbook"):
        return True
    with suppress(*BROKEN), item.open() as stream:  # a damaged file is the reader's to tell
        head = stream.read(_HEAD)
        if head.startswith(MAGIC):
            return head.startswith(b"PK") and _is_xlsx(stream)
        return not web_page.is_page(head.decode("utf-16" if head[:1] in b"\xff\xfe" else "utf-8-sig", "ignore"))
    return True


def _is_xlsx(stream: IO[bytes]) -> bool:
    try:
        Package(stream).close()
    except (InputError, KeyError, ExpatError):
        return False
    return True


def _is_zip(item: Item) -> bool:
    with item.open() as stream:
        return stream.read(2) == b"PK"
