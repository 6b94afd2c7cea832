"""Reading the user's data into :class:`~validator.read.partition.Partition`: messages, workbooks, CSV, Parquet."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from validator.base.errors import ConfigError, InputError
from validator.base.language import say
from validator.read import dbf, delimited, documents, file_grids, inputs, messages, objects, parquet, recognise
from validator.read import mapping as mappings
from validator.read.documents import Sheets
from validator.read.file_notes import FileNotes, no_case
from validator.read.frames import from_tables
from validator.read.grids import Reader, SheetTable
from validator.read.headings import Headings, Targets
from validator.read.inputs import Item
from validator.read.mapping import draft as draft_mapping
from validator.read.mapping import save as save_mapping
from validator.read.memory import uncollected
from validator.read.messages import from_json, from_message, from_messages
from validator.read.names import names_of
from validator.read.partition import Note, Partition, Source
from validator.read.settlement import FULL, SHORT, Settlement
from validator.spec.layouts import Layout

__all__ = [
    "as_paths",
    "draft_mapping",
    "from_json",
    "from_message",
    "from_messages",
    "from_tables",
    "of_data",
    "partitions",
    "save_mapping",
]

Progress = Callable[
    [str, int, int], None
]  #: called with the file, and how many bytes are read of how many (0: unknown)
_NOTHING = b"\xef\xbb\xbf \t\r\n"  #: a file of these bytes alone is empty
_BYTES_BETWEEN = 4 << 20  #: bytes of a long file between two words to ``progress``


def partitions(
    paths: Sequence[str | Path | Item],
    layouts: Mapping[str, Layout],
    *,
    layout: str | None = None,
    mapping: Path | None = None,
    settlement: Path | None = None,
    partition_rows: int = 100_000,
    progress: Progress | None = None,
    strict: bool = False,
) -> Iterator[Partition]:
    """The cases behind some paths (``-``: standard input), one interface and at most ``partition_rows`` at a time.

    ``layout`` names the interface where the data does not; ``mapping`` is a file of headings (see :mod:`.mapping`);
    ``settlement`` holds settlement data to set against 4101A cases. A file that cannot be read is a note, and the
    others are read; it is an error where nothing else was given or read, or if ``strict``.
    """
    if layout and layout not in layouts:
        known = "、".join(layouts)
        raise ConfigError(f"没有接口“{layout}”，可用：{known}", f"there is no interface '{layout}'; known: {known}")
    targets = mappings.load(mapping, layouts) if mapping else {}
    settled = _settlement(settlement, layouts) if settlement else None
    with ExitStack() as stack:
        about = FileNotes(strict=strict)
        items, skipped = inputs.find(paths, stack, about)
        about.strict |= len(items) + len(skipped) + len(about.notes) == 1
        notes = about.notes
        notes += [Note("read/skipped-file", "", source=Source(name), args={"file": name}) for name in skipped]
        done = _Done(items, progress)
        last = None
        for part in _parts(items, layouts, layout, targets, partition_rows, done, about):
            if not part.tables[part.case].height:
                notes += part.notes
                notes += [no_case(file) for file in dict.fromkeys(each.file for each in part.sources)]
                continue
            part.notes += notes
            notes.clear()
            last = part.layout
            if settled:
                settled.complete(part)
            yield part
    if last and notes:
        empty = {name: each.empty for name, each in names_of(layouts[last]).items()}
        yield Partition(last, layouts[last].case, empty, notes=notes)
    if not last and about.first:
        raise about.first
    if not last:
        names = ", ".join(map(str, paths))
        raise InputError(f"{names}：没有病例", f"{names}: no case in it")


def of_data(
    data: Any, layouts: Mapping[str, Layout], layout: str | None = None, **options: Any
) -> tuple[Iterable[Partition], list[str]]:
    """The cases of whatever a caller has (see :func:`validator.check`), and what to call it in a report.

    ``options`` are those of :func:`partitions`. Raises :class:`~validator.base.errors.InputError` for what cannot be taken.
    """
    if (paths := as_paths(data)) is not None:
        return partitions(paths, layouts, layout=layout, **options), [str(path) for path in paths]
    if (items := objects.files(data)) is not None:
        return partitions(items, layouts, layout=layout, **options), [item.name for item in items]
    if (tables := objects.tables(data)) is not None:
        return from_tables(tables, layouts, layout), [say("内存中的表", "tables in memory")]
    if (contents := objects.messages(data)) is not None:
        return from_messages(contents, layouts, layout), [say("内存中的报文", "messages in memory")]
    raise objects.refusal(data)


def as_paths(data: Any) -> list[str | Path] | None:
    """One or several paths as a list; None where the data are something else."""
    given = [data] if isinstance(data, str | Path) else data
    known = isinstance(given, list | tuple) and given and all(isinstance(each, str | Path) for each in given)
    return list(given) if known else None


def _settlement(path: Path, layouts: Mapping[str, Layout]) -> Settlement:
    full = {FULL: layouts[FULL]}
    return Settlement(partitions([path], full, layout=FULL, strict=True), str(path), layouts[SHORT])


def _parts(
    items: Sequence[Item],
    layouts: Mapping[str, Layout],
    layout: str | None,
    targets: Targets,
    partition_rows: int,
    done: "_Done",
    about: FileNotes,
) -> Iterator[Partition]:
    texts = [item for item in items if item.kind in ("json", "lines", "stdin")]
    files = ((item.name, done.through(item)) for item in texts)
    yield from messages.collect(files, layouts, layout, partition_rows, about)
    tables = [item for item in items if item.kind in ("delimited", "workbook", "dbf", "parquet")]
    if not tables:
        return
    known = [(each, Headings(each, targets)) for each in recognise.apart(layouts, layout)]
    columnar = [item for item in tables if item.kind == "parquet"]
    for number, some in parquet.of_documents(columnar, [headings for _, headings in known]).items():
        yield from parquet.partitions(some, known[number][0], layout, known[number][1], partition_rows, done, about)
    readers = [Reader(each, layout, headings, partition_rows, about) for each, headings in known]
    groups = dict[str, list[Item]]()
    for item in tables:
        if item.kind != "parquet":
            groups.setdefault(item.group, []).append(item)
    for folder, group in groups.items():
        yield from _group(folder, group, readers, done, about)


def _group(
    folder: str, items: Sequence[Item], readers: Sequence[Reader], done: "_Done", about: FileNotes
) -> Iterator[Partition]:
    """The tables of one folder: a workbook with cases and details stands for itself, all else belongs together.

    There is a reader for each document; files without cases are of the document whose cases lie next to them.
    """
    waiting: dict[int, list[SheetTable]] = {}
    caseless = list[Sheets]()
    for item in items:
        with about.noted():
            sheets = _sheets(item, readers)
            reader = sheets.best
            if len(readers) > 1 and sheets.caseless:
                caseless.append(sheets)
                continue
            tables = sheets.tables(reader)
            kinds = {table.found.columns.table for table in tables}
            if kinds & reader.cases and len(kinds) > 1:
                yield from reader.partitions(tables)
            else:
                waiting.setdefault(readers.index(reader), []).extend(tables)
        done(item)
    for sheets in caseless:
        with about.noted():
            reader = readers[next(iter(waiting))] if len(waiting) == 1 else sheets.best
            waiting.setdefault(readers.index(reader), []).extend(sheets.tables(reader))
        done(sheets.item)
    for number, found in sorted(waiting.items()):
        if found:
            with about.noted(dict.fromkeys(table.grid.place.file for table in found)):
                for part in readers[number].partitions(found):
                    part.incomplete = about.incomplete(folder)
                    yield part


def _sheets(item: Item, readers: Sequence[Reader]) -> Sheets:
    """The sheets of a file, whose content counts more than its name: an .xls is often a CSV."""
    with uncollected():
        data = item.read()
        if item.kind == "dbf":
            return documents.sheets(item, [dbf.grid(data, item.place)], readers)
        if not data.strip(_NOTHING):
            return documents.sheets(item, [], readers)
        sheets = documents.sheets(item, file_grids.grids(data, item.place), readers)
        for table in sheets.found:
            if not table.grid.letters:  # a CSV
                delimited.check_widths(table.grid, table.found.data - 1)
        return sheets


class _Done:
    """Counts the bytes that are read and tells ``progress``."""

    def __init__(self, items: Sequence[Item], progress: Progress | None) -> None:
        self._total, self._read, self._tell = sum(item.size for item in items), 0, progress

    def __call__(self, item: Item) -> None:
        self._count(item, item.size)

    def through(self, item: Item) -> messages.Messages:
        """The messages of a file, counted as they are taken."""
        yield from messages.of(item, self._lines(item))
        if item.kind == "json":
            self(item)

    def _lines(self, item: Item) -> Iterator[bytes]:
        size = 0
        for line in item.lines():
            size += len(line)
            if size >= _BYTES_BETWEEN:
                self._count(item, size)
                size = 0
            yield line
        self._count(item, size)

    def _count(self, item: Item, size: int) -> None:
        self._read += size
        if self._tell:
            self._tell(item.name, self._read, self._total)
