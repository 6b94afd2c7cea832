"""A user's own headings: a YAML file that says which field each one means, written once and used every month.

``住院流水: table.field`` gives a heading its field; a list gives it one in each of several tables; blank leaves
the column out without a word. Where a sheet with a row a case holds rows of other tables in columns, ``table[2].field`` is
the field of the second such row.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from validator.base import files, yaml_csv
from validator.read.partition import Note
from validator.spec.interfaces import split
from validator.spec.layouts import Layout

_PLACE = re.compile(r"\[([1-9][0-9]?[0-9]?)\]\Z")


def load(path: Path, layouts: Mapping[str, Layout]) -> dict[str, list[tuple[str, int, str]]]:
    """Heading -> (table, place of the row or 0, field); :class:`ConfigError` names a line that points nowhere."""
    node, result = yaml_csv.read_yaml(path), dict[str, list[tuple[str, int, str]]]()
    for heading, targets in node.items():
        result[heading] = []
        for target in targets if isinstance(targets, list) else [targets]:
            table, field = split(str(target or ""))
            place = _PLACE.search(table)
            table = table[: place.start()] if place else table
            known = any(field in layout.tables[table].fields for layout in layouts.values() if table in layout.tables)
            if target and not known:
                line = node.lines[heading]
                raise yaml_csv.fault(path, line, f"没有字段“{target}”", f"there is no field '{target}'")
            if target:
                result[heading].append((table, int(place[1]) if place else 0, field))
    return result


def save(path: Path, mapping: Mapping[str, str | list[str]]) -> None:
    """Write a mapping file that :func:`load` reads."""
    import yaml

    with files.replacing(path) as scratch:
        scratch.write_text(yaml.safe_dump(dict(mapping), allow_unicode=True, sort_keys=False), encoding="utf-8")


def draft(notes: Iterable[Note]) -> dict[str, str]:
    """A mapping to start from: each heading that was not recognised, with the field it may mean or blank."""
    unknown = [note for note in notes if note.check == "read/unknown-heading"]
    return {note.args["heading"]: _drafted(note) for note in unknown}


def _drafted(note: Note) -> str:
    """The field that the heading may mean; blank where that field has a column already."""
    suggestion = note.args["suggestion"].strip("—")
    return "" if note.source and split(suggestion)[1] in note.source.columns else suggestion
