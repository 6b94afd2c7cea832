"""Stages of a stay before its settlement (``schemas/stages.yaml``): what is known only later does not apply."""

from dataclasses import replace
from functools import lru_cache

from validator.base import files, yaml_csv
from validator.base.errors import ConfigError
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow, Layout, Layouts, Table
from validator.spec.sql import Sql

_NEVER = "FALSE"  #: the condition of what does not apply


@lru_cache(8)
def at_stage(catalogue: Catalogue, stage: str) -> Catalogue:
    """The catalogue for stays at a stage; blank: settled ones. :class:`ConfigError` for one that there is not."""
    if not stage:
        return catalogue
    path = files.data("schemas") / "stages.yaml"
    known = yaml_csv.read_yaml(path)
    if stage not in known:
        names = "、".join(known)
        raise ConfigError(f"没有阶段“{stage}”，可用：{names}", f"there is no stage '{stage}'; use {names}")
    about = known[stage]
    fields, tables = frozenset(about["fields"]), frozenset(about["tables"])
    everywhere = {
        f"{table.name}.{name}"
        for layout in catalogue.layouts.values()
        for table in layout.tables.values()
        for name in table.fields
    }
    for key, names, there in (("fields", about["fields"], everywhere), ("rules", about["rules"], catalogue.rules)):
        for name in names:
            if name not in there:
                raise yaml_csv.unknown(path, about.lines[key], key, name, there)
    never = {name: replace(catalogue.rules[name], when=Sql(_NEVER, path, about.line)) for name in about["rules"]}
    return replace(
        catalogue,
        layouts=Layouts({name: _layout(each, fields, tables) for name, each in catalogue.layouts.items()}),
        rules=catalogue.rules | never,
        conditions=catalogue.conditions | {_NEVER: (about["known_zh"], about["known_en"])},
    )


def _layout(layout: Layout, fields: frozenset[str], tables: frozenset[str]) -> Layout:
    def row(each: FieldRow) -> FieldRow:
        late = f"{each.table}.{each.field}" in fields and (each.required or each.required_when)
        return replace(each, required=False, required_when=_NEVER) if late else each

    needs = tuple(need for need in layout.interface.needs if need.table not in tables)
    every = {
        name: Table(name, {field: row(each) for field, each in table.fields.items()})
        for name, table in layout.tables.items()
    }
    return replace(layout, tables=every, interface=replace(layout.interface, needs=needs))
