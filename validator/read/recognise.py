"""Which interface a message or a set of columns belongs to."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from validator.base.errors import InputError
from validator.read import parse
from validator.read.names import names_of
from validator.read.place import FileError, Place, some
from validator.spec.interfaces import DOCUMENTS, unsupported
from validator.spec.layouts import Layout, Layouts

_ENVELOPES = ("input", "data", "request", "body")


def apart(layouts: Mapping[str, Layout], layout: str | None) -> list[Layouts]:
    """The layouts of each document, with those whose rows join its cases; of the one document alone where ``layout`` names it."""
    found = dict[str, dict[str, Layout]]()
    for each in layouts.values():
        found.setdefault(_document(each), {})[each.name] = each
    wanted = found if layout is None else [_document(layouts[layout])]
    return [Layouts(found[name]) for name in wanted]


def _document(layout: Layout) -> str:
    return (layout.interface.made_of and layout.interface.joins) or layout.interface.document


def interface(columns: Iterable[tuple[str, str | None]], layouts: Mapping[str, Layout], place: Place) -> Layout:
    """The interface of these (table, column) pairs; a column None is the table itself.

    Tables of two documents that can be joined, as a list with its charge lines, are of the joint interface.
    """
    if len(layouts) == 1:
        return next(iter(layouts.values()))
    pairs = list(columns)
    found = [_of_document(pairs, some, place) for some in _documents(pairs, layouts)]
    if not found:
        raise _unclear(layouts, place)
    return joint(found[0], found[1:], layouts)


def _documents(pairs: list[tuple[str, str | None]], layouts: Mapping[str, Layout]) -> list[list[Layout]]:
    """The layouts of each document that some of the columns are of.

    Documents share names of tables, as diagnoses have: those of which the cases or the rows that make them are there go first.
    """
    there = {table for table, _ in pairs}
    documents = [[each for each in layouts.values() if each.interface.document == name] for name in DOCUMENTS]
    sure = [some for some in documents if any(there & {each.case, each.interface.made_of} for each in some)]
    return sure or [some for some in documents if any(there & each.tables.keys() for each in some)]


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
        if usual := next((each for each in some if each.interface.default), None):
            return usual
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


class NoListError(FileError):
    """A message that is whole and no list: a platform's answer, or of an interface that is not read."""


def message(
    content: Any, layouts: Mapping[str, Layout], fallback: str | None, place: Place
) -> tuple[Layout, dict[str, Any], str]:
    """The interface of one message, its nodes and their JSON path. What ``infno`` says goes before ``fallback``."""
    if not isinstance(content, dict):
        raise place.fault("应是一个 JSON 对象（一条报文）", "should be a JSON object (one message)")
    tables = {table for layout in layouts.values() for table in layout.tables}
    at = _opened(content, layouts, tables, place)
    if cancelled := _cancelled(at.number, layouts):
        return cancelled, at.nodes, at.path
    title = unsupported().get(at.number)
    if at.number in layouts and at.tables:
        return layouts[at.number], at.nodes, at.path
    if title and not at.tables & {layout.case for layout in layouts.values()} and not (at.tables and fallback):
        known = "、".join(layouts)
        raise NoListError(
            place,
            f"是接口 {at.number}（{title[0]}）的报文，还不能检查；能查的是 {known}",
            f"a message of interface {at.number} ({title[1]}), not checked yet; what can be is {known}",
        )
    if not at.tables:
        raise _no_list(at.nodes, tables, place)
    if fallback:
        return layouts[fallback], at.nodes, at.path
    if at.number:
        called = (f"（{title[0]}）", f" ({title[1]})") if title else ("", "")
        known, number = "、".join(layouts), at.number[:12]
        raise place.fault(
            f"infno 是“{number}”{called[0]}，能读的是 {known}",
            f"infno is '{number}'{called[1]}; what can be read is {known}",
        )
    return interface(_columns(at.nodes), layouts, place), at.nodes, at.path


@dataclass(frozen=True)
class _Opened:
    """What an envelope holds."""

    number: str  #: of the interface; blank if it does not say
    nodes: dict[str, Any]
    path: str  #: of the nodes
    tables: set[str]  #: those of the nodes that are tables of an interface


def _opened(content: dict[str, Any], layouts: Mapping[str, Layout], tables: set[str], place: Place) -> _Opened:
    """The nodes inside an envelope: below input, data, request or body, each an object or the text of one."""
    nodes, path, number = content, "$", ""
    while True:
        keys = {str(key).lower(): str(key) for key in nodes}
        number = number or str(nodes.get(keys.get("infno", "")) or "").strip()
        cancelled = _cancelled(number, layouts)
        known = tables & keys.keys()
        if known - nodes.keys():
            lower = {keys[name]: name for name in known - nodes.keys()}
            nodes = {lower.get(key, key): node for key, node in nodes.items()}
        key = next((keys[each] for each in _ENVELOPES if each in keys), None)
        if known or key is None or (cancelled and cancelled.interface.cancels["node"] in nodes):
            return _Opened(number, nodes, path, known)
        inner = _object(nodes[key])
        if inner is None:
            raise _not_opened(nodes, key, place)
        nodes, path = inner, f"{path}.{key}"


def _object(node: Any) -> dict[str, Any] | None:
    """The object that a node is, or that its text holds."""
    if isinstance(node, str) and node.lstrip()[:1] == "{":
        try:
            node = parse.text(node)
        except ValueError:
            return None
    return node if isinstance(node, dict) else None


def _not_opened(nodes: Mapping[str, Any], key: str, place: Place) -> InputError:
    if isinstance(nodes[key], str) and nodes[key].lstrip()[:1] == "{":
        return place.fault(
            f"报文的 {key} 是一段文字，其中的 JSON 不完整或不合法",
            f"the message's {key} is a text whose JSON is broken or incomplete",
        )
    return place.fault(f"报文的 {key} 不是对象", f"the message's {key} is not an object")


def _cancelled(number: str, layouts: Mapping[str, Layout]) -> Layout | None:
    """The interface whose rows a message with this number takes back."""
    return next((each for each in layouts.values() if number and each.interface.cancels.get("number") == number), None)


def _no_list(nodes: Mapping[str, Any], tables: set[str], place: Place) -> InputError:
    """What an object without any table of an interface is."""
    keys = {str(key).lower(): key for key in nodes}
    if "infcode" in keys or "err_msg" in keys:
        code = str(nodes.get(keys.get("infcode", "")) or "")
        shown = f"infcode {code[:6]}" if code.strip("-").isdigit() else "err_msg"
        return NoListError(
            place, f"是平台的应答（{shown}），不是上报的清单", f"a platform's answer ({shown}), not a list sent to it"
        )
    if "encdata" in keys or "enc_data" in keys:
        return place.fault(
            "是加密后的报文（encData，SM4），读不到清单；请给加密前的报文",
            "an encrypted message (encData, SM4); give the message as it was before encryption",
        )
    found = some([key for key in map(str, nodes) if key.isidentifier() and key.isascii()])
    expected = some(sorted(tables))
    return place.fault(
        f"不是清单报文：应有节点 {expected}，见到的是 {found or '空'}",
        f"not a settlement list: expected nodes {expected}, found {found or 'none'}",
    )


def _columns(nodes: Mapping[str, Any]) -> Iterable[tuple[str, str | None]]:
    for table, node in nodes.items():
        yield table, None
        for row in node if isinstance(node, list) else [node]:
            for key in row if isinstance(row, dict) else ():
                yield table, key


def _has(layout: Layout, table: str, column: str | None) -> bool:
    names = names_of(layout).get(table)
    return names is not None and (column is None or names.known(column))
