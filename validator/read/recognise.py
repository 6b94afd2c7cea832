"""Which interface a message or a set of columns belongs to."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from validator.base.errors import InputError
from validator.read.names import names_of
from validator.read.place import Place, some
from validator.spec.interfaces import DOCUMENTS
from validator.spec.layouts import Layout


def interface(columns: Iterable[tuple[str, str | None]], layouts: Mapping[str, Layout], place: Place) -> Layout:
    """The interface of these (table, column) pairs; a column None is the table itself.

    Tables of two documents that can be joined, as a list with its charge lines, are of the joint interface.
    """
    if len(layouts) == 1:
        return next(iter(layouts.values()))
    pairs = list(columns)
    found = [
        _of_document(pairs, some, place)
        for document in DOCUMENTS
        if (some := [each for each in layouts.values() if each.interface.document == document])
        and any(table in each.tables for each in some for table, _ in pairs)
    ]
    if not found:
        raise _unclear(layouts, place)
    return joint(found[0], found[1:], layouts)


def joint(whole: Layout, others: Iterable[Layout], layouts: Mapping[str, Layout]) -> Layout:
    """The interface of ``whole`` with the rows of the first of the others that join its cases; ``whole`` if none does."""
    names = (f"{whole.name}+{rows.name}" for rows in others if rows.interface.joins == whole.interface.document)
    name = next(names, whole.name)
    return layouts[name]


def _of_document(pairs: list[tuple[str, str | None]], some: list[Layout], place: Place) -> Layout:
    """The layout that alone has most of the columns; of those made of rows alone, the one that fits these best."""
    known = {each.name: each for each in some}
    owners = (_owner(table, column, known) for table, column in pairs)
    best = Counter(owner for owner in owners if owner).most_common(2)
    if len(some) > 1 and all(each.interface.made_of for each in some):
        return max(some, key=lambda each: _fit(each, pairs))
    if len(some) > 1 and (not best or (len(best) == 2 and best[0][1] == best[1][1])):
        raise _unclear(known, place)
    return known[best[0][0]] if best else some[0]


def _fit(layout: Layout, pairs: list[tuple[str, str | None]]) -> tuple[int, int]:
    """How many of the columns the layout has, and how few of its required fields are not among them."""
    have = {(table, column) for table, column in pairs if _has(layout, table, column)}
    required = [row for table in layout.tables.values() for row in table.fields.values() if row.required]
    return len(have), -sum((row.table, row.field) not in have for row in required)


def _unclear(layouts: Mapping[str, Layout], place: Place) -> InputError:
    known = "、".join(layouts)
    return place.fault(
        f"看不出是哪个接口的数据，请用 --layout 指明（{known}）",
        f"cannot tell which interface this is; say it with --layout ({known})",
    )


def contradiction(columns: Iterable[tuple[str, str | None]], layouts: Mapping[str, Layout], layout: str) -> list[str]:
    """The columns that only other interfaces have, if there is none that only ``layout`` has."""
    owners = {column or table: _owner(table, column, layouts) for table, column in columns}
    return [] if layout in owners.values() else [name for name, owner in owners.items() if owner]


def _owner(table: str, column: str | None, layouts: Mapping[str, Layout]) -> str | None:
    """The only interface that has a column."""
    owners = [name for name, layout in layouts.items() if _has(layout, table, column)]
    return owners[0] if len(owners) == 1 else None


def message(
    content: Any, layouts: Mapping[str, Layout], fallback: str | None, place: Place
) -> tuple[Layout, dict[str, Any], str]:
    """The interface of one message, its nodes and their JSON path. What ``infno`` says goes before ``fallback``."""
    if not isinstance(content, dict):
        raise place.fault("应是一个 JSON 对象（一条报文）", "should be a JSON object (one message)")
    nodes, path = (content["input"], "$.input") if "input" in content else (content, "$")
    number = str(content.get("infno") or "").strip()
    if not isinstance(nodes, dict):
        raise place.fault("报文的 input 不是对象", "the message's input is not an object")
    cancelled = next(
        (each for each in layouts.values() if number and each.interface.cancels.get("number") == number), None
    )
    if cancelled:
        return cancelled, nodes, path
    tables = {table for layout in layouts.values() for table in layout.tables}
    if not tables & nodes.keys():
        found = some([key for key in map(str, nodes) if key.isidentifier() and key.isascii()])
        expected = some(sorted(tables))
        raise place.fault(
            f"不是清单报文：应有节点 {expected}，见到的是 {found or '空'}",
            f"not a settlement list: expected nodes {expected}, found {found or 'none'}",
        )
    if number in layouts:
        return layouts[number], nodes, path
    if fallback:
        return layouts[fallback], nodes, path
    if number:
        known = "、".join(layouts)
        number = number[:12]
        raise place.fault(f"infno 是“{number}”，能读的是 {known}", f"infno is '{number}'; what can be read is {known}")
    return interface(_columns(nodes), layouts, place), nodes, path


def _columns(nodes: Mapping[str, Any]) -> Iterable[tuple[str, str | None]]:
    for table, node in nodes.items():
        yield table, None
        for row in node if isinstance(node, list) else [node]:
            for key in row if isinstance(row, dict) else ():
                yield table, key


def _has(layout: Layout, table: str, column: str | None) -> bool:
    names = names_of(layout).get(table)
    return names is not None and (column is None or names.known(column))
