"""Settlement lists as interface messages (4101, 4101A), one or many."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from validator.read import parse, recognise
from validator.read.file_notes import FileNotes, empty
from validator.read.inputs import Item
from validator.read.message_rows import lone
from validator.read.nodes import Collector
from validator.read.partition import Note, Partition, RowTables, Source
from validator.read.place import Place
from validator.read.recognise import NoListError
from validator.spec.layouts import Layout, Layouts

Messages = Iterable[tuple[Any, int | None]]  #: parsed messages and their lines


def from_message(message: Mapping[str, Any], layouts: Mapping[str, Layout], layout: str | None = None) -> Partition:
    """One message that is already parsed: the whole envelope, its ``input``, or just the nodes."""
    return from_messages([message], layouts, layout)[0]


def from_messages(messages: Iterable[Any], layouts: Mapping[str, Layout], layout: str | None = None) -> list[Partition]:
    """Parsed messages, checked together; one partition per interface."""
    contents = list(messages)
    try:
        parts = list(_parsed(contents, layouts, layout))
        if not any(lone(part.tables.rows) for part in parts if isinstance(part.tables, RowTables)):
            return parts
    except UnicodeEncodeError:
        pass
    return list(_parsed([parse.sound(each, Place("message")) for each in contents], layouts, layout))


def from_json(
    data: bytes, layouts: Mapping[str, Layout], layout: str | None = None, name: str = "message"
) -> list[Partition]:
    """The bytes of a .json or JSON Lines file. Unlike :func:`from_message` this keeps the literal text of numbers."""
    parts = list(collect([(name, parse.whole(data, Place(name)))], layouts, layout, len(data) + 1))
    if not parts:
        raise Place(name).fault("没有病例", "no case in it")
    return parts


def _parsed(contents: list[Any], layouts: Mapping[str, Layout], layout: str | None) -> Iterator[Partition]:
    return collect([("message", ((each, None) for each in contents))], layouts, layout, len(contents) + 1)


def collect(
    files: Iterable[tuple[str, Messages]],
    layouts: Mapping[str, Layout],
    layout: str | None,
    partition_rows: int,
    about: FileNotes | None = None,
) -> Iterator[Partition]:
    """Partitions of at most ``partition_rows`` cases from the messages of several files.

    ``about`` takes the files without a case, and those that cannot be read from some message on; without it that is an error.
    """
    gatherers, alone = dict[str, Collector](), about is None
    about = about or FileNotes(strict=True)
    for file, messages in files:
        place, ordinal, others = Place(file), 0, list[NoListError]()
        with about.noted():
            for ordinal, (content, line) in enumerate(messages, 1):
                where = place.at(line) if line else place
                try:
                    found, nodes, path = recognise.message(content, layouts, layout, where)
                except NoListError as other:
                    others.append(other.with_traceback(None))
                    continue
                if (collector := gatherers.get(found.name)) is None:
                    collector = gatherers[found.name] = _collector(found)
                collector.add(nodes, path, file, line, ordinal)
                if collector.full(partition_rows):
                    yield collector.partition()
            if not ordinal:
                about.notes.append(empty(file))
        if others and len(others) == ordinal:
            about.first = about.first or others[0]
        about.notes += _no_lists(others)
    if about.first and not gatherers and alone:
        raise about.first
    for part in _finished(gatherers, layouts, partition_rows):
        part.incomplete = about.any_unreadable and bool(layouts[part.layout].interface.made_of)
        part.notes += about.notes
        about.notes.clear()
        yield part


def _collector(layout: Layout) -> Collector:
    if not layout.interface.made_of:
        return Collector(layout)
    from validator.read.stays import RowCollector

    return RowCollector(layout)


def _no_lists(others: list[NoListError]) -> Iterator[Note]:
    """One note for each kind of message of a file that is no list."""
    kinds = dict[str, list[Place]]()
    for other in others:
        kinds.setdefault(other.reason, []).append(other.place)
    for reason, places in kinds.items():
        args = {"count": str(len(places)), "reason": reason}
        yield Note("read/no-list", "", source=Source(places[0].file), line=places[0].line, args=args)


def _finished(gatherers: Mapping[str, Collector], layouts: Mapping[str, Layout], size: int) -> Iterator[Partition]:
    """What is left of all collectors; rows of a case that came as messages of their own join it."""
    left = dict(gatherers)
    for name, rows in gatherers.items():
        joins = [
            whole
            for whole in left.values()
            if whole.cases and rows.layout.interface.joins == whole.layout.interface.document
        ]
        if rows.layout.interface.made_of and rows.cases and joins and isinstance(layouts, Layouts):
            from validator.read.stays import RowCollector, joined

            assert isinstance(rows, RowCollector)
            del left[name], left[joins[0].layout.name]
            yield from joined(joins[0].partition(), rows.collected(), layouts, size)
    for collector in left.values():
        yield from collector.finish(size)


def of(item: Item, lines: Iterator[bytes]) -> Messages:
    """The messages of a file with these lines; standard input may be one message or one per line."""
    if item.kind == "lines":
        yield from parse.lines(lines, item.place)
    elif item.kind == "json":
        yield from parse.whole(item.read(), item.place)
    else:
        head = list(_first(lines))
        if head and parse.is_object(head[-1]):
            yield from parse.lines(chain(head, lines), item.place)
        else:
            yield from parse.whole(b"".join([*head, *lines]), item.place)


def _first(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Lines up to the first that is not blank."""
    for line in lines:
        yield line
        if line.strip():
            return
