"""An interface as data: what its tables are to each other and what its fields stand for (``<interface>/interface.yaml``)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from validator.base import files, yaml_csv
from validator.base.language import Lang

DOCUMENTS = ("list", "record", "fees")
#: What fields of the case's table stand for; each role names them best first.
ROLES = ("hospital", "record", "department", "physician", "coder", "filler", "patient", "discharge", "settlement")
#: Who ordered what a row charges.
ORDERING = ("department", "physician")
#: Instead of a condition: on every row, for every case.
ALWAYS = "always"
#: A user's own column that names the case, and the column under which every reader gives that name.
CASE_ID = "case_id"
REQUIRED = {"document", "title_zh", "title_en", "case", "keys", "day"}
OPTIONAL = {
    "number", "tables", "roles", "counts", "needs", "blocks", "made_of", "joins", "cancels", "inner", "default", "ordering",
}  # fmt: skip
#: Kinds of grouping schemes.
SCHEMES = ("drg", "dip")


@dataclass(frozen=True)
class Need:
    """A table that cases must have: all of them, or those for which ``when`` (SQL over the case's table) holds."""

    table: str
    when: str  #: blank: always
    path: Path
    line: int


@dataclass(frozen=True)
class Interface:
    """One published layout of a document."""

    name: str
    document: str  #: one of :data:`DOCUMENTS`
    number: str  #: by which messages name it; blank where it is no message
    title_zh: str
    title_en: str
    case: str  #: the table that has one row per case
    keys: tuple[
        str, ...
    ]  #: fields that name a case, best first; rows of other tables find theirs by the best they share
    day: tuple[str, ...]  #: dates of the case: the first that is there picks editions
    roles: Mapping[str, tuple[str, ...]]  #: each of :data:`ROLES` -> fields of the case's table, best first
    counts: Mapping[str, str]  #: field of the case's table -> the table whose rows it counts
    needs: tuple[Need, ...]
    titles: Mapping[str, str]  #: table -> its Chinese title
    #: Field of the case's table and aspect of its checks -> the kinds of schemes by which a case that fails it has no group.
    blocks: Mapping[tuple[str, str], tuple[str, ...]]
    made_of: str = ""  #: where the case's table is not sent: the table whose rows make it, one case per distinct key
    #: the message that takes rows back: its number and node, the field that names a row, and the value for all of a case
    cancels: Mapping[str, str] = field(default_factory=dict)
    inner: str = ""  #: an object inside the rows of messages whose fields are the row's own; blank: none
    alias: str = ""  #: a further name of the case's table, by which rules of the joined rows speak of it
    default: bool = (
        False  #: whether columns that do not tell the layouts of the document apart are taken for this one's
    )
    #: table of charges -> ``department`` and ``physician`` -> fields of its rows that name who ordered them, best first
    ordering: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    joins: str = ""  #: the document whose cases these rows belong to where both are given; blank: none

    def title(self, lang: Lang) -> str:
        """What people call the interface."""
        return self.title_zh if lang == "zh" else self.title_en

    @property
    def case_keys(self) -> tuple[str, ...]:
        """All columns that may name the case, best first."""
        return (*self.keys, CASE_ID)


@cache
def unsupported() -> dict[str, tuple[str, str]]:
    """Numbers of published interfaces of which no layout is known yet, and their titles in Chinese and English."""
    path = files.data("schemas") / "interfaces.csv"
    rows = yaml_csv.read_csv(path, {"number", "title_zh", "title_en"})
    return {row["number"]: (row["title_zh"], row["title_en"]) for _, row in rows}


def split(name: str) -> tuple[str, str]:
    """The table (blank if none is written) and field of ``table.field``; a table's own name may have dots."""
    table, _, field = name.rpartition(".")
    return table, field


def load(path: Path, tables: Mapping[str, Collection[str]]) -> Interface:
    """The interface of one file; ``tables``: those of its folder, each with its fields.

    Raises :class:`~validator.base.errors.ConfigError`, with file and line, for what is missing, unknown or no such field.
    """
    page = yaml_csv.read_yaml(path)
    yaml_csv.allow_keys(path, page, REQUIRED, OPTIONAL)
    about = _Page(path, page, tables)
    case = about.text("case")
    about.among("case", [case], tables)
    fields = tables[case]
    roles = {role: tuple(names) for role, names in about.mapping("roles", list).items()}
    about.among("roles", roles, ROLES)
    for names in roles.values():
        about.among("roles", names, fields)
    counts = about.mapping("counts", str)
    made_of, joins = about.text("made_of"), about.text("joins")
    about.among("made_of", [made_of] if made_of else [], tables.keys() - {case})
    about.among("joins", [joins] if joins else [], DOCUMENTS)
    about.among("counts", counts, fields)
    for key, named in (("counts", counts.values()), ("tables", about.mapping("tables", str))):
        about.among(key, named, tables)
    return Interface(
        name=path.parent.name,
        document=about.one_of("document", DOCUMENTS),
        number=about.text("number"),
        title_zh=about.text("title_zh"),
        title_en=about.text("title_en"),
        case=case,
        keys=about.fields("keys", fields),
        day=about.fields("day", fields),
        roles={role: roles.get(role, ()) for role in ROLES},
        counts=counts,
        needs=about.needs(),
        titles=about.mapping("tables", str),
        blocks=about.blocks(fields),
        made_of=made_of,
        joins=joins,
        default=bool(page.get("default")),
        inner=about.text("inner"),
        cancels=about.mapping("cancels", str),
        ordering=about.ordering(),
    )


class _Page:
    """An interface file whose entries are looked at one by one."""

    def __init__(self, path: Path, page: yaml_csv.Node, tables: Mapping[str, Collection[str]]) -> None:
        self._path, self._page, self._tables = path, page, tables

    def text(self, key: str) -> str:
        value: object = self._page.get(key, "")
        if not isinstance(value, str):
            raise self._fault(key, f"{key} 应是文字（数字加引号）", f"{key} should be a text (put a number in quotes)")
        return value

    def one_of(self, key: str, allowed: Collection[str]) -> str:
        value = self.text(key)
        self.among(key, [value], allowed)
        return value

    def among(self, key: str, names: Iterable[object], known: Collection[str]) -> None:
        """Fail on the first of the names that is not known."""
        for name in names:
            if not isinstance(name, str) or name not in known:
                choices = "、".join(known)
                zh, en = f"{key}：没有“{name}”，可用：{choices}", f"{key}: there is no '{name}'; there are: {choices}"
                raise self._fault(key, zh, en)

    def fields(self, key: str, known: Collection[str]) -> tuple[str, ...]:
        value = self._page[key]
        if not isinstance(value, list):
            raise self._fault(key, f"{key} 应是一列字段", f"{key} should be a list of fields")
        self.among(key, value, known)
        return tuple(value)

    def mapping(self, key: str, kind: type) -> yaml_csv.Node:
        """The entry as a mapping of names to values of one kind; empty where it is not there."""
        value = self._page.get(key)
        if value is None:
            return yaml_csv.Node()
        if not isinstance(value, yaml_csv.Node) or not all(isinstance(each, kind) for each in value.values()):
            kinds = ("文字", "a text") if kind is str else ("一列字段", "a list of fields")
            zh = f"{key} 应是“名称: {kinds[0]}”的映射"
            raise self._fault(key, zh, f"{key} should map names to {kinds[1]}")
        return value

    def ordering(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Who ordered what the rows of tables charge."""
        found = {}
        for table, roles in self.mapping("ordering", dict).items():
            self.among("ordering", [table], self._tables)
            self.among("ordering", roles, ORDERING)
            for names in roles.values():
                self.among("ordering", names, self._tables[table])
            found[table] = {role: tuple(names) for role, names in roles.items()}
        return found

    def needs(self) -> tuple[Need, ...]:
        node = self.mapping("needs", str)
        for table in node:
            if table not in self._tables:
                zh = f"“{table}”应是这个接口的表，后面写条件或 {ALWAYS}"
                en = f"'{table}' should be a table of the interface, followed by a condition or '{ALWAYS}'"
                raise yaml_csv.fault(self._path, node.lines[table], zh, en)
        return tuple(
            Need(table, "" if when == ALWAYS else when, self._path, node.lines[table]) for table, when in node.items()
        )

    def blocks(self, fields: Collection[str]) -> dict[tuple[str, str], tuple[str, ...]]:
        """The field checks that keep a case from a group, each with the kinds of schemes."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for name, schemes in self.mapping("blocks", list).items():
            field, _, aspect = name.partition("/")
            self.among("blocks", [field], fields)
            self.among("blocks", schemes, SCHEMES)
            found[field, aspect] = tuple(schemes)
        return found

    def _fault(self, key: str, zh: str, en: str) -> Exception:
        return yaml_csv.fault(self._path, self._page.lines.get(key, self._page.line), zh, en)
