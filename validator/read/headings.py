"""Headings to fields: which table a sheet holds, where its heading row is, and what each column means."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from validator.base import files, yaml_csv
from validator.read.names import names_of
from validator.spec.layouts import Layout

_SHEETS = files.data("schemas") / "sheets.yaml"
_ALIKE = 0.8  #: a row with such a share of the headings is the heading row again
_SEARCHED = 30  #: rows in which a heading row may stand
_IGNORED = re.compile(r"""[\s*:"'“”‘’_()\[\]【】{}<>《》,，、。./\\-]""")
_BRACKETS = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")

Targets = Mapping[str, Sequence[tuple[str, str]]]  #: heading -> (table, field), from the user's mapping file


@dataclass
class Columns:
    """What the columns of one table mean."""

    table: str
    targets: dict[str, int] = field(default_factory=dict)  #: field, part of a joined field or case key -> column
    doubled: list[tuple[str, int]] = field(default_factory=list)  #: (target, further column that means the same)
    unknown: list[tuple[int, str]] = field(default_factory=list)  #: (column, heading)
    headings: list[str] = field(default_factory=list)  #: as written; blank for a column without one
    matched: int = 0  #: how many targets are not merely case keys


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


class Headings:
    """Recognises the tables of all layouts by sheet names and headings."""

    def __init__(self, layouts: Mapping[str, Layout], mapping: Targets | None = None) -> None:
        spec = _spec(_SHEETS)
        tables = [(layout, table) for layout in layouts.values() for table in layout.tables]
        made = {layout.case for layout in layouts.values() if layout.interface.made_of}  #: these are never written
        self.tables = list(dict.fromkeys(table for layout, table in tables if table not in made))
        self._keys = {
            table: {key for each in layouts.values() if table in each.tables for key in each.interface.case_keys}
            for table in self.tables
        }
        self._vocabulary = {table: self._words(table, layouts, spec["headings"]) for table in self.tables}
        first = next(iter(layouts.values()))
        self._examples = [row.name_zh for row in list(first.tables[first.case].fields.values())[:14]]
        self._cases = {layout.case for layout in layouts.values()}
        self._titles = {plain(table): table for table in self.tables}
        for layout in layouts.values():
            titles = layout.interface.titles.items()
            self._titles |= {plain(title): table for table, title in titles if table in self.tables}
        for table, titles in spec["tables"].items():
            self._titles |= {plain(title): table for title in titles if table in self.tables}
        self._left_out = set[str]()
        for heading, targets in (mapping or {}).items():
            for table, name in targets:
                self._vocabulary[table].add_all([heading], 0, name)
            if not targets:
                self._left_out.add(plain(heading))

    @staticmethod
    def _words(table: str, layouts: Mapping[str, Layout], synonyms: Mapping[str, Any]) -> Vocabulary:
        words = Vocabulary()
        for layout in layouts.values():
            if table not in layout.tables:
                continue
            names, case = names_of(layout)[table], layout.case
            for row in names.table.fields.values():
                words.add_all([row.field], 1, row.field)
                words.add_all([row.name_zh], 2, row.field)
                words.add_all([row.name_en], 5, row.field)
            for alias, target in names.alias.items():
                words.add_all([alias], 3, alias if names.is_part(alias) else target)
            for key in layout.interface.case_keys:
                of_case = layout.tables[case].fields.get(key)
                words.add_all([key, of_case.name_zh] if of_case else [], 6, key)
                words.add_all([key, *synonyms.get(case, {}).get(key, [])], 7, key)
        for target, others in synonyms.get(table, {}).items():
            words.add_all(others, 4, target)
        return words

    def locate(self, rows: Sequence[Sequence[Any]], name: str) -> FoundHeadings | None:
        """The table in a grid, or None; ``name`` is the sheet's or file's name, which may say which table it is."""
        titled = self.titled(name)
        candidates = list[tuple[tuple[float, ...], FoundHeadings]]()
        head = rows[:_SEARCHED]
        for table in self.tables:
            for index in range(len(head)):
                for depth in (1, 2)[: len(head) - index]:
                    columns = self.resolve(table, stacked(head, index, depth))
                    if columns.matched < (1 if table == titled else 2) or columns.matched < 0.3 * _filled(columns):
                        continue
                    score = (columns.matched + 1.5 * (table == titled), table not in self._cases, -depth, -index)
                    candidates.append((score, FoundHeadings(columns, index + depth, index)))
        if not candidates:
            return None
        best = max(candidates, key=lambda each: each[0])[1]
        return self._past_second_heading(self._first(best, [found for _, found in candidates]), head)

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
        columns, ranks = Columns(table), dict[str, int]()
        for index, candidates in enumerate(headings):
            columns.headings.append(candidates[-1] if candidates else "")
            if not candidates:
                continue
            match = self._match(table, candidates)
            if match is None:
                if plain(candidates[-1]) not in self._left_out:
                    columns.unknown.append((index, candidates[-1]))
                continue
            rank, target = match
            if target not in ranks:
                columns.targets[target], ranks[target] = index, rank
            elif rank < ranks[target]:
                columns.doubled.append((target, columns.targets[target]))
                columns.targets[target], ranks[target] = index, rank
            else:
                columns.doubled.append((target, index))
        columns.matched = len(columns.targets.keys() - self._keys[table])
        return columns

    def suggest(self, table: str, heading: str) -> str:
        """The field whose name is closest to ``heading``, or blank."""
        words = self._vocabulary[table].words
        close = difflib.get_close_matches(plain(heading), words, n=1, cutoff=0.6)
        return f"{table}.{words[close[0]][1]}" if close else ""

    def recognised(self, rows: Sequence[Sequence[Any]]) -> list[str]:
        """The headings in the first rows that some table has, as written."""
        cells = dict.fromkeys(cell.strip() for row in rows[:_SEARCHED] for cell in row if isinstance(cell, str))
        return [cell for cell in cells if cell and any(self._match(table, [cell]) for table in self.tables)]

    def examples(self) -> list[str]:
        """Some headings that a sheet of cases should have."""
        return self._examples

    def _match(self, table: str, candidates: Sequence[str]) -> tuple[int, str] | None:
        words = self._vocabulary[table].words
        spelt = (words.get(spelling) for heading in candidates for spelling in spellings(heading))
        return next((match for match in spelt if match), None)


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """A heading without what differs from one export to the next: width, case, blanks, brackets, stars, colons."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text)).casefold()


@lru_cache(maxsize=20_000)
def spellings(heading: str) -> tuple[str, ...]:
    """Plain forms to look up: all of it, without a closing bracket's content, outside and inside the brackets."""
    text = unicodedata.normalize("NFKC", heading).strip()
    last = None if not (brackets := list(_BRACKETS.finditer(text))) else brackets[-1]
    shorter = [text[: last.start()]] if last and last.end() == len(text) else []
    forms = [text, *shorter, _BRACKETS.sub("", text), *(each.group(1) for each in brackets)]
    return tuple(dict.fromkeys(word for form in forms if (word := plain(form))))


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


def _cell(row: Sequence[Any], column: int) -> str:
    cell = row[column] if column < len(row) else ""
    return cell.strip() if isinstance(cell, str) else ""


def _texts(row: Sequence[Any], places: Sequence[int]) -> list[str]:
    return [_cell(row, place) for place in places]


def _filled(columns: Columns) -> int:
    return len(columns.targets) + len(columns.doubled) + len(columns.unknown)


@cache
def _spec(path: Path) -> dict[str, dict[str, Any]]:
    """Titles of sheets and further headings, as ``schemas/sheets.yaml`` lists them."""
    node = yaml_csv.read_yaml(path)
    yaml_csv.allow_keys(path, node, {"tables", "headings"}, set())
    return {"tables": node["tables"], "headings": node["headings"]}
