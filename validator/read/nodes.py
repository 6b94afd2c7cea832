"""Messages to tables: the nodes of many messages, collected into one frame per table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from validator.base.lazy import pl
from validator.read.message_rows import MessageRows
from validator.read.partition import HOUSEKEEPING, Partition, RowTables, TableRows

_CHUNK = 2000  #: messages kept as Python objects before they become a frame


class Collector(MessageRows):
    """Collects messages of one interface into partitions."""

    def _start(self) -> None:
        super()._start()
        self._frames: dict[str, list[pl.DataFrame]] = {name: [] for name in self._names}

    def add(self, nodes: dict[str, Any], path: str, file: str, line: int | None, ordinal: int) -> None:
        if self.cases and self.cases % _CHUNK == 0:
            self._flush()
        super().add(nodes, path, file, line, ordinal)

    def full(self, size: int) -> bool:
        """Whether what was collected should become a partition."""
        return self.cases >= size

    def finish(self, size: int) -> Iterator[Partition]:  # noqa: ARG002 (it was asked whether it is full)
        """What is left at the end."""
        if self.cases:
            yield self.partition()

    def partition(self) -> Partition:
        """What was collected since the last call; as frames where that is much."""
        tables: dict[str, pl.DataFrame] | RowTables
        if any(self._frames.values()):
            self._flush()
            tables = {name: some[0] if len(some) == 1 else pl.concat(some) for name, some in self._frames.items()}
        else:
            tables = RowTables(self.tables, self._frame)
        result = Partition(self.layout.name, self._case, tables, self.sources, self.notes)
        self._start()
        return result

    def _flush(self) -> None:
        for name, waiting in self.tables.items():
            if waiting.rows or not self._frames[name]:
                self._frames[name].append(self._frame(name, waiting))
        self.tables = {name: TableRows() for name in self._names}

    def _frame(self, table: str, waiting: TableRows) -> pl.DataFrame:
        if not waiting.rows:
            return self._names[table].empty
        frame = pl.DataFrame(waiting.rows, schema=self._names[table].schema)
        places = zip(HOUSEKEEPING, zip(*waiting.places, strict=True), strict=True)
        return frame.hstack([pl.Series(name, each, pl.UInt32) for name, each in places])
