"""Reading the user's data into :class:`~validator.read.partition.Partition`: messages, workbooks, CSV, Parquet."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from validator.base.errors import ConfigError, InputError
from validator.base.language import say
from validator.read import inputs, messages
from validator.read.file_notes import FileNotes
from validator.read.inputs import Item
from validator.read.messages import from_json, from_message, from_messages
from validator.read.partition import Partition
from validator.spec.layouts import Layout

if TYPE_CHECKING:
    from validator.read.frames import from_tables
    from validator.read.headings import Targets
    from validator.read.mapping import draft as draft_mapping
    from validator.read.mapping import save as save_mapping
    from validator.read.settlement import Settlement

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


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    home, own = _HOMES[name]
    return getattr(import_module(home), own)


Progress = Callable[
    [str, int, int], None
]  #: called with the file, and how many bytes are read of how many (0: unknown)
#: What is loaded when it is first asked for: a message needs none of it.
_HOMES = {
    "from_tables": ("validator.read.frames", "from_tables"),
    "draft_mapping": ("validator.read.mapping", "draft"),
    "save_mapping": ("validator.read.mapping", "save"),
}
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
    targets = _targets(mapping, layouts) if mapping else {}
    settled = _settlement(settlement, layouts) if settlement else None
    with ExitStack() as stack:
        about = FileNotes(strict=strict)
        items, skipped = inputs.find(paths, stack, about)
        about.strict |= len(items) + len(skipped) + len(about.notes) == 1
        about.skipped(skipped)
        parts = _parts(items, layouts, layout, targets, partition_rows, _Done(items, progress), about)
        found = False
        for part in about.on(parts, layouts):
            if settled and part.height(part.case):
                settled.complete(part)
            found = True
            yield part
    if not found and about.first:
        raise about.first
    if not found:
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
    from validator.read import frames, objects

    if (items := objects.files(data)) is not None:
        return partitions(items, layouts, layout=layout, **options), [item.name for item in items]
    if (tables := objects.tables(data)) is not None:
        return frames.from_tables(tables, layouts, layout), [say("内存中的表", "tables in memory")]
    if (contents := objects.messages(data)) is not None:
        return from_messages(contents, layouts, layout), [say("内存中的报文", "messages in memory")]
    raise objects.refusal(data)


def as_paths(data: Any) -> list[str | Path] | None:
    """One or several paths as a list; None where the data are something else."""
    given = [data] if isinstance(data, str | Path) else data
    known = isinstance(given, list | tuple) and given and all(isinstance(each, str | Path) for each in given)
    return list(given) if known else None


def _targets(path: Path, layouts: Mapping[str, Layout]) -> "Targets":
    from validator.read import mapping

    return mapping.load(path, layouts)


def _settlement(path: Path, layouts: Mapping[str, Layout]) -> "Settlement":
    from validator.read.settlement import FULL, SHORT, Settlement

    full = {FULL: layouts[FULL]}
    return Settlement(partitions([path], full, layout=FULL, strict=True), str(path), layouts[SHORT])


def _parts(
    items: Sequence[Item],
    layouts: Mapping[str, Layout],
    layout: str | None,
    targets: "Targets",
    partition_rows: int,
    done: "_Done",
    about: FileNotes,
) -> Iterator[Partition]:
    texts = [item for item in items if item.kind in ("json", "lines", "stdin")]
    files = ((item.name, done.through(item)) for item in texts)
    yield from messages.collect(files, layouts, layout, partition_rows, about)
    if others := [item for item in items if item.kind in ("delimited", "workbook", "dbf", "parquet")]:
        from validator.read import tables

        yield from tables.partitions(others, layouts, layout, targets, partition_rows, done, about)


class _Done:
    """Counts the bytes that are read and tells ``progress``."""

    def __init__(self, items: Sequence[Item], progress: Progress | None) -> None:
        self._total, self._read, self._tell = sum(item.size for item in items), 0, progress

    def through(self, item: Item) -> messages.Messages:
        """The messages of a file, counted as they are taken."""
        yield from messages.of(item, self._lines(item))
        if item.kind == "json":
            self(item, item.size)

    def _lines(self, item: Item) -> Iterator[bytes]:
        size = 0
        for line in item.lines():
            size += len(line)
            if size >= _BYTES_BETWEEN:
                self(item, size)
                size = 0
            yield line
        self(item, size)

    def __call__(self, item: Item, size: int) -> None:
        self._read += size
        if self._tell:
            self._tell(item.name, self._read, self._total)
