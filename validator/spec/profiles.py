"""Profiles (``schemas/profiles``): what a region sets for itself, as a small overlay over ``national``."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from validator.base import files, yaml_csv
from validator.base.errors import ConfigError
from validator.base.language import Lang
from validator.codes.editions import EDITIONS
from validator.spec import intake as intakes
from validator.spec.intake import Intake
from validator.spec.rule_pages import LEVELS, Level

K = TypeVar("K")
V = TypeVar("V")
#: Instead of a scheme: the codes of every scheme of the value set.
ANY = "any"
REQUIRED = {"name", "title_zh", "title_en"}
MAPS = ("parameters", "levels", "required", "schemes", "codebooks", "outside_grouping")
OPTIONAL = {"base", "ignore", "intake", "record_edition", *MAPS}
#: Why a profile may leave cases out of grouping; their words stand in ``validator.grouping.reasons``.
OUTSIDE = ("paid_otherwise", "day_surgery", "tcm")


@dataclass(frozen=True)
class Profile:
    """A region's parameters (``$name`` in SQL), levels by check id or prefix, checks left out, and further demands."""

    name: str
    title_zh: str
    title_en: str
    parameters: dict[str, float]
    levels: dict[str, Level]
    ignore: tuple[str, ...]
    required: dict[
        str, str
    ]  #: ``table.field`` -> :data:`~validator.spec.interfaces.ALWAYS` or the SQL condition under which it must be filled
    schemes: dict[str, str]  #: value set -> the scheme in use, or :data:`ANY`
    codebooks: dict[str, str]  #: code table -> its version in use, whatever the list's day
    #: Why a case is not paid by groups -> the condition over the case's table (SQL), :data:`OUTSIDE` naming the reasons.
    outside_grouping: dict[str, str]
    intake: Intake  #: deadlines, rounds of feedback, and what the platform's own values mean
    record_edition: str  #: of the codes of case records: one of ``EDITIONS``; blank where their files show it
    places: dict[tuple[str, str], tuple[Path, int]]  #: (key, name under it) -> the file and line that says so

    def title(self, lang: Lang) -> str:
        """What people call the profile."""
        return self.title_zh if lang == "zh" else self.title_en

    def fault(self, key: str, name: str, zh: str, en: str) -> ConfigError:
        """What is wrong with ``name`` under ``key``, at its line."""
        return yaml_csv.fault(*self.places[key, name], zh, en)


def load(name: str) -> Profile:
    """The profile of that name, or of that YAML file; :class:`~validator.base.errors.ConfigError` names a wrong line."""
    path = _path(name, Path())
    if not _is_there(path):
        raise yaml_csv.fault(path, None, f"没有这个方案，现有：{_known()}", f"no such profile; there are: {_known()}")
    return _load(path, ())


def _path(name: str, start: Path) -> Path:
    """The file of a profile of ours, or the YAML file named from the folder ``start``."""
    return start / name if name.endswith((".yaml", ".yml")) else files.data("schemas") / "profiles" / f"{name}.yaml"


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file may have
        return False


def _known() -> str:
    return "、".join(sorted(each.stem for each in (files.data("schemas") / "profiles").glob("*.yaml")))


def _load(path: Path, above: tuple[Path, ...]) -> Profile:
    """``above``: the overlays on the way here, so that one based on itself is reported."""
    if path in above:
        raise yaml_csv.fault(path, None, "方案以自己为基础（base）", "the profile is based on itself")
    page = yaml_csv.read_yaml(path)
    yaml_csv.allow_keys(path, page, REQUIRED, OPTIONAL)
    base = _base(page, (*above, path)) if page.text("base") else None
    parts = {key: page.mapping(key) for key in MAPS}
    parameters = {
        key: _number(path, parts["parameters"].lines[key], key, entry) for key, entry in parts["parameters"].items()
    }
    for key, level in parts["levels"].items():
        if level not in LEVELS:
            raise yaml_csv.fault(
                path, parts["levels"].lines[key], f"级别应为：{'、'.join(LEVELS)}", f"a level is one of {LEVELS}"
            )
    for key in parts["outside_grouping"]:
        if key not in OUTSIDE:
            raise yaml_csv.unknown(path, parts["outside_grouping"].lines[key], "outside_grouping", key, OUTSIDE)
    ignore = page.texts("ignore")
    places = {(part, name): (path, node.lines[name]) for part, node in parts.items() for name in node}
    places |= {("ignore", name): (path, page.lines["ignore"]) for name in ignore}
    section = page.mapping("intake")
    places |= {("rejects", name): (path, section.lines["rejects"]) for name in section.texts("rejects")}
    result = Profile(
        page.text("name"),
        page.text("title_zh"),
        page.text("title_en"),
        _over(base.parameters if base else {}, parameters),
        _over(base.levels if base else {}, parts["levels"]),
        (*(base.ignore if base else ()), *ignore),
        _over(base.required if base else {}, _texts(parts["required"])),
        _over(base.schemes if base else {}, _texts(parts["schemes"])),
        _over(base.codebooks if base else {}, _texts(parts["codebooks"])),
        _over(
            base.outside_grouping if base else {},
            _texts(parts["outside_grouping"]),
        ),
        intakes.read(page, base.intake if base else Intake()),
        _edition(page) or (base.record_edition if base else ""),
        _over(base.places if base else {}, places),
    )
    if not base and (lacking := [name for name in _needed(path) if name not in parameters]):
        zh, en = (
            f"没有参数 {min(lacking)}；多半少了 base: national",
            f"lacks the parameter {min(lacking)}; base: national is missing?",
        )
        raise yaml_csv.fault(path, parts["parameters"].line, zh, en)
    if base and (unknown := parameters.keys() - base.parameters.keys()):
        key = min(unknown)
        raise result.fault("parameters", key, f"没有参数 {key}", f"there is no parameter {key}")
    return result


def _needed(path: Path) -> Collection[str]:
    """The parameters of a profile that rests on no other; of our own, by which all others are measured, none."""
    ours = _path("national", Path())
    return () if path == ours else _load(ours, ()).parameters


def _edition(page: yaml_csv.Node) -> str:
    """The edition of records that a page declares; blank if none."""
    known = page.text("record_edition")
    if known not in ("", *EDITIONS):
        raise yaml_csv.unknown(page.path, page.lines["record_edition"], "record_edition", known, EDITIONS)
    return known


def _base(page: yaml_csv.Node, above: tuple[Path, ...]) -> Profile:
    """The profile that a page rests on."""
    name = page.text("base")
    path = _path(name, page.path.parent)
    if not _is_there(path):
        raise page.fault("base", f"没有方案“{name}”，现有：{_known()}", f"no profile '{name}'; there are: {_known()}")
    return _load(path, above)


def _texts(node: yaml_csv.Node) -> dict[str, str]:
    return {key: node.text(key) for key in node}


def _over(base: Mapping[K, V], own: Mapping[K, V]) -> dict[K, V]:
    return {**base, **own}


def _number(path: Path, line: int, key: str, entry: object) -> float:
    value = entry.get("value") if isinstance(entry, yaml_csv.Node) else entry
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise yaml_csv.fault(path, line, f"参数 {key} 应有数值 value", f"parameter {key} needs a number as value")
    return float(value)
