"""In which edition the codes of each file of records are: what one case alone hardly shows, its whole file does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from validator.base.lazy import pl
from validator.codes import editions
from validator.codes.editions import Edition
from validator.codes.lookup import Judge
from validator.read.partition import Note, Partition, Source, TableRows
from validator.spec import patterns
from validator.spec.layouts import Layout, Layouts


def of_files(parts: Iterable[Partition], layouts: Layouts, judge: Judge, declared: str = "") -> dict[str, Edition]:
    """The edition of each file; ``declared``: that of all, where it is known."""
    codes: dict[str, dict[str, set[str]]] = {}
    for part in parts:
        for source in part.sources:
            codes.setdefault(source.file, {})
        for name, field, table in _coded(layouts[part.layout]):
            if declared or name not in part.tables:
                continue
            if (rows := part.rows(name)) is not None:
                for row, place in zip(rows.rows, rows.places, strict=True):
                    if row.get(field) is not None:
                        codes[part.sources[place[2]].file].setdefault(table, set()).add(str(row[field]).strip())
                continue
            frame = part.tables[name]
            if field not in frame.columns:
                continue
            names = pl.Series([source.file for source in part.sources], dtype=pl.String)
            texts = frame.select(
                file=names.gather(frame["_source"]), code=pl.col(field).cast(pl.String).str.strip_chars()
            )
            for file, code in texts.drop_nulls().unique().iter_rows():
                codes[file].setdefault(table, set()).add(code)
    return {file: editions.of_codes(judge, each, declared) for file, each in codes.items()}


def of_message(layout: Layout, tables: Mapping[str, TableRows], judge: Judge, declared: str = "") -> Edition:
    """The edition of one message."""
    codes: dict[str, set[str]] = {}
    for name, field, table in _coded(layout):
        rows = tables[name].rows if name in tables else ()
        codes.setdefault(table, set()).update(str(row[field]).strip() for row in rows if row.get(field))
    return editions.of_codes(judge, codes, declared)


def _coded(layout: Layout) -> Iterator[tuple[str, str, str]]:
    """Table, field and code table of each field whose codes may be in either edition."""
    for table in layout.tables.values():
        for row in table.fields.values():
            pattern = patterns.load().get(row.pattern)
            if pattern and pattern.editions:
                yield table.name, row.field, pattern.tables[0]


def mixed(part: Partition, noted: set[str]) -> Iterator[Note]:
    """A note of each file that mixes two editions; ``noted``: the files of which that is known already."""
    for source in part.sources:
        if part.editions.get(source.file) == "mixed" and source.file not in noted:
            noted.add(source.file)
            yield Note("read/mixed-editions", part.case, source=Source(source.file), args={"file": source.file})
