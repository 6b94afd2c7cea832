"""Knowledge points of the state's two libraries (两库) that the user has loaded, as knowledge tables that rules look codes up in."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from validator.base.lazy import pl
from validator.codes.reference import Knowledge
from validator.codes.tables import Store, Version

#: The registry's table of them; each published batch of one kind is a version.
TABLE = "points"
#: What its rows hold besides ``code`` and ``name``.
COLUMNS = ("kind", "limit", "other", "other_name", "within", "most", "days", "note")
#: Kinds of points, and of pairs within a time: the knowledge tables ``points_…`` of rules.
SINGLE = ("sex", "age", "level", "insurance", "inpatient", "course", "frequency", "cycle", "incision")
WITHIN = {"同一小时": "hour", "6小时": "6h", "单日": "day", "单次就诊": "stay"}
NAMES = frozenset(f"points_{name}" for name in (*SINGLE, *(f"pair_{each}" for each in WITHIN.values())))
#: How people name a batch; the version of a file of it begins so.
BATCH = re.compile("第[一二三四五六七八九十]+批(-[0-9]+)?")
_GENERIC = {"X": 14, "Z": 11}  #: characters of a drug's code that name drug and form, whoever makes it


def knowledge(store: Store, batches: Collection[str] = ()) -> dict[str, Knowledge]:
    """Every table of points by name, empty where nothing of its kind is loaded.

    ``batches``: beginnings of the only batches to take (``第八批``).
    """
    versions = [each for each in store.versions(TABLE) if not batches or each.version.startswith(tuple(batches))]
    return dict(_tables(tuple(versions)))


def schema() -> dict[str, type[pl.DataType]]:
    """The columns of the table and their types."""
    return {name: pl.Int64 if name in ("most", "days") else pl.String for name in ("code", "name", *COLUMNS)}


def none() -> dict[str, Knowledge]:
    """The tables without a row."""
    return dict(_tables(()))


@lru_cache(maxsize=16)
def _tables(versions: tuple[Version, ...]) -> Mapping[str, Knowledge]:
    names = [*SINGLE, *(f"pair_{name}" for name in WITHIN.values())]
    rows: dict[str, dict[str, dict[str, str]]] = {name: {} for name in names}
    prefixes: dict[str, dict[str, dict[str, list[str]]]] = {
        name: {side: {} for side in (("left", "right") if name.startswith("pair_") else ("code",))} for name in names
    }
    for version in versions:  # the newest batch first: of two points of a code, that one counts
        batch = version.version.partition("-项目")[0].partition("-药品")[0]
        for number, row in enumerate(pl.read_parquet(version.path, glob=False).iter_rows(named=True)):
            name = _table(row)
            _add(rows[name], prefixes[name], f"{version.version}#{number}", row, batch)
    return {f"points_{name}": Knowledge(f"points_{name}", rows[name], prefixes[name]) for name in names}


def _table(row: dict[str, Any]) -> str:
    """The table of a point's kind: a number of times in several days is one of a cycle, not of a day."""
    if row["kind"] == "pair":
        return f"pair_{WITHIN[row['within']]}"
    return "cycle" if row["kind"] == "frequency" and (row["days"] or 1) > 1 else str(row["kind"])


def _add(
    rows: dict[str, dict[str, str]],
    prefixes: dict[str, dict[str, list[str]]],
    key: str,
    row: dict[str, Any],
    batch: str,
) -> None:
    cells = {name: "" if row[name] is None else str(row[name]) for name in ("code", "name", *COLUMNS)}
    pair = row["kind"] == "pair"
    zh = f"{batch}：{cells['name']}" + (f"已含在{cells['other_name']}（{cells['within']}）" if pair else "")
    en = f"{batch}: {row['code']}" + (f" is part of {row['other']}" if pair else "")
    rows[key] = {**cells, "batch": batch, "note_zh": zh, "note_en": en}
    sides = {"left": cells["other"], "right": generic(cells["code"])} if pair else {"code": generic(cells["code"])}
    for side, code in sides.items():
        prefixes[side].setdefault(code, []).append(key)


def generic(code: str) -> str:
    """The part of a drug's code that all makers of it share; any other code as it is."""
    return code[: _GENERIC.get(code[:1], len(code))]
