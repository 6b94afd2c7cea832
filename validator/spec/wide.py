"""One wide sheet, a row a case: how the columns that hold rows of other tables are headed (``<interface>/wide.yaml``)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from validator.base import yaml_csv
from validator.codes import value_sets

FILE = "wide.yaml"
_LIKE = "like"
NUMBER = "#"  #: where the running number stands in a whole heading


@dataclass(frozen=True)
class NamedRows:
    """Rows of one table that go by the same names."""

    names: tuple[str, ...]
    first: int  #: the place, from 1, of the row without a number or with the number 1
    values: Mapping[str, str] | None  #: field -> what it is by the row's place; None: as other rows of that place
    single: bool  #: whether there is one such row, which needs no number
    columns: Mapping[str, str] = field(default_factory=dict)  #: whole heading, as C03C or C06x#C -> field


@dataclass(frozen=True)
class WideTable:
    """How the rows of one table are written into columns of the case's sheet."""

    code: str  #: the field that makes a row
    rows: tuple[NamedRows, ...]
    nouns: tuple[str, ...] = ()  #: what names of fields leave out behind a name of rows
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: further names of fields
    unused: tuple[str, ...] = ()  #: names of columns that are no field
    shown: Sequence[int] = ()  #: places of the rows that a template has columns for

    def values(self, row: int) -> Mapping[str, str]:
        """What the row in this place is where no column says so."""
        known = [each for each in self.rows if each.values is not None and each.first <= row]
        return (max(known, key=lambda each: each.first).values or {}) if known else {}

    def heading(self, row: int, name: str) -> str:
        """A heading for a field of the row in this place, as a template writes it; ``name``: the field's Chinese name."""
        named = max((each for each in self.rows if each.first <= row), key=lambda each: each.first)
        short = next((name.removeprefix(noun) for noun in self.nouns if name.startswith(noun)), name)
        return f"{named.names[0]}{'' if named.single else row - named.first + 1}{short}"


def load(folder: Path, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, WideTable]:
    """The wide sheet of an interface; ``tables``: those of its folder, each with its field rows.

    Empty where the folder has no such file. Raises :class:`~validator.base.errors.ConfigError`, with file and line.
    """
    path = folder / FILE
    return _read(path, tables, strict=True) if path.is_file() else {}


def _read(path: Path, tables: Mapping[str, Mapping[str, Any]], *, strict: bool) -> dict[str, WideTable]:
    """``strict``: a table or field that the interface lacks is a mistake, and not one of an interface that this one is like."""
    page = yaml_csv.read_yaml(path)
    found: dict[str, WideTable] = {}
    if _LIKE in page:
        found = _read(path.parent.parent / page.pop(_LIKE) / FILE, tables, strict=False)
    for table, node in page.items():
        if table in tables:
            found[table] = _table(path, node, tables[table], strict=strict)
        elif strict:
            raise yaml_csv.unknown(path, page.lines[table], "table", table, tables)
    return {name: found[name] for name in tables if name in found}


def _table(path: Path, node: yaml_csv.Node, fields: Mapping[str, Any], *, strict: bool) -> WideTable:
    yaml_csv.allow_keys(path, node, {"code", "rows"}, {"nouns", "fields", "unused", "shown"})
    words = node.get("fields") or {}
    for name in (node["code"], *words):
        if strict:
            _known(path, node, name, fields)
    first, count = node.get("shown", (1, 0))
    return WideTable(
        code=node["code"],
        rows=tuple(_rows(path, node, fields)),
        nouns=tuple(node.get("nouns", ())),
        fields={name: tuple(each) for name, each in words.items() if name in fields},
        unused=tuple(node.get("unused", ())),
        shown=range(first, first + count),
    )


def _rows(path: Path, node: yaml_csv.Node, fields: Mapping[str, Any]) -> list[NamedRows]:
    found = []
    for each in node["rows"]:
        yaml_csv.allow_keys(path, each, {"first"}, {"names", "values", "by", "columns"})
        columns = each.get("columns") or {}
        for name in (*(each.get("values") or ()), *([each["by"]] if "by" in each else ()), *columns):
            _known(path, each, name, fields)
        if "by" in each:
            codes = value_sets.load()[fields[each["by"]].domain].names
            titles = [zh for zh, _ in codes.values()]
            found += [
                NamedRows((zh,), each["first"] + place, {each["by"]: code}, single=True)
                for place, (code, (zh, _)) in enumerate(codes.items())
                if titles.count(zh) == 1
            ]
        else:
            single = "values" in each and any(other["first"] == each["first"] + 1 for other in node["rows"])
            whole = {heading: name for name, headings in columns.items() for heading in headings.split()}
            found.append(NamedRows(tuple(each["names"]), each["first"], each.get("values"), single, whole))
    return found


def _known(path: Path, node: yaml_csv.Node, name: str, fields: Collection[str]) -> None:
    if name not in fields:
        raise yaml_csv.unknown(path, node.line, "field", name, fields)
