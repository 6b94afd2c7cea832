"""The documents of some stays as plain values: which rows are whose, and what comparing them finds. Nothing here needs Polars."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from validator.base.language import current
from validator.base.masking import masked_text
from validator.checks import judged_by
from validator.checks.slots import OTHER_VALUE, SEPARATOR, slots
from validator.checks.story.compare import Comparer
from validator.checks.story.editions import CodeMap, code_map
from validator.checks.story.model import CellPlace, Disagreement, Stay, Went
from validator.codes.editions import Edition
from validator.read.partition import Source
from validator.spec.layouts import FieldRow


class DocumentRows:
    """The rows of some cases of one document that are compared, each with its ``_row``, ``_source`` and ``_line``."""

    def __init__(
        self, case: str, rows: Mapping[str, Mapping[int, Sequence[Mapping[str, Any]]]], sources: Sequence[Source]
    ) -> None:
        """``case``: the case's table; ``rows``: table -> number of the case -> its rows."""
        self._case, self._rows, self._sources = case, rows, sources

    def stay(self, case: int) -> Stay:
        """One case."""
        return Stay(self._case, {table: rows.get(case, []) for table, rows in self._rows.items()})

    def file(self, case: int, table: str) -> str:
        """The file of a case's rows of a table; of the case's own row where it has none."""
        rows = self._rows.get(table, {}).get(case) or self._rows[self._case][case]
        source: int = rows[0]["_source"]
        return self._sources[source].file

    def place(self, case: int, place: CellPlace) -> Mapping[str, Any]:
        """The row of a cell; where no row is meant, the case's own one, of which no row of the table is named."""
        row = self._rows[self._case if place.row is None else place.table][case][place.row or 0]
        return row if place.row is not None else {**row, "_row": None}

    def cell(self, row: Mapping[str, Any], place: CellPlace) -> dict[str, str | int | None]:
        """The ``source`` of a place."""
        number = None if place.table == self._case else row["_row"]
        source: Source = self._sources[row["_source"]]
        return source.cell(place.field if place.row is not None else None, number, row["_line"])


class Difference(NamedTuple):
    """A disagreement as findings keep it (``findings.COMPACT``), for the case of the list with a number."""

    case: int
    columns: Mapping[str, Any]


class Companions:
    """Some stays as a list and a record tell of them; ``editions``: that of the codes of each file of records."""

    def __init__(
        self, comparer: Comparer, mine: DocumentRows, theirs: DocumentRows, editions: Mapping[str, Edition]
    ) -> None:
        self.comparer, self._mine, self._theirs, self._editions = comparer, mine, theirs, editions
        self._maps: dict[tuple[str, Edition], CodeMap] = {}

    def compare(self, cases: Iterable[tuple[int, int]], *, mask: bool) -> tuple[Went, list[Difference]]:
        """Compare the stays one by one; ``cases``: the numbers of the case in both documents."""
        went, found = Went(), list[Difference]()
        for case, there in cases:
            before = len(went.found)
            self.comparer.compare(self._mine.stay(case), self._theirs.stay(there), self._maps_of(there), went)
            found += [Difference(case, self._columns(case, there, each, mask=mask)) for each in went.found[before:]]
        return went, found

    def _maps_of(self, case: int) -> Mapping[str, CodeMap]:
        """How the codes of a record become those of the list's edition, by the file of its rows."""
        found = dict[str, CodeMap]()
        for role in self.comparer.coded:
            table = self.comparer.rows_of(self.comparer.theirs, role).table
            edition = self._editions.get(self._theirs.file(case, table), "unknown")
            if (role, edition) not in self._maps:
                self._maps[role, edition] = self._map(role, edition)
            found[role] = self._maps[role, edition]
        return found

    def _map(self, role: str, edition: Edition) -> CodeMap:
        compare = self.comparer
        mine = compare.rows_of(compare.mine, role)
        pattern = compare.mine.tables[mine.table].fields[mine.code].pattern
        return code_map(compare.catalogue.judge, compare.catalogue.patterns[pattern].forms[0].table, edition)

    def reasons(self) -> dict[str, str]:
        """Why codes were not compared, by check."""
        found = dict[str, str]()
        for role, edition in self._maps:
            if text := judged_by.unclear(edition):
                found |= {pair.id: text for pair in self.comparer.pairs if pair.of == role}
        return found

    def _columns(self, case: int, there: int, each: Disagreement, *, mask: bool) -> dict[str, Any]:
        here, other = self._mine.place(case, each.mine), self._theirs.place(there, each.theirs)
        about = {
            "document": self.comparer.theirs.interface.document,
            "source": self._theirs.cell(other, each.theirs),
        }
        return {
            "check": each.pair.id, "table": each.mine.table,
            "field": each.mine.field if each.mine.row is not None else None,
            "row": here["_row"], "source": here["_source"], "line": here["_line"],
            **self._texts(each, mask=mask), "other": json.dumps(about, ensure_ascii=False),
        }  # fmt: skip

    def _texts(self, each: Disagreement, *, mask: bool) -> dict[str, str | None]:
        """What a disagreement shows: its value, and ``args`` for the check's texts."""
        compare = self.comparer
        mine = compare.mine.tables[each.mine.table].fields[each.mine.field]
        theirs = compare.theirs.tables[each.theirs.table].fields.get(each.theirs.field)
        name = theirs.name(current()) if theirs else ""
        hidden, other = _masked(each.value, mine), each.other_value
        other = _masked(other, theirs or mine) if mask else other
        zh, en = each.note
        given = {OTHER_VALUE: other, "other_name": name, "about": each.about, "note_zh": zh, "note_en": en}
        args = SEPARATOR.join(given[slot] or "" for slot in slots(compare.checks[each.pair.id]))
        return {"value": hidden if mask else each.value, "hidden": hidden, "args": args}


def _masked(text: str | None, row: FieldRow) -> str | None:
    return masked_text(text, row.personal) if text is not None else text
