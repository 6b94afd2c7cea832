"""A frame whose columns were just recognised becomes a sheet under the interface's own names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from validator.base.certainty import PLACEHOLDERS
from validator.base.lazy import pl
from validator.base.masking import persons_in
from validator.read import wide
from validator.read.headings import Columns, Headings
from validator.read.names import names_of
from validator.read.partition import KEY, Note, Source
from validator.spec.layouts import Layout


@dataclass(eq=False)
class ShapedTable:
    """The rows of one table in one file: fields, ``_key:`` columns and ``_line``; not yet parted into cases."""

    table: str
    frame: pl.DataFrame
    source: Source
    keys: list[str]  #: the case keys that this sheet has, best first
    aside: dict[str, int] = field(default_factory=dict)  #: rows of the sheet that are not in ``frame``, by reason
    #: The cases whose sheet holds these rows in columns: a row's case is that of its line.
    within: ShapedTable | None = None
    key_used: str = ""  #: by which key its rows find their case, where more rows than these were looked at

    def indices(self) -> Iterator[int]:
        """The columns of the sheet that hold its fields."""
        for places in self.source.places.values():
            yield from (index for place in places for index in place if index is not None)

    def key(self, name: str) -> pl.Expr:
        """A case key as text without blanks around it; null if there is none."""
        return key_text(name if name in self.frame.columns else KEY + name)


def key_text(column: str) -> pl.Expr:
    text = pl.col(column).cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text)


def shape(
    frame: pl.DataFrame,
    columns: Columns,
    labels: Sequence[str],
    source: Source,
    layout: Layout,
    headings: Headings,
    whole: pl.LazyFrame | None = None,
) -> tuple[list[ShapedTable], list[Note]]:
    """Return the sheet's own table, then one for each row of another table that it holds in columns; and notes of the sheet.

    ``frame`` has the columns as found, then ``_line``; ``labels`` is how people name each: by letter or heading.
    ``whole``: the same of the whole sheet, of which the notes are, where ``frame`` has some of its rows.
    """
    every = frame.lazy() if whole is None else whole
    own, notes = _shape(frame, columns, labels, source, layout, headings, every)
    tables = [own]
    for (table, row), found in sorted(columns.rows.items()):
        if table not in layout.wide:
            notes += [
                _unknown(table, labels[at], columns.headings[at], headings, source) for at in found.targets.values()
            ]
            continue
        shaped, new = _shape(frame, found, labels, source, layout, headings, every)
        tables += _rows(shaped, row, layout, own)
        notes += new
    return tables, notes


def _rows(table: ShapedTable, row: int, layout: Layout, within: ShapedTable) -> Iterator[ShapedTable]:
    """The rows in this place of their cases: one table, or several where cells hold several codes."""
    about, fields = layout.wide[table.table], [name for name in table.frame.columns if name != "_line"]
    values = {name: each for name, each in about.values(row).items() if name not in fields}
    code = table.frame[about.code] if about.code in fields else None
    if code is not None:  # what a row is by its place is shown at its code
        shown = dict.fromkeys(values, table.source.columns[about.code])
        table = replace(table, source=replace(table.source, columns={**table.source.columns, **shown}))
    parts = 1 if code is None else wide.most(code)
    for part in range(parts):
        frame, source = table.frame, table.source
        if parts > 1:
            frame = frame.with_columns(wide.part(about.code, fields, part))
            source = replace(source, part=part)
        filled = pl.any_horizontal(~pl.col(name).is_in(PLACEHOLDERS) for name in fields)
        frame = frame.filter(filled).with_columns(pl.lit(each).alias(name) for name, each in values.items())
        yield ShapedTable(table.table, frame, source, [], within=within)


def _shape(
    frame: pl.DataFrame,
    columns: Columns,
    labels: Sequence[str],
    source: Source,
    layout: Layout,
    headings: Headings,
    every: pl.LazyFrame,
) -> tuple[ShapedTable, list[Note]]:
    names, case_keys = names_of(layout)[columns.table], layout.interface.case_keys
    found = {names.official(target): index for target, index in columns.targets.items()}
    column = {target: frame.columns[index] for target, index in found.items()}
    label = {target: labels[index] for target, index in found.items()}
    known = {name: pl.col(column[name]) for name in found if name in names.table.fields}
    keys = {KEY + name: pl.col(column[name]) for name in case_keys if name in found and name not in known}
    written = {name: label[name.removeprefix(KEY)] for name in (*known, *keys)}
    places: dict[str, list[list[int | None]]] = {name: [[found[name.removeprefix(KEY)]]] for name in (*known, *keys)}
    for name, index in columns.doubled:
        if name in known:
            places[name].append([index])
    for name, parts in names.plan(found).joined:
        if name not in known:
            known[name] = _joined([pl.col(column[part]) if part in column else None for part in parts])
            written[name] = "+".join(label[part] for part in parts if part in label)
            places[name] = [[found.get(part) for part in parts]]
    source = replace(source, columns=written, places=places)
    shaped = frame.select(**known, **keys, _line=pl.col("_line").cast(pl.UInt32))
    unknown = [
        *columns.unknown,
        *((index, labels[index]) for name, index in found.items() if not _used(name, layout, columns)),
    ]
    notes = [_unknown(columns.table, labels[index], heading, headings, source) for index, heading in unknown]
    own = [key for key in case_keys if {key, KEY + key} & set(shaped.columns)]
    return ShapedTable(columns.table, shaped, source, own), [*notes, *_differing(every, columns, labels, source)]


def _used(target: str, layout: Layout, columns: Columns) -> bool:
    return target in layout.interface.case_keys or names_of(layout)[columns.table].known(target)


def _joined(parts: Sequence[pl.Expr | None]) -> pl.Expr:
    """``d/h/m`` from several columns, null where all of them are."""
    texts = [pl.lit(None, pl.String) if part is None else part.cast(pl.String) for part in parts]
    texts = [pl.when(text != "").then(text) for text in texts]
    return pl.when(pl.any_horizontal(text.is_not_null() for text in texts)).then(
        pl.concat_str([text.fill_null("0") for text in texts], separator="/")
    )


def _unknown(table: str, label: str, heading: str, headings: Headings, source: Source) -> Note:
    close = headings.suggest(table, heading)
    args = {"heading": heading, "column": label, "suggestion": close or "—"}
    return Note("read/unknown-heading", table, persons_in(heading), source=source, args=args)


def _differing(rows: pl.LazyFrame, columns: Columns, labels: Sequence[str], source: Source) -> Iterator[Note]:
    """Of two columns that mean one field the surer name counts; a note says so where they contradict each other."""
    names = rows.collect_schema().names() if columns.doubled else []
    for target, index in columns.doubled:
        kept, other = (pl.col(names[each]).cast(pl.String) for each in (columns.targets[target], index))
        differ = kept.is_not_null() & other.is_not_null() & (kept != other)
        first = rows.filter(differ).select("_line").head(1).collect()
        if first.height:
            line = first.item(0, "_line")
            args = {"field": target, "alias": labels[index]}
            yield Note("read/alias-differs", columns.table, target, source=source, line=line, args=args)
