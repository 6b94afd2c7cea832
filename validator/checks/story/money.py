"""Amounts of a stay in two documents: totals, shares, categories, blood and its fee; and which fields comparing reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from validator.checks.story.model import CellPlace, Disagreement, Row, Stay, Went
from validator.spec.interfaces import split
from validator.spec.layouts import Layout
from validator.spec.story import Pair, RowRole, Story

if TYPE_CHECKING:
    from validator.checks.story.compare import Comparer
    from validator.checks.story.values import Outcome

WAYS = ("total", "sum", "categories", "both_or_neither", "lines_total", "lines_categories")


class _UnreadableError(Exception):
    """An amount that is none: a sum with it is not known."""


def compare(comparer: Comparer, pair: Pair, mine: Stay, theirs: Stay, went: Went) -> None:
    """Compare amounts of one stay."""
    try:
        match pair.way:
            case "categories" | "lines_categories":
                _categories(comparer, pair, mine, theirs, went)
            case "both_or_neither":
                _both_or_neither(comparer, pair, mine, theirs, went)
            case "lines_total":
                _sums(comparer, pair, _counted(comparer, mine), theirs, went)
            case _:
                _sums(comparer, pair, mine, theirs, went)
    except _UnreadableError:
        went.count(pair, "unjudged")


def _amounts(comparer: Comparer, layout: Layout, stay: Stay, table: str, names: Iterable[str]) -> list[Decimal]:
    """The amounts of some fields in all rows of a table; blanks are left out."""
    found = []
    for row in stay.tables.get(table, ()):
        for name in names:
            side = comparer.side(layout, table, name)
            cell = side.read(row.get(name))
            if cell.text is None:
                continue
            if not isinstance(cell.value, int):
                raise _UnreadableError
            found.append(Decimal(cell.value).scaleb(-side.row.scale))
    return found


def _sums(comparer: Comparer, pair: Pair, mine: Stay, theirs: Stay, went: Went) -> None:
    """A sum of the list with one amount of the record."""
    table, field = pair.record[comparer.theirs.name]
    names = [pair.field, split(pair.of)[1]] if pair.of else [pair.field]
    one = _amounts(comparer, comparer.mine, mine, pair.table, names)
    other = _amounts(comparer, comparer.theirs, theirs, table, [field])
    _report(pair, one, other, went, 0, (table, field))


def _categories(comparer: Comparer, pair: Pair, mine: Stay, theirs: Stay, went: Went) -> None:
    """The sums of some categories with those of the fee fields that hold the same."""
    about = comparer.rows_of(comparer.mine, "charges")
    if about.category not in comparer.mine.tables[about.table].fields:
        went.count(pair, "not_applicable")
        return
    rows = _counted(comparer, mine).tables.get(about.table, ())
    table = comparer.theirs.case
    for group in comparer.story.fees:
        fields_ = group.record.get(comparer.theirs.name, ())
        places = [n for n, row in enumerate(rows) if _category(comparer, about, row) in group.categories]
        some = Stay(mine.case, {about.table: [rows[n] for n in places]})
        one = _amounts(comparer, comparer.mine, some, about.table, [about.amount]) if rows else []
        other = _amounts(comparer, comparer.theirs, theirs, table, fields_)
        named = (table, next((name for name in fields_ if theirs.own.get(name)), ""))
        _report(
            pair, one or ([Decimal(0)] if rows else []), other, went, next(iter(places), None), named, group.name_zh
        )


def _counted(comparer: Comparer, stay: Stay) -> Stay:
    """The stay with those charges that count."""
    about = comparer.rows_of(comparer.mine, "charges")
    rows = stay.tables.get(about.table, ())
    kept = [row for row in rows if not any(row.get(name) in values for name, values in about.without.items())]
    return Stay(stay.case, {**stay.tables, about.table: kept})


def _category(comparer: Comparer, about: RowRole, row: Row) -> str:
    """The category of a charge: local ones are folded to the first two digits."""
    cell = comparer.side(comparer.mine, about.table, about.category).read(row.get(about.category))
    return (cell.text or "")[:2]


def _report(
    pair: Pair,
    one: Sequence[Decimal],
    other: Sequence[Decimal],
    went: Went,
    row: int | None,
    named: tuple[str, str],
    about: str = "",
) -> None:
    if not one or not other:
        went.count(pair, "not_applicable")
        return
    mine, theirs = sum(one, Decimal(0)), sum(other, Decimal(0))
    outcome: Outcome = "passed" if mine == theirs else "failed"
    went.count(pair, outcome)
    if outcome == "failed":
        here, there = CellPlace(pair.table, row, pair.field), CellPlace(named[0], 0, named[1])
        went.found.append(Disagreement(pair, here, f"{mine:.2f}", there, f"{theirs:.2f}", about))


def _both_or_neither(comparer: Comparer, pair: Pair, mine: Stay, theirs: Stay, went: Went) -> None:
    """An amount above zero in both documents or in neither."""
    table, field = pair.record[comparer.theirs.name]
    one = sum(_amounts(comparer, comparer.mine, mine, pair.table, [pair.field]), Decimal(0))
    other = _amounts(comparer, comparer.theirs, theirs, table, [field])
    if not other or (not one and not sum(other)):
        went.count(pair, "not_applicable")
        return
    agree = bool(one) == bool(sum(other))
    went.count(pair, "passed" if agree else "failed")
    if not agree:
        here, there = CellPlace(pair.table, 0, pair.field), CellPlace(table, 0, field)
        values = (mine.own.get(pair.field), theirs.own.get(field))
        went.found.append(Disagreement(pair, here, values[0], there, values[1]))


def fields(story: Story, pairs: Sequence[Pair], layout: Layout) -> dict[str, list[str]]:
    """The fields of an interface that comparing reads, table by table."""
    name = layout.parts[0] if layout.parts else layout.name
    wanted: dict[str, set[str]] = {layout.case: set()}
    for pair in pairs:
        places = [
            (pair.table, pair.field),
            *([split(pair.of)] if pair.way in ("sum", "lines_within") else []),
            *pair.record.values(),
        ]
        for table, field in places:
            wanted.setdefault(table, set()).add(field)
    for rows in story.documents[name].rows.values():
        own = (rows.code, rows.start, rows.end, rows.category, rows.amount, *rows.main, *rows.without)
        wanted.setdefault(rows.table, set()).update(own)
    wanted[layout.case].update(field for group in story.fees for field in group.record.get(name, ()))
    return {
        table: [field for field in layout.tables[table].fields if field in names]
        for table, names in wanted.items()
        if table in layout.tables
    }
