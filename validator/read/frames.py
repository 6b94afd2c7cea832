"""Tables that are frames already: from Parquet or from Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from validator.base.errors import InputError
from validator.base.lazy import pl
from validator.read import assemble, recognise
from validator.read.headings import Columns, Headings
from validator.read.partition import Note, Partition, Source
from validator.read.place import Place, some
from validator.read.shape import ShapedTable, shape
from validator.spec.layouts import Layout, Layouts

_CONTRADICTIONS = 3  #: so many fields of another interface, and none of the named one, are a mistake


@dataclass(frozen=True)
class Recognised:
    """What tables are, by their names and columns alone."""

    layout: Layout
    headings: Headings
    columns: Mapping[str, Columns]  #: table as the caller calls it -> what its columns mean


def from_tables(
    tables: Mapping[str, pl.DataFrame],
    layouts: Mapping[str, Layout],
    layout: str | None = None,
    partition_rows: int = 100_000,
) -> list[Partition]:
    """Partitions of frames by table name (or a title such as 诊断信息); columns may have native types."""
    found = recognised(tables, layouts, layout)
    lined = {
        name: frame.with_columns(_line=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32)) for name, frame in tables.items()
    }
    sheets, notes = shaped(lined, found)
    parts = list(assemble.partitions(found.layout, sheets, notes, partition_rows))
    if not any(part.tables[part.case].height for part in parts):
        raise no_case()
    return parts


def no_case() -> InputError:
    """What to say of tables without a case."""
    return InputError("这些表里没有病例", "there is no case in these tables")


def recognised(tables: Mapping[str, pl.DataFrame], layouts: Mapping[str, Layout], layout: str | None) -> Recognised:
    """The interface of some tables, and what each column means; :class:`InputError` where it cannot be known."""
    if not tables:
        raise InputError("没有表", "there are no tables")
    known, headings, columns = _document(tables, layouts, layout)
    return Recognised(choose(list(columns.values()), known, layout, Place("tables")), headings, columns)


def shaped(tables: Mapping[str, pl.DataFrame], found: Recognised) -> tuple[list[ShapedTable], list[Note]]:
    """The tables, each with its lines in ``_line`` besides the columns by which it was recognised, as those of the interface."""
    sheets, notes = [], list[Note]()
    for name, frame in tables.items():
        columns = found.columns[name]
        if columns.table not in found.layout.tables:
            notes.append(Note("read/unknown-table", columns.table, source=Source(name)))
            continue
        labels = [each for each in frame.columns if each != "_line"]
        own, new = shape(frame, columns, labels, Source(name), found.layout, found.headings)
        sheets += own
        notes += new
    return sheets, notes


def _document(
    tables: Mapping[str, pl.DataFrame], layouts: Mapping[str, Layout], layout: str | None
) -> tuple[Layouts, Headings, dict[str, Columns]]:
    """The layouts of the document that knows most of the frames' columns, its headings, and what each column means."""
    found, refused = list[tuple[int, Layouts, Headings, dict[str, Columns]]](), list[InputError]()
    for known in recognise.apart(layouts, layout):
        headings = Headings(known)
        try:
            columns = {
                name: resolve(name, list(frame.columns), headings, Place("tables")) for name, frame in tables.items()
            }
        except InputError as error:
            refused.append(error)
            continue
        found.append((sum(each.matched for each in columns.values()), known, headings, columns))
    if not found:
        raise refused[0]
    return max(found, key=lambda each: each[0])[1:]


def resolve(name: str, names: list[str], headings: Headings, place: Place) -> Columns:
    """What a frame's columns mean; the frame's name says which table it is."""
    table = headings.titled(name) if name else _table_of(names, headings)
    if table is None:
        raise place.fault(f"不认识表“{name}”", f"there is no table '{name}'")
    return headings.resolve(table, [[each] for each in names])


def _table_of(names: list[str], headings: Headings) -> str:
    """The table that a frame without a name holds, by its columns."""
    found = headings.locate([names], "")
    if found is None:
        expected = some(headings.examples(), 12)
        raise InputError(
            f"看不出这张表是哪张：列名应如 {expected}；或写成 {{表名: 表}}",
            f"cannot tell which table this is: columns should be named as {expected}; or give {{name: table}}",
        )
    return found.columns.table


def choose(columns: list[Columns], layouts: Mapping[str, Layout], layout: str | None, place: Place) -> Layout:
    """The interface that the recognised columns belong to; an error if ``layout`` says another."""
    if layout is None:
        return recognise.interface(_pairs(columns), layouts, place)
    other = recognise.contradiction(list(_pairs(columns)), layouts, layout)
    if len(other) >= _CONTRADICTIONS:
        found, named = some(other, 6), layouts[layout].name
        raise place.fault(
            f"应是 {named} 的数据，却只有别的接口的字段：{found}",
            f"should be data of {named} but has only fields of another interface: {found}",
        )
    given = list(_pairs(columns))
    rows = [each for each in layouts.values() if each.interface.made_of and any(t in each.tables for t, _ in given)]
    made = [recognise.interface(given, {each.name: each for each in rows}, place)] if rows else []
    return recognise.joint(layouts[layout], made, layouts)


def _pairs(columns: list[Columns]) -> Iterator[tuple[str, str | None]]:
    for each in columns:
        yield each.table, None
        for target in each.targets:
            yield each.table, target
        yield from _pairs(list(each.rows.values()))
