"""The golden messages (``schemas/layouts/<interface>/golden.json``): clean lists that the cases of rule pages are patches on."""

import copy
import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from validator.base import files, yaml_csv
from validator.base.errors import ConfigError
from validator.checks.plans import whole_plan
from validator.codes import points
from validator.codes.lookup import Judge
from validator.codes.tables import Store, Version
from validator.spec import layouts
from validator.spec.catalogue import Catalogue
from validator.spec.rule_pages import Case, Rule

_CODES = {"code": pl.String, "name": pl.String, "since": pl.Date, "until": pl.Date, "grey": pl.Boolean}


def message(rule: Rule, case: Case, catalogue: Catalogue) -> dict[str, Any]:
    """The message that a page's case stands for. Counts of rows follow the rows unless the case sets them itself.

    Raises :class:`ConfigError`, naming the page, when the case patches a table or field that no interface has.
    """
    interface = interface_of(rule, case, catalogue)
    layout = catalogue.layouts[interface].tables
    for table, patch in case.patch.items():
        unknown = (
            {name for row in _rows(patch) for name in row if name not in layout[table].fields}
            if table in layout
            else {table}
        )
        if unknown:
            raise rule.fault(
                "cases", f"{interface} 没有 {'、'.join(unknown)}", f"{interface} has no {', '.join(unknown)}"
            )
    return patched(interface, case.patch, catalogue)


def patched(interface: str, patches: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """The golden message of an interface with a patch of each table."""
    result = copy.deepcopy(interface_message(interface))
    about, nodes = catalogue.layouts[interface].interface, result["input"]
    for table, patch in patches.items():
        if table == about.case:
            nodes[table].update(_texts(patch))
        else:
            nodes[table] = _patched(nodes.get(table) or [], patch, new_rows(interface).get(table, {}))
    for field, table in about.counts.items():
        if field in nodes[about.case] and field not in patches.get(about.case, {}):
            nodes[about.case][field] = str(len(nodes[table]))
    return result


def batch(rule: Rule, case: Case, catalogue: Catalogue) -> list[dict[str, Any]]:
    """The case's message, and a second one where the case has ``again``: a further patch on the first."""
    first = message(rule, case, catalogue)
    if not case.again:
        return [first]
    own = catalogue.layouts[interface_of(rule, case, catalogue)].case
    patch = {**case.patch, **case.again, own: {**case.patch.get(own, {}), **case.again.get(own, {})}}
    return [first, message(rule, replace(case, patch=patch), catalogue)]


@cache
def equipped(catalogue: Catalogue, rule: str) -> Catalogue:
    """The catalogue to run a rule's cases with: where the page has rows of code tables, these and no others."""
    page = catalogue.rules[rule]
    if not page.tables:
        return catalogue
    store = Store(Path(_scratch().name) / rule)
    for table, rows in page.tables.items():
        about = Version(table, "0", None, None, len(rows), "", page.path.name, "", Path())
        store.put(about, pl.DataFrame(rows, schema=points.schema() if table == points.TABLE else _CODES))
    known = {**catalogue.knowledge, **points.knowledge(store)}
    return replace(catalogue, judge=Judge(store, {}), knowledge=known)


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    return files.scratch_directory()


def interface_of(rule: Rule, case: Case, catalogue: Catalogue) -> str:
    """The case's own interface, else the first that has every field the case patches and every name the rule reads.

    Raises :class:`ConfigError`, naming the page, when there is none.
    """
    if case.layout:
        return case.layout
    for name, layout in catalogue.layouts.every().items():
        patched = all(
            table in layout.tables
            and all(field in layout.tables[table].fields for row in _rows(patch) for field in row)
            for table, patch in case.patch.items()
        )
        if patched and whole_plan(catalogue, name).runs(rule.id):
            return name
    raise rule.fault(
        "cases", f"没有接口同时具备例子“{case.title}”的字段", f"no interface has all fields of case '{case.title}'"
    )


def _rows(patch: Any) -> list[dict[str, Any]]:
    return patch if isinstance(patch, list) else [patch]


@cache
def interface_message(interface: str) -> dict[str, Any]:
    """The golden message with every table and field of the layout, blank where it has no value; copy it before changing it."""
    if parts := layouts.load()[interface].parts:
        whole, rows = (interface_message(part) for part in parts)
        inner = {**rows["input"], **whole["input"]}
        return {**whole, "infno": interface, "input": {name: inner[name] for name in layouts.load()[interface].tables}}
    path = _folder(interface) / "golden.json"
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), parse_float=str, parse_int=str)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}：{error}", f"{path}: {error}") from error
    nodes, blank = content["input"], _blank_rows(interface)
    for table, fields in blank.items():
        node = nodes.get(table, [])
        nodes[table] = {**fields, **node} if isinstance(node, dict) else [{**fields, **row} for row in node]
    return content


@cache
def new_rows(interface: str) -> dict[str, dict[str, str]]:
    """Table -> what an appended row starts from; a blank row for a table that the file does not name."""
    if parts := layouts.load()[interface].parts:
        return {table: row for part in reversed(parts) for table, row in new_rows(part).items()}
    path = _folder(interface) / "new_rows.yaml"
    rows = yaml_csv.read_yaml(path) if path.is_file() else {}
    return {table: {**fields, **rows.get(table, {})} for table, fields in _blank_rows(interface).items()}


def _folder(interface: str) -> Path:
    return files.data("schemas") / "layouts" / interface


def _blank_rows(interface: str) -> dict[str, dict[str, str]]:
    return {name: dict.fromkeys(table.fields, "") for name, table in layouts.load()[interface].tables.items()}


def _patched(rows: list[dict[str, Any]], patch: list[dict[str, Any]], new: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows patched by position, more rows appended; an empty patch empties the table."""
    if not patch:
        return []
    added = [copy.deepcopy(new) for _ in patch[len(rows) :]]
    base = rows + added
    return [{**row, **_texts(patch[place] if place < len(patch) else {})} for place, row in enumerate(base)]


def _texts(row: dict[str, Any]) -> dict[str, Any]:
    """YAML's dates and numbers as the texts that an interface carries."""
    return {key: value if value is None else _text(value) for key, value in (row or {}).items()}


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return value.isoformat() if isinstance(value, date) else str(value)
