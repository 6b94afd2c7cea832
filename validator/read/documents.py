"""Which document a table is of: documents share names of tables and of columns, as those of diagnoses."""

from collections.abc import Sequence
from dataclasses import dataclass

from validator.read.grids import Grid, Reader, SheetTable
from validator.read.inputs import Item


@dataclass
class Sheets:
    """The sheets of a file, and which of them the reader of each document takes for a table."""

    item: Item
    grids: Sequence[Grid]
    located: list[tuple[Reader, list[SheetTable]]]

    @property
    def best(self) -> Reader:
        """The reader that knows most of the columns; of equals the first."""
        return max(self.located, key=lambda each: sum(table.found.columns.matched for table in each[1]))[0]

    @property
    def found(self) -> list[SheetTable]:
        """What the best reader takes for tables."""
        return self._found(self.best)

    @property
    def caseless(self) -> bool:
        """Whether tables are here and none of them has cases or makes them: their document is that of their cases."""
        return bool(self.found) and not any(each.found.columns.table in self.best.whole for each in self.found)

    def tables(self, reader: Reader) -> list[SheetTable]:
        """What the reader takes for tables; the other sheets become notes, and an error if there is no table at all."""
        return reader.tables(self.grids, self._found(reader), self.item.place)

    def _found(self, reader: Reader) -> list[SheetTable]:
        return next(tables for each, tables in self.located if each is reader)


def sheets(item: Item, grids: Sequence[Grid], readers: Sequence[Reader]) -> Sheets:
    """Return the sheets of a file as each of the readers sees them."""
    return Sheets(item, grids, [(reader, reader.located(grids)) for reader in readers])
