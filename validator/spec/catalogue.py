"""Everything that says what a right list is, loaded, joined and checked: field rows, value sets, facts, rules, a profile."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, ClassVar, Protocol, get_args

from validator.base import files, yaml_csv
from validator.base.certainty import Sure
from validator.base.language import Lang
from validator.codes import points, reference, standards, value_sets
from validator.codes.lookup import Judge
from validator.codes.reference import Knowledge
from validator.codes.tables import Store
from validator.codes.value_sets import Domain
from validator.spec import facts, layouts, patterns, profiles, rule_pages, story
from validator.spec.facts import Fact
from validator.spec.interfaces import ALWAYS
from validator.spec.layouts import FieldRow, Layout, Layouts, Table
from validator.spec.patterns import Pattern
from validator.spec.profiles import Profile
from validator.spec.rule_pages import LEVELS, Level, Rule
from validator.spec.story import Pair, Story

_TEXTS = {"kind", "title", "title_en", "message", "message_en", "fix", "fix_en"}
_LIMIT = re.compile(r"\{\$(\w+)\}")
TYPE_NAMES = {
    "number": ("数字", "a number"), "date": ("日期", "a date"), "datetime": ("日期时间", "a date and time"),
    "duration": ("时长（天/时/分）", "a duration (days/hours/minutes)"), "code": ("代码", "a code"), "string": ("文字", "text"),
}  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One check as people and reports see it, whether it comes from a field row or a rule page."""

    id: str
    kind: str
    level: Level
    table: str
    field: str  #: blank where a finding points at no single field
    texts: dict[str, str]  #: title, message, fix; ``…_en`` for English; ``{name}`` marks what a finding fills in
    doc: str = ""
    item: str = ""
    sure: Sure = "official"
    blocks: tuple[str, ...] = ()
    row: FieldRow | None = None
    rule: Rule | None = None

    @cached_property
    def aspect(self) -> str:
        """What a field check looks at: required, type …; blank for a rule."""
        return "" if self.rule else self.id.rpartition("/")[2]

    def title(self, lang: Lang) -> str:
        """The check in a few words."""
        return self._text("title", lang)

    def message(self, lang: Lang) -> str:
        """What a finding says, with ``{column}`` where it shows a value."""
        return self._text("message", lang)

    def fix(self, lang: Lang) -> str:
        """What the coder should do."""
        return self._text("fix", lang)

    def _text(self, key: str, lang: Lang) -> str:
        return self.texts[key if lang == "zh" else f"{key}_en"]


class FieldAspect(Protocol):
    """What the catalogue asks of an aspect of fields; see :class:`validator.checks.fields.Aspect`."""

    name: ClassVar[str]

    def applies(self, catalogue: "Catalogue", row: FieldRow) -> bool:
        """Whether the field has this check."""

    def level(self, catalogue: "Catalogue", row: FieldRow) -> Level:
        """How grave a failure is."""

    def basis(self, catalogue: "Catalogue", row: FieldRow) -> tuple[str, Sure]:
        """The document that the check rests on, and how sure it is."""

    def words(self, catalogue: "Catalogue", row: FieldRow, lang: Lang) -> dict[str, str]:
        """What the check's texts show of the field besides its name."""


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All that one run checks by."""

    aspects: tuple[FieldAspect, ...]  #: in the order of their texts
    profile: Profile
    layouts: Layouts
    domains: dict[str, Domain]
    patterns: dict[str, Pattern]
    facts: dict[str, Fact]
    knowledge: dict[str, Knowledge]
    rules: dict[str, Rule]
    documents: dict[str, dict[str, Any]]
    conditions: dict[str, tuple[str, str]]  #: of required fields, in words: Chinese, English
    texts: dict[str, dict[str, str]]  #: of field checks and reader notes
    judge: Judge  #: what the loaded code tables say
    story: Story  #: what list and record must say alike

    @cached_property
    def personal(self) -> frozenset[str]:
        """``table.field`` of all personal data."""
        return frozenset(
            f"{table.name}.{row.field}"
            for layout in self.layouts.values()
            for table in layout.tables.values()
            for row in table.fields.values()
            if row.personal
        )

    @cached_property
    def case_tables(self) -> frozenset[str]:
        """The tables with one row per case, of all interfaces."""
        return frozenset(layout.case for layout in self.layouts.values())

    def checks(self, interface: str) -> dict[str, Check]:
        """Every check of an interface by id: field rows in order, reader notes, then rules in force."""
        found = [
            check
            for table in self.layouts[interface].tables.values()
            for check in self.field_checks(table.fields.values())
        ]
        found += [self.note(name) for name in self.texts if name.startswith("read/")]
        tables, documents = self._tables_of(interface), self._documents_of(interface)
        ours = (rule for rule in self.rules.values() if not rule.document or rule.document in documents)
        here = (rule.within(tables) for rule in ours if not rule.withdrawn)
        found += [self.rule_check(rule) for rule in here if rule]
        return {check.id: check for check in found}

    def every_check(self) -> dict[str, Check]:
        """Every check of all interfaces by id, of the first one that has it, and that list and record agree."""
        found = {name: check for layout in reversed(list(self.layouts)) for name, check in self.checks(layout).items()}
        return found | {pair.id: self.pair_check(pair) for pair in self.story.pairs}

    def _tables_of(self, interface: str) -> set[str]:
        """The tables of all interfaces of the same document: what a list lacks in one layout it has in another."""
        documents = self._documents_of(interface)
        same = [layout for layout in self.layouts.values() if layout.interface.document in documents]
        return {table for layout in same for table in layout.tables}

    def _documents_of(self, interface: str) -> set[str]:
        return {part.interface.document for part in self.layouts.parts(interface)}

    def field_checks(self, rows: Iterable[FieldRow]) -> list[Check]:
        """The checks that field rows' columns make."""
        written = [row for row in rows if not row.made]
        return [self._field_check(row, each) for row in written for each in self.aspects if each.applies(self, row)]

    def _field_check(self, row: FieldRow, aspect: FieldAspect) -> Check:
        name, entry = row.check(aspect.name), self.texts[aspect.name]
        known = {
            lang: {"name": row.name(lang), "field": row.field, **aspect.words(self, row, lang)}
            for lang in get_args(Lang)
        }
        texts = {
            key: _fill(text, known["en" if key.endswith("_en") else "zh"])
            for key, text in entry.items()
            if key != "kind"
        }
        level = self._level(name, aspect.level(self, row))
        doc, sure = aspect.basis(self, row)
        blocks = tuple(scheme for blocked, scheme in row.blocks if blocked == aspect.name)
        return Check(name, entry["kind"], level, row.table, row.field, texts, doc, row.item, sure, blocks, row=row)

    def note(self, name: str) -> Check:
        """The check behind a reader's note."""
        texts = {key: text for key, text in self.texts[name].items() if key not in ("kind", "level")}
        level = self.texts[name]["level"]
        known = next(each for each in LEVELS if each == level)
        return Check(name, self.texts[name]["kind"], self._level(name, known), "", "", texts)

    def rule_check(self, rule: Rule) -> Check:
        """The check that a rule page makes."""
        texts = {key: self._with_limits(rule.texts[key]) for key in ("title", "message", "fix")}
        texts |= {f"{key}_en": self._with_limits(rule.texts[f"{key}_en"]) for key in texts}
        basis = rule.basis
        return Check(
            rule.id, rule.kind, self._level(rule.id, rule.level), rule.on, rule.field, texts,
            basis.doc, basis.item, basis.sure, rule.blocks, rule=rule,
        )  # fmt: skip

    def pair_check(self, pair: Pair) -> Check:
        """The check that a list and its record agree in a pair of fields."""
        level, texts = self._level(pair.id, pair.level), dict(self.story.texts(pair))
        return Check(pair.id, "一致性", level, pair.table, pair.field, texts, pair.basis, "", pair.sure)

    def _with_limits(self, text: str) -> str:
        """``text`` with the profile's figures in place of ``{$name}``."""
        known = self.profile.parameters
        return _LIMIT.sub(lambda found: f"{known[found[1]]:g}" if found[1] in known else found[0], text)

    def _level(self, check: str, level: Level) -> Level:
        """The profile's level for a check: its own id, else the longest prefix named."""
        named = [key for key in self.profile.levels if check.startswith(key)]
        return self.profile.levels[max(named, key=len)] if named else level


class _Known(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def _fill(template: str, known: dict[str, str]) -> str:
    """Put in what is known now; braces of the rest stay for the finding."""
    return template.format_map(_Known({key: text.replace("{", "（").replace("}", "）") for key, text in known.items()}))


def load(
    aspects: Iterable[FieldAspect],
    profile: str = "national",
    folders: tuple[Path, ...] = (),
    codebooks: Path | None = None,
) -> Catalogue:
    """Load and check everything; :class:`~validator.base.errors.ConfigError` names the file and line of what is wrong.

    ``codebooks``: the folder of code tables, else the user's (:func:`validator.codes.tables.home`).
    """
    return with_tables(_load(tuple(aspects), profile, folders), codebooks)


def with_tables(catalogue: Catalogue, codebooks: Path | None = None) -> Catalogue:
    """The same with the code tables of a folder, else the user's."""
    store = Store(codebooks)
    return _with_tables(catalogue, store.folder, store.stamp())


@lru_cache(maxsize=16)
def _with_tables(catalogue: Catalogue, folder: Path, _stamp: tuple[Any, ...]) -> Catalogue:
    """The same with the code tables of a folder; ``_stamp`` is another one when a table was added or removed."""
    store = Store(folder)
    known = {**catalogue.knowledge, **points.knowledge(store)}
    return replace(catalogue, judge=Judge(store, catalogue.profile.codebooks), knowledge=known)


@cache
def _load(aspects: tuple[FieldAspect, ...], profile: str, folders: tuple[Path, ...]) -> Catalogue:
    schemas, chosen = files.data("schemas"), profiles.load(profile)
    texts = _texts(schemas / "field_checks.yaml", [each.name for each in aspects])
    rules = rule_pages.load(folders)
    catalogue = Catalogue(
        aspects=tuple(sorted(aspects, key=lambda each: list(texts).index(each.name))),
        profile=chosen,
        layouts=_with_demands(layouts.load(), chosen),
        domains=_in_use(value_sets.load(), chosen),
        patterns=patterns.load(),
        facts=facts.load(),
        knowledge={**reference.load(), **points.none()},
        rules=rules,
        documents=yaml_csv.read_yaml(schemas / "regulations.yaml")
        | {rule.basis.doc: rule.basis.document for rule in rules.values() if rule.basis.document},
        conditions={key: (zh, en) for key, (zh, en) in yaml_csv.read_yaml(schemas / "conditions.yaml").items()},
        texts=texts,
        judge=Judge(Store(), chosen.codebooks),
        story=story.load(),
    )
    _join(catalogue)
    story.check(catalogue.story, catalogue.layouts, catalogue.documents)
    _named(catalogue)
    return catalogue


def _with_demands(known: Layouts, profile: Profile) -> Layouts:
    """The layouts with the profile's further required fields; a condition is then the profile's, file and line too."""
    names = {
        f"{table.name}.{field}"
        for layout in known.values()
        for table in layout.tables.values()
        for field in table.fields
    }
    if wrong := [name for name in profile.required if name not in names]:
        zh, en = f"没有字段“{wrong[0]}”（应写成 表.字段）", f"there is no field '{wrong[0]}' (expected is table.field)"
        raise profile.fault("required", wrong[0], zh, en)

    def demanded(row: FieldRow) -> FieldRow:
        name = f"{row.table}.{row.field}"
        if name not in profile.required:
            return row
        condition = profile.required[name]
        path, line = profile.places["required", name]
        always = condition == ALWAYS
        return replace(row, required=always, required_when="" if always else condition, path=path, line=line)

    def table_of(table: Table) -> Table:
        return replace(table, fields={row.field: demanded(row) for row in table.fields.values()})

    return Layouts(
        {
            layout.name: replace(layout, tables={table.name: table_of(table) for table in layout.tables.values()})
            for layout in known.values()
        }
    )


def _in_use(known: dict[str, Domain], profile: Profile) -> dict[str, Domain]:
    """The value sets, cut down to the scheme that the profile says is in use."""
    for name, scheme in profile.schemes.items():
        able = known[name].schemes if name in known else {}
        if scheme not in (profiles.ANY, *able):
            options = "、".join((profiles.ANY, *able)) if able else "没有几套方案的值域"
            zh = f"值域“{name}”没有方案“{scheme}”，可用：{options}" if able else f"值域“{name}”不存在，或只有一套"
            en = (
                f"value set '{name}' has no scheme '{scheme}'; there are: {options}"
                if able
                else f"no value set '{name}' with schemes"
            )
            raise profile.fault("schemes", name, zh, en)
    fixed = {name: scheme for name, scheme in profile.schemes.items() if scheme != profiles.ANY}
    return {name: domain.of(fixed[name]) if name in fixed else domain for name, domain in known.items()}


def _named(catalogue: Catalogue) -> None:
    """Every table that the profile pins and every check that it grades or leaves out is there."""
    profile = catalogue.profile
    tables = code_tables()
    for name in profile.codebooks:
        if name not in tables:
            raise profile.fault("codebooks", name, f"没有码表“{name}”", f"there is no code table '{name}'")
    if not (profile.levels or profile.ignore or profile.intake.rejects):
        return
    checks = catalogue.every_check().values()
    for key, names in (
        ("levels", tuple(profile.levels)), ("ignore", profile.ignore), ("rejects", profile.intake.rejects),
    ):  # fmt: skip
        for name in names:
            kind = key == "ignore" and any(check.kind == name for check in checks)
            if not kind and not any(check.id.startswith(name) for check in checks):
                raise profile.fault(key, name, f"没有检查项“{name}”", f"there is no check '{name}'")


def code_tables() -> set[str]:
    """The names of the code tables that can be loaded."""
    forms = standards.forms().values()
    names = (each for form in forms for each in (form.table, *(f"{form.table}_{kind}" for kind in form.companions)))
    return {"drg_scheme", "dip_scheme", *filter(None, names)}


def _texts(path: Path, aspects: Sequence[str]) -> dict[str, dict[str, str]]:
    """The words of every aspect and of every note of a reader."""
    page = yaml_csv.read_yaml(path)
    for name, entry in page.items():
        note = name.startswith("read/")
        yaml_csv.allow_keys(path, entry, _TEXTS | ({"level"} if note else set()), set())
        if not note and name not in aspects:
            raise yaml_csv.unknown(path, page.lines[name], "aspect", name, aspects)
    if lacking := [name for name in aspects if name not in page]:
        raise yaml_csv.fault(path, None, f"没有“{lacking[0]}”的文字", f"there are no words for '{lacking[0]}'")
    return dict(page)


def _join(catalogue: Catalogue) -> None:
    """Names that one file writes and another must hold."""
    for layout in catalogue.layouts.values():
        for table in layout.tables.values():
            for row in table.fields.values():
                _join_row(catalogue, row)
        _join_blocks(catalogue, layout)
    named = {rule.instead_of for rule in catalogue.rules.values()} - {""}
    missing = named and named.difference(*(catalogue.checks(name) for name in catalogue.layouts))
    for rule in catalogue.rules.values():
        if rule.basis.doc not in catalogue.documents:
            raise yaml_csv.unknown(rule.path, rule.line["basis"], "basis", rule.basis.doc, catalogue.documents)
        if rule.instead_of in missing:
            raise rule.fault("instead_of", f"没有检查项“{rule.instead_of}”", f"there is no check '{rule.instead_of}'")
        known = rule.spec.get("table")
        if known and known not in catalogue.knowledge:
            raise rule.fault(rule.shape, f"没有知识表“{known}”", f"there is no knowledge table '{known}'")


def _join_blocks(catalogue: Catalogue, layout: Layout) -> None:
    """The field checks that an interface names as blocking exist."""
    checks = {check.id for check in catalogue.field_checks(layout.tables[layout.case].fields.values())}
    for field, aspect in layout.interface.blocks:
        if layout.tables[layout.case].fields[field].check(aspect) not in checks:
            path = files.data("schemas") / "layouts" / layout.name / "interface.yaml"
            zh, en = f"blocks：字段 {field} 没有检查“{aspect}”", f"blocks: field {field} has no check '{aspect}'"
            raise yaml_csv.fault(path, None, zh, en)


def _join_row(catalogue: Catalogue, row: FieldRow) -> None:
    pools: dict[str, tuple[str, Iterable[str]]] = {
        "domain": (row.domain, catalogue.domains),
        "pattern": (row.pattern, catalogue.patterns),
        "basis": (row.basis, catalogue.documents),
    }
    for column, (name, known) in pools.items():
        if name and name not in known:
            raise yaml_csv.unknown(row.path, row.line, column, name, known)
