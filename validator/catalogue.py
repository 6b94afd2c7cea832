"""Everything that says what a right list is, loaded, joined and checked: field rows, value sets, facts, rules, a profile."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from validator import config, domains, facts, knowledge, layouts, paths, profiles, rules
from validator.domains import Domain
from validator.facts import Fact
from validator.knowledge import Knowledge
from validator.layouts import FieldRow, Layout, Sure
from validator.profiles import Profile
from validator.rules import LEVELS, Level, Rule
from validator.text import Lang

_TEXTS = {"kind", "title", "title_en", "message", "message_en", "fix", "fix_en"}
TYPE_NAMES = {
    "number": ("数字", "a number"), "date": ("日期", "a date"), "datetime": ("日期时间", "a date and time"),
    "duration": ("时长（天/时/分）", "a duration (days/hours/minutes)"), "code": ("代码", "a code"), "string": ("文字", "text"),
}  # fmt: skip


@dataclass(frozen=True)
class Pattern:
    """A named form that texts must have, and how letter case may be mended to fit it (``icd``, ``upper`` or blank)."""

    regex: str
    zh: str
    en: str
    sure: Sure
    fold: str


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

    @property
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


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All that one run checks by."""

    profile: Profile
    layouts: dict[str, Layout]
    domains: dict[str, Domain]
    patterns: dict[str, Pattern]
    facts: dict[str, Fact]
    knowledge: dict[str, Knowledge]
    rules: dict[str, Rule]
    documents: dict[str, dict[str, Any]]
    texts: dict[str, dict[str, str]]  #: of field checks and reader notes

    def checks(self, interface: str) -> dict[str, Check]:
        """Every check of an interface by id: field rows in order, reader notes, then rules in force."""
        found = [check for table in self.layouts[interface].tables.values() for check in self.field_checks(table.fields.values())]
        found += [self.note(name) for name in self.texts if name.startswith("read/")]
        found += [self.rule_check(rule) for rule in self.rules.values() if not rule.withdrawn]
        return {check.id: check for check in found}

    def field_checks(self, rows: Iterable[FieldRow]) -> list[Check]:
        """The checks that field rows' columns make."""
        return [self._field_check(row, aspect) for row in rows for aspect in self._aspects(row)]

    def _aspects(self, row: FieldRow) -> list[str]:
        pairs = {
            "required": row.required or bool(row.required_when),
            "placeholder": True,
            "type": row.type not in ("string", "code"),
            "length": row.length is not None and row.type in ("string", "code", "number"),
            "value": bool(row.domain),
            "pattern": bool(row.pattern),
            "range": row.min is not None or row.max is not None or row.type == "duration",
            "form": True,
        }
        return [aspect for aspect, there in pairs.items() if there]

    def _field_check(self, row: FieldRow, aspect: str) -> Check:
        name = f"{row.table}.{row.field}/{aspect}"
        known = {lang: self._known(row, lang) for lang in ("zh", "en")}
        texts = {
            key: _fill(text, known["en" if key.endswith("_en") else "zh"])
            for key, text in self.texts[aspect].items()
            if key != "kind"
        }
        level = self._level(name, self._field_level(row, aspect))
        kind = self.texts[aspect]["kind"]
        return Check(name, kind, level, row.table, row.field, texts, row.basis, row.item, row.sure, row=row)

    def _field_level(self, row: FieldRow, aspect: str) -> Level:
        """What is unconfirmed never rejects a case; what only practice says about form warns."""
        match aspect:
            case "form":
                return "info"
            case "placeholder" if not row.required:
                return "info" if row.type == "string" else "warning"
            case "required" if row.required_when and row.sure != "official":
                return "warning"
            case "length" | "range" if row.sure != "official":
                return "warning"
            case "value":
                domain = self.domains[row.domain]
                firm = domain.sure != "unconfirmed" and not domain.open
                return "error" if firm and row.sure != "unconfirmed" else "warning"
            case "pattern" if self.patterns[row.pattern].sure != "official":
                return "warning"
        return "warning" if row.sure == "unconfirmed" else "error"

    def _known(self, row: FieldRow, lang: Lang) -> dict[str, str]:
        """What the texts of field checks may say of a row."""
        domain, pattern = self.domains.get(row.domain), self.patterns.get(row.pattern)
        codes = list(domain.names)[:12] if domain else []
        comma, more = ("、", " 等") if lang == "zh" else (", ", " …")
        shown = comma.join(f"{code} {domain.label(code, lang)}" if domain else code for code in codes)
        return {
            "name": row.name(lang),
            "field": row.field,
            "type_text": TYPE_NAMES[row.type][lang == "en"],
            "length": f"{row.length},{row.scale}" if row.type == "number" else str(row.length),
            "domain": domain.title(lang) if domain else "",
            "choices": shown + (more if domain and len(domain.names) > 12 else ""),
            "pattern_text": (pattern.zh if lang == "zh" else pattern.en) if pattern else "",
            "min": f"{row.min:g}" if row.min is not None else "",
            "max": f"{row.max:g}" if row.max is not None else "",
            "condition": row.required_when,
        }

    def note(self, name: str) -> Check:
        """The check behind a reader's note."""
        texts = {key: text for key, text in self.texts[name].items() if key not in ("kind", "level")}
        level = self.texts[name]["level"]
        known = next(each for each in LEVELS if each == level)
        return Check(name, self.texts[name]["kind"], self._level(name, known), "", "", texts)

    def rule_check(self, rule: Rule) -> Check:
        """The check that a rule page makes."""
        texts = {key: rule.texts[key] for key in ("title", "title_en", "message", "message_en", "fix", "fix_en")}
        basis = rule.basis
        return Check(
            rule.id, rule.kind, self._level(rule.id, rule.level), rule.on, rule.field, texts,
            basis.doc, basis.item, basis.sure, rule.blocks, rule=rule,
        )  # fmt: skip

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


@cache
def load(profile: str = "national", folders: tuple[Path, ...] = ()) -> Catalogue:
    """Load and check everything; :class:`~validator.errors.ConfigError` names the file and line of what is wrong."""
    schemas = paths.data("schemas")
    catalogue = Catalogue(
        profile=profiles.load(profile),
        layouts=layouts.load(),
        domains=domains.load(),
        patterns=_patterns(schemas / "patterns.yaml"),
        facts=facts.load(),
        knowledge=knowledge.load(),
        rules=rules.load(folders),
        documents=config.read_yaml(schemas / "regulations.yaml"),
        texts=_texts(schemas / "field_checks.yaml"),
    )
    _join(catalogue)
    return catalogue


def _patterns(path: Path) -> dict[str, Pattern]:
    result = {}
    for name, entry in config.read_yaml(path).items():
        config.allow_keys(path, entry, {"regex", "zh", "en", "sure"}, {"fold"})
        result[name] = Pattern(entry["regex"], entry["zh"], entry["en"], entry["sure"], entry.get("fold", ""))
    return result


def _texts(path: Path) -> dict[str, dict[str, str]]:
    page = config.read_yaml(path)
    for name, entry in page.items():
        config.allow_keys(path, entry, _TEXTS | ({"level"} if name.startswith("read/") else set()), set())
    return dict(page)


def _join(catalogue: Catalogue) -> None:
    """Names that one file writes and another must hold."""
    for layout in catalogue.layouts.values():
        for table in layout.tables.values():
            for row in table.fields.values():
                pools: tuple[tuple[str, dict[str, Any]], ...] = (
                    (row.domain, catalogue.domains), (row.pattern, catalogue.patterns), (row.basis, catalogue.documents),
                )  # fmt: skip
                for name, pool in pools:
                    if name and name not in pool:
                        raise config.fault(row.path, row.line, f"没有“{name}”", f"there is no '{name}'")
    for rule in catalogue.rules.values():
        if rule.basis.doc not in catalogue.documents:
            raise rule.fault("basis", f"文件登记里没有“{rule.basis.doc}”", f"no document '{rule.basis.doc}' in the register")
        table = rule.spec.get("table")
        if table and table not in catalogue.knowledge:
            raise rule.fault(rule.shape, f"没有知识表“{table}”", f"there is no knowledge table '{table}'")
