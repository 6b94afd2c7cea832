"""What list and case record must say alike (``schemas/story``): pairs of fields, and how each is compared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from validator.base import files, yaml_csv
from validator.base.certainty import SURE, Sure
from validator.spec.interfaces import split
from validator.spec.layouts import Layouts
from validator.spec.rule_pages import LEVELS, Level

_COLUMNS = {"id", "name_zh", "name_en", "list", "compare", "level", "sure", "basis", "note"}
_TEXTS = ("title", "message", "fix")
_ROLES = {"diagnoses", "procedures", "intervals", "charges", "charged"}
#: Ways of comparing the charge lines of a stay of which no list came.
LINES = ("lines_within", "lines_total", "lines_categories")
#: A day as keys with one in it are written: its year, month and day.
DAY = r"([0-9]{4})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})"
#: Ways of comparing whole cases; every other one compares two texts.
OF_CASE = (
    "main",
    "finer",
    "list_alone",
    "record_alone",
    "order",
    "intervals",
    "total",
    "sum",
    "categories",
    "both_or_neither",
    *LINES,
)


@dataclass(frozen=True)
class Pair:
    """One row of ``pairs.csv``: a field of the list, and the field of the record that must agree with it."""

    id: str
    name_zh: str
    name_en: str
    table: str  #: of the list
    field: str
    record: Mapping[str, tuple[str, str]]  #: interface of the record -> its table and field
    way: str
    of: str  #: what the way is about: rows with codes, a set of ``codes.csv``, minutes, a further field; blank: nothing more
    level: Level
    sure: Sure
    basis: str

    @property
    def by_code(self) -> bool:
        """Whether two texts are compared for each code that both documents have."""
        return self.way not in (*OF_CASE, "category") and self.of in ("diagnoses", "procedures")


@dataclass(frozen=True)
class RowRole:
    """Which table of an interface has the rows of one kind, and what their fields are to each other."""

    table: str
    code: str = ""
    main: Mapping[str, str] = field(default_factory=dict)  #: field and value that mark the first one
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: rows with such a value do not count
    start: str = ""
    end: str = ""
    category: str = ""
    amount: str = ""


@dataclass(frozen=True)
class Document:
    """What is compared of one interface besides single fields."""

    keys: Mapping[str, str]  #: part of a key -> field of the case's table
    rows: Mapping[str, RowRole]  #: diagnoses, procedures, intervals, charges, charged


@dataclass(frozen=True)
class Key:
    """Fields that together name a stay in both documents."""

    name_zh: str
    name_en: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class FeeGroup:
    """Categories of the list that together hold what some fee fields of the record hold."""

    name_zh: str
    name_en: str
    categories: frozenset[str]
    record: Mapping[str, tuple[str, ...]]  #: interface of the record -> its fee fields


@dataclass(frozen=True)
class Story:
    """All of ``schemas/story``."""

    pairs: tuple[Pair, ...]
    keys: tuple[Key, ...]
    documents: Mapping[str, Document]
    same: Mapping[str, tuple[tuple[frozenset[str], frozenset[str]], ...]]  #: set -> codes of the list and of the record
    fees: tuple[FeeGroup, ...]
    words: Mapping[str, Mapping[str, str]]  #: way -> title, message, fix

    def texts(self, pair: Pair) -> Mapping[str, str]:
        """The words of a pair, its name filled in; other braces stay for the finding."""
        way = "rows" if pair.by_code else pair.way
        words = {**self.words["usual"], **self.words.get(way, {})}
        names = {"": pair.name_zh, "_en": pair.name_en}
        return {
            f"{key}{lang}": words[f"{key}{lang}"].replace("{name}", name)
            for key in _TEXTS
            for lang, name in names.items()
        }


@cache
def load() -> Story:
    """Everything under ``schemas/story``; :class:`~validator.base.errors.ConfigError` names a wrong row."""
    folder = files.data("schemas") / "story"
    about = yaml_csv.read_yaml(folder / "documents.yaml")
    keys = tuple(Key(each["name_zh"], each["name_en"], tuple(each["parts"])) for each in about["keys"])
    words = {name: dict(entry) for name, entry in yaml_csv.read_yaml(folder / "words.yaml").items()}
    same: dict[str, list[tuple[frozenset[str], frozenset[str]]]] = {}
    for _, row in yaml_csv.read_csv(folder / "codes.csv", {"set", "meaning", "list", "record"}):
        same.setdefault(row["set"], []).append((_several(row["list"]), _several(row["record"])))
    return Story(
        pairs=tuple(_pairs(folder / "pairs.csv")),
        keys=keys,
        documents={name: _document(entry) for name, entry in about.items() if name != "keys"},
        same={name: tuple(rows) for name, rows in same.items()},
        fees=tuple(_fees(folder / "fees.csv")),
        words=words,
    )


def check(story: Story, layouts: Layouts, documents: Iterable[str]) -> None:
    """Fail where the tables name an interface, table, field or document that there is not."""
    path, known = files.data("schemas") / "story" / "pairs.csv", set(documents)
    for pair in story.pairs:
        if pair.basis not in known:
            raise yaml_csv.unknown(path, None, "basis", pair.basis, known)
        lists = list(layouts.of("fees" if pair.way in LINES else "list").values())
        places = [(each.name, (pair.table, pair.field)) for each in lists]
        if not any(_has(layouts, name, place) for name, place in places):
            raise yaml_csv.fault(path, None, f"{pair.id}：没有这个字段", f"{pair.id}: no such field")
        for name, place in pair.record.items():
            if not _has(layouts, name, place):
                where = ".".join(place)
                raise yaml_csv.fault(path, None, f"{pair.id}：{name} 没有 {where}", f"{pair.id}: {name} has no {where}")


def _has(layouts: Layouts, name: str, place: tuple[str, str]) -> bool:
    table, field_ = place
    return name in layouts and table in layouts[name].tables and field_ in layouts[name].tables[table].fields


def _several(cell: str) -> frozenset[str]:
    return frozenset(cell.split("|"))


def _pairs(path: Path) -> Iterable[Pair]:
    for line, row in yaml_csv.read_csv(path, _COLUMNS):
        table, field_ = split(row["list"])
        way, _, of = row["compare"].partition(":")
        record = {name: split(cell) for name, cell in row.items() if name not in _COLUMNS and cell}
        level = next((each for each in LEVELS if each == row["level"]), None)
        sure = next((each for each in SURE if each == row["sure"]), None)
        if level is None or sure is None or (sure == "unconfirmed" and level == "error"):
            zh = f"{row['id']}：level 或 sure 不对（未证实的不能是 error）"
            raise yaml_csv.fault(path, line, zh, f"{row['id']}: wrong level or sure (what is unconfirmed is no error)")
        yield Pair(row["id"], row["name_zh"], row["name_en"], table, field_, record, way, of, level, sure, row["basis"])


def _fees(path: Path) -> Iterable[FeeGroup]:
    for _, row in yaml_csv.read_csv(path, {"name_zh", "name_en", "categories"}):
        own = ("name_zh", "name_en", "categories")
        record = {name: tuple(cell.split("|")) for name, cell in row.items() if name not in own and cell}
        yield FeeGroup(row["name_zh"], row["name_en"], _several(row["categories"]), record)


def _document(entry: Mapping[str, Any]) -> Document:
    rows = {}
    for role in _ROLES & entry.keys():
        about = entry[role]
        rows[role] = RowRole(
            about["table"],
            about.get("code", ""),
            dict(about.get("main", {})),
            {name: tuple(values) for name, values in about.get("not", {}).items()},
            about.get("from", ""),
            about.get("to", ""),
            about.get("category", ""),
            about.get("amount", ""),
        )
    return Document(dict(entry["fields"]), rows)
