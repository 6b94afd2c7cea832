"""The story of a partition: its lists compared with the case records that came with them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from validator.base.language import current, say
from validator.base.masking import masked_text
from validator.checks import judged_by
from validator.checks.findings import COMPACT, other_text
from validator.checks.slots import OTHER_VALUE, SEPARATOR, slots
from validator.checks.story.compare import Comparer, comparer
from validator.checks.story.editions import CodeMap, code_map
from validator.checks.story.model import CellPlace, Disagreement, Row, Stay, Went
from validator.checks.tally import Tally
from validator.codes.editions import Edition
from validator.read.partition import Companion, Partition, Source
from validator.spec.catalogue import Catalogue, Check
from validator.spec.layouts import FieldRow

CODED = ("diagnoses", "procedures")


@dataclass
class StoryResult:
    """What comparing a partition found."""

    findings: pl.DataFrame = field(default_factory=COMPACT.to_frame)
    tallies: dict[str, Tally] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    keys: Counter[str] = field(default_factory=Counter)  #: key, in words -> how many stays were brought together by it


def compare(catalogue: Catalogue, part: Partition, wanted: frozenset[str], *, mask: bool) -> StoryResult:
    """Compare a partition of lists with its companions."""
    result = StoryResult()
    for companion in part.companions:
        one = _Companion(catalogue, part, companion)
        went = one.compare()
        for name, tally in went.tallies.items():
            if name in wanted:
                result.tallies.setdefault(name, Tally()).add(tally)
        found = [(case, each) for case, each in one.found if each.pair.id in wanted]
        result.findings = pl.concat([result.findings, one.findings(found, mask=mask)])
        result.reasons |= {name: text for name, text in one.reasons().items() if name in result.tallies}
        for key, count in companion.key.drop_nulls().value_counts().iter_rows():
            names = catalogue.story.keys[key]
            result.keys[say(names.name_zh, names.name_en)] += count
    return result


class _Companion:
    """One companion of a partition."""

    def __init__(self, catalogue: Catalogue, part: Partition, companion: Companion) -> None:
        self.part, self.other = part, companion.part
        self._comparer = comparer(catalogue, part.layout, companion.part.layout)
        self._catalogue, self.found = catalogue, list[tuple[int, Disagreement]]()
        pairs = pl.DataFrame({"_case": companion.home}).with_row_index("_there").drop_nulls().sort("_case")
        self._cases: list[tuple[int, int]] = pairs.select("_case", "_there").rows()
        here, there = self._comparer.fields
        self._mine = _Tables(part, here, {case for case, _ in self._cases})
        self._theirs = _Tables(self.other, there, {case for _, case in self._cases})
        self._maps: dict[tuple[str, Edition], CodeMap] = {}

    def compare(self) -> Went:
        """Compare the stays one by one."""
        went = Went()
        for case, there in self._cases:
            before = len(went.found)
            mine, theirs = self._mine.stay(case), self._theirs.stay(there)
            self._comparer.compare(mine, theirs, self._maps_of(there), went)
            self.found += [(case, each) for each in went.found[before:]]
        self._at = dict(self._cases)
        return went

    def _maps_of(self, case: int) -> Mapping[str, CodeMap]:
        """How the codes of a record become those of the list's edition, by the file of its rows."""
        found = dict[str, CodeMap]()
        for role in CODED:
            edition = self.other.editions.get(self._theirs.file(case, self._table(role)), "unknown")
            if (role, edition) not in self._maps:
                self._maps[role, edition] = self._map(role, edition)
            found[role] = self._maps[role, edition]
        return found

    def _table(self, role: str) -> str:
        return self._comparer.rows_of(self._comparer.theirs, role).table

    def _map(self, role: str, edition: Edition) -> CodeMap:
        mine = self._comparer.rows_of(self._comparer.mine, role)
        pattern = self._catalogue.layouts[self._comparer.mine.name].tables[mine.table].fields[mine.code].pattern
        return code_map(self._catalogue.judge, self._catalogue.patterns[pattern].forms[0].table, edition)

    def reasons(self) -> dict[str, str]:
        """Why codes were not compared, by check."""
        found = dict[str, str]()
        for role, edition in self._maps:
            if text := judged_by.unclear(edition):
                found |= {pair.id: text for pair in self._comparer.pairs if pair.of == role}
        return found

    def findings(self, found: Sequence[tuple[int, Disagreement]], *, mask: bool) -> pl.DataFrame:
        """The disagreements in the compact form."""
        ids = self.part.tables[self.part.case]["case_id"]
        return pl.DataFrame([self._finding(case, ids[case], each, mask=mask) for case, each in found], schema=COMPACT)

    def _finding(self, case: int, case_id: str, each: Disagreement, *, mask: bool) -> dict[str, Any]:
        check, mine = self._comparer.checks[each.pair.id], self._mine
        here = mine.place(case, each.mine, self.part.case)
        there = self._theirs.place(self._at[case], each.theirs, self.other.case)
        document = self._catalogue.layouts[self.other.layout].interface.document
        return {
            "check": check.id, "_case": case, "case_id": case_id, "row": here["_row"],
            **texts(self._comparer, check, each, mask=mask),
            "source": here["_source"], "line": here["_line"], "table": each.mine.table,
            "field": each.mine.field if each.mine.row is not None else None,
            "other": other_text(document, self._theirs.cell(there, each.theirs)),
        }  # fmt: skip


def texts(compare: Comparer, check: Check, each: Disagreement, *, mask: bool) -> dict[str, str | None]:
    """What a disagreement shows: its value, and ``args`` for the check's texts."""
    mine = compare.mine.tables[each.mine.table].fields[each.mine.field]
    theirs = compare.theirs.tables[each.theirs.table].fields.get(each.theirs.field)
    name = theirs.name(current()) if theirs else ""
    hidden, other = _masked(each.value, mine), each.other_value
    other = _masked(other, theirs or mine) if mask else other
    zh, en = each.note
    given = {OTHER_VALUE: other, "other_name": name, "about": each.about, "note_zh": zh, "note_en": en}
    value = hidden if mask else each.value
    return {"value": value, "hidden": hidden, "args": SEPARATOR.join(given[slot] or "" for slot in slots(check))}


def _masked(text: str | None, row: FieldRow) -> str | None:
    return masked_text(text, row.personal) if text is not None else text


class _Tables:
    """The rows of a partition's cases that are compared, as plain values."""

    def __init__(self, part: Partition, fields: Mapping[str, Sequence[str]], cases: set[int]) -> None:
        self._part = part
        self._rows: dict[str, dict[int, list[Row]]] = {}
        for table, names in fields.items():
            frame = part.tables.get(table)
            if frame is None:
                continue
            there = [name for name in names if name in frame.columns]
            by_case = self._rows[table] = {}
            for row in frame.select("_case", "_row", "_source", "_line", *there).iter_rows(named=True):
                if row["_case"] in cases:
                    by_case.setdefault(row["_case"], []).append(row)

    def stay(self, case: int) -> Stay:
        """One case."""
        return Stay(self._part.case, {table: rows.get(case, []) for table, rows in self._rows.items()})

    def file(self, case: int, table: str) -> str:
        """The file of a case's rows of a table; of the case's own row where it has none."""
        rows = self._rows.get(table, {}).get(case) or self._rows[self._part.case][case]
        row: Mapping[str, Any] = rows[0]
        source: Source = self._part.sources[row["_source"]]
        return source.file

    def place(self, case: int, place: CellPlace, own: str) -> dict[str, Any]:
        """Where a cell stands; where no row is meant, the case's own one, of which no row of the table is named."""
        rows = self._rows[own if place.row is None else place.table][case]
        row: dict[str, Any] = dict(rows[place.row or 0])
        return row if place.row is not None else {**row, "_row": None}

    def cell(self, row: Mapping[str, Any], place: CellPlace) -> dict[str, str | int | None]:
        """The ``source`` of a place."""
        number = None if place.table == self._part.case else row["_row"]
        source: Source = self._part.sources[row["_source"]]
        return source.cell(place.field if place.row is not None else None, number, row["_line"])
