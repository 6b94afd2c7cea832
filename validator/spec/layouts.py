"""The interface documents as data: one row per field (``schemas/layouts/<interface>/<table>.csv``)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

from validator.base import files, yaml_csv
from validator.base.certainty import SURE, Sure
from validator.base.errors import ConfigError
from validator.base.language import Lang, say
from validator.spec import interfaces, wide
from validator.spec.interfaces import Interface
from validator.spec.wide import WideTable

TYPES = ("string", "code", "number", "date", "datetime", "duration")
COLUMNS = (
    "field", "name_zh", "name_en", "type", "length", "required", "required_when", "domain", "pattern", "names", "min",
    "max", "blank", "alias", "personal", "item", "since", "until", "basis", "sure", "note",
)  # fmt: skip
PERSONAL = ("name", "id", "phone", "address")


@dataclass(frozen=True)
class FieldRow:
    """One field of one table as the interface document describes it."""

    table: str
    field: str
    name_zh: str
    name_en: str
    type: str  #: one of :data:`TYPES`
    length: int | None  #: characters, or digits for a number
    scale: int  #: decimal places of a number
    required: bool
    required_when: str  #: SQL condition, blank if none
    domain: str
    pattern: str
    names: str  #: the field with the code whose name this is; blank if none
    named: str  #: the pattern of that code
    min: float | None
    max: float | None
    blank: tuple[str, ...]
    alias: tuple[str, ...]
    personal: str  #: blank, or what kind of personal data: name, id, phone, address
    item: str
    since: date | None
    until: date | None
    basis: str
    sure: Sure
    note: str
    path: Path
    line: int
    blocks: tuple[tuple[str, str], ...] = ()  #: aspect, kind of scheme by which a case that fails it has no group
    document: str = ""  #: where a list has a table of that name too: the document, by which the ids of checks differ
    made: bool = False  #: of a case table that is made of other rows: what is wrong with its value is found there

    def check(self, aspect: str) -> str:
        """The id of a check of the field: ``table.field/aspect``, after the document where it has one."""
        return ".".join(filter(None, (self.document, self.table, f"{self.field}/{aspect}")))

    @property
    def dated(self) -> bool:
        """Whether the field is in force for a time only: outside it, its checks do not apply."""
        return bool(self.since or self.until)

    def name(self, lang: Lang) -> str:
        """What people call the field."""
        return self.name_zh if lang == "zh" else self.name_en


@dataclass(frozen=True)
class Table:
    """One node of an interface; ``fields`` in the order of the interface document."""

    name: str
    fields: dict[str, FieldRow]


@dataclass(frozen=True)
class Layout:
    """All nodes of one interface version, the case's own table first, and what they are to each other."""

    name: str
    tables: dict[str, Table]
    interface: Interface
    parts: tuple[str, ...] = ()  #: the interfaces that it joins; empty for one alone
    wide: dict[str, WideTable] = field(default_factory=dict)  #: tables whose rows a wide sheet writes into columns

    @property
    def case(self) -> str:
        """The table that has one row per case."""
        return self.interface.case

    def title(self, table: str) -> str:
        """What people call a table: 诊断信息 with its official name."""
        title = self.interface.titles.get(table)
        return say(f"{title}（{table}）", table) if title else table


class Layouts(dict[str, Layout]):
    """The interfaces by name; ``4101+2301`` gives the cases of the first with the rows of the second as a further table."""

    def __init__(self, known: Mapping[str, Layout]) -> None:
        super().__init__(known)
        self.joint = {
            f"{whole.name}+{rows.name}": _joined(whole, rows)
            for rows in known.values()
            if rows.interface.joins
            for whole in known.values()
            if whole.interface.document == rows.interface.joins
        }  #: every pair that can be joined, by name: not among the items

    def __missing__(self, name: str) -> Layout:
        return self.joint[name]

    def __contains__(self, name: object) -> bool:
        """Whether there is such an interface, a joint one included."""
        return super().__contains__(name) or name in self.joint

    def of(self, *documents: str) -> dict[str, Layout]:
        """The interfaces of some documents: list, record, fees."""
        return {name: each for name, each in self.items() if each.interface.document in documents}

    def every(self) -> dict[str, Layout]:
        """The interfaces, and then the joint ones."""
        return {**self, **self.joint}

    def parts(self, name: str) -> tuple[Layout, ...]:
        """The interfaces that a name stands for."""
        return tuple(self[part] for part in self[name].parts or (name,))


def _joined(whole: Layout, rows: Layout) -> Layout:
    """Every table of ``whole``, and those of ``rows`` but for its case table, which is made of rows."""
    further = {name: table for name, table in rows.tables.items() if name != rows.case}
    about = whole.interface
    interface = replace(
        about,
        name=f"{whole.name}+{rows.name}",
        number="",
        alias=rows.case,
        inner=rows.interface.inner,
        ordering=rows.interface.ordering,
        title_zh=f"{about.title_zh}与{rows.interface.title_zh}",
        title_en=f"{about.title_en} with {rows.interface.title_en}",
        titles={**about.titles, **{name: rows.interface.titles.get(name, "") for name in further}},
    )
    return Layout(interface.name, {**whole.tables, **further}, interface, (whole.name, rows.name), whole.wide)


@cache
def load(root: Path | None = None) -> Layouts:
    """Every interface under ``schemas/layouts`` (or ``root``); :class:`ConfigError` names a wrong row.

    A folder is an interface by its ``interface.yaml``; one without is refused.
    """
    root = root or files.data("schemas") / "layouts"
    found = [_layout(folder) for folder in sorted(root.iterdir()) if folder.is_dir()]
    found.sort(key=lambda layout: interfaces.DOCUMENTS.index(layout.interface.document))
    first = interfaces.DOCUMENTS[0]
    shared = {name for layout in found if layout.interface.document == first for name in layout.tables}
    return Layouts(
        {each.name: each if each.interface.document == first else _with_document(each, shared) for each in found}
    )


def _with_document(layout: Layout, shared: Collection[str]) -> Layout:
    """The layout, the rows of its tables that lists have too with their document."""
    document = layout.interface.document

    def named(table: Table) -> Table:
        return replace(table, fields={name: replace(row, document=document) for name, row in table.fields.items()})

    return replace(
        layout, tables={name: named(each) if name in shared else each for name, each in layout.tables.items()}
    )


def _layout(folder: Path) -> Layout:
    about = folder / "interface.yaml"
    if not about.is_file():
        zh, en = f"{folder} 里没有 {about.name}，不是接口", f"{folder} has no {about.name}: it is no interface"
        raise ConfigError(zh, en)
    rows = {path.stem: _rows(path) for path in sorted(folder.glob("*.csv"))}
    interface = interfaces.load(about, rows)
    for (name, aspect), schemes in interface.blocks.items():
        row = rows[interface.case][name]
        blocks = (*row.blocks, *((aspect, scheme) for scheme in schemes))
        rows[interface.case][name] = replace(row, blocks=blocks)
    tables = {name: Table(name, fields) for name, fields in rows.items()}
    if interface.made_of:
        case = tables[interface.case]
        tables[case.name] = Table(case.name, {name: replace(row, made=True) for name, row in case.fields.items()})
    ordered = sorted(tables, key=lambda name: name != interface.case)
    columns = wide.load(folder, {name: tables[name].fields for name in ordered if name != interface.case})
    return Layout(folder.name, {name: tables[name] for name in ordered}, interface, wide=columns)


def _rows(path: Path) -> dict[str, FieldRow]:
    rows: dict[str, FieldRow] = {}
    for line, cells in yaml_csv.read_csv(path, set(COLUMNS)):
        row = _row(path, line, cells)
        if row.field in rows:
            raise yaml_csv.fault(path, line, f"字段“{row.field}”重复", f"field '{row.field}' is there twice")
        rows[row.field] = row
    for row in [each for each in rows.values() if each.names]:
        if row.names not in rows:
            zh, en = f"这张表没有字段“{row.names}”", f"the table has no field '{row.names}'"
            raise yaml_csv.fault(path, row.line, zh, en)
        rows[row.field] = replace(row, named=rows[row.names].pattern)
    return rows


def _row(path: Path, line: int, cells: dict[str, str]) -> FieldRow:
    def one_of(column: str, allowed: tuple[str, ...]) -> str:
        if cells[column] not in allowed:
            choices = "、".join(allowed)
            raise yaml_csv.fault(
                path, line, f"{column} 是“{cells[column]}”，应为：{choices}", f"{column} must be one of {choices}"
            )
        return cells[column]

    def number(column: str, text: str) -> float | None:
        try:
            return float(text) if text else None
        except ValueError:
            raise yaml_csv.fault(path, line, f"{column} 不是数：{text}", f"{column} is not a number: {text}") from None

    digits, _, scale = cells["length"].partition(",")
    return FieldRow(
        table=path.stem,
        field=cells["field"],
        name_zh=cells["name_zh"],
        name_en=cells["name_en"],
        type=one_of("type", TYPES),
        length=int(number("length", digits) or 0) or None,
        scale=int(number("length", scale) or 0),
        required=one_of("required", ("Y", "N")) == "Y",
        required_when=cells["required_when"],
        domain=cells["domain"],
        pattern=cells["pattern"],
        names=cells["names"],
        named="",
        min=number("min", cells["min"]),
        max=number("max", cells["max"]),
        blank=tuple(cells["blank"].split()),
        alias=tuple(part.strip() for part in cells["alias"].split(";") if part.strip()),
        personal=one_of("personal", ("", *PERSONAL)),
        item=cells["item"],
        since=yaml_csv.as_date(path, line, cells["since"]),
        until=yaml_csv.as_date(path, line, cells["until"]),
        basis=cells["basis"],
        sure=next(sure for sure in SURE if sure == one_of("sure", SURE)),
        note=cells["note"],
        path=path,
        line=line,
    )
