"""Which interface a message or a set of columns belongs to."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from validator.read.names import names_of
from validator.read.place import Place, some
from validator.spec.layouts import Layout


def interface(columns: Iterable[tuple[str, str | None]], layouts: Mapping[str, Layout], place: Place) -> Layout:
    """The interface that alone has most of these (table, column) pairs; a column None is the table itself."""
    owners = (_owner(table, column, layouts) for table, column in columns)
    votes = Counter(owner for owner in owners if owner)
    best = votes.most_common(2)
    if len(layouts) == 1:
        return next(iter(layouts.values()))
    if not best or (len(best) == 2 and best[0][1] == best[1][1]):
        known = "、".join(layouts)
        raise place.fault(
            f"看不出是哪个接口的数据，请用 --layout 指明（{known}）",
            f"cannot tell which interface this is; say it with --layout ({known})",
        )
    return layouts[best[0][0]]


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
    tables = {table for layout in layouts.values() for table in layout.tables}
    if not tables & nodes.keys():
        found = some([key for key in nodes if key.isidentifier() and key.isascii()])
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
