"""What a run says of whole files: those that cannot be read, are no lists, or hold no case."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePath

from validator.base.language import say
from validator.read.names import names_of
from validator.read.partition import Note, Partition, Source
from validator.read.place import FileError, ForeignFileError, Place
from validator.spec.layouts import Layout

UNREADABLE, FOREIGN = "read/unreadable-file", "read/foreign-file"
_OF_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".parquet")


def empty(file: str) -> Note:
    """The note of a file that holds nothing at all: an export may have broken off before it began."""
    return Note("read/empty-file", "", source=Source(file), args={"file": file})


def no_case(file: str) -> Note:
    """The note of a file with headings but no case."""
    return Note("read/no-case", "", source=Source(file), args={"file": file})


def unreadable(file: str, reason: str) -> Note:
    """The note of a file that cannot be read."""
    return _of_file(UNREADABLE, Place(file), reason)


def of_notes(layout: Layout, notes: list[Note]) -> Partition:
    """A partition without cases, for notes that come with none."""
    tables = {name: each.empty for name, each in names_of(layout).items()}
    return Partition(layout.name, layout.case, tables, notes=notes)


def _of_file(check: str, place: Place, reason: str) -> Note:
    args = {"file": PurePath(place.file).name, "reason": reason}
    return Note(check, "", source=Source(place.file, place.sheet), line=place.line, args=args)


class FileNotes:
    """The notes of files, so that one that cannot be read does not keep the others from being checked."""

    def __init__(self, *, strict: bool) -> None:
        """``strict``: a file that cannot be read is an error all the same; a foreign one never is."""
        self.strict = strict
        self.notes: list[Note] = []  #: those that no partition has taken yet
        self.first: FileError | None = None  #: the error to raise where nothing at all was read
        self._unreadable: list[PurePath] = []

    @contextmanager
    def noted(self, together: Iterable[str] = ()) -> Iterator[None]:
        """Within the block an error of a file becomes a note; files ``together`` with it were not read either."""
        try:
            yield
        except FileError as error:
            if self.strict and not isinstance(error, ForeignFileError):
                raise
            self._add(error)
            reason = say(
                f"和它一起的“{error.place.file}”读不了", f"'{error.place.file}', which belongs with it, cannot be read"
            )
            self.notes += [unreadable(name, reason) for name in together if name != error.place.file]

    def skipped(self, names: Iterable[str]) -> None:
        """Note files that are of no kind that is read."""
        self.notes += [Note("read/skipped-file", "", source=Source(name), args={"file": name}) for name in names]

    def report(self, name: str) -> None:
        """Note a report of ours among the lists."""
        self.notes.append(Note("read/report-file", "", source=Source(name), args={"file": PurePath(name).name}))

    def on(self, parts: Iterable[Partition], layouts: Mapping[str, Layout], usual: str = "") -> Iterator[Partition]:
        """The partitions that have cases, with the notes so far; what is left comes with one that has none.

        ``usual``: the interface of that one where no case was read; without it such notes stay here.
        """
        last = usual
        for part in parts:
            if not part.height(part.case):
                self.notes += part.notes
                self.notes += [no_case(file) for file in dict.fromkeys(each.file for each in part.sources)]
                continue
            part.notes += self.notes
            self.notes.clear()
            last = part.layout
            yield part
        if last and self.notes:
            yield of_notes(layouts[last], self.notes)

    def _add(self, error: FileError) -> None:
        # without the frames of its traceback, which would keep the file's rows in memory
        self.first = self.first or error.with_traceback(None)
        foreign = isinstance(error, ForeignFileError)
        if not foreign:
            self._unreadable.append(PurePath(error.place.file))
        self.notes.append(_of_file(FOREIGN if foreign else UNREADABLE, error.place, error.reason))

    def incomplete(self, folder: str | PurePath) -> bool:
        """Return whether a file of tables in this folder or archive could not be read: rows of its cases may lack."""
        return any(file.suffix.lower() in _OF_TABLES and file.is_relative_to(folder) for file in self._unreadable)

    @property
    def any_unreadable(self) -> bool:
        """Whether any file could not be read."""
        return bool(self._unreadable)
