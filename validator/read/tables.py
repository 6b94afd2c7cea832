"""Files of tables to partitions: workbooks, CSV, DBF, Parquet."""

from collections.abc import Iterator, Mapping, Sequence

from validator.read import dbf, delimited, documents, file_grids, parquet, recognise
from validator.read.documents import Sheets
from validator.read.file_notes import FileNotes
from validator.read.grids import Reader, SheetTable
from validator.read.headings import Headings, Targets
from validator.read.inputs import Item
from validator.read.memory import uncollected
from validator.read.parquet import Progress
from validator.read.partition import Partition
from validator.spec.layouts import Layout

_NOTHING = b"\xef\xbb\xbf \t\r\n"  #: a file of these bytes alone is empty


def partitions(
    tables: Sequence[Item],
    layouts: Mapping[str, Layout],
    layout: str | None,
    targets: Targets,
    partition_rows: int,
    done: Progress,
    about: FileNotes,
) -> Iterator[Partition]:
    """The cases of files of tables; see :func:`validator.read.partitions`."""
    known = [(each, Headings(each, targets)) for each in recognise.apart(layouts, layout)]
    columnar = [item for item in tables if item.kind == "parquet"]
    for number, some in parquet.of_documents(columnar, [headings for _, headings in known]).items():
        yield from parquet.ParquetReader(known[number][0], layout, known[number][1], partition_rows, about).partitions(
            some, done
        )
    readers = [Reader(each, layout, headings, partition_rows, about) for each, headings in known]
    groups = dict[str, list[Item]]()
    for item in tables:
        if item.kind != "parquet":
            groups.setdefault(item.group, []).append(item)
    for folder, group in groups.items():
        yield from _group(folder, group, readers, done, about)


def _group(
    folder: str, items: Sequence[Item], readers: Sequence[Reader], done: Progress, about: FileNotes
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
        done(item, item.size)
    for sheets in caseless:
        with about.noted():
            reader = readers[next(iter(waiting))] if len(waiting) == 1 else sheets.best
            waiting.setdefault(readers.index(reader), []).extend(sheets.tables(reader))
        done(sheets.item, sheets.item.size)
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
