"""One stay as list and record write it: where the two disagree."""

from collections.abc import Mapping
from functools import cached_property, lru_cache

from validator.checks.story import money
from validator.checks.story.coded import CATEGORY, CodedRows, Matched
from validator.checks.story.editions import CodeMap
from validator.checks.story.model import CellPlace, Disagreement, Stay, Went
from validator.checks.story.values import NOTHING, ReadCell, Side, Ways, day_of, minute_of
from validator.spec.catalogue import Catalogue, Check
from validator.spec.interfaces import split
from validator.spec.layouts import Layout
from validator.spec.story import LINES, Pair, RowRole


class Comparer:
    """Compares the stays of one interface of the list with those of one interface of the record."""

    def __init__(self, catalogue: Catalogue, mine: Layout, theirs: Layout) -> None:
        self.catalogue, self.story, self.mine, self.theirs = catalogue, catalogue.story, mine, theirs
        self._ways, self._sides = Ways(self.story), dict[tuple[str, str, str], Side]()
        self.pairs = [each for each in self.story.pairs if self._known(each)]
        self.checks: dict[str, Check] = {pair.id: catalogue.pair_check(pair) for pair in self.pairs}

    def _known(self, pair: Pair) -> bool:
        place = pair.record.get(self.theirs.name)
        if (pair.way in LINES) != (self.mine.interface.document == "fees"):
            return False
        return place is not None and _has(self.mine, (pair.table, pair.field)) and _has(self.theirs, place)

    def side(self, layout: Layout, table: str, field_: str) -> Side:
        """One field of one document."""
        key = (layout.name, table, field_)
        if key not in self._sides:
            self._sides[key] = Side(self.catalogue, layout.tables[table].fields[field_])
        return self._sides[key]

    @cached_property
    def fields(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """The fields that are compared, table by table, of the list and of the record."""
        return money.fields(self.story, self.pairs, self.mine), money.fields(self.story, self.pairs, self.theirs)

    def codes_of(self, layout: Layout, role: str, stay: Stay) -> CodedRows:
        """The diagnoses or procedures of a stay."""
        rows = self.rows_of(layout, role)
        side = self.side(layout, rows.table, rows.code)
        return CodedRows(rows, stay.tables.get(rows.table), side, lambda code: self._counts(role, code))

    def _counts(self, role: str, code: str) -> bool:
        """Whether a code is no code of another standard: diagnoses of Chinese medicine are not compared."""
        if role != "diagnoses":
            return True
        rows = self.rows_of(self.mine, role)
        first, *others = self.catalogue.patterns[self.mine.tables[rows.table].fields[rows.code].pattern].forms
        return bool(first.split(code)) or not any(form.split(code) for form in others)

    @property
    def coded(self) -> tuple[str, ...]:
        """The kinds of rows with codes that both documents have."""
        return () if self.mine.interface.document == "fees" else ("diagnoses", "procedures")

    def rows_of(self, layout: Layout, role: str) -> RowRole:
        """Which table has the rows of a kind; joined interfaces are those of their first part."""
        return self.story.documents[layout.parts[0] if layout.parts else layout.name].rows[role]

    def compare(self, mine: Stay, theirs: Stay, maps: Mapping[str, CodeMap], went: Went) -> None:
        """Compare one stay. ``maps``: for diagnoses and procedures, the record's codes in the list's edition."""
        matched = {
            role: Matched(self.codes_of(self.mine, role, mine), self.codes_of(self.theirs, role, theirs), each)
            for role, each in maps.items()
        }
        for pair in self.pairs:
            if pair.of in matched:
                self._of_codes(pair, matched[pair.of], mine, theirs, went)
            elif pair.way == "intervals":
                self._intervals(pair, mine, theirs, went)
            elif pair.way == "lines_within":
                self._within(pair, mine, theirs, went)
            elif pair.way in money.WAYS:
                money.compare(self, pair, mine, theirs, went)
            else:
                self._cells(pair, (mine, 0), (theirs, 0), went)

    def read(self, layout: Layout, stay: Stay, place: CellPlace) -> tuple[Side, ReadCell]:
        """A cell of a stay."""
        side, rows = self.side(layout, place.table, place.field), stay.tables.get(place.table)
        return side, side.read(rows[place.row or 0].get(place.field)) if rows else NOTHING

    def _cells(self, pair: Pair, mine: tuple[Stay, int], theirs: tuple[Stay, int], went: Went, about: str = "") -> None:
        """Compare one cell with one cell."""
        table, field_ = pair.record[self.theirs.name]
        here, there = CellPlace(pair.table, mine[1], pair.field), CellPlace(table, theirs[1], field_)
        one, other = self.read(self.mine, mine[0], here), self.read(self.theirs, theirs[0], there)
        outcome = self._ways.compare(pair.way, one, other, "" if pair.by_code else pair.of)
        went.count(pair, outcome)
        if outcome == "failed":
            went.found.append(Disagreement(pair, here, one[1].raw, there, other[1].raw, about))

    def _of_codes(self, pair: Pair, matched: Matched, mine: Stay, theirs: Stay, went: Went) -> None:
        """Compare by codes: the codes themselves, or what the rows of the same code say."""
        if pair.way == "category":
            self._category(pair, matched, mine, theirs, went)
            return
        if pair.by_code:
            if not matched.pairs:
                went.count(pair, matched.nothing)
            for code, here, there in matched.pairs:
                self._cells(pair, (mine, here), (theirs, there), went, code)
            return
        table, field_ = pair.record[self.theirs.name]
        for each in matched.compare(pair.way):
            went.count(pair, each.outcome)
            if each.outcome == "failed":
                places = CellPlace(pair.table, each.mine, pair.field), CellPlace(table, each.theirs, field_)
                texts = each.value, each.other_value
                went.found.append(Disagreement(pair, places[0], texts[0], places[1], texts[1], note=each.note))

    def _category(self, pair: Pair, matched: Matched, mine: Stay, theirs: Stay, went: Went) -> None:
        """Compare the categories of two codes that stand in single fields."""
        table, field_ = pair.record[self.theirs.name]
        here, there = CellPlace(pair.table, 0, pair.field), CellPlace(table, 0, field_)
        one, other = self.read(self.mine, mine, here)[1], self.read(self.theirs, theirs, there)[1]
        target = matched.codes.of(other.text) if other.text else None
        if one.text is None or other.text is None:
            went.count(pair, "not_applicable")
        elif target is None:
            went.count(pair, "unjudged")
        else:
            agree = one.text[:CATEGORY] == target.code[:CATEGORY]
            went.count(pair, "passed" if agree else "failed")
            if not agree:
                went.found.append(Disagreement(pair, here, one.raw, there, other.raw))

    def _intervals(self, pair: Pair, mine: Stay, theirs: Stay, went: Went) -> None:
        """Compare sets of times from and to, to the minute."""
        one, other = self._times(self.mine, mine), self._times(self.theirs, theirs)
        if one is None or other is None or not (one or other):
            went.count(pair, "not_applicable")
            return
        if None in (*one, *other):
            went.count(pair, "unjudged")
            return
        alone, others = [each for each in one if each not in other], [each for each in other if each not in one]
        went.count(pair, "failed" if alone or others else "passed")
        if alone or others:
            table, field_ = pair.record[self.theirs.name]
            here = CellPlace(pair.table, one[alone[0]] if alone else None, pair.field)
            there = CellPlace(table, other[others[0]] if others else None, field_)
            texts = (self._shown(self.mine, mine, here), self._shown(self.theirs, theirs, there))
            went.found.append(Disagreement(pair, here, texts[0], there, texts[1]))

    def _within(self, pair: Pair, mine: Stay, theirs: Stay, went: Went) -> None:
        """Compare the days of charge lines with those from a first to a last field of the record."""
        about, (table, first), (_, last) = self.rows_of(self.mine, "charged"), *_ends(pair, self.theirs)
        ends = [self.read(self.theirs, theirs, CellPlace(table, 0, name)) for name in (first, last)]
        start, end = (day_of(*each) for each in ends)
        side, days = self.side(self.mine, about.table, about.start), dict[int, int]()
        for number, row in enumerate(mine.tables.get(about.table, ())):
            day = day_of(side, side.read(row.get(about.start)))
            if day is not None and not any(row.get(name) in values for name, values in about.without.items()):
                days.setdefault(day, number)
        if start is None or end is None or not days:
            unclear = any(each.text and not each.sound for _, each in ends)
            went.count(pair, "unjudged" if unclear else "not_applicable")
            return
        outside = [number for day, number in days.items() if not start <= day <= end]
        went.count(pair, "failed" if outside else "passed")
        if outside:
            here, there = CellPlace(about.table, outside[0], about.start), CellPlace(table, 0, first)
            value = mine.tables[about.table][outside[0]].get(about.start)
            went.found.append(Disagreement(pair, here, value, there, " ~ ".join(each.raw or "" for _, each in ends)))

    def _times(self, layout: Layout, stay: Stay) -> dict[tuple[int, int] | None, int] | None:
        """From and to of each row, in minutes, and which row it is; None of one that cannot be read."""
        rows = self.story.documents[layout.parts[0] if layout.parts else layout.name].rows.get("intervals")
        if rows is None or rows.table not in stay.tables:
            return None
        found: dict[tuple[int, int] | None, int] = {}
        for number, row in enumerate(stay.tables[rows.table]):
            if any(row.get(name) in values for name, values in rows.without.items()):
                continue
            sides = [self.side(layout, rows.table, name) for name in (rows.start, rows.end)]
            cells = [side.read(row.get(side.row.field)) for side in sides]
            start, end = (minute_of(side, cell) for side, cell in zip(sides, cells, strict=True))
            if cells[0].text or cells[1].text:
                found[None if start is None or end is None else (start, end)] = number
        return found

    def _shown(self, layout: Layout, stay: Stay, place: CellPlace) -> str | None:
        """The times of a row as they are written."""
        if place.row is None:
            return None
        rows, row = self.rows_of(layout, "intervals"), stay.tables[place.table][place.row]
        return f"{row.get(rows.start)} ~ {row.get(rows.end)}"


@lru_cache(8)
def comparer(catalogue: Catalogue, mine: str, theirs: str) -> Comparer:
    """The comparer of two interfaces; the last ones are kept."""
    return Comparer(catalogue, catalogue.layouts[mine], catalogue.layouts[theirs])


def _ends(pair: Pair, theirs: Layout) -> tuple[tuple[str, str], tuple[str, str]]:
    """The two fields of the record between which times must lie."""
    return pair.record[theirs.name], split(pair.of)


def _has(layout: Layout, place: tuple[str, str]) -> bool:
    table, name = place
    return table in layout.tables and name in layout.tables[table].fields
