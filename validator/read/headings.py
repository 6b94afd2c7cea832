"""Headings to fields: which table a sheet holds, where its heading row is, and what each column means."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from validator.base import files, yaml_csv
from validator.read import wide
from validator.read.names import names_of
from validator.read.plain import plain, spellings
from validator.spec.layouts import Layout

_SHEETS = files.data("schemas") / "sheets.yaml"
_ALIKE = 0.8  #: a row with such a share of the headings is the heading row again
_SEARCHED = 30  #: rows in which a heading row may stand
_KEYLESS = 5  #: fields that cases without a key must show: names and telephone numbers alone are no cases
_CLOSE = 0.75  #: how like a name must be to be suggested: 病理号 is no 病案号
_LONG_NUMBER = re.compile("[0-9]{4}")
_KEYS = 6  #: the rank from which a word names the case that a row belongs to

#: Heading -> (table, place of the row or 0, field), from the user's mapping file.
Targets = Mapping[str, Sequence[tuple[str, int, str]]]


@dataclass
class Columns:
    """What the columns of one table mean."""

    table: str
    targets: dict[str, int] = field(default_factory=dict)  #: field, part of a joined field or case key -> column
    doubled: list[tuple[str, int]] = field(default_factory=list)  #: (target, further column that means the same)
    unknown: list[tuple[int, str]] = field(default_factory=list)  #: (column, heading)
    headings: list[str] = field(default_factory=list)  #: as written; blank for a column without one
    matched: int = 0  #: how many targets are not merely case keys
    #: (table, place of the row in its case) -> the columns of such a row, where a case's sheet holds rows of other tables
    rows: dict[tuple[str, int], "Columns"] = field(default_factory=dict)

    def indices(self) -> Iterator[int]:
        """The columns that mean something."""
        yield from self.targets.values()
        yield from (column for _, column in self.doubled)
        for each in self.rows.values():
            yield from each.indices()

    def put(self, target: str, column: int) -> None:
        """Take a column; of several with one meaning the first counts."""
        if target in self.targets:
            self.doubled.append((target, column))
        else:
            self.targets[target] = column


@dataclass
class FoundHeadings:
    """A table in a grid: its columns and the index of its first data row."""

    columns: Columns
    data: int
    heading: int = 0  #: index of the (first) row of headings

    def repeated(self, rows: Sequence[Sequence[Any]]) -> set[int]:
        """The indices of data rows that are the heading row (or one of its rows) again."""
        places = sorted(self.columns.targets.values())
        heads = [_texts(row, places) for row in rows[self.heading : self.data]]
        found = set[int]()
        for index in range(self.data, len(rows)):
            row = rows[index]
            for head in heads:
                first = next((place for place, text in zip(places, head, strict=True) if text), None)
                if first is None or _cell(row, first) != head[places.index(first)]:
                    continue
                filled = [(text, other) for text, other in zip(head, _texts(row, places), strict=True) if text]
                if len(filled) > 1 and sum(text == other for text, other in filled) >= _ALIKE * len(filled):
                    found.add(index)
        return found


@dataclass
class Vocabulary:
    """All the words for one table's fields: plain heading -> (rank, target); a lower rank is surer."""

    words: dict[str, tuple[int, str]] = field(default_factory=dict)

    def add_all(self, words: Iterable[str], rank: int, target: str) -> None:
        for word in map(plain, words):
            if word and rank < self.words.get(word, (99, ""))[0]:
                self.words[word] = (rank, target)


@dataclass
class _Mapped:
    """Columns of a case's sheet that the user's mapping gives to rows of other tables."""

    rows: dict[int, tuple[str, int, str]] = field(default_factory=dict)  #: column -> (table, place of the row, field)

    def take(self, case: str, column: int, targets: Sequence[tuple[str, int, str]]) -> bool:
        """Take a column if it is such a one. Without a place, the first is row 1, the next of the same field row 2."""
        for table, row, name in targets:
            if all(each[0] != case for each in targets):
                known = sum(each[0] == table and each[2] == name for each in self.rows.values())
                self.rows[column] = (table, row or known + 1, name)
        return column in self.rows


class _Answers(dict[str, bool]):
    """The answers to a question about texts, each asked once."""

    def __init__(self, ask: Callable[[str], bool]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, text: str) -> bool:
        answer = self[text] = self._ask(text)
        return answer


class Headings:
    """Recognises the tables of all layouts by sheet names and headings."""

    def __init__(self, layouts: Mapping[str, Layout], mapping: Targets | None = None) -> None:
        words = spec()
        tables = [(layout, table) for layout in layouts.values() for table in layout.tables]
        made = {layout.case for layout in layouts.values() if layout.interface.made_of}  #: these are never written
        self.tables = list(dict.fromkeys(table for layout, table in tables if table not in made))
        self._keys = {
            table: {key for each in layouts.values() if table in each.tables for key in each.interface.case_keys}
            for table in self.tables
        }
        self._vocabulary = {table: self._words(table, layouts, words["headings"]) for table in self.tables}
        first = next(iter(layouts.values()))
        self._examples = [row.name_zh for row in list(first.tables[first.case].fields.values())[:14]]
        self._cases = {layout.case for layout in layouts.values()}
        self._titles = {plain(table): table for table in self.tables}
        for layout in layouts.values():
            titles = layout.interface.titles.items()
            self._titles |= {plain(title): table for table, title in titles if table in self.tables}
        for table, titles in words["tables"].items():
            self._titles |= {plain(title): table for title in titles if table in self.tables}
        self.wide = {case: wide.WideWords() for case in self._cases}
        for layout in layouts.values():
            self.wide[layout.case].add(layout, {each: self._fields(each, layout) for each in layout.wide})
        self._seen = _Answers(self._known)
        self._left_out, self._mapped = set[str](), dict[str, Sequence[tuple[str, int, str]]]()
        for heading, every in (mapping or {}).items():
            targets = [each for each in every if each[0] in self.tables]
            if every and not targets:
                continue  # of another document
            for table, row, name in targets:
                if not row:
                    self._vocabulary[table].add_all([heading], 0, name)
            self._mapped[plain(heading)] = targets
            if not targets:
                self._left_out.add(plain(heading))
        self._every_word = {word for each in self._vocabulary.values() for word in each.words}

    def _fields(self, table: str, layout: Layout) -> dict[str, str]:
        """What the fields of a table are called; a word that names several is none of them."""
        words, fields = self._vocabulary[table].words, layout.tables[table].fields
        return {word: name for word, (rank, name) in words.items() if name in fields and rank < _KEYS}

    @staticmethod
    def _words(table: str, layouts: Mapping[str, Layout], synonyms: Mapping[str, Any]) -> Vocabulary:
        words, known = Vocabulary(), set[str]()
        for layout in layouts.values():
            if table not in layout.tables:
                continue
            names, case = names_of(layout)[table], layout.case
            known |= {*names.table.fields, *filter(names.is_part, names.alias), *layout.interface.case_keys}
            for row in names.table.fields.values():
                words.add_all([row.field], 1, row.field)
                words.add_all([row.name_zh], 2, row.field)
                words.add_all([row.name_en], 5, row.field)
            for alias, target in names.alias.items():
                words.add_all([alias], 3, alias if names.is_part(alias) else target)
            for key in layout.interface.case_keys:
                of_case = layout.tables[case].fields.get(key)
                words.add_all([key, of_case.name_zh] if of_case else [], _KEYS, key)
                words.add_all([key, *synonyms.get(case, {}).get(key, [])], _KEYS + 1, key)
        for target, others in synonyms.get(table, {}).items():
            if target in known:
                words.add_all(others, 4, target)
        return words

    def locate(self, rows: Sequence[Sequence[Any]], name: str) -> FoundHeadings | None:
        """The table in a grid, or None; ``name`` is the sheet's or file's name, which may say which table it is."""
        titled = self.titled(name)
        candidates = list[tuple[tuple[float, ...], FoundHeadings]]()
        head = rows[:_SEARCHED]
        for index in range(len(head)):
            depths = (1,) if index + 1 == len(head) or _is_data(head[index]) else (1, 2)
            for depth in depths:
                headings = list(stacked(head, index, depth))
                known = any(map(self._seen.__getitem__, chain.from_iterable(headings)))
                for table in self.tables if known else ():
                    columns = self.resolve(table, headings)
                    least = 1 if table == titled else _KEYLESS if self._is_keyless(columns) else 2
                    if columns.matched < least or columns.matched < 0.3 * _filled(columns):
                        continue
                    score = (columns.matched + 1.5 * (table == titled), table not in self._cases, -depth, -index)
                    candidates.append((score, FoundHeadings(columns, index + depth, index)))
        if not candidates:
            return None
        best = max(candidates, key=lambda each: each[0])[1]
        return self._past_second_heading(self._first(best, [found for _, found in candidates]), head)

    def _is_keyless(self, columns: Columns) -> bool:
        """Whether they would be cases, and no column tells one case from another."""
        return columns.table in self._cases and not self._keys[columns.table] & columns.targets.keys()

    @staticmethod
    def _first(best: FoundHeadings, candidates: Sequence[FoundHeadings]) -> FoundHeadings:
        """The heading that comes first: a like one with rows between is the same heading again, a little changed."""
        alike = [
            found
            for found in candidates
            if found.columns.table == best.columns.table
            and found.data < best.heading
            and found.columns.matched >= _ALIKE * best.columns.matched
        ]
        return min(alike, key=lambda found: (found.heading, -found.columns.matched), default=best)

    def _past_second_heading(self, found: FoundHeadings, head: Sequence[Sequence[Any]]) -> FoundHeadings:
        """Skip a row of names in another language below the heading row."""
        while found.data < len(head):
            below = self.resolve(found.columns.table, stacked(head, found.data, 1))
            if below.matched < max(2, found.columns.matched / 2):
                break
            found.data += 1
        return found

    def titled(self, name: str) -> str | None:
        """The table that a sheet's or file's name speaks of: the longest of its known titles."""
        name = plain(name)
        titles = [title for title in self._titles if title in name]
        return self._titles[max(titles, key=len)] if titles else None

    def resolve(self, table: str, headings: Iterable[Sequence[str]]) -> Columns:
        """What each column means; a column may have several headings, the most telling first."""
        columns, ranks, others = Columns(table), dict[str, int](), dict[int, wide.WideHeading]()
        mapped = _Mapped()
        for index, candidates in enumerate(headings):
            columns.headings.append(candidates[-1] if candidates else "")
            if not candidates or plain(candidates[-1]) in self._left_out:
                continue
            if table in self._cases and mapped.take(table, index, self._mapped.get(plain(candidates[-1]), ())):
                continue
            match = self._match(table, candidates)
            if match is None:
                found = self.wide[table].find(candidates) if table in self._cases else None
                if found:
                    others[index] = found
                else:
                    columns.unknown.append((index, candidates[-1]))
                continue
            rank, target = match
            if target in ranks and rank < ranks[target]:
                columns.doubled.append((target, columns.targets.pop(target)))
            columns.put(target, index)
            ranks[target] = min(rank, ranks.get(target, rank))
        columns.matched = len(columns.targets.keys() - self._keys[table])
        self._put_rows(columns, others, mapped.rows)
        return columns

    @staticmethod
    def _put_rows(
        columns: Columns, others: Mapping[int, wide.WideHeading], mapped: Mapping[int, tuple[str, int, str]]
    ) -> None:
        """Take the columns that hold rows of other tables; those that no list has stay unknown."""
        places = {**wide.places(others), **mapped}
        for index in sorted({*others, *mapped}):
            table, row, name = places.get(index, ("", 0, ""))
            if name:
                columns.rows.setdefault((table, row), Columns(table)).put(name, index)
                columns.matched += index in mapped or others[index].sure
            else:
                columns.unknown.append((index, columns.headings[index]))
        columns.unknown.sort()

    def suggest(self, table: str, heading: str) -> str:
        """The field that ``heading`` most likely means, or blank: one name holds the other whole, or hardly differs from it."""
        words, text = self._vocabulary[table].words, plain(heading)
        held = [word for word in words if len(word) > 1 and (word in text or (len(text) > 1 and text in word))]
        longest = max((min(len(word), len(text)) for word in held), default=0)
        fields = {words[word][1] for word in held if min(len(word), len(text)) == longest}
        if len(fields) == 1 and 2 * longest >= len(text):
            return f"{table}.{fields.pop()}"
        close = [] if fields else difflib.get_close_matches(text, words, n=1, cutoff=_CLOSE)
        return f"{table}.{words[close[0]][1]}" if close else ""

    def recognised(self, rows: Sequence[Sequence[Any]]) -> list[str]:
        """The headings in the first rows that some table has, as written."""
        cells = dict.fromkeys(cell.strip() for row in rows[:_SEARCHED] for cell in row if isinstance(cell, str))
        return [cell for cell in cells if cell and any(self._match(table, [cell]) for table in self.tables)]

    def is_key(self, heading: str) -> bool:
        """Return whether a heading names the key of a case in some table."""
        return any((found := self._match(table, [heading])) and found[1] in self._keys[table] for table in self.tables)

    def examples(self) -> list[str]:
        """Some headings that a sheet of cases should have."""
        return self._examples

    def _known(self, heading: str) -> bool:
        """Whether some table may have this heading; most cells of data rows are none."""
        words = any(spelling in self._every_word for spelling in spellings(heading))
        return words or plain(heading) in self._mapped or any(each.find([heading]) for each in self.wide.values())

    def _match(self, table: str, candidates: Sequence[str]) -> tuple[int, str] | None:
        words = self._vocabulary[table].words
        spelt = (words.get(spelling) for heading in candidates for spelling in spellings(heading))
        return next((match for match in spelt if match), None)


def stacked(rows: Sequence[Sequence[Any]], index: int, depth: int) -> Iterator[list[str]]:
    """Per column its possible headings: those of one row, or of a row of groups and the row below it."""
    if depth == 1:
        for cell in rows[index]:
            yield [cell.strip()] if isinstance(cell, str) and cell.strip() else []
        return
    upper, lower, group = rows[index], rows[index + 1], ""
    for column in range(max(len(upper), len(lower))):
        above, below = (_cell(row, column) for row in (upper, lower))
        group = above or group
        if below:
            yield [f"{group}{below}", below] if group else [below]
        else:
            yield [above] if above else []


def _is_data(row: Sequence[Any]) -> bool:
    """Whether a row holds a number or day: it is no row of groups above a row of headings, but data or a title."""
    return any(isinstance(cell, str) and _LONG_NUMBER.search(cell) for cell in row)


def _cell(row: Sequence[Any], column: int) -> str:
    cell = row[column] if column < len(row) else ""
    return cell.strip() if isinstance(cell, str) else ""


def _texts(row: Sequence[Any], places: Sequence[int]) -> list[str]:
    return [_cell(row, place) for place in places]


def _filled(columns: Columns) -> int:
    own = len(columns.targets) + len(columns.doubled)
    return own + len(columns.unknown) + sum(map(_filled, columns.rows.values()))


def spec() -> Mapping[str, Any]:
    """Titles of sheets, further headings and footers, as ``schemas/sheets.yaml`` lists them."""
    return _spec(_SHEETS)


@cache
def _spec(path: Path) -> Mapping[str, Any]:
    node = yaml_csv.read_yaml(path)
    yaml_csv.allow_keys(path, node, {"tables", "headings", "footers"}, set())
    return node
