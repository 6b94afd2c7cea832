"""Rule pages (``schemas/rules/<topic>/<id>.yaml``): a page is the rule, its explanation and its test cases."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal

from validator.base import files, yaml_csv
from validator.base.certainty import SURE, Sure
from validator.base.errors import ConfigError
from validator.base.language import Lang
from validator.spec.interfaces import DOCUMENTS
from validator.spec.sql import Sql

Level = Literal["error", "warning", "info"]
LEVELS: tuple[Level, ...] = ("error", "warning", "info")
KINDS = ("完整性", "规范性", "一致性", "编码", "及时性", "疑点")
#: How the quote was compared: with the issuer's own text, or with a copy of it.
VERIFIED = ("original", "copy")
BLOCKS = ("drg", "dip")
SHAPES = ("expect", "unique", "pairs", "requires")
TEXTS = ("title", "message", "fix", "why")
ENGLISH = ("name", *(f"{key}_en" for key in TEXTS))  #: a house rule may leave them out
REQUIRED = {"id", "kind", "level", "on", "basis", "cases", *TEXTS}
OPTIONAL = {
    "blocks",
    "document",
    "field",
    "instead_of",
    "when",
    "since",
    "until",
    "withdrawn",
    "tables",
    "excess",
    *SHAPES,
}
CASE_KEYS = {"pass", "fail", "layout", "again", "also", "rows"}
BASIS_REQUIRED, BASIS_OPTIONAL = {"doc", "item", "sure"}, {"quote", "verified", "at"}
#: A document that no register has, as a house rule states it.
DOCUMENT_REQUIRED, DOCUMENT_OPTIONAL = {"title"}, {"number", "date", "issuer", "note"}
#: The keys that a shape other than ``expect`` needs, and those it may have.
SPECS: dict[str, tuple[set[str], set[str]]] = {
    "unique": ({"within", "keys"}, set()),
    "pairs": ({"table", "code"}, {"same", "hours"}),
    "requires": ({"table", "code", "in"}, {"level"}),
}
WITHIN = ("case", "batch")
#: What a failing row charges too much, each a number over the table's columns; ``amount`` may be left out.
EXCESS = ("quantity", "amount")
ID = re.compile(r"[A-Z]{2}[0-9]{3}")
_CHECK = re.compile(r"[A-Z]{2}[0-9]{3}|[\w.]+/[a-z_]+")


@dataclass(frozen=True)
class Basis:
    """What a rule rests on: a document, the item in it, and how sure we are."""

    doc: str  #: its key in the register; of a document of the page's own, its title
    item: str
    quote: str
    sure: Sure
    verified: str = ""  #: one of :data:`VERIFIED`; blank: not yet
    at: str = ""  #: where the quote was read
    document: dict[str, str] = field(default_factory=dict)  #: the page's own document; empty where the register has it


@dataclass(frozen=True)
class Case:
    """One example of a page: the patch that turns the golden case into one that passes or fails."""

    fails: bool
    title: str
    layout: str
    patch: dict[str, Any]
    again: dict[str, Any]  #: a second list of the batch: a further patch on the first
    also: tuple[str, ...] = ()  #: the other checks that this fault trips
    rows: tuple[int, ...] = ()  #: the rows that fail, the first is 1; empty: it does not matter which


@dataclass(frozen=True)
class Rule:
    """One rule page."""

    id: str
    name: str
    kind: str
    level: Level
    on: str
    also_on: tuple[str, ...]  #: the tables that take its place in other documents
    document: str  #: the one document that it judges, where others have its table too; blank: all of them
    field: str
    blocks: tuple[str, ...]
    instead_of: str  #: the field check of the same cell that says less: where the rule fails, it is not reported too
    texts: dict[str, str]
    when: Sql | None
    shape: str
    expect: Sql | None
    spec: dict[str, Any]  #: of ``unique``, ``pairs`` or ``requires``
    basis: Basis
    since: date | None
    until: date | None
    withdrawn: str
    cases: tuple[Case, ...]
    tables: dict[str, list[dict[str, Any]]]  #: the rows of code tables that the cases are judged by
    excess: dict[
        str, Sql
    ]  #: how much a failing row charges too much: by :data:`EXCESS`; empty: the rule is not about that
    path: Path
    line: dict[str, int]

    def within(self, tables: Collection[str]) -> "Rule | None":
        """The rule on that of its tables which is among these; None if none is."""
        on = next((table for table in (self.on, *self.also_on) if table in tables), None)
        return self if on == self.on else replace(self, on=on) if on else None

    def text(self, key: str, lang: Lang) -> str:
        """``title``, ``message``, ``fix`` or ``why`` in a language."""
        return self.texts[key if lang == "zh" else f"{key}_en"]

    def fault(self, key: str, zh: str, en: str) -> ConfigError:
        """What is wrong with the page, at the line of ``key``."""
        return yaml_csv.fault(self.path, self.line.get(key, 1), zh, en)


def load(folders: Iterable[Path] = ()) -> dict[str, Rule]:
    """The project's pages and the house rules of further folders, by id.

    :class:`ConfigError` names file and line of a wrong page.
    """
    rules: dict[str, Rule] = {}
    for rule in (
        *_own(files.data("schemas") / "rules"),
        *(rule for each in folders for rule in _pages(each, house=True)),
    ):
        if rule.id in rules:
            first = rules[rule.id].path
            raise rule.fault("id", f"编号 {rule.id} 已被 {first} 用过", f"id {rule.id} is already used by {first}")
        rules[rule.id] = rule
    return dict(sorted(rules.items()))


@cache
def _own(folder: Path) -> list[Rule]:
    """The project's pages, read once for all profiles and house rules of a process."""
    return _pages(folder, house=False)


def _pages(folder: Path, *, house: bool) -> list[Rule]:
    if not folder.is_dir():
        raise ConfigError(f"规则目录不存在：{folder}", f"no such rules folder: {folder}")
    return [read_page(path, house=house) for path in sorted(folder.rglob("*.y*ml"))]


def read_page(path: Path, house: bool) -> Rule:
    """One page, checked for completeness; what its SQL reads is checked by the catalogue.

    ``house``: a bureau's or hospital's own page, where English texts may be missing (the Chinese ones stand in) and the
    document may be the page's own.
    """
    page = yaml_csv.read_yaml(path)
    required, optional = keys(house)
    yaml_csv.allow_keys(path, page, required, optional)

    def bad(key: str, zh: str, en: str) -> ConfigError:
        return yaml_csv.fault(path, page.lines.get(key, 1), zh, en)

    shapes = [shape for shape in SHAPES if page.get(shape)]
    if len(shapes) != 1:
        raise bad("id", f"应有且只有一项：{'、'.join(SHAPES)}", f"exactly one of {', '.join(SHAPES)} is expected")
    if not ID.fullmatch(page.text("id")) or page["id"] != path.stem:
        raise bad(
            "id",
            f"编号应为两字母三数字，且与文件名 {path.stem} 相同",
            f"the id is two letters and three digits, and the file's name {path.stem}",
        )
    for key, allowed in (("kind", KINDS), ("level", LEVELS), ("document", ("", *DOCUMENTS))):
        if page.text(key) not in allowed:
            raise bad(key, f"{key} 应为：{'、'.join(allowed)}", f"{key} must be one of {', '.join(allowed)}")
    blocks = page.get("blocks") or []
    if not isinstance(blocks, list) or not all(each in BLOCKS for each in blocks):
        choices = ", ".join(BLOCKS)
        raise bad("blocks", f"blocks 应是一列：[{choices}] 或 []", f"blocks is a list: [{choices}] or []")
    texts = _texts(path, page, optional)
    basis = _basis(path, page, house)
    if basis.sure == "unconfirmed" and page["level"] == "error":
        raise bad("level", "依据未证实的规则最多是警告", "a rule whose basis is unconfirmed warns at most")
    shape, tables = shapes[0], page.texts("on") if isinstance(page["on"], list) else (page.text("on"),)
    return Rule(
        id=page["id"],
        name=texts["name"],
        kind=page["kind"],
        level=page["level"],
        on=tables[0],
        also_on=tables[1:],
        document=page.text("document"),
        field=page.text("field"),
        blocks=tuple(blocks),
        instead_of=page.text("instead_of"),
        texts=texts,
        when=Sql(page.text("when"), path, page.lines["when"]) if page.get("when") else None,
        shape=shape,
        expect=Sql(page.text("expect"), path, page.lines["expect"]) if shape == "expect" else None,
        spec=_spec(path, page, shape),
        basis=basis,
        since=yaml_csv.as_date(path, page.lines.get("since"), page.get("since")),
        until=yaml_csv.as_date(path, page.lines.get("until"), page.get("until")),
        withdrawn=page.text("withdrawn"),
        cases=_cases(path, page),
        tables=_tables(page),
        excess=_excess(path, page),
        path=path,
        line=page.lines,
    )


def keys(house: bool) -> tuple[set[str], set[str]]:
    """The keys that a page needs and those that it may have."""
    return (REQUIRED, OPTIONAL | set(ENGLISH)) if house else (REQUIRED | set(ENGLISH), OPTIONAL)


def _texts(path: Path, page: yaml_csv.Node, optional: set[str]) -> dict[str, str]:
    """The page's texts; for an English one that may be missing, the Chinese, and for the name the id."""
    texts = {}
    for key in (*TEXTS, *ENGLISH):
        text = page.get(key)
        if text is None and key in optional:
            text = page["id"].lower() if key == "name" else page[key.removesuffix("_en")]
        if not isinstance(text, str):
            raise yaml_csv.fault(path, page.lines.get(key, 1), f"{key} 应是文字", f"{key} must be text")
        if wrong := _misplaced(text):
            zh = f"花括号里只写名称，成对写成 {{名称}}：“{wrong}”"
            en = f"braces hold a name and nothing else, as in {{name}}: '{wrong}'"
            raise yaml_csv.fault(path, page.lines.get(key, 1), zh, en)
        texts[key] = text.strip()
    return texts


def _misplaced(text: str) -> str:
    """What braces of a text hold that is more than a name; blank if nothing."""
    try:
        parts = [part for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        return text[:80]
    return next((f"{name}:{form or how}" for _, name, form, how in parts if form or how or not name), "")


def _basis(path: Path, page: yaml_csv.Node, house: bool) -> Basis:
    basis = page["basis"]
    if not isinstance(basis, yaml_csv.Node):
        raise yaml_csv.fault(path, page.lines["basis"], "basis 应写 doc、item、sure", "basis needs doc, item and sure")
    yaml_csv.allow_keys(path, basis, BASIS_REQUIRED, BASIS_OPTIONAL)
    if basis.text("sure") not in SURE:
        raise yaml_csv.fault(path, basis.lines["sure"], f"sure 应为：{SURE}", f"sure must be one of {SURE}")
    quote, verified, at = map(basis.text, ("quote", "verified", "at"))
    if verified and verified not in VERIFIED:
        raise yaml_csv.fault(
            path, basis.lines["verified"], f"verified 应为：{VERIFIED}", f"verified must be one of {VERIFIED}"
        )
    if bool(verified) != bool(at) or (verified and not quote):
        zh, en = "verified 和 at（在哪里读到）一起写，并写出 quote", "verified and at belong together, with the quote"
        raise yaml_csv.fault(path, basis.line, zh, en)
    document = _own_document(path, basis) if house else {}
    doc = document.get("title", basis["doc"])
    if not isinstance(doc, str):
        zh = "doc 应是文件登记（regulations.yaml）里的键"
        raise yaml_csv.fault(path, basis.lines["doc"], zh, "doc must be a key of the register of documents")
    return Basis(doc, basis.text("item"), quote, basis["sure"], verified, at, document)


def _own_document(path: Path, basis: yaml_csv.Node) -> dict[str, str]:
    """The document that the page itself describes; empty where it names one of the register."""
    doc = basis["doc"]
    if not isinstance(doc, yaml_csv.Node):
        return {}
    yaml_csv.allow_keys(path, doc, DOCUMENT_REQUIRED, DOCUMENT_OPTIONAL)
    return {key: doc.text(key) for key in DOCUMENT_REQUIRED | DOCUMENT_OPTIONAL}


def _spec(path: Path, page: yaml_csv.Node, shape: str) -> dict[str, Any]:
    if shape == "expect":
        return {}
    spec = page[shape]
    needed, optional = SPECS[shape]
    if not isinstance(spec, yaml_csv.Node):
        names = "、".join(sorted(needed))
        raise yaml_csv.fault(path, page.lines[shape], f"{shape} 应写：{names}", f"{shape} needs {names}")
    yaml_csv.allow_keys(path, spec, needed, optional)
    for key in spec:
        spec.texts(key) if key == "keys" else spec.text(key)
    if isinstance(spec.get("hours", 0), bool | str):
        raise spec.fault("hours", "hours 应是数", "hours is a number")
    if spec.text("level") not in ("", *LEVELS):
        raise yaml_csv.fault(path, spec.lines["level"], f"level 应为：{'、'.join(LEVELS)}", f"level is one of {LEVELS}")
    if shape == "unique" and spec.text("within") not in WITHIN:
        raise yaml_csv.fault(path, spec.lines["within"], "within 应为 case 或 batch", "within is case or batch")
    return dict(spec)


def _tables(page: yaml_csv.Node) -> dict[str, list[dict[str, Any]]]:
    """The rows of code tables that the page's examples are judged by."""
    tables = page.mapping("tables")
    for name, rows in tables.items():
        if not _is_rows(rows):
            raise tables.fault(name, f"{name} 应是几行码表", f"{name} is rows of a code table")
    return dict(tables)


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _excess(path: Path, page: yaml_csv.Node) -> dict[str, Sql]:
    """How much a failing row charges too much: quantity, and money where the page says how much."""
    spec = page.mapping("excess")
    if not spec:
        return {}
    yaml_csv.allow_keys(path, spec, {EXCESS[0]}, {EXCESS[1]})
    return {name: Sql(str(spec[name]), path, spec.lines[name]) for name in EXCESS if name in spec}


def _of_fail(
    path: Path, entry: yaml_csv.Node, key: str, fits: Callable[[Any], object], words: tuple[str, str]
) -> tuple[Any, ...]:
    """A list that only a failing case may have; empty where it has none."""
    found = entry.get(key, [])
    if key in entry and not ("fail" in entry and isinstance(found, list) and all(map(fits, found))):
        raise yaml_csv.fault(path, entry.lines[key], *words)
    return tuple(found)


def _cases(path: Path, page: yaml_csv.Node) -> tuple[Case, ...]:
    cases = []
    if not isinstance(page["cases"], list):
        raise page.fault("cases", "cases 应是一列例子", "cases is a list of examples")
    for entry in page["cases"]:
        if not isinstance(entry, yaml_csv.Node) or len({"pass", "fail"} & set(entry)) != 1:
            raise yaml_csv.fault(
                path, page.lines["cases"], "每个例子以 pass: 或 fail: 开头", "each case begins with pass: or fail:"
            )
        fails = "fail" in entry
        if not entry.text("fail" if fails else "pass"):
            raise yaml_csv.fault(path, entry.line, "例子还没写标题", "the case's title is still blank")
        zh, en = "also 只用于 fail 例子，写一列检查项编号", "also belongs to a fail case and lists ids of checks"
        also = _of_fail(path, entry, "also", lambda each: _CHECK.fullmatch(str(each)), (zh, en))
        zh, en = "rows 只用于 fail 例子，写一列行号", "rows belongs to a fail case and lists numbers of rows"
        rows = _of_fail(path, entry, "rows", lambda each: type(each) is int, (zh, en))
        for node in (entry, entry.mapping("again")):
            for key in node.keys() - CASE_KEYS:
                if not isinstance(node[key], yaml_csv.Node) and not _is_rows(node[key]):
                    raise node.fault(
                        key, f"{key} 应是一行或几行的字段", f"{key} is the fields of one row or of several"
                    )
        patch = {key: value for key, value in entry.items() if key not in CASE_KEYS}
        cases.append(
            Case(
                fails,
                entry.text("fail" if fails else "pass"),
                entry.text("layout"),
                patch,
                dict(entry.mapping("again")),
                also,
                rows,
            )
        )
    if not any(case.fails for case in cases) or all(case.fails for case in cases):
        raise yaml_csv.fault(
            path, page.lines["cases"], "至少要有一个 pass 和一个 fail 例子", "at least one pass and one fail case"
        )
    return tuple(cases)
