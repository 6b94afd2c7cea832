"""Headings of a wide sheet, one row a case: which row of which other table a column holds (``<interface>/wide.yaml``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from validator.base.lazy import pl
from validator.read.plain import plain, spellings
from validator.spec.layouts import Layout
from validator.spec.wide import NUMBER, NamedRows, WideTable

_NUMBER = re.compile(r"[0-9]{1,2}|第?[一二三四五六七八九十]{1,3}")
_DIGITS = {sign: value for value, sign in enumerate("一二三四五六七八九", 1)}
SEVERAL = "[|;；、]"  #: what parts several codes in one cell


class WideWord(NamedTuple):
    """What a heading without its number says."""

    table: str
    field: str  #: blank for a column that no list has
    rows: NamedRows | None  #: None where the heading names a field alone


class WideHeading(NamedTuple):
    """What a heading says: a field of the row with this number; 0 where it has none."""

    word: WideWord
    number: int

    @property
    def sure(self) -> bool:
        """Whether it can only be a heading of a wide sheet, never one of a table of its own."""
        rows = self.word.rows
        return rows is not None and bool(self.number or rows.single)


@dataclass
class WideWords:
    """All headings by which a case's sheet may hold rows of other tables, without their numbers."""

    words: dict[str, WideWord] = field(default_factory=dict)
    tables: dict[str, WideTable] = field(default_factory=dict)
    codes: dict[str, list[str]] = field(
        default_factory=dict
    )  #: table -> what the field that makes a row is called, in short

    def add(self, layout: Layout, names: Mapping[str, Mapping[str, str]]) -> None:
        """``names``: table -> what a field of it is called (plain) -> field."""
        self.tables |= layout.wide
        for table, wide in layout.wide.items():
            own = {**names[table], **{plain(word): name for name, words in wide.fields.items() for word in words}}
            nouns = sorted(map(plain, wide.nouns), key=len, reverse=True)
            short = {word.removeprefix(noun): name for noun in nouns for word, name in names[table].items()}
            fields = {**dict.fromkeys(map(plain, wide.unused), ""), **short, **own}
            self.codes[table] = [word for word, name in fields.items() if word and name == wide.code]
            for rows in wide.rows:
                whole = {_whole(heading): WideWord(table, name, rows) for heading, name in rows.columns.items()}
                self.words = whole | self.words
                for first in map(plain, rows.names):
                    for word, name in fields.items():
                        if first + word and (word or "" in wide.fields.get(name, ())):
                            self.words.setdefault(first + word, WideWord(table, name, rows))
        for table, wide in layout.wide.items():
            if any(wide.code in (rows.values or ()) for rows in wide.rows):
                continue  # 金额 alone says nothing
            further = {plain(word): name for name, words in wide.fields.items() for word in words if word.isascii()}
            for word, name in {**further, **names[table]}.items():
                if word:
                    self.words.setdefault(word, WideWord(table, name, None))

    def find(self, candidates: Sequence[str]) -> WideHeading | None:
        """What a column's heading says, the most telling candidate first; None where it says nothing of the kind."""
        for heading in candidates:
            for spelling in spellings(heading):
                if found := self._find(spelling):
                    return found
        return None

    def strange(self, heading: str) -> tuple[str, int] | None:
        """The table of which a heading seems to hold a code, although it says nothing, and its number or 0."""
        text = plain(heading)
        if self.find([heading]):
            return None
        for table, wide in self.tables.items():
            if any(plain(noun) in text for noun in wide.nouns) and any(word in text for word in self.codes[table]):
                numbers = [_value(match[0]) for match in _NUMBER.finditer(text)]
                return table, next(filter(None, numbers), 0)
        return None

    def _find(self, spelling: str) -> WideHeading | None:
        if word := self.words.get(spelling):
            return WideHeading(word, 0)
        if spelling.isdecimal():  # most cells below the headings
            return None
        for match in _NUMBER.finditer(spelling):
            before, behind = spelling[: match.start()], spelling[match.end() :]
            word = self.words.get(before + NUMBER + behind) or self.words.get(before + behind)
            if word and (number := _value(match[0])):
                return WideHeading(word, number)
        return None


def _whole(heading: str) -> str:
    return NUMBER.join(map(plain, heading.split(NUMBER)))


def places(found: Mapping[int, WideHeading]) -> dict[int, tuple[str, int, str]]:
    """Column -> (table, place of the row, field; blank for one that no list has).

    A heading that names a field alone (入院病情1) goes with the rows of that number; 诊断1 next to 主要诊断 is the first of the
    others.
    """
    starts: dict[tuple[str, int], int] = {}  #: (table, number) -> place of the row with the number 1
    for (table, _, rows), number in found.values():
        if rows:
            starts[table, number] = min(starts.get((table, number), rows.first), rows.first)
    anchored = {table for table, _ in starts}
    principal = {table for (table, _, rows), _ in found.values() if rows and rows.single}
    result = {}
    for column, ((table, name, rows), number) in found.items():
        first = rows.first if rows else starts.get((table, number))
        if first is None and number and table not in anchored:
            first = 1
        if first is None:
            continue
        if number and first == 1 and table in principal and not (rows and rows.single):
            first = 2
        result[column] = (table, first + max(number, 1) - 1, name)
    return result


def most(codes: pl.Series) -> int:
    """How many codes a cell of a column holds at most, 1 where each holds one."""
    return 1 + int(codes.cast(pl.String).str.count_matches(SEVERAL).max() or 0)  # type: ignore[arg-type]


def part(code: str, fields: Sequence[str], place: int) -> Iterator[pl.Expr]:
    """The value in this place, from 0, of each cell.

    Another column's cells are parted as the codes are; one that holds one value alone holds that of each code.
    """
    count = pl.col(code).str.count_matches(SEVERAL)
    for name in fields:
        own = pl.col(name).str.count_matches(SEVERAL)
        piece = (
            pl.col(name)
            .str.replace_all(SEVERAL, "|")
            .str.split("|")
            .list.get(place, null_on_oob=True)
            .str.strip_chars()
        )
        piece = pl.when(piece != "").then(piece)
        whole = pl.when(place <= count).then(pl.col(name))
        yield pl.when((own == count) & (count > 0)).then(piece).when((own == 0) | (count == 0)).then(whole).alias(name)


def _value(text: str) -> int:
    """The number that digits or Chinese numerals write; 0 where they write none."""
    if text.isdecimal() and text.isascii():
        return int(text)
    tens, _, ones = text.removeprefix("第").rpartition("十")
    if "十" not in text:
        return _DIGITS.get(ones, 0)
    return 10 * (_DIGITS.get(tens, 0) if tens else 1) + (_DIGITS.get(ones, 0) if ones else 0)
