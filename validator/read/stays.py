"""Cases that are not sent as rows of their own: one for each distinct key of the rows that make them (``made_of``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from validator.base.lazy import pl
from validator.read import assemble
from validator.read.names import case_id
from validator.read.nodes import Collector
from validator.read.partition import Note, Partition, Source
from validator.read.shape import key_text
from validator.spec.layouts import Layout, Layouts


@dataclass(frozen=True)
class _Cancel:
    """A message that takes back rows sent before it: one of a case, or all."""

    message: int  #: rows of earlier messages are meant
    case: str
    row: str  #: blank: all rows of the case


class RowCollector(Collector):
    """Collects messages that hold rows of cases. The rows of a case may come in several messages, so all are kept to the end."""

    def __init__(self, layout: Layout) -> None:
        self._cancels = list[_Cancel]()
        super().__init__(layout)

    def full(self, size: int) -> bool:  # noqa: ARG002 (more rows of a case may follow)
        """Never: see above."""
        return False

    def add(self, nodes: dict[str, Any], path: str, file: str, line: int | None, ordinal: int) -> None:
        """One message; what it says of taking back is noted."""
        about = self.layout.interface
        cancel = about.cancels
        if cancel and isinstance(nodes.get(cancel["node"]), list | dict):
            node = nodes[cancel["node"]]
            for row in filter(_is_object, node if isinstance(node, list) else [node]):
                number = str(row.get(cancel["field"]) or "").strip()
                case = case_id(map(row.get, about.keys), "")
                self._cancels.append(_Cancel(self.cases, case, "" if number == cancel["all"] else number))
            nodes = {name: node for name, node in nodes.items() if name != cancel["node"]}
        super().add(nodes, path, file, line, ordinal)

    def _add_case(self, node: Any, ordinal: int) -> None:  # noqa: ARG002 (there is none to add)
        """Keep a place for the message, by which its rows are found."""
        self._places.append(f"{self._at.file}#{self._at.line or ordinal}")

    def _start(self) -> None:
        super()._start()
        self._places = list[str]()

    def finish(self, size: int) -> Iterator[Partition]:
        """The cases of all messages, cut into partitions."""
        if self.cases:
            every = self.collected()
            yield from assemble.cut(self.layout, every.tables, every.sources, every.notes, size)

    def collected(self) -> Partition:
        """The cases of all messages."""
        places, cancels = self._places, self._cancels
        self._cancels = []
        part = super().partition()
        about = self.layout.interface
        rows = part.tables[about.made_of]
        otherwise = pl.Series("_place", places, dtype=pl.String)[rows["_case"]]
        rows = rows.with_columns(
            _id=pl.coalesce(*(key_text(key) for key in about.keys if key in rows.columns), otherwise)
        )
        rows, notes = self._without_cancelled(rows, cancels, part)
        ids = rows.select("_id").unique(maintain_order=True).with_row_index("_new")
        numbered = rows.join(ids, on="_id", how="left", maintain_order="left")
        moved = dict(numbered.select("_case", "_new").unique("_case", keep="first").iter_rows())
        notes += [replace(note, case=moved.get(note.case) if note.case is not None else None) for note in part.notes]
        rows = assemble.numbered(numbered.with_columns(_case="_new").drop("_new"))
        cases = assemble.of_rows(self.layout, rows).with_columns(case_id="_id", _row=pl.lit(1, pl.UInt32)).drop("_id")
        tables = {about.case: cases, about.made_of: rows.drop("_id")}
        return Partition(self.layout.name, about.case, tables, part.sources, notes)

    def _without_cancelled(
        self, rows: pl.DataFrame, cancels: Sequence[_Cancel], part: Partition
    ) -> tuple[pl.DataFrame, list[Note]]:
        """The rows that no later message takes back, and a note for each message that took some back."""
        about, notes = self.layout.interface, list[Note]()
        for cancel in cancels:
            hit = (pl.col("_id") == cancel.case) & (pl.col("_case") < cancel.message)
            if cancel.row:
                hit &= key_text(about.cancels["field"]) == cancel.row
            kept = rows.filter(~hit.fill_null(value=False))
            if lost := rows.height - kept.height:
                source = Source(part.sources[0].file) if part.sources else None
                args = {"count": str(lost), "case": cancel.case}
                notes.append(Note("read/cancelled-rows", about.made_of, source=source, args=args))
            rows = kept
        return rows, notes


def joined(whole: Partition, rows: Partition, layouts: Layouts, size: int) -> Iterator[Partition]:
    """The cases of ``whole`` with those rows that are theirs as a further table; then the cases of the other rows."""
    own, joint = layouts[rows.layout], layouts[f"{whole.layout}+{rows.layout}"]
    cases, stays, table = whole.tables[whole.case], rows.tables[rows.case], own.interface.made_of
    keys = [key for key in joint.interface.keys if key in stays.columns and key in cases.columns]
    key = next((key for key in keys if stays[key].null_count() < stays.height), own.interface.keys[0])
    ids = cases.select(key_text(key).alias("_id"), _new="_case").drop_nulls("_id").unique("_id", keep="first")
    home = stays.select(key_text(key).alias("_id")).join(ids, on="_id", how="left", maintain_order="left")["_new"]
    place = home.to_list()
    taken = [note for note in rows.notes if note.case is None or place[note.case] is not None]
    notes = whole.notes + [note if note.case is None else replace(note, case=place[note.case]) for note in taken]
    charged = rows.tables[table].with_columns(home[rows.tables[table]["_case"]].alias("_case")).drop_nulls("_case")
    charged = charged.with_columns(_source=(pl.col("_source") + len(whole.sources)).cast(pl.UInt32))
    tables = {**whole.tables, table: assemble.numbered(charged)}
    yield from assemble.cut(joint, tables, whole.sources + rows.sources, notes, size)
    if not home.null_count():
        return
    left = stays.filter(home.is_null()).with_row_index("_new")
    new = dict(left.select("_case", "_new").iter_rows())
    moved = rows.tables[table].join(left.select("_case", "_new"), on="_case", how="inner", maintain_order="left")
    tables = {
        rows.case: left.with_columns(_case="_new").drop("_new"),
        table: moved.with_columns(_case="_new").drop("_new"),
    }
    others = [replace(note, case=new[note.case]) for note in rows.notes if note.case is not None and note.case in new]
    yield from assemble.cut(own, tables, rows.sources, others, size)


def _is_object(row: Any) -> bool:
    return isinstance(row, dict)
