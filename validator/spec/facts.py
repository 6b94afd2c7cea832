"""Facts: named columns that rules read like words (``schemas/facts.yaml``)."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from validator.base import files, yaml_csv
from validator.base.language import Lang
from validator.spec.sql import Sql

AGGREGATES = ("any", "count", "sum", "min", "max", "first")
_SHAPES = ("is", "call", "lookup", "coded", *AGGREGATES)


@dataclass(frozen=True)
class Fact:
    """One fact. ``on`` is the table it is computed from, ``also_on`` those that take its place in other documents.

    An aggregate (``any count sum min max first``, of the rows ``where`` holds) gives one value per case; a case without
    rows has any = false, count = 0, sum = 0 and null
    for the rest; a sum is null where a part of it is. ``is``, ``call``, ``lookup`` and ``coded`` give
    one value per row of ``on``; what no code table tells (``coded``) is null.

    An aggregate with ``per`` is of the rows of the same case that agree in these columns, and gives each of them that value;
    it is null where one of the columns is, and follows the rules of aggregates else.
    """

    name: str
    on: str
    title_zh: str
    title_en: str
    shape: str
    path: Path
    line: int
    alternatives: tuple[Sql, ...] = ()  #: ``is``: the first whose columns the data has; aggregates: the one value
    where: Sql | None = None
    per: tuple[str, ...] = ()  #: of an aggregate: columns or facts of the table that part its rows into groups
    call: tuple[str, ...] = ()  #: function of :mod:`validator.spec.functions`, then its columns
    lookup: dict[str, str] = field(default_factory=dict)  #: knowledge table, code column, attribute given
    also_on: tuple[str, ...] = ()
    coded: dict[str, str] = field(
        default_factory=dict
    )  #: code column, what its code table gives: ``grey``, ``standard``

    def within(self, tables: Collection[str]) -> "Fact | None":
        """The fact on that of its tables which is among these; None if none is."""
        on = next((table for table in (self.on, *self.also_on) if table in tables), None)
        return replace(self, on=on) if on else None

    @property
    def aggregate(self) -> bool:
        """Whether the fact collects all rows that a case has of a child table."""
        return self.shape in AGGREGATES and not self.per

    def title(self, lang: Lang) -> str:
        """What people call the fact."""
        return self.title_zh if lang == "zh" else self.title_en


@cache
def load(path: Path | None = None) -> dict[str, Fact]:
    """The facts of ``schemas/facts.yaml``; :class:`~validator.base.errors.ConfigError` names a wrong line."""
    path = path or files.data("schemas") / "facts.yaml"
    return {name: _fact(path, name, entry) for name, entry in yaml_csv.read_yaml(path).items()}


def _fact(path: Path, name: str, entry: yaml_csv.Node) -> Fact:
    yaml_csv.allow_keys(path, entry, {"on", "title_zh", "title_en"}, {*_SHAPES, "where", "per"})
    shapes = [shape for shape in _SHAPES if shape in entry]
    if len(shapes) != 1:
        raise yaml_csv.fault(path, entry.line, f"应有且只有一项：{_SHAPES}", f"exactly one of {_SHAPES} is expected")
    shape = shapes[0]
    value, line = entry[shape], entry.lines[shape]
    tables = entry["on"] if isinstance(entry["on"], list) else [entry["on"]]
    known = {
        "name": name,
        "on": tables[0],
        "also_on": tuple(tables[1:]),
        "title_zh": entry["title_zh"],
        "title_en": entry["title_en"],
    }
    known |= {"shape": shape, "path": path, "line": entry.line}
    if shape == "call":
        return Fact(**known, call=tuple(map(str, value)))
    if shape == "lookup":
        yaml_csv.allow_keys(path, value, {"table", "code", "give"}, set())
        return Fact(**known, lookup=dict(value))
    if shape == "coded":
        yaml_csv.allow_keys(path, value, {"code", "give"}, set())
        return Fact(**known, coded=dict(value))
    texts = value if isinstance(value, list) else [value]
    where = Sql(str(entry["where"]), path, entry.lines["where"]) if "where" in entry else None
    per = tuple(map(str, entry.get("per") or ()))
    if per and shape not in AGGREGATES:
        raise yaml_csv.fault(path, entry.lines["per"], "per 只用于汇总的事实", "per belongs to an aggregate")
    return Fact(**known, per=per, alternatives=tuple(Sql(str(text), path, line) for text in texts), where=where)
